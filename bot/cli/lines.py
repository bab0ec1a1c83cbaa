"""JSON lines between programs and a command: one object in, one out, in order.

What is written is ASCII: it survives any locale, and the halves of characters that JSON can hold.
"""

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from bot.sentences import parse
from core.errors import BotError, UnavailableError, UserInputError

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
        return json.dumps({**kept, **answer(row)})
    except BotError as error:
        reason = f"{error.message} {error.hint}".strip()
    except Exception as error:
        # A boundary: a mistake of ours costs one line, not those behind it.
        reason = f"This is a mistake of the bot: {type(error).__name__}: {error}"
    return json.dumps({**kept, "error": reason})


@contextmanager
def writing(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Writes lines to a new file, or to standard output."""
    if output is None:
        yield print
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            yield lambda line: file.write(line + "\n")
    except FileExistsError:
        raise UserInputError(f"{output} exists already.", hint="Choose another name, or remove it first.") from None
    except OSError as error:
        raise UnavailableError(f"{output} could not be written: {error.strerror}.") from error
