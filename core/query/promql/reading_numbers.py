"""Reads the numbers of a question: quantiles, statistics, thresholds, units of time."""

import re
from collections.abc import Sequence
from itertools import pairwise

from core.nlp.interpretation import EntityType
from core.query.catalogue import Subject, Unit
from core.query.promql import phrases
from core.query.promql.asked import Limit
from core.query.promql.phrases import STATISTICS, Statistic
from core.query.promql.words import Match, Token
from core.query.translation import Question

QUANTILE = re.compile(
    r"\bp(\d{2,4})(?:\.(\d{1,3}))?\b|\b(\d{1,2}(?:\.\d{1,3})?)(?:th|st|nd|rd|er|\.)?[ -]?(?:percentile|%ile|pctl?|perzentil|quantile|percentil)\b|\b(median)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"(>=|<=|==|!=|>|<|=)\s*\$?(-?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)
_NONE = frozenset({"no", "zero", "0"})
_FLOWING = frozenset({"request_rate", "errors", "successes", "restarts", "network", "network_out"})
"""There may be none of these; "no latency" is no threshold."""
_GRADED = frozenset({"how", "so", "too", "very", "this", "that", "as"})
_SCALES = {
    **dict.fromkeys(("ms", "millis", "milliseconds"), (Unit.SECONDS, 1e-3)),
    **{f"{prefix}b": (Unit.BYTES, 1000.0**power) for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}ib": (Unit.BYTES, 1024.0**power) for power, prefix in enumerate("kmgt", 1)},
    "millicores": (Unit.CORES, 1e-3),
}
_SHOWN = re.compile(
    r"\b(?:in|as|expressed in) (ms|millis(?:econds)?|milliseconds|[kmgt]i?b|(?:kilo|mega|giga)bytes|millicores)\b",
    re.IGNORECASE,
)
_PERCENT = frozenset({"%", "percent", "percentage", "pct", "prozent", "porcentaje", "pourcentage"})
_STATISTICS = frozenset(statistic.value for statistic in Statistic)


def read_quantiles(question: Question) -> tuple[float, ...]:
    """Between 0 and 1, in order, without repeats."""
    found: list[float] = []
    for match in QUANTILE.finditer(question.text[:2_000]):
        if match[4]:
            found.append(0.5)
        else:
            digits = match[3] or match[1] + ("." + match[2] if match[2] else "")
            value = float(digits)
            # p999 is the 99.9th.
            value = value if value <= 100 else value / 10 ** (len(match[1]) - 2)
            found.append(round(value / 100, 6))
    # "95th and 99th percentile" names the noun once.
    named = (value for value in question.values(EntityType.AGGREGATION) if re.fullmatch(r"p\d\d(?:\.\d+)?", value))
    found.extend(round(float(value[1:]) / 100, 6) for value in named)
    return tuple(sorted({value for value in found if 0 < value < 1}))


def read_statistic(question: Question, words: Sequence[Token], used: frozenset[int]) -> Statistic | None:
    """What is made of the values, or None where nothing is said. `used`: tokens that name the subject."""
    found = list(STATISTICS.find(words))
    # "how many requests per second" is a rate; "how many rps" and "by how many percent" count nothing.
    if any(match.meaning is Statistic.RATE and match.last > match.first for match in found):
        extremes = (match.meaning for match in found if match.meaning in (Statistic.MAXIMUM, Statistic.MINIMUM))
        return next(extremes, Statistic.RATE)
    counts = not phrases.RATE_UNITS & {word.text.lower() for word in words} and not any(
        match.meaning is Statistic.COUNT and is_percent(words[match.last + 1 : match.last + 2]) for match in found
    )
    for match in found:
        if (match.first in used and match.last in used) or (match.meaning is Statistic.COUNT and not counts):
            continue
        if words[match.first].text.lower() == "high" and match.first and words[match.first - 1].text.lower() in _GRADED:
            continue  # "how high"
        if _is_minutes(words, match.first) or (match.first and words[match.first - 1].text.lower() == "i"):
            continue  # "i mean" averages nothing either
        if match.meaning is Statistic.RATE and _names_rate(words, match):
            continue
        return match.meaning
    spoken_for = {words[place].start for place in used} | {
        word.start for place, word in enumerate(words) if _is_minutes(words, place)
    }
    for entity in question.entities:
        if entity.type is EntityType.AGGREGATION and entity.value in _STATISTICS and entity.start not in spoken_for:
            statistic = Statistic(entity.value)
            return None if statistic is Statistic.COUNT and not counts else statistic
    return None


def _is_minutes(words: Sequence[Token], place: int) -> bool:
    """ "5 min" and "req/min" are no minimum."""
    before = words[place - 1].text if place else ""
    return words[place].text.lower() in {"min", "mins"} and (before.isdigit() or before.lower() in {"/", "per", "a"})


def _names_rate(words: Sequence[Token], match: Match[Statistic]) -> bool:
    return match.first > 0 and words[match.first - 1].stem in {"success", "hit", "error", "failure"}


def read_limit(question: Question, words: Sequence[Token], subjects: Sequence[Match[Subject]]) -> Limit | None:
    """A threshold; none at all is one, too: "services with no traffic"."""
    for value in question.values(EntityType.THRESHOLD):
        match = _LIMIT.fullmatch(value)
        if match:
            return Limit("==" if match[1] == "=" else match[1], float(match[2]), match[3].strip())
    for found in subjects:
        before = words[found.first - 1].text.lower() if found.first else ""
        if before in _NONE and found.meaning.name in _FLOWING:
            return Limit("==", 0, "")
    return None


def read_scale(question: Question, subject: Subject | None) -> float:
    """Base units in the unit that the value is wanted in: 0.001 of "p95 in ms", 1 where none is named."""
    match = _SHOWN.search(question.text)
    if match is None or subject is None:
        return 1
    unit = match[1].lower()
    scale = _SCALES.get(unit) or _SCALES.get(unit[:1] + "b" if unit.endswith("bytes") else "", (Unit.COUNT, 1.0))
    return scale[1] if scale[0] is subject.unit else 1


def is_percent(words: Sequence[Token]) -> bool:
    """Whether percent are asked for; "over 5%" is a threshold, and its words are hidden."""
    return any(token.text.lower() in _PERCENT for token in words if not token.entity)


def read_per_seconds(words: Sequence[Token]) -> int:
    """The seconds of "requests per minute"; 1 where none are named."""
    for before, token in pairwise(words):
        if (
            before.text.lower() in phrases.BY - {"by", "each", "every"} | {"/"}
            and token.text.lower() in phrases.PER_TIME
        ):
            return phrases.PER_TIME[token.text.lower()]
    return 60 if any(token.text.lower() in {"rpm", "rpms"} for token in words) else 1
