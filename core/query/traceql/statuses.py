"""Statuses of HTTP that a sentence names, as conditions on spans."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import Entity, EntityType
from core.query.statuses import between, codes
from core.query.traceql import names
from core.query.traceql.model import Expression, Operation, Quantity
from core.query.traceql.said import Said
from core.query.wording import Wording

_SIDED = re.compile(r"\b(server|client)[ -](?:side )?(?:errors?|failures?)\b", re.IGNORECASE)
_STATUS_LIMIT = re.compile(r"(>=|<=|>|<)([1-5]\d\d)")
_THINGS_BEHIND = re.compile(
    r"\s+(?:[\w-]+ ){0,2}(?:spans?|calls?|quer(?:y|ies)|operations?|errors?|requests?|children)\b", re.IGNORECASE
)
_BRACKETED = re.compile(
    r"\(\s?(?:http |status |code )?([1-5]\d\d)\s?\)|\b(?:answer(?:s|ed|ing)?|repl(?:y|ies|ied|ying)|g[ai]ves?|ha[sd]|have|having|shows?|sees?|saw|says?|said|told|c[oa]mes? back|coming back|end(?:s|ed|ing)?|result(?:s|ed|ing)?)(?: (?!neither\b|nor\b|not\b|no\b|errors?\b|without\b)\w{1,12}){0,3}? (?:an? |http )?([1-5]\d\d)\b(?!\s?(?:ms|s|sec|seconds?|m|min|times|%)|\s(?:[\w-]+\s){0,2}(?:spans?|calls?|quer(?:y|ies)|requests?|traces?|lines?|items?)\b)",
    re.IGNORECASE,
)
"""A status in brackets or as an answer: "all fine (200)", "replied 204"."""
_COMMON_CODE = r"4(?:0[1345689]|1[0-8]|2[2-69]|31)|50[0-4]|30[12478]"
_BEFORE_SPANS = re.compile(
    r"(?<!than )(?<!over )(?<!above )(?<!below )(?<!under )(?<!least )(?<!most )(?<!with )(?<!having )(?<!first )(?<!last )(?<!top )(?<![\w.])"
    rf"({_COMMON_CODE})s? (?=(?:spans?|traces?|requests?|calls?|responses?|errors?)\b)",
    re.IGNORECASE,
)
""" "401 spans" have that status; "400 spans" may be that many."""
_BEHIND_METHOD = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD)s? ([1-5]\d\d)\b(?! ?(?:ms|s|sec|seconds?|m|min)\b)")
_OR_CODE = re.compile(rf"(?:\A|\beither )({_COMMON_CODE})s?(?=(?:,| or)\s)", re.IGNORECASE)
""" "429 or slower than 2s"."""
_BEHIND_SERVICE = re.compile(
    rf"\0['’]?s? ({_COMMON_CODE}|20[0-6])s?(?!\w|%|\.\d|[-:/]| ?(?:ms|secs?|seconds?|min|minutes?|times|rows|items)\b| (?:[\w-]+ )?(?:spans?|traces?|calls?|quer(?:y|ies)|requests?)\b)"
)
""" "Auth 401"."""


def statuses(wording: Wording) -> Iterator[Said]:
    """All conditions on them, also where only the words around a number make one."""
    if ends := between(wording):
        low, high = map(Quantity, ends)
        yield Said(Operation(">=", names.STATUS_CODE, low), 0, 0)
        yield Said(Operation("<=", names.STATUS_CODE, high), 0, 0)
    for entity in wording.named(EntityType.THRESHOLD):
        if limit := status_limit(wording, entity):
            condition = Operation(limit[1], names.STATUS_CODE, Quantity(limit[2]))
            yield Said(condition, entity.start, entity.end)
    said = codes(wording)
    for match in wording.find(_SIDED) if not said else ():
        value = "5xx" if match[1].lower() == "server" else "4xx"
        yield Said(status(value, negative=wording.negated(match.start())), *match.span(), "status")
    for match in wording.find(_BRACKETED):
        yield Said(status(match[1] or match[2], negative=wording.negated(match.start())), *match.span(), "status")
    for pattern in (_BEHIND_METHOD, _BEFORE_SPANS, _OR_CODE, _BEHIND_SERVICE):
        for match in pattern.finditer(wording.plain):
            if not wording.taken(*match.span(1)):
                wording.take(*match.span(1))
                yield Said(status(match[1], negative=wording.negated(match.start())), *match.span(1), "status")
    for code in said:
        group = "" if code.negative else "status"
        yield Said(status(code.value, negative=code.negative), code.start, code.end, group)


def status_limit(wording: Wording, entity: Entity) -> re.Match[str] | None:
    """ "Traces with 500+" speaks of statuses, "500+ spans" of a number."""
    limit = _STATUS_LIMIT.fullmatch(entity.value)
    return None if _THINGS_BEHIND.match(wording.text, entity.end) else limit


def status(value: str, *, negative: bool) -> Expression:
    """`500` or `5xx` as a condition."""
    code = value.lower()
    if not code.endswith("xx"):
        return Operation("!=" if negative else "=", names.STATUS_CODE, Quantity(code))
    low, high = Quantity(f"{code[0]}00"), Quantity(f"{int(code[0]) + 1}00")
    if code[0] == "5":
        return Operation("<" if negative else ">=", names.STATUS_CODE, low)
    if negative:
        return Operation("||", Operation("<", names.STATUS_CODE, low), Operation(">=", names.STATUS_CODE, high))
    return Operation("&&", Operation(">=", names.STATUS_CODE, low), Operation("<", names.STATUS_CODE, high))
