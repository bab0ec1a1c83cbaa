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
    r"\b(?!(?:exception|error)s? types?\b)(?:error|errors|errored|erroring|err|errs|fail|fails|failed|failing|failure|failures|broken(?= (?:spans?|traces?|requests?|calls?|ones?)\b)|(?:is|are|was|were) broken|unsuccessful|exception|exceptions|crash(?:ed|es)?|faulty|problems?|issues?|trouble|blew up"
    r"|w[eo]nt wrong|go(?:es|ing|ne)? wrong|throwing|throws|threw|errs|erring|bombed|died|blow(?:s|ing)? up|bl(?:ew|own) up|choked|went bad|fehler\w{0,10}|errores|fehlgeschlagen\w{0,2}|fehlschl[aä]g\w{0,3}|fehlschlug\w{0,2}|schl(?:ug|[aä]gt) fehl|scheiter\w{0,3}|falla(?:n|ndo|ron|r)?|fall[oó]|fallidas?|fallidos?)\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"\b(?:success(?:ful|fully|es)?|succeed(?:ed|ing)?|healthy|worked|(?:(?:is|are|was|were)(?: all| not|n['’]?t)?|all|not) (?:fine|ok|okay|good|alright|green)(?! spans?))\b",
    re.IGNORECASE,
)
_CODE_BEHIND = re.compile(r",?\s?(?:\(|with |as )?\s?[1-5]\d\d\b")
_OK = re.compile(
    r"\b(ok|unset) (?:spans?|traces?|requests?|calls?|status)\b|\bstatus (?:is |= ?|of )?(ok|unset)\b", re.IGNORECASE
)
_WITH = re.compile(r"\s?(?:(?:with|w/|as|on|con|mit) )?(?:an? |status |code ){0,2}", re.IGNORECASE)
_TIMEOUT = re.compile(r"\b(?:time[ -]?outs?|timed out|timing out|deadline exceeded)\b", re.IGNORECASE)
_SLOW = re.compile(r"\b(?:slow|slowly|sluggish|long[ -]running|langsame?n?|lentas?|lentos?)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:end[ -]to[ -]end|e2e|whole|entire|overall|complete (?:traces?|requests?)|full (?:traces?|requests?)|total|trace duration|full trace|complete trace|trazas? (?:enter|complet)as?|enter[ao]s|complet[ao]s|ganze[nrs]?|insgesamt|gesamt\w*)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\b(faster|shorter|quicker|slower|longer|passes|passing|tops|topping|surpass(?:es|ing)|cross(?:es|ing)|beats) (\d{1,6}(?:\.\d{1,4})?) ?(ms|milli|s|sec|m|min|h|hour)(?:seconds?|onds?|utes?|s)?\b",
    re.IGNORECASE,
)
""" "Slower 2s", without "than"."""
_UNITS = {"milli": "ms", "sec": "s", "min": "m", "hour": "h"}
_CLAUSE_ENDS = re.compile(r"[,;(]|\b(?:and|but|where|while|with|und|y)\b", re.IGNORECASE)
_CLAUSE = 40
"""Characters that the end of a clause weighs."""
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
    for match in wording.find(_OK):
        status = Keyword((match[1] or match[2]).lower())
        said.append(
            Said(Operation("!=" if wording.negated(match.start()) else "=", names.STATUS, status), *match.span())
        )
    for match in wording.find(_SUCCESS):
        if _CODE_BEHIND.match(wording.text, match.end()):
            continue  # "all fine (200)"
        said.append(Said(error if wording.negated(match.end() - 1) else fine, *match.span()))
    return tuple(said), any(one.condition == error for one in said)


def durations(wording: Wording) -> Iterator[Said]:
    """Limits on how long spans took, or whole traces."""
    limits = [entity for entity in wording.named(EntityType.THRESHOLD) if TIMED.fullmatch(entity.value)]
    wholes = list(_WHOLE.finditer(wording.plain))
    whole = {nearest(wording.text, match.span(), [(one.start, one.end) for one in limits]) for match in wholes}
    for one in wholes if limits else ():
        wording.take(*one.span())  # "total time above 4s" counts nothing
    field = names.TRACE_DURATION if wholes else names.DURATION
    ends = wording.between()
    if ends:
        low, high = map(Quantity, ends)
        yield from (Said(Operation(">=", field, low), 0, 0), Said(Operation("<=", field, high), 0, 0))
    for number, entity in enumerate(limits):
        if match := TIMED.fullmatch(entity.value):
            of = names.TRACE_DURATION if number in whole else names.DURATION
            yield Said(Operation(match[1], of, Quantity(match[2])), entity.start, entity.end)
    for bare in () if limits else wording.find(_BARE):
        bare_field = names.TRACE_DURATION if wholes else names.DURATION
        ends = ends or ("", "")  # there is a limit
        op = "<" if bare[1].lower() in ("faster", "shorter", "quicker") else ">"
        unit = _UNITS.get(bare[3].lower(), bare[3].lower())
        yield Said(Operation(op, bare_field, Quantity(bare[2] + unit)), *bare.span())
    if not (ends or limits) and (slow := _SLOW.search(wording.plain)):
        yield Said(Operation(">", field, Quantity(SLOW)), *slow.span())


def nearest(text: str, place: tuple[int, int], others: list[tuple[int, int]]) -> int:
    """Which of the other places this one belongs to, by the words and the ends of clauses between them; -1 where there is none."""

    def distance(number: int) -> int:
        start, end = others[number]
        low, high = (place[1], start) if start >= place[1] else (end, place[0])
        return max(0, high - low) + _CLAUSE * len(_CLAUSE_ENDS.findall(text, low, max(low, high)))

    return min(range(len(others)), key=distance, default=-1)
