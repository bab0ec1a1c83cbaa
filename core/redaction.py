"""Finds secrets in text and values and masks them. Pure; time grows linearly with the length of the text.

What is recognised by its form keeps its first characters, so that people know which secret to rotate; what is recognised by
the name before it keeps the name. A miss costs more than a word masked in vain, so names win in doubt.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.secret_forms import (
    BY_NAME,
    ENTITIES,
    ENTRY,
    MASK,
    ODD,
    RULES,
    SECRET_OBJECT,
    TELLING,
    TELLING_ANY_CASE,
)

__all__ = ["MASK", "is_secret_name", "redact", "redact_value", "secret_spans"]

_PASSES = 4
"""Most looks at one text: masking one secret may uncover the beginning of the next."""

_WORDS = re.compile(r"[A-ZÑ]?[a-z0-9ñ]+|[A-Z0-9Ñ]+")
_ALWAYS_SECRET = frozenset(
    ("password", "passwd", "passphrase", "pwd", "secret", "secrets", "credential", "credentials", "authorization", "cookie",
     "apikey", "passwort", "kennwort", "contraseña", "contrasena", "clave", "senha")
)  # fmt: skip
_SECRET_ENDINGS = (
    ("token",), ("jwt",), ("api", "key"), ("access", "key"), ("private", "key"), ("signing", "key"), ("account", "key"),
    ("encryption", "key"), ("response", "url"), ("webhook", "url"), ("set", "cookie"), ("x", "signature"),
)  # fmt: skip

Span = tuple[int, int, int]
"""Where what is recognised begins, where the part that must be masked begins, where both end."""


def redact(text: str, *, data: bool = False) -> str:
    """The text with every secret masked. Doing it twice changes nothing more. `data`: see `secret_spans`."""
    for _ in range(_PASSES):
        spans = secret_spans(text, data=data)
        if not spans:
            break
        text = _masked(text, spans)
    return text


def redact_value(value: Any) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    """The same for nested values, keys included; what stands under a telling name is masked whole. Sequences become lists."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            redact(name) if isinstance(name, str) else name: _under(str(name), inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(inner) for inner in value]
    return value


def is_secret_name(name: str) -> bool:
    """True for names that secrets go by: `bot_token`, `apiKey`, `DB_PASSWORD`; not for `token_count` or `idempotency_key`."""
    words = tuple(word.lower() for word in _WORDS.findall(name))
    return not _ALWAYS_SECRET.isdisjoint(words) or any(words[-len(end) :] == end for end in _SECRET_ENDINGS)


def secret_spans(text: str, *, data: bool = False) -> list[Span]:
    """Where secrets stand, in order and apart. `data`: this may be a part of a Kubernetes Secret, whose data is base64."""
    found = _look(text, data)
    if ODD.search(text):
        found += _look_behind_escapes(text, data)
    return _merged(found) if found else found


def _look(text: str, data: bool) -> list[Span]:
    lowered = text.lower()
    found: list[Span] = []
    for rule in RULES:
        for hint in rule.hints:
            if hint in lowered:
                found += ((m.start(), m.end(1), m.end()) for m in rule.pattern.finditer(text))
                break
    # Where lower case has other lengths, the slower way.
    names = TELLING.finditer(lowered) if len(lowered) == len(text) else TELLING_ANY_CASE.finditer(text)
    masked = 0
    for name in names:
        # A name inside a value that is masked already is looked at in the next pass, if at all: that keeps this linear.
        if name.start() >= masked:
            values = [m for rule in BY_NAME if (m := rule.match(text, name.start())) is not None]
            found += ((m.start(), m.end(1), m.end()) for m in values)
            masked = max((m.end() for m in values), default=masked)
    if data or SECRET_OBJECT.search(text):
        found += ((m.start(), m.end(1), m.end()) for m in ENTRY.pattern.finditer(text))
    return found


def _look_behind_escapes(text: str, data: bool) -> list[Span]:
    """The same in the text that a reader or a program would make of this one, mapped back."""
    pieces: list[str] = []
    starts: list[int] = []  # of each piece in the plain text
    origins: list[tuple[int, int]] = []  # and in this one, with its length there where it is one character
    size = position = 0
    for odd in ODD.finditer(text):
        for piece, origin, width in ((text[position : odd.start()], position, 0), (_plain(odd), *odd.span())):
            if piece:
                pieces.append(piece)
                starts.append(size)
                origins.append((origin, width))
                size += len(piece)
        position = odd.end()
    pieces.append(text[position:])
    starts.append(size)
    origins.append((position, 0))

    def back(at: int, *, end: bool = False) -> int:
        index = bisect_right(starts, at - 1 if end else at) - 1
        origin, width = origins[max(0, index)]
        if width:
            return width if end else origin
        return origin + at - starts[max(0, index)]

    spans = _look("".join(pieces), data)
    return [(back(start), back(kept, end=True), back(end, end=True)) for start, kept, end in spans]


def _plain(odd: re.Match[str]) -> str:
    if wide := odd["wide"]:
        return chr(ord(wide) - 0xFEE0)
    if entity := odd["entity"]:
        return ENTITIES[entity]
    if code := odd["percent"] or odd["escaped"]:
        return chr(int(code, 16))
    return odd["literal"] or ""


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, hidden, end in sorted(spans, key=lambda span: span[1]):
        if merged and hidden <= merged[-1][2]:
            first, masked, last = merged[-1]
            merged[-1] = (min(first, start), masked, max(last, end))
        else:
            merged.append((start, hidden, end))
    return merged


def _masked(text: str, spans: Iterable[Span]) -> str:
    return "".join(_pieces(text, spans))


def _pieces(text: str, spans: Iterable[Span]) -> Iterator[str]:
    position = 0
    for _, hidden, end in spans:
        yield text[position:hidden]
        yield MASK
        position = end
    yield text[position:]


def _under(name: str, value: Any) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    hidden = value is not None and value != "" and not isinstance(value, bool) and is_secret_name(name)
    return MASK if hidden else redact_value(value)
