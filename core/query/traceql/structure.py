"""How the services of a sentence hang together: who calls whom, and of which of them something is said."""

import re
from collections.abc import Iterable
from itertools import pairwise

from core.nlp.interpretation import Entity, EntityType
from core.query.traceql.model import Expression, Intrinsic, Keyword, Operation
from core.query.traceql.said import Said
from core.query.wording import BLANK, Wording

_DIRECT = re.compile(
    r"\b(?:right (?:under|below|beneath)|one level|direct|directly|immediate|immediately|child|children|parent)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\b(?:siblings?|in parallel|side by side|parallel|concurrently)\b", re.IGNORECASE)
_UP = re.compile(
    r"\b(?:(?:called|invoked|triggered|hit|reached|used|requested|spawned|started|caused)\b[^.;]{0,20}\b(?:by|from)|(?:below|under|underneath|beneath|behind|inside)"
    r"|downstream (?:of|from)|(?:child(?:ren)?|descendants?)(?: spans?)? (?:of|under|in)|whose (?:direct )?(?:parent|caller)(?: is)?|coming from|nested (?:in|under|inside))\b|^\W*(?:spans? |calls? |requests? |errors? |traces? )?from\W*(?:the\W*)?$",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"-*>+|=>|→|>>|\b(?:call(?:s|ed|ing)?|through|to|into|then|via|hit(?:s|ting)?|reach(?:es|ing|ed)?|invok(?:es|ing|ed)|depend(?:s|ing)? on|end(?:s|ed|ing)? up|land(?:s|ed|ing)?|downstream"
    r"|eventually|use(?:s|d)?|request(?:s|ing|ed)|parents? of|above|upstream of|child(?:ren)?|descendants?|triggers?|towards?|spawns?|followed by|dann|nach)\b|^\s*in\s*$",
    re.IGNORECASE,
)
_CHILD_BEFORE = re.compile(
    r"\b(?:child(?:ren)?|descendants?)(?: spans?)? (?:of|under|below) (?:the )?$|\b(?:anything|everything|something|whatever|calls?|spans?) (?:under|below|beneath|underneath|inside|within) (?:the )?$|\b(?:between|zwischen|entre) (?:the )?$|\bparent(?: is| service)? $",
    re.IGNORECASE,
)
_PARENT_BEFORE = re.compile(
    r"\b(?:parents?|callers?)(?: spans?)? of (?:the )?$|\bchild(?: is| service)? $", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.;?!](?=\s)")
_JOINT = re.compile(r"\b(?:and|while|but|then|und)\b|,", re.IGNORECASE)
_BOTH = re.compile(r"\bboth\b", re.IGNORECASE)
_FURTHEST = 70
"""Characters between two services that have to do with each other."""
_BEFORE = 40
"""Characters before the first service in which its part may stand."""


def structure(wording: Wording, services: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The operator and the services, callers first; "" where they only share traces."""
    op = ">" if _DIRECT.search(wording.plain) else ">>"
    if _BESIDE.search(wording.plain):
        return "~", services
    mentions = [e for e in wording.named(EntityType.SERVICE) if e.value in services]
    rest = wording.rest
    for one, other in pairwise(mentions):
        gap = rest[one.end : other.start].replace(BLANK, "")
        if one.value == other.value or len(gap) > _FURTHEST or _SENTENCE.search(gap):
            continue
        before = rest[max(0, one.start - _BEFORE) : one.start]
        if _PARENT_BEFORE.search(before):
            return op, (other.value, one.value)
        if not _CHILD_BEFORE.search(before) and _UP.search(gap):
            return op, services[::-1]
        if _CHILD_BEFORE.search(before) or _DOWN.search(gap):
            return op, services
    return "", services


def owners(wording: Wording, op: str, services: tuple[str, ...], said: Iterable[Said]) -> dict[str, list[Said]]:
    """What is said of which of these services, callers first: of the last, or of the one before it where a clause ends there.

    Spans of a client are the caller's, and what both did, both did.
    """
    mentions = [e for e in wording.named(EntityType.SERVICE) if e.value in services]
    made: dict[str, list[Said]] = {}
    both = _BOTH.search(wording.plain)
    for one in said:
        if both and one.start > mentions[-1].end:
            for service in services:
                made.setdefault(service, []).append(one)
            continue
        caller = op and _kind(one.condition) in ("client", "producer")
        owner = services[0] if caller else _owner(wording.text, mentions, one, services[-1])
        made.setdefault(owner, []).append(one)
    return made


def _kind(condition: Expression) -> str:
    match condition:
        case Operation(op="=", left=Intrinsic(name="kind"), right=Keyword(text=text)):
            return text
        case _:
            return ""


def _owner(text: str, mentions: list[Entity], one: Said, last: str) -> str:
    before = [e for e in mentions if e.end <= one.start]
    after = [e for e in mentions if e.start >= one.end]
    if not before:
        return last
    nearest = before[-1]
    anew = any(e.value == nearest.value for e in before[:-1])
    if anew or (
        after and _JOINT.search(text, one.end, after[0].start) and not _JOINT.search(text, nearest.end, one.start)
    ):
        return nearest.value
    return last
