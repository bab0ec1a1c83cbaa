"""Cuts a message into words and marks; a mark stands for what varies without changing the request: ids, versions, durations, mentions."""

import re
from dataclasses import dataclass

from core.nlp.classifier.lexicon import fold

MAX_TEXT = 2_000
"""Characters that are looked at: the first and the last thousand of a longer message. Requests open or close a message."""

_TOKEN = re.compile(
    r"(?P<code>```)"
    r"|(?P<user><[@!][^>\s]{1,80}>)"
    r"|(?P<channel><\#[^>\s]{1,80}>)"
    r"|(?P<url><?https?://[^\s>|]{1,400}(?:\|[^>\n]{0,200})?>?)"
    r"|(?P<emoji>:[a-z_+0-9-]{2,30}:|[\U0001F000-\U0001FAFF\u2600-\u27BF])"
    r"|(?P<incident>\binc[- ]?\d{1,9}\b)"
    r"|(?P<run>\brun-[a-z0-9]{4,12}\b)"
    r"|(?P<version>\bv?\d{1,9}\.\d{1,9}[\w.-]{0,30})"
    r"|(?P<severity>\bsev ?-?\d\b|\bp[0-5]\b)"
    r"|(?P<quantile>\bp\d{2,3}\b)"
    r"|(?P<duration>\b\d{1,9} ?(?:s|sec|secs|seconds?|m|min|mins|minutes?|minuten|minutos|h|hr|hrs|hours?|stunden?|horas?|d|days?|w|wks?|weeks?)\b)"
    r"|(?P<clock>\b\d{1,2}:\d\d(?::\d\d)?|\b\d{1,2} ?[ap]m\b)"
    r"|(?P<hex>\b(?=[a-f]{0,8}\d)[a-f0-9]{6,64}\b)"
    r"|(?P<number>\d+)"
    r"|(?P<name>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)"
    r"|(?P<word>\w+(?:'\w+)?)"
    r"|(?P<sign>[^\w\s])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"[a-z][A-Z]")
_LONG = re.compile(r"(.)\1{2,}")
_APOSTROPHES = str.maketrans("’‘´`", "''''")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a message."""

    form: str
    """The word in lower case without accents, or a mark such as `<duration>`."""
    surface: str
    """The letters themselves, folded."""
    is_mark: bool = False
    is_sign: bool = False
    """Punctuation."""


def cut(text: str) -> list[Token]:
    """The tokens of a message, in order."""
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT // 2]}\n{text[-MAX_TEXT // 2 :]}"
    return [_token(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text)]


def _token(kind: str, found: str) -> Token:
    if kind == "sign":
        return Token(found, found, is_sign=True)
    surface = _LONG.sub(r"\1\1", fold(found.translate(_APOSTROPHES)))
    if kind != "word":
        return Token(f"<{kind}>", surface, is_mark=True)
    if found[0].isupper() and _CAMEL.search(found):
        return Token("<camel>", surface, is_mark=True)
    return Token(surface, surface)
