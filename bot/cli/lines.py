"""JSON lines between programs and a command: one object in, one out, in order."""

import json
import os
import sys
from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from bot.sentences import parse
from core.errors import BotError, UserInputError

Row: TypeAlias = dict[str, Any]


def answer_all(answer: Callable[[Row], Row], *, adds: Collection[str]) -> None:
    """For each line of standard input write one to standard output at once: the object with what `answer` gives for it, or
    with `error`. `adds`: the fields that an answer may have; none of them is left from the input."""
    try:
        for line in sys.stdin.buffer:
            print(answered(line, answer, adds), flush=True)
    except BrokenPipeError:
        # Whoever reads has had enough; and Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def answered(line: bytes, answer: Callable[[Row], Row], adds: Collection[str]) -> str:
    """The line to write for a line that was read."""
    kept: Row = {}
    try:
        row = parse(line)
        kept = {key: value for key, value in row.items() if key not in adds and key != "error"}
        return _written({**kept, **answer(row)})
    except BotError as error:
        reason = f"{error.message} {error.hint}".strip()
    except Exception as error:
        # A boundary: a mistake of ours costs one line, not those behind it.
        reason = f"This is a mistake of the bot: {type(error).__name__}: {error}"
    return _written({**kept, "error": reason})


def _written(row: Row) -> str:
    """As ASCII: it survives any locale, and halves of characters, too."""
    try:
        return json.dumps(row, allow_nan=False)
    except ValueError:
        raise UserInputError("A number on this line is too large for JSON.") from None
