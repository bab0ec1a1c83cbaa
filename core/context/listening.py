"""What is remembered of what comes in. Pure, but for writing it down."""

from core.intents.basics import MUTED
from core.messages import Heard, Overheard, Turn, Withdrawn
from core.ports.records import Transaction


def said_in(turn: Turn) -> Heard | None:
    """What a turn adds to its conversation; None for a command in a channel, which nobody sees there."""
    if not turn.text or not (turn.message or turn.place.thread or turn.place.direct):
        return None
    # A command and a pressed button have no message of their own; their claim names them as well.
    message = turn.message or turn.claim
    return Heard(turn.place, message, turn.person, turn.text, turn.sent_at, turn.sent_at)


def remember(tx: Transaction, item: Overheard) -> None:
    """Keep it, unless the channel is muted: there the bot does not listen. Deletions count everywhere."""
    if isinstance(item, Withdrawn):
        tx.heard.withdraw(item)
    elif item.text and not tx.channels.get(item.place.lane).get(MUTED):
        tx.heard.put(item)
