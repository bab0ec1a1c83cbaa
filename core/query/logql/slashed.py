"""Phrases with a stroke between them: "driver failed / driver blocked messages from anticheat"."""

import re
from collections.abc import Iterator

from core.query.logql import asking
from core.query.logql.kinds import KIND, LEVEL_WORDS
from core.query.wording import Wording

_PHRASE = r"[\w'’.-]{2,30}(?: [\w'’.-]{2,30}){0,4}"
_LAST = r"[\w'’.-]{2,30}(?: (?!(?:msgs?|messages?|lines?|logs?|entries|events?|in|from|on|of|at|for|during|last|past|since|en|de|von)\b)[\w'’.-]{2,30}){0,4}"
_LIST = re.compile(rf"(?<![\w/.-])(?P<first>{_PHRASE})(?P<others>(?: [/|] {_LAST}){{1,5}})(?=[\s,.;:?!\0]|\Z)")
_STROKE = re.compile(r" [/|] ")


def slashed(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Alternatives of several words, and where they begin; they are taken. Single words are kinds of lines, or fields."""
    for match in _LIST.finditer(wording.text):
        start = _begins(match["first"]) + match.start()
        if wording.claimed(start, match.end()) or any(
            one.start < match.end() and start < one.end for one in wording.quotes
        ):
            continue
        parts = [part.strip(".,'’") for part in _STROKE.split(wording.text[start : match.end()])]
        wordy = any(" " in part for part in parts)
        if not wordy or not all(map(_says, parts)) or any(part.lower() in LEVEL_WORDS for part in parts):
            continue
        wording.claim(start, match.end())
        yield start, tuple(parts)


def _begins(phrase: str) -> int:
    """Where its first word stands that does not ask for something."""
    at = 0
    for word in phrase.split(" "):
        if asking.content(word) or KIND.fullmatch(word):
            return at
        at += len(word) + 1
    return 0


def _says(part: str) -> bool:
    return any(asking.content(word) or KIND.fullmatch(word) for word in part.split(" ")) and not any(
        word.isdigit() for word in part.split(" ")
    )
