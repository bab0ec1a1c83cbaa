"""Reads how one quantity stands to another: to so many times its earlier self, to its limit, to another subject."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from core.nlp.interpretation import EntityType
from core.query.catalogue import Subject
from core.query.catalogue.counterparts import COUNTERPARTS
from core.query.promql.asked import Asked, Earlier, Multiple, Relation
from core.query.promql.reading_times import earlier_offset
from core.query.promql.words import Match, Token
from core.query.translation import Question

_AMOUNTS = {
    "half": 0.5, "die hälfte": 0.5, "la mitad": 0.5, "a third": 1 / 3, "one third": 1 / 3, "a quarter": 0.25, "one quarter": 0.25, "a fifth": 0.2,
    "a tenth": 0.1, "one tenth": 0.1, "two thirds": 2 / 3, "three quarters": 0.75, "twice": 2, "double": 2, "triple": 3, "three times": 3,
    "four times": 4, "five times": 5, "ten times": 10, "das doppelte": 2, "el doble": 2,
}  # fmt: skip
_WORDS = "|".join(sorted(_AMOUNTS, key=len, reverse=True))
_LESS = (
    r"below|under|beneath|(?:less|fewer|lower|smaller) (?:than|then)|at most|no more than|unter|weniger als|menos de"
)
_MORE = (
    r"above|over|beyond|(?:more|greater|higher|larger) (?:than|then)|at least|exceed(?:s|ed|ing)?|über|mehr als|más de"
)
_MULTIPLE = re.compile(
    rf"(?:\b(?:(?P<less>{_LESS})|(?P<more>{_MORE}))\s+)?"
    rf"\b(?:(?P<word>{_WORDS})|(?P<times>\d{{1,3}}(?:\.\d{{1,2}})?) ?(?:x|times)|(?P<percent>\d{{1,3}}) ?(?:%|percent|prozent))"
    r"(?: (?:the )?(?:rate|level|value|traffic|amount|volume|size|number))?"
    r" (?:(?:of|from|von|de) )?(?:as (?:much|many|high|slow|bad|big) as )?(?:(?:of|than) )?"
    r"(?:(?P<moved>higher|slower|larger|bigger|worse|more|greater|lower|less|fewer) than )?"
    r"(?:what|that|those|the|its|their|it|they|yesterday|last|usual|normal|same|an? (?:week|hour|day|month)|\d{1,3} ?(?:m|h|d|w|min|hours?|days?|weeks?|minutes?) ago|lo que|dessen)\b",
    re.IGNORECASE,
)
_LOWER = re.compile(
    r"\b(?:fewer|less|lower|smaller|below|under|short of|missing|not (?:all|enough)|weniger|unter|menos)\b",
    re.IGNORECASE,
)
_HIGHER = re.compile(
    r"\b(?:more|higher|greater|larger|bigger|above|over|exceed(?:s|ed|ing)?|beyond|past(?! (?:\d|few|hours?|days?|weeks?|months?|minutes?|min))|mehr|über|más)\b",
    re.IGNORECASE,
)
_EQUAL = re.compile(
    r"\b(?:equals?|equal to|same as|(?:is|are|sit|sits|sitting|running|pinned|stuck|maxed(?: out)?|already) at|reach(?:ed|es|ing)?|hit(?:s|ting)?|maxed(?: out)?|==|capped)\b|\bat(?: its| their| the)? *\Z",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:of|vs\.?|versus|against|relative to|compared (?:to|with)|divided by|out of|to|as a share of)\b|/",
    re.IGNORECASE,
)
_COMPLETE = {
    "available_replicas": "desired_replicas", "statefulset_ready": "statefulset_desired", "daemonset_ready": "daemonset_desired",
}  # fmt: skip
_INCOMPLETE = re.compile(
    r"\b(?:not|\w{1,5}n['’]?t|nicht|no están|incompletely|partially)(?: \w+)? (?:fully|completely|all|entirely|vollständig|completamente)\b|\bmissing (?:pods?|replicas?|instances?|some)\b|\b(?:pods?|replicas?|instances?) (?:are |is )?missing\b|\bdegraded\b|\bnot (?:every|all)\b|\bas many (?:\w+ )?as\b|\bhave all\b|\ball (?:of )?(?:its|their|the) (?:replicas|pods|instances)\b|\b(?:short of|lacking|short on) (?:replicas?|pods?|instances?)\b|\bunder-?replicated\b|\bnot (?:ready|available|rolled out)\b",
    re.IGNORECASE,
)
_OVERBOOKED = re.compile(
    r"\b(?:request|reserv|ask)\w*(?: for)? (?:way |much |far )?more (?:\w+ )?than (?:they|it|is|are|what)(?: \w+){0,3} (?:use|used|consume|need)",
    re.IGNORECASE,
)
_REACH = 48
"""Characters between the comparing word and what is compared with."""
_ENDS = re.compile(r"[.;?!]|\b(?:last|yesterday|ago|week|usual|before)\b", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\bhow many\b.{0,60}\b(?:missing|short|lacking|too few|behind|absent)\b|\b(?:missing|short) how many\b|\bhow many (?:more |fewer |less )\b|\bhow (?:far|much) (?:short|behind|below|off)\b|\b(?:wanted|desired|spec\w*|requested|expected)(?: replicas| pods)? (?:minus|less|-) \b|\bby how (?:many|much)\b|\b(?:difference|gap|delta|shortfall)\b|\bwie viele fehlen\b",
    re.IGNORECASE,
)
_THAN = re.compile(r"\b(?:than|then|als|que)\b", re.IGNORECASE)


def read_multiple(question: Question) -> tuple[Earlier, Question] | None:
    """So many times what it was: "below half of what it was a week ago"; and the question without that time and number."""
    match = _MULTIPLE.search(question.text)
    offset = match and earlier_offset(question, match.start())
    if match is None or offset is None or (match["moved"] and match["percent"]):
        return None
    if match["word"]:
        factor = _AMOUNTS[match["word"].lower()]
    else:
        factor = float(match["times"]) if match["times"] else float(match["percent"]) / 100
    op = "<" if match["less"] else ">" if match["more"] else "<" if factor < 1 else ">"
    inclusive = match[0].lower().startswith(("at least", "at most", "no more"))
    op += "=" if inclusive else ""
    rest = tuple(
        entity
        for entity in question.entities
        if not (entity.type is EntityType.THRESHOLD and entity.start < match.end() and match.start() < entity.end)
    )
    return Earlier(offset, multiple=Multiple(op, round(factor, 6))), replace(question, entities=rest)


_THAN_THE_OTHER = re.compile(
    rf"\b(?:(?P<less>{_LESS})|(?P<more>{_MORE}))\s+(?:(?P<word>{_WORDS})|(?P<times>\d{{1,3}}(?:\.\d{{1,2}})?) ?(?:x|times))\b"
    r"|\b(?P<lower>lower|less|fewer|faster|smaller|better|quicker)\b[^,.;?!]{0,40}\bthan\b|\b(?P<higher>higher|more|slower|worse|larger|bigger|greater|longer)\b[^,.;?!]{0,40}\bthan\b"
    rf"|\b(?P<twice>{_WORDS}|\d{{1,3}} ?(?:x|times)) (?:as (?:much|many|high|slow|bad|big|large)|that of|the (?:rate|latency|traffic|errors?|p\d\d) of|higher|slower|worse|more)",
    re.IGNORECASE,
)


def read_beyond(asked: Asked, words: Sequence[Token], text: str) -> Multiple | None:
    """How one of two values stands to the other: "is the error rate of v2 higher than that of v1"."""
    match = _THAN_THE_OTHER.search(text)
    pair = next(f for f in asked.filters if len(f.values) == 2 and not f.negated)
    starts = [t.start for t in words if t.entity and t.entity.value in pair.values]
    if match is None or len(starts) != 2 or starts[1] < match.end() - 4 or asked.ratio:
        return None
    if match["lower"] or match["higher"]:
        return Multiple("<" if match["lower"] else ">", 1)
    said = (match["word"] or match["twice"] or "").lower()
    factor = _AMOUNTS.get(said) or float(match["times"] or said.rstrip("x times"))
    return Multiple("<" if match["less"] else ">", round(factor, 6))


def read_relation(
    text: str, words: Sequence[Token], found: Sequence[Match[Subject]], subject: Subject | None, *, limited: bool
) -> Relation | None:
    """What the subject is held against: "fewer replicas than desired", "more memory than requested". `limited`: a number
    says how much of it there may be."""
    if subject is None:
        return None
    if subject.name in ("cpu", "memory") and _OVERBOOKED.search(text):
        return Relation("<", f"{subject.name}_requests")
    if subject.name in _COMPLETE and _INCOMPLETE.search(text) and not (limited or _HOW_MANY.search(text)):
        return Relation("<", _COMPLETE[subject.name])
    if subject.name in ("available_replicas", "unavailable_replicas") and not limited and _HOW_MANY.search(text):
        return Relation("-", "desired_replicas") if subject.name == "available_replicas" else None
    for pattern, other in COUNTERPARTS.get(subject.name, ()):
        for word in pattern.finditer(text):
            op = _operator(text, word.start(), paired=other.endswith(("requests", "_max")), limited=limited)
            if op:
                return Relation("-" if op == "<" and _HOW_MANY.search(text) else op, other)
    return _between(text, words, found, subject) if not limited else None


def _operator(text: str, end: int, *, paired: bool, limited: bool) -> str:
    """The comparison before this place, in the same clause."""
    before = text[max(0, end - _REACH) : end]
    before = before[max((stop.end() for stop in _ENDS.finditer(before)), default=0) :]
    if not limited:
        for pattern, op in ((_LOWER, "<"), (_HIGHER, ">"), (_EQUAL, "==")):
            if pattern.search(before):
                return op
    return "/" if paired and _OVER.search(before) else ""


def _between(text: str, words: Sequence[Token], found: Sequence[Match[Subject]], subject: Subject) -> Relation | None:
    """Two things that are measured, one of which is to be more than the other: "more output tokens than input tokens"."""
    for first, second in pairwise(found):
        between = text[words[first.last].end : words[second.first].start]
        if first.meaning is not subject or second.meaning is subject or not _THAN.search(between):
            continue
        before = text[max(0, words[first.first].start - 12) : words[second.first].start]
        op = "<" if _LOWER.search(before) else ">" if _HIGHER.search(before) else ""
        if op and second.meaning.unit is subject.unit:
            return Relation(op, second.meaning.name)
    return None
