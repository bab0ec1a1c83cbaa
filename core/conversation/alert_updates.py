"""Keeps the cards of alert groups up to date: one message a group and channel, edited as it changes."""

from collections.abc import Mapping, Sequence

from core.conversation import alert_cards as cards
from core.messages import Delivery, Place
from core.ports.clock import Clock, Ids
from core.ports.records import StoredGroup, Transaction


class AlertUpdates:
    """Puts the deliveries that follow from a change of a group; returns their lanes. The outbox sends only the newest of each."""

    def __init__(self, *, clock: Clock, ids: Ids, channels: Mapping[str, Sequence[Place]]) -> None:
        """`channels`: by source, where its groups are shown."""
        self._clock = clock
        self._ids = ids
        self._channels = channels

    def show(self, tx: Transaction, stored: StoredGroup) -> list[str]:
        """Bring the cards of a group up to date."""
        now = self._clock.now()
        card = cards.group_card(stored.group, now, stored.id)
        return [
            tx.outbox.put(self._ids.token(), Delivery(f"alerts:{stored.id}", place, card), now=now)
            for place in self._channels.get(stored.group.source, ())
        ]
