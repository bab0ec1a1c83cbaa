"""Which of the messages that were heard one turn looks at, newest first within bounds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.context import bounds
from core.messages import Heard, Place


@dataclass(frozen=True, slots=True)
class Context:
    """What is considered for one turn."""

    messages: tuple[Heard, ...] = ()
    """Of this thread or direct message only, oldest first, the root first; never the turn itself nor the bot's own."""
    learned: tuple[Heard, ...] = ()
    """What the platform told that no event had: to be remembered with the answer."""
    gap: str = ""
    """Why the beginning of the thread is not known, one of the reasons in `gathering`; "" when it is."""


def within(messages: Sequence[Heard], place: Place) -> tuple[Heard, ...]:
    """The root of the thread, then the newest that fit, each cut to its share; order kept."""
    short = [message if len(message.text) <= bounds.OF_ONE else _cut(message) for message in messages]
    roots = [message for message in short if message.message == place.thread]
    others = [message for message in short if message.message != place.thread]
    left = bounds.CHARACTERS - sum(len(message.text) for message in roots)
    kept: list[Heard] = []
    for message in reversed(others[-(bounds.MESSAGES - len(roots)) :]):
        left -= len(message.text)
        if left < 0:
            break
        kept.append(message)
    return (*roots, *reversed(kept))


def _cut(message: Heard) -> Heard:
    return replace(message, text=f"{message.text[: bounds.OF_ONE - 1]}…")
