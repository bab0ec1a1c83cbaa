"""Limits on numbers of a group: "with at least 20 runs", "a success rate below 90%", "mttr over 4 hours"."""

import re
from dataclasses import dataclass

from core.query.literals import seconds
from core.query.sql import phrases
from core.query.sql.clauses import only, without
from core.query.sql.model import Call, Column, Compare, Condition, Elapsed, Number, Share
from core.query.sql.subjects import RUNS, Subject, status_column
from core.query.translation import Question
from core.query.wording import Wording

_OPERATORS = (
    (">=", r"at least|no less than|no fewer than|min(?:imum)?(?: of)?|>=|≥|mindestens|al menos"),
    ("<=", r"at most|no more than|max(?:imum)?(?: of)?|up to|<=|≤|h[oö]chstens"),
    (
        ">",
        r"(?:is |was |were |are )?(?:more|greater|higher|longer|worse|bigger|slower) than|over|above|exceed(?:s|ed|ing)?|beyond|>|[uü]ber|mehr als|m[aá]s de",
    ),
    (
        "<",
        r"(?:is |was |were |are )?(?:less|fewer|lower|shorter|smaller|faster|quicker|worse) than|under|below|<|unter|weniger als|menos de",
    ),
)
_OP = "|".join(f"(?P<o{number}>{words})" for number, (_, words) in enumerate(_OPERATORS))
_NUMBER = rf"(?P<number>\d{{1,6}}(?:\.\d{{1,3}})?|{phrases.NUMBER[1:-1].split('|', 1)[1]}|one|a hundred|an?)"
_MORE = r"(?P<more>\s?\+|\s?(?:or more|or higher|or above|and up|and above)|\s(?:or less|or fewer|or lower|or below))?"
_LENGTH_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)"
_SHARE = re.compile(
    rf"(?:\b(?:an?|the|their) )?(?:\b(?P<what>(?:failure|fail(?:ed|ing)?|error|success(?:ful)?|completion|cancell?ation|rejection)[ -]?(?:rates?|ratios?|percentages?|percent|share|quota|%|pct)))\s?(?:that )?(?:is |was |of |has been )?(?:{_OP})\s?{_NUMBER}\s?(?P<percent>%|percent|pct|prozent|por ciento)?",
    re.IGNORECASE,
)
_SHARE_OF = re.compile(
    rf"\b(?:{_OP})\s?{_NUMBER}\s?(?:%|percent|pct)\s?(?P<what>(?:of (?:the |its |their |all )?(?:runs|incidents|executions|deploys|them|time)(?: that| which)?(?: had| have| were| are| is| got| ended)? )?(?:\w+\s?){{1,2}})",
    re.IGNORECASE,
)
_SHARE_BEFORE = re.compile(
    rf"\b(?P<what>\w+)\s(?:in )?(?:{_OP})\s?{_NUMBER}\s?(?:%|percent|pct)?\s?(?:of (?:the|all) (?:time|cases|runs)|of (?:its|their) runs)\b",
    re.IGNORECASE,
)
_SHARE_HALF = re.compile(
    rf"\b(?:{_OP})\s(?P<number>half|an? third|a quarter|two thirds|three quarters)\s(?:of )?(?:the |its |their |all )*(?:runs|incidents|executions|deploys|messages|them)?\s?(?:is|are|was|were|have|had|being|that|got|which)?\s?(?P<what>\w+)",
    re.IGNORECASE,
)
_MEAN = re.compile(
    rf"(?:\b(?:an?|the|their) )?\b(?P<what>mttr|(?:avg|average|mean|typical) (?:\w+ ){{0,4}}?(?:duration|runtime|run time|time|length|resolution|minutes|hours|seconds)(?: to \w+)?(?: time)?|(?:take|takes|took|last|lasts|run|runs) on average|on average (?:take|takes|took|last|run))\s?(?:is |was |of |time )?(?:{_OP})\s?{_NUMBER}\s?{_LENGTH_UNIT}\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"\b(?:(?:{_OP})\s?)?{_NUMBER}{_MORE}\s(?:such |of such |of those |of these |different |separate |total |finished |overall )?(?P<what>(?:[a-z]\w+ )?(?:runs?|incidents?|outages?|messages?|executions?|times|deploys?|deployments?|failures?|jobs?|rollbacks?|questions|replies|pages|alerts)\b|sev ?[1-4])",
    re.IGNORECASE,
)
_EXACTLY = re.compile(
    rf"\b(?:with|had|has|have|having|contain\w*|got|saw|ran|failed)\s(?:only|just|exactly|precisely)\s(?:an? |one )?(?P<number>single|{phrases.NUMBER[1:-1].split('|', 1)[1]}|one|once|\d{{1,4}})(?=\s(?P<what>(?:[a-z]\w+ )?(?:runs?|incidents?|outages?|messages?|executions?|times?|deploys?|failures?|questions?|replies|reply)\b)|(?<=once))",
    re.IGNORECASE,
)
"""No more and no fewer."""
_LEFT_OUT = re.compile(
    r"\b(?:ignor\w*|skip\w*|exclud\w*|leav\w+ out|without|not counting|drop\w*|hid\w+|omit\w*|discard\w*|disregard\w*|except|but not|don'?t (?:show|list|count))\b[^,;.]{0,40}\Z",
    re.IGNORECASE,
)
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_WORDED_NUMBERS: dict[str, float] = {
    "half": 50,
    "a third": 100 / 3,
    "third": 100 / 3,
    "a quarter": 25,
    "two thirds": 200 / 3,
    "three quarters": 75,
    "one": 1,
    "a": 1,
    "an": 1,
    "a hundred": 100,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What groups have to fulfil, and the rest of the question."""

    having: tuple[Condition, ...]
    question: Question
    share: Share | None = None
    """The share that is limited, to be shown beside its group."""
    mean: Call | None = None
    counted: bool = False


def limits(wording: Wording, subject: Subject) -> Limits:
    """All limits of the sentence; their words are gone from the question that is left."""
    text, spans = wording.plain, list[tuple[int, int]]()
    having, shared, mean, counted = list[Condition](), None, None, False
    for pattern in (_SHARE, _SHARE_BEFORE, _SHARE_HALF, _SHARE_OF):
        for match in pattern.finditer(text):
            named = _condition(wording, subject, match)
            number = _number(match)
            if named is None or _touches(spans, match):
                continue
            spans.append(match.span())
            fraction = not match.groupdict().get("percent") and pattern is _SHARE and number <= 1
            shared = shared or Share(named)
            having.append(Compare(_op(text, match), Share(named), Number(number * 100 if fraction else number)))
    for match in _MEAN.finditer(text):
        if not subject.end or _touches(spans, match):
            continue
        spans.append(match.span())
        minutes = seconds(f"{_number(match):g}{match['unit'][0].lower()}") / 60
        mean = Call("AVG", (Elapsed(Column(subject.begin), Column(subject.end)),))
        having.append(Compare(_op(text, match), mean, Number(minutes)))
    for match in _EXACTLY.finditer(text):
        word = match["number"].lower()
        spans.append((match.start() + len(match[0].split()[0]), match.end()))
        counted = True
        number = 1 if word in ("single", "one", "once") else phrases.worded(word)
        having.append(Compare("=", Call("COUNT"), Number(number)))
    for match in _COUNT.finditer(text):
        if _touches(spans, match) or not (_operator(match) or match["more"]):
            continue
        spans.append((match.start(), match.start("what")))  # what is counted is a condition on all rows: read elsewhere
        counted = True
        having.append(Compare(_op(text, match), Call("COUNT"), Number(_number(match))))
    return Limits(tuple(having), without(wording.question, spans), shared, mean, counted)


def _touches(spans: list[tuple[int, int]], match: re.Match[str]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _condition(wording: Wording, subject: Subject, match: re.Match[str]) -> Condition | None:
    """What a share is of: "failure rate", "of its runs failed"."""
    from core.query.sql import filters

    part = only(wording.question, *match.span("what"))
    columns = (Column(status_column(subject)), Column("severity"))
    for one in filters.find(part, subject):
        if getattr(one, "expr", None) in columns:
            return one
    if subject is RUNS and re.match(r"error", match["what"], re.IGNORECASE):
        return filters.one_of("status", ("failed",))
    return None


def _operator(match: re.Match[str]) -> str:
    return next((op for number, (op, _) in enumerate(_OPERATORS) if match.groupdict().get(f"o{number}")), "")


def _op(text: str, match: re.Match[str]) -> str:
    more = (match.groupdict().get("more") or "").strip().lower()
    op = _operator(match) or ("<=" if more.startswith(("or less", "or fewer", "or lower", "or below")) else ">=")
    return _OPPOSITE[op] if _LEFT_OUT.search(text[max(0, match.start() - 60) : match.start()]) else op


def _number(match: re.Match[str]) -> float:
    word = match["number"].lower()
    if word in _WORDED_NUMBERS:
        return _WORDED_NUMBERS[word]
    return phrases.worded(word) or float(word)
