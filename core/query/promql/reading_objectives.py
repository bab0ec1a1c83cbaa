"""Reads what an SLO allows: how fast an error budget burns, and what is left of it."""

import re

from core.nlp.interpretation import EntityType
from core.query.promql.asked import Objective
from core.query.promql.reading_times import duration
from core.query.translation import Question

_BUDGET = re.compile(
    r"\bburn(?:s|ed|ing|t)?\b|\bburn[- ]?rates?\b|\b(?:error )?budgets?\b|\bfehlerbudget\w*|\bpresupuesto de errores\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.>=<-])(9\d(?:[.,]\d{1,4})?)(?: ?%| ?percent\b|(?![\w%.,]*\d)(?!\w))", re.IGNORECASE)
_NINES = re.compile(r"\b(two|three|four|five|[2-5])(?: and a half)? ?(?:nines|9s)\b", re.IGNORECASE)
_HOW_MANY = {"two": 2, "three": 3, "four": 4, "five": 5}
_REMAINING = re.compile(
    r"\b(?:remain(?:s|ing|der)?|left|unspent|not (?:used|burned|spent)|übrig|restante|queda)\b", re.IGNORECASE
)
_LENGTH = re.compile(r"(?<![\w.])(\d{1,3}) ?-?(m|min|mins|minutes?|h|hrs?|hours?|d|days?)\b", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:and|both|as well as|plus|&|und|y)\b|[/+&]", re.IGNORECASE)


def read_objective(question: Question) -> Objective | None:
    """What the objective of "burn rate, slo 99.9" allows; None where no budget or no objective is named."""
    text = question.text[:2_000]
    if not _BUDGET.search(text):
        return None
    allowed = _allowed(question, text)
    if allowed is None:
        return None
    times = list(_LENGTH.finditer(text))
    lengths = [length for time in times if (length := duration(f"{int(time[1])}{time[2][0].lower()}"))]
    several = len(lengths) > 1 and _BOTH.search(text, times[0].end(), times[-1].start())
    return Objective(
        allowed,
        remaining=bool(_REMAINING.search(text)),
        windows=tuple(dict.fromkeys(lengths)) if several else (),
    )


def _allowed(question: Question, text: str) -> float | None:
    nines = _NINES.search(text)
    if nines:
        count = _HOW_MANY.get(nines[1].lower()) or int(nines[1])
        return float(f"1e-{count}")
    for match in _NUMBER.finditer(text):
        limited = any(e.type is EntityType.THRESHOLD and e.start < match.end() and match.start() < e.end for e in question.entities)  # fmt: skip
        if not limited:
            return round(1 - float(match[1].replace(",", ".")) / 100, 8)
    return None
