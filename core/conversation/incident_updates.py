"""Keeps the cards of incidents up to date and carries their news: outbox rows in the transaction of what they tell of."""

from collections.abc import Sequence

from core.conversation import incident_cards as cards
from core.incidents.incident import Entry, Incident, Severity
from core.messages import Account, Delivery, Place, Reply
from core.ports.clock import Clock, Ids
from core.ports.records import Transaction

FOLLOWS = "incidents"
"""Channel setting: the least severity that the channel is told of (`sev2`: sev1 and sev2)."""


class IncidentUpdates:
    """Puts the deliveries that follow from a change of an incident; returns their lanes."""

    def __init__(self, *, clock: Clock, ids: Ids, channels: Sequence[Place]) -> None:
        """`channels`: places that are told of every incident, from the settings; further ones subscribe themselves."""
        self._clock = clock
        self._ids = ids
        self._channels = channels

    def announce(self, tx: Transaction, incident: Incident, entries: Sequence[Entry]) -> list[str]:
        """Bring every card up to date, and tell what is news."""
        subject = f"incident:{incident.id}"
        followers = self.followers(tx, incident)
        lanes = [self._put(tx, subject, place, cards.incident_card(incident, controls=False)) for place in followers]
        home = self._home(incident)
        if home:
            lanes.append(self._put(tx, subject, home, cards.incident_card(incident, controls=True)))
        for entry in entries:
            lanes += self._tell(tx, incident, entry, followers)
        return lanes

    def remind(self, tx: Transaction, incident: Incident) -> list[str]:
        """Say in the room (else where it was declared) that an update is due."""
        now = self._clock.now()
        place = incident.room or self._home(incident)
        if place is None:
            return []
        return [
            self._put(
                tx, f"incident:{incident.id}/reminder/{now.timestamp():.0f}", place, cards.reminder(incident, now)
            )
        ]

    def audience(self, tx: Transaction, incident: Incident) -> int:
        """In how many places an update is read."""
        return len(self.followers(tx, incident)) + (self._news_place(incident) is not None)

    def followers(self, tx: Transaction, incident: Incident) -> list[Place]:
        """Channels elsewhere that are told of it; none of a private one."""
        if incident.private:
            return []
        asked = [place_of(lane) for lane, least in tx.channels.having(FOLLOWS) if _covers(least, incident.severity)]
        own = {place.lane for place in (self._home(incident), incident.room) if place}
        # Where it was declared the news is told, too, once the room has taken its card.
        declared = [incident.place] if incident.room and not incident.room.thread else []
        places = {place.lane: place for place in (*self._channels, *asked, *declared)}
        return [place for lane, place in places.items() if lane not in own]

    def _home(self, incident: Incident) -> Place | None:
        """Where the card with the controls stands: in the room, else where it was declared unless others would see it there."""
        if incident.room and incident.room.thread is None:
            return incident.room
        return None if incident.private else incident.place

    def _news_place(self, incident: Incident) -> Place | None:
        return incident.room or self._home(incident)

    def _tell(self, tx: Transaction, incident: Incident, entry: Entry, followers: Sequence[Place]) -> list[str]:
        subject = f"incident:{incident.id}/{entry.kind}/{self._ids.token()}"
        lanes = []
        for place, room in [*((place, False) for place in followers), (self._news_place(incident), True)]:
            reply = cards.news(incident, entry, room=room) if place else None
            if place and reply:
                lanes.append(self._put(tx, subject, place, reply))
        return lanes

    def _put(self, tx: Transaction, subject: str, place: Place, reply: Reply) -> str:
        return tx.outbox.put(self._ids.token(), Delivery(subject, place, reply), now=self._clock.now())


def place_of(lane: str) -> Place:
    """The channel of a lane."""
    # Lanes are written like accounts: platform, workspace, id.
    named = Account.parse(lane)
    return Place(named.platform, named.workspace, named.id)


def _covers(least: str, severity: Severity) -> bool:
    return severity.value <= least
