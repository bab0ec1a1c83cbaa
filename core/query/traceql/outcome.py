"""How the spans of a sentence ended and how long they took: errors, timeouts, limits on durations."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.traceql import names
from core.query.traceql.model import Intrinsic, Keyword, Operation, Quantity, Text
from core.query.traceql.said import Said
from core.query.wording import Wording

SLOW = "1s"
"""From what duration a span counts as slow where the person gives no number."""

TIMED = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h))")
"""A limit with a unit of time."""

_ERROR = re.compile(
    r"\b(?:error|errors|errored|erroring|err|errs|fail|fails|failed|failing|failure|failures|broken|unsuccessful|exception|exceptions|crash(?:ed|es)?|faulty|blew up"
    r"|went wrong|throwing|threw|fehler|errores|fehlgeschlagen|fallidas?|fallidos?)\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"\b(?:success(?:ful|fully|es)?|succeed(?:ed|ing)?|healthy|worked|(?:is|are|was|were) fine)\b", re.IGNORECASE
)
_OK = re.compile(
    r"\b(ok|unset) (?:spans?|traces?|requests?|calls?)\b|\bstatus (?:is |= ?|of )?(ok|unset)\b", re.IGNORECASE
)
_WITH = re.compile(r"\s?(?:(?:with|w/|as|on|con|mit) )?(?:an? |status |code ){0,2}", re.IGNORECASE)
_TIMEOUT = re.compile(r"\b(?:time[ -]?outs?|timed out|timing out|deadline exceeded)\b", re.IGNORECASE)
_SLOW = re.compile(r"\b(?:slow|slowly|sluggish|long[ -]running|langsame?n?|lentas?|lentos?)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:end[ -]to[ -]end|e2e|whole|entire|overall|total|trace duration|full trace|complete trace|trazas? (?:enter|complet)as?|enter[ao]s|complet[ao]s|ganze[nrs]?|gesamt\w*)\b",
    re.IGNORECASE,
)
_TIMED_OUT = Text("(?i).*(timeout|timed out|deadline exceeded).*")


def outcome(wording: Wording) -> tuple[tuple[Said, ...], bool]:
    """Conditions on how spans ended, and whether those with errors are asked for."""
    known = wording.named(EntityType.HTTP_STATUS)
    error = Operation("=", names.STATUS, Keyword("error"))
    fine = Operation("!=", names.STATUS, Keyword("error"))
    said: list[Said] = []
    for timeout in wording.find(_TIMEOUT):
        without = wording.negated(timeout.start())
        message = Operation("!~" if without else "=~", Intrinsic("statusMessage"), _TIMED_OUT)
        said += (Said(one, *timeout.span()) for one in ((message,) if without else (error, message)))
    if any(one.condition == error for one in said):
        return tuple(said), True
    for match in wording.find(_ERROR):
        behind = _WITH.match(wording.text, match.end())
        if any(entity.start == behind.end() if behind else False for entity in known) or any(
            0 <= match.start() - entity.end <= 1 for entity in known
        ):
            continue  # "500 errors" and "failing with 500" are known by their status
        said.append(Said(fine if wording.negated(match.start()) else error, *match.span()))
        break
    for match in wording.find(_OK):
        status = Keyword((match[1] or match[2]).lower())
        said.append(
            Said(Operation("!=" if wording.negated(match.start()) else "=", names.STATUS, status), *match.span())
        )
    for match in wording.find(_SUCCESS):
        said.append(Said(error if wording.negated(match.start()) else fine, *match.span()))
    return tuple(said), any(one.condition == error for one in said)


def durations(wording: Wording) -> Iterator[Said]:
    """Limits on how long spans took, or whole traces."""
    field = names.TRACE_DURATION if _WHOLE.search(wording.plain) else names.DURATION
    found = False
    if ends := wording.between():
        found = True
        low, high = map(Quantity, ends)
        yield from (Said(Operation(">=", field, low), 0, 0), Said(Operation("<=", field, high), 0, 0))
    for entity in wording.named(EntityType.THRESHOLD):
        if match := TIMED.fullmatch(entity.value):
            found = True
            yield Said(Operation(match[1], field, Quantity(match[2])), entity.start, entity.end)
    if not found and (slow := _SLOW.search(wording.plain)):
        yield Said(Operation(">", field, Quantity(SLOW)), *slow.span())
