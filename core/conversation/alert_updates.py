"""Keeps the cards of alert groups up to date: one message a group and channel, edited as it changes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from core.conversation import alert_cards as cards
from core.messages import Delivery, Place
from core.ports.clock import Clock, Ids
from core.ports.records import StoredGroup, Transaction

_PACE = timedelta(seconds=1)
"""Between edits of a card that nobody asked for."""


class AlertUpdates:
    """Puts the deliveries that follow from a change of a group; returns their lanes. The outbox sends only the newest of each."""

    def __init__(
        self, *, clock: Clock, ids: Ids, channels: Mapping[str, Sequence[Place]], silenced: Collection[str] = ()
    ) -> None:
        """`channels`: by source, where its groups are shown. `silenced`: sources whose alerts can be kept silent."""
        self._clock = clock
        self._ids = ids
        self._channels = channels
        self._silenced = frozenset(silenced)

    def show(self, tx: Transaction, stored: StoredGroup) -> list[str]:
        """Bring the cards of a group up to date, at once: a person has changed it."""
        return self._put(tx, stored, timedelta())

    def follow(self, tx: Transaction, stored: StoredGroup) -> list[str]:
        """Bring them up to date with news of its alerts: in a storm the next ones are told of in the same edit."""
        return self._put(tx, stored, _PACE)

    def _put(self, tx: Transaction, stored: StoredGroup, pause: timedelta) -> list[str]:
        now, subject = self._clock.now(), f"alerts:{stored.id}"
        card = cards.group_card(stored.group, now, stored.id, silences=stored.group.source in self._silenced)
        return [
            tx.outbox.put(
                self._ids.token(),
                Delivery(subject, place, card),
                now=now + pause if tx.outbox.ref(subject, place) else now,
            )
            for place in self._channels.get(stored.group.source, ())
        ]
