"""How many: percentages and counts of people in a report."""

from collections.abc import Iterator, Sequence

from core.incidents.severity.word_classes import CLASSES
from core.incidents.severity.words import BREAK, Word

_PERCENT = frozenset(("percent", "prozent", "pct", "porcentaje", "ciento"))
_PEOPLE = tuple(form.rstrip("*") for form in CLASSES["people"].split("/"))
_REACH = 3
_SHARES = (
    (0.0, "share:none"),
    (2.5, "share:tiny"),
    (9.9, "share:small"),
    (59.9, "share:large"),
    (99.0, "share:most"),
    (100.0, "share:all"),
)
"""Upper ends in percent."""
_COUNTS = ((0, "count:none"), (1, "count:one"), (25, "count:few"), (250, "count:some"))


def amounts(report: Sequence[Word]) -> Iterator[str]:
    """Percentages, and numbers shortly before a word for people, as names of features."""
    for at, word in enumerate(report):
        number = _number(word.text)
        if number is None:
            continue
        following = [later.text for later in report[at + 1 : at + 1 + _REACH]]
        if word.text.endswith("%") or _PERCENT.intersection(following[:2]):
            yield next((name for end, name in _SHARES if number <= end), "share:beyond")
        elif any(text.startswith(_PEOPLE) for text in _before_break(following)):
            yield next((name for end, name in _COUNTS if number <= end), "count:many")


def _number(text: str) -> float | None:
    if not text[0].isdecimal() or len(text) > 15:
        return None
    try:
        return float(text.rstrip("%"))
    except ValueError:  # 10.4.2 is an address or a version
        return None


def _before_break(texts: Sequence[str]) -> Sequence[str]:
    return texts[: texts.index(BREAK)] if BREAK in texts else texts
