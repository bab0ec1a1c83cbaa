"""What is remembered of what comes in. Pure, but for writing it down."""

import re
from dataclasses import replace

from core.conversation.channels import MUTED
from core.messages import Heard, Overheard, Turn, Withdrawn
from core.ports.records import Transaction


def said_in(turn: Turn) -> Heard | None:
    """What a turn adds to its conversation; None for a command in a channel, which nobody sees there."""
    if not turn.text or not (turn.message or turn.place.thread or turn.place.direct):
        return None
    # A command and a pressed button have no message of their own; their claim names them as well.
    message = turn.message or turn.claim
    return Heard(turn.place, message, turn.person, turn.text, turn.sent_at, turn.sent_at)


_ORDER = re.compile(r"^\W*(?:@?\w+\s+)?(?:run|change)\b", re.IGNORECASE)
_PAIR = re.compile(r"""(?<!\S)([\w-]+)=("[^"]*"|'[^']*'|\S+)""")
_TELLING = frozenset({"service", "environment", "version"})
"""Parameters that later questions are about."""


def discreet(text: str) -> str:
    """The text without the values that an order was given with: which of them are secret only the workflow knows."""
    if not _ORDER.match(text):
        return text
    return _PAIR.sub(lambda pair: pair[0] if pair[1].lower() in _TELLING else f"{pair[1]}=…", text)


def remember(tx: Transaction, item: Overheard, *, wanted: bool = True) -> None:
    """Keep it, unless it is not wanted here or the channel is muted: there the bot does not listen. What was kept before is taken
    back all the same when it was deleted, or edited to something that is not kept."""
    if isinstance(item, Withdrawn):
        tx.heard.withdraw(item, yet_to_come=wanted)
    elif item.text and wanted and not tx.channels.get(item.place.lane).get(MUTED):
        tx.heard.put(replace(item, text=discreet(item.text)))
    elif item.changed_at > item.sent_at:
        tx.heard.withdraw(Withdrawn(item.place, item.message, item.sent_at), yet_to_come=False)
