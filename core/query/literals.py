"""How Loki and Tempo write strings and durations: both read them as Go does."""

import re
from datetime import timedelta

from core.query.translation import QueryRefused

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{3}|[abfnrtv\\\"'])")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WRITTEN = {**{character: f"\\{letter}" for letter, character in _SIMPLE.items()}, '"': '\\"', "\\": "\\\\"}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3_600.0,
    "d": 86_400.0,
    "w": 604_800.0,
    "y": 31_536_000.0,
}
_PRINTED = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def quoted(text: str) -> str:
    """The text as a string of the language: in double quotes, or in backticks where those save escapes."""
    plain = all(character.isprintable() for character in text)
    if plain and "`" not in text and ("\\" in text or '"' in text):
        return f"`{text}`"
    return f'"{"".join(map(_escaped, text))}"'


def unquoted(token: str) -> str:
    """What a string token says.

    Raises:
        QueryRefused: an escape that Go does not know.
    """
    if token.startswith("`"):
        return token[1:-1].replace("\r", "")
    inside = token[1:-1]
    if "\\" not in inside:
        return inside
    if "\\" in _ESCAPE.sub("", inside):
        raise QueryRefused(
            f"The string {token} has an unknown escape.",
            hint="Write regular expressions in backticks, or double the backslash.",
        )
    return _ESCAPE.sub(_unescaped, inside)


def seconds(text: str) -> float:
    """How long `1h30m` is; 0.0 for what is no duration."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def duration(value: timedelta) -> str:
    """In the largest unit that needs no fraction: `90m`, `7d`. At least a millisecond."""
    milliseconds = max(1, round(value.total_seconds() * 1_000))
    return next(f"{milliseconds // size}{unit}" for unit, size in _PRINTED if milliseconds % size == 0)


def _escaped(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"  # half of a character is none in Go
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] in "xuU":
        return _character(int(code[1:], 16))
    return _character(int(code, 8)) if code.isdigit() else _SIMPLE.get(code, code)


def _character(code: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise QueryRefused(f"There is no character {code:#x}.")
    return chr(code)
