"""Reads the numbers of a question: quantiles, statistics, thresholds, units of time."""

import re
from collections.abc import Sequence
from itertools import pairwise

from core.nlp.interpretation import EntityType
from core.query.catalogue import Subject, Unit
from core.query.corrections import last_thought
from core.query.promql import phrases
from core.query.promql.asked import Limit
from core.query.promql.phrases import STATISTICS, Statistic
from core.query.promql.words import Match, Token
from core.query.translation import Question
from core.query.wording import Wording

QUANTILE = re.compile(
    r"\bp(\d{2,4})(?:\.(\d{1,3}))?\b|\b(\d{1,2}(?:\.\d{1,3})?)(?:th|st|nd|rd|er|\.)?[ -]?(?:percentile|%ile|pctl?|perzentil|quantile|percentil)\b|\b(median)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"(>=|<=|==|!=|>|<|=)\s*\$?(-?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)
_NONE = frozenset({"no", "zero", "0", "without", "any", "kein", "keine", "ohne", "sin"})
_FLOWING = frozenset(
    {
        "queue_consumers",
        "available_replicas",
        "ready_pods",
        "running_pods",
        "messages",
        "request_rate",
        "errors",
        "successes",
        "restarts",
        "network",
        "network_out",
    }
)
"""There may be none of these; "no latency" is no threshold."""
_NOT = frozenset({"not", "never", "dont", "t", "without"})
"""Before "count": of "don't" only its end is left."""
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
_HIDDEN = re.compile(
    r"\b(?:hid(?:e|ing)|ignor(?:e|ing)|skip(?:ping)?|drop(?:ping)?|exclud(?:e|ing)|without|except|omit(?:ting)?|leav(?:e|ing) out|filter(?:ing)? out)\b[^,.;?!]{0,60}\Z",
    re.IGNORECASE,
)
_GRADED = frozenset({"how", "so", "too", "very", "this", "that", "as"})
_SCALES = {
    **dict.fromkeys(("ms", "millis", "milliseconds"), (Unit.SECONDS, 1e-3)),
    **{f"{prefix}b": (Unit.BYTES, 1000.0**power) for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}ib": (Unit.BYTES, 1024.0**power) for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}bit": (Unit.BYTES_PER_SECOND, 1000.0**power / 8) for power, prefix in enumerate(("", "k", "m", "g"))},
    "millicores": (Unit.CORES, 1e-3),
    "minutes": (Unit.SECONDS, 60.0),
    "hours": (Unit.SECONDS, 3600.0),
    "days": (Unit.SECONDS, 86_400.0),
}
_SHOWN = re.compile(
    r"\b(?:in|as|expressed in) (ms|millis(?:econds)?|milliseconds|[kmgt]i?b|(?:kilo|mega|giga)bytes|millicores|minutes|hours|days)\b(?P<rate> ?/ ?s(?:ec)?\b|ps\b| per second\b| a second\b)?",
    re.IGNORECASE,
)
_SHOWN_UNTIL = re.compile(
    r"\b(minutes|hours|days)(?: (?:are|do we have|is|remain(?:ing)?))? (?:until|till|before|left|since|to go|remaining)\b",
    re.IGNORECASE,
)
_BITS = re.compile(
    r"(?<!\w)([kmg]?)(?:(?:ilo|ega|iga)?bits?(?: per second| a second| ?/ ?s(?:ec)?|ps)?|bps)(?!\w)(?<!not bits)",
    re.IGNORECASE,
)
_PERCENT = frozenset({"%", "percent", "percentage", "pct", "prozent", "porcentaje", "pourcentage"})
_STATISTICS = frozenset(statistic.value for statistic in Statistic)


def read_quantiles(question: Question) -> tuple[float, ...]:
    """Between 0 and 1, in order, without repeats."""
    found: list[float] = []
    text = question.text[:2_000]
    for match in QUANTILE.finditer(text, last_thought(text, QUANTILE)):
        if match[4]:
            found.append(0.5)
        else:
            digits = match[3] or match[1] + ("." + match[2] if match[2] else "")
            value = float(digits)
            # p999 is the 99.9th.
            value = value if value <= 100 else value / 10 ** (len(match[1]) - 2)
            found.append(round(value / 100, 6))
    # "95th and 99th percentile" names the noun once.
    standing = (
        e for e in question.entities if e.type is EntityType.AGGREGATION and e.start >= last_thought(text, QUANTILE)
    )
    named = (entity.value for entity in standing if re.fullmatch(r"p\d\d(?:\.\d+)?", entity.value))
    found.extend(round(float(value[1:]) / 100, 6) for value in named)
    if not found and (part := _PART_OF_REQUESTS.search(text)) and _WITHIN_WHAT.search(text):
        found.append(float(part[1]) / 100 if part[1] else 0.5)
    return tuple(sorted({value for value in found if 0 < value < 1}))


_PART_OF_REQUESTS = re.compile(
    r"(?:\b(\d{1,2}(?:\.\d{1,2})?) ?(?:%|percent\b|prozent\b|por ciento\b)|\bhalf\b|\bdie hälfte\b|\bla mitad\b) (?:(?:of|der|aller|de|von) )?(?:\w[\w-]* ){0,4}?(?:requests?|reqs?|calls?|users?|responses?|customers?|queries|hits|traffic|them|anfragen|peticiones|solicitudes)\b",
    re.IGNORECASE,
)
"""Of whom a latency is that of the slowest: "90% of the requests"."""
_WITHIN_WHAT = re.compile(
    r"\b(?:what|which) (?:\w+ )?(?:latency|latencies|time|response time|duration|delay|number of (?:seconds|ms|milliseconds))\b|\bhow (?:long|fast|slow|quick(?:ly)?|many (?:ms|milliseconds|seconds))\b|\b(?:under|below|within|faster than|than) what\b|\bwas für eine latenz\b|\bwie (?:lange|schnell)\b|\bqué (?:latencia|tiempo)\b|\b(?:stay|finish|complete|respond|answered)\w* (?:under|below|within) what\b",
    re.IGNORECASE,
)


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
    refused: set[int] = set()
    for match in found:
        refused.update(words[place].start for place in range(match.first, match.last + 1))
        if (match.first in used and match.last in used) or (match.meaning is Statistic.COUNT and not counts):
            continue
        if match.meaning is Statistic.COUNT and _is_factor(words, match):
            continue
        if match.meaning in _PEAKS and words[match.first].word in _MOST and is_held_against(words, match.first):
            continue  # "in percent of max"
        if match.first and words[match.first - 1].word in _NOT:
            continue  # "don't count the health checks"
        if words[match.first].word == "high" and match.first and words[match.first - 1].word in _GRADED:
            continue  # "how high"
        if _is_minutes(words, match.first) or (match.first and words[match.first - 1].word == "i"):
            continue  # "i mean" averages nothing either
        if match.meaning is Statistic.RATE and _names_rate(words, match):
            continue
        return match.meaning
    spoken_for = {words[place].start for place in used} | {
        word.start for place, word in enumerate(words) if _is_minutes(words, place)
    }
    spoken_for |= refused
    inside = [(word.start, word.end) for word in words if "_" in word.text]  # "total" of "errors_total"
    for entity in question.entities:
        if any(start <= entity.start < end for start, end in inside):
            continue
        if entity.type is EntityType.AGGREGATION and entity.value in _STATISTICS and entity.start not in spoken_for:
            statistic = Statistic(entity.value)
            denied = any(word.start < entity.start and word.word in _NOT for word in words)
            return None if statistic is Statistic.COUNT and (denied or not counts) else statistic
    return None


_PEAKS = frozenset({Statistic.MAXIMUM, Statistic.MINIMUM})
_HELD_AGAINST = frozenset({"of", "vs", "versus", "against", "to", "over", "at"})
_MOST = frozenset({"max", "maximum", "limit", "capacity"})
_COMPARATIVES = phrases.TREND | {"more", "as", "bigger", "larger", "faster", "busier", "over", "less", "fewer"}


def _is_factor(words: Sequence[Token], match: Match[Statistic]) -> bool:
    """ "How many times slower is it" asks for a factor and counts nothing."""
    behind = words[match.last : match.last + 2]
    return len(behind) > 1 and behind[0].stem == "time" and behind[1].word in _COMPARATIVES


def is_held_against(words: Sequence[Token], place: int) -> bool:
    """ "Of max", "vs the maximum", "of its limit"."""
    before = [word.word for word in words[max(0, place - 2) : place]]
    if before[-1:] and before[-1] in {"the", "its", "their"}:
        before.pop()
    return bool(before) and before[-1] in _HELD_AGAINST


def held_against_its_most(words: Sequence[Token]) -> bool:
    """Whether a part of what there may be is wanted."""
    return any(word.word in _MOST and is_held_against(words, place) for place, word in enumerate(words))


def says_rate(words: Sequence[Token]) -> bool:
    """Whether a rate is asked for in so many words: "per second", "rate of"."""
    return any(match.meaning is Statistic.RATE and match.last > match.first for match in STATISTICS.find(words))


def _is_minutes(words: Sequence[Token], place: int) -> bool:
    """ "5 min" and "req/min" are no minimum."""
    before = words[place - 1].text if place else ""
    return words[place].word in {"min", "mins"} and (before.isdigit() or before.lower() in {"/", "per", "a"})


def _names_rate(words: Sequence[Token], match: Match[Statistic]) -> bool:
    return match.first > 0 and words[match.first - 1].stem in {"success", "hit", "error", "failure"}


def read_limit(
    question: Question, words: Sequence[Token], subjects: Sequence[Match[Subject]], wording: Wording
) -> Limit | None:
    """A threshold; none at all is one, too: "services with no traffic". What is hidden at some value is shown beyond it."""
    for entity in question.entities:
        match = _LIMIT.fullmatch(entity.value) if entity.type is EntityType.THRESHOLD else None
        if match:
            op = "==" if match[1] == "=" else match[1]
            hidden = wording.negated(entity.start) and _HIDDEN.search(question.text[: entity.start])
            return Limit(_OPPOSITE[op] if hidden else op, float(match[2]), match[3].strip())
    return Limit("==", 0, "") if read_lacking(question, words, subjects) else None


def read_lacking(question: Question, words: Sequence[Token], subjects: Sequence[Match[Subject]]) -> Subject | None:
    """What there is none of: "queues without consumers"."""
    for found in subjects:
        if words[found.last].word == "nothing":
            return found.meaning
        before = words[found.first - 1] if found.first else None
        if before is None or before.word not in _NONE or found.meaning.name not in _FLOWING:
            continue
        if before.word == "any" and (
            found.first < 2
            or words[found.first - 2].word not in {"without", "not", "t", "have", "hasn", "haven", "ohne"}
        ):
            continue
        if not question.text[before.end : words[found.first].start].strip():  # "it keeps dying no? restarts by pod"
            return found.meaning
    return None


def read_scale(question: Question, subject: Subject | None) -> float:
    """Base units in the unit that the value is wanted in: 0.001 of "p95 in ms", 1 where none is named."""
    bits = _BITS.search(question.text)
    if (
        bits
        and subject
        and subject.unit is Unit.BYTES_PER_SECOND
        and not any(
            limit.start <= bits.start() < limit.end for limit in question.entities if limit.type is EntityType.THRESHOLD
        )
    ):
        return _SCALES[f"{bits[1].lower()}bit"][1]
    match = _SHOWN.search(question.text) or _SHOWN_UNTIL.search(question.text)
    if match is None or subject is None:
        return 1
    unit = match[1].lower()
    scale = _SCALES.get(unit) or _SCALES.get(unit[:1] + "b" if unit.endswith("bytes") else "", (Unit.COUNT, 1.0))
    of_rates = scale[0] is Unit.BYTES and subject.unit is Unit.BYTES_PER_SECOND  # "in MB/s"
    return scale[1] if scale[0] is subject.unit or of_rates else 1


_APDEX = re.compile(r"\bapdex\b", re.IGNORECASE)
_TARGET = re.compile(r"(?<![\w.])(\d{1,5}(?:\.\d{1,3})?) ?(ms|milliseconds?|s|sec|seconds?)\b", re.IGNORECASE)
_USUAL_TARGET = 0.5


def read_apdex(text: str) -> float | None:
    """The satisfying latency, in seconds, where an Apdex score is asked for."""
    if not _APDEX.search(text):
        return None
    target = _TARGET.search(text)
    if target is None:
        return _USUAL_TARGET
    return float(target[1]) * (1e-3 if target[2].lower().startswith("m") else 1)


def is_percent(words: Sequence[Token]) -> bool:
    """Whether percent are asked for; "over 5%" is a threshold, and its words are hidden."""
    return any(token.word in _PERCENT for token in words if not token.entity)


def read_per_seconds(words: Sequence[Token]) -> int:
    """The seconds of "requests per minute"; 1 where none are named."""
    for before, token in pairwise(words):
        if before.word in phrases.BY - {"by", "each", "every"} | {"/"} and token.word in phrases.PER_TIME:
            return phrases.PER_TIME[token.word]
    return 60 if any(token.word in {"rpm", "rpms"} for token in words) else 1
