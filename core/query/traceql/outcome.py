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
    r"\b(?!(?:exception|error)s? types?\b)(?:error|errors|errored|erroring|err|errs|fail|fails|failed|failing|failure|failures|broken(?! down| up| out| by| into| per)(?= (?:[\w-]+ |\0+ ){0,2}(?:spans?|traces?|requests?|calls?|quer(?:y|ies)|ones?)\b)|(?:is|are|was|were) broken|unsuccessful|exploded?|explodes|abort(?:s|ed)|collapsed|b(?:reaks|roke)(?! (?:it |them )?(?:down|up|out)\b)|breaking(?! (?:it |them )?(?:down|up|out)\b)|borked|busted|f[ae]ll(?:s|ing)? (?:over|apart)|kaputt|exception|exceptions|crash(?:ed|es)?|faulty|problems?|issues?|trouble|blew up"
    r"|w[eo]nt wrong|go(?:es|ing|ne)? wrong|throwing|throws|threw|errs|erring|bombed|die[ds]|dying|blow(?:s|ing)? up|bl(?:ew|own) up|choked|went bad|fehler\w{0,10}|errores|fehlgeschlagen\w{0,2}|fehlschl[aä]g\w{0,3}|fehlschlug\w{0,2}|schl(?:ug|[aä]gt|agen|ugen) fehl|scheiter\w{0,3}|falla(?:n|ndo|ron|r)?|fall[oó]|fallidas?|fallidos?)\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"\b(?:success(?:ful|fully|es)?|succeed(?:ed|ing)?|healthy|worked|(?:(?:is|are|was|were)(?: all| not|n['’]?t)?|all|not) (?:fine|ok|okay|good|alright|green)(?! spans?)|(?<=[n\0] )(?:ok|okay|fine|green)(?= (?:but|while|though|yet|and)\b|,|;|\)))\b",
    re.IGNORECASE,
)
_CODE_BEHIND = re.compile(r",?\s?(?:\(|with |as )?\s?[1-5](?:\d\d|xx)\b")
_OK = re.compile(
    r"\b(ok|unset) (?:spans?|traces?|requests?|calls?|status)\b|\bstatus (?:is |= ?|of )?(ok|unset)\b", re.IGNORECASE
)
_ELLIPTIC = re.compile(
    r"(?<=[\0a-z] )(?:(?P<no>no|nicht|tampoco)|(?:is|are|was|were|does|do|did|has|have)(?P<not> not|n['’]t)?)(?=\s*(?:$|[.,;?!)]|\b(?:at all|itself|though|in (?:the same|that|one) trace)\b))",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"(?:\s(?:in|of|from|on|for|bei|von|en|de) \0+)?\s?(?:(?:with|w/|as|on|con|mit) )?(?:an? |http |status |code ){0,3}",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(r"\b(?:time[ -]?outs?|timed out|timing out|deadline exceeded)\b", re.IGNORECASE)
_SLOW = re.compile(r"\b(?:slow|slowly|sluggish|long[ -]running|langsame?n?|lentas?|lentos?)\b", re.IGNORECASE)
_TRACE_TOOK = re.compile(
    r"\b(?:took|takes?|taking|lasts?|lasted|lasting|runs?|ran|needs?|needed|longer|slower|more)\b[^.;,]{0,30}\b(altogether|all together|in total|in all|overall|all in all|insgesamt|zusammen|en total)\b",
    re.IGNORECASE,
)
_TRACES = re.compile(
    r"\b(?:traces?|trazas?|start(?:s|ed|ing)?|began|begin\w*|rooted|root|enter\w*|originat\w*)\b", re.IGNORECASE
)
_SERVICE_TOOK = re.compile(
    r"\0 (?:\w+ )?(?:took|takes?|taking|lasts?|lasted|lasting|runs?|ran|needs?|needed|spends?|spent)\b", re.IGNORECASE
)
_SPANS = re.compile(r"\b(?:spans?|calls?|quer(?:y|ies)|spen[dt]\w*)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:end[ -]to[ -]end|e2e|whole|entire|overall|complete (?:traces?|requests?)|full (?:traces?|requests?)|total|trace duration|full trace|complete trace|trazas? (?:enter|complet)as?|enter[ao]s|complet[ao]s|ganze[nrs]?|insgesamt|gesamt\w*)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\b((?<=takes )over|(?<=took )over|(?<=needs )over|(?<=needed )over|(?<=lasts )over|(?<=lasted )over|(?<=taking )over|(?<=lasting )over|(?<=needing )over|(?<=for )over|faster|shorter|quicker|slower|longer|passes|passing|tops|topping|surpass(?:es|ing)|cross(?:es|ing)|beats) (\d{1,6}(?:\.\d{1,4})?) ?(ms|milli|s|sec|m|min|h|hour)(?:seconds?|onds?|utes?|s)?\b",
    re.IGNORECASE,
)
""" "Slower 2s", without "than"."""
_UNITS = {"milli": "ms", "sec": "s", "min": "m", "hour": "h"}
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_LEFT_OUT = re.compile(
    r"\b(?:ignor(?:e|es|ing)|exclud(?:e|es|ing)|skip(?:ping)?|omit(?:ting)?|hid(?:e|ing)|leav(?:e|ing) out|filter(?:ing)? out|drop(?:ping)?|except(?: for)?|without)\s(?:(?:the|any|all|every|ones?|those|these|spans?|traces?|calls?|requests?|quer(?:y|ies)|everything|anything|that|which|are|is|were|was|took|take|taking|last|lasting)\s){0,4}?\Z",
    re.IGNORECASE,
)
""" "Ignore the ones faster than 100ms"."""
_NOT = re.compile(r"(?:\b(?:not|never|nicht|no)|n['’]t)(?: (?:be|take|taking|last|lasting))? \Z", re.IGNORECASE)
_CAP = re.compile(
    r"\b(?:(max(?:imum|imal)?\.?|up to|h[oö]chstens|m[aá]ximo)|(min(?:imum|destens)?\.?|m[ií]nimo)) (\d{1,6}(?:\.\d{1,4})?) ?(ms|milli|s|sec|m|min|h|hour)(?:seconds?|onds?|utes?|s)?\b",
    re.IGNORECASE,
)
""" "Max 2 s"."""
_CLAUSE_ENDS = re.compile(r"[,;(]|\b(?:and|but|where|while|with|und|y)\b", re.IGNORECASE)
_CLAUSE = 40
"""Characters that the end of a clause weighs."""
_TIMED_OUT = Text("(?i).*(timeout|timed out|deadline exceeded).*")


def outcome(wording: Wording) -> tuple[tuple[Said, ...], bool]:
    """Conditions on how spans ended, and whether those with errors are asked for."""
    known = [entity for entity in wording.named(EntityType.HTTP_STATUS) if entity.value[:1] in "45"]
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
        behind = _WITH.match(wording.plain, match.end())
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
    said += _elliptic(wording, said)
    return tuple(said), any(one.condition == error for one in said)


def _elliptic(wording: Wording, said: list[Said]) -> Iterator[Said]:
    """ "Auth is ok but kyc is not": the opposite of what is said of the other."""
    error = Operation("=", names.STATUS, Keyword("error"))
    fine = Operation("!=", names.STATUS, Keyword("error"))
    for match in _ELLIPTIC.finditer(wording.plain):
        before = [one for one in said if one.end <= match.start() and one.condition in (error, fine)]
        if before and not wording.taken(*match.span()):
            last = max(before, key=lambda one: one.end).condition
            if match["not"] or match["no"] or last == fine:
                yield Said(error if last == fine else fine, *match.span())


def durations(wording: Wording) -> Iterator[Said]:
    """Limits on how long spans took, or whole traces."""
    limits = [entity for entity in wording.named(EntityType.THRESHOLD) if TIMED.fullmatch(entity.value)]
    wholes = list(_WHOLE.finditer(wording.plain)) or list(of_whole_traces(wording.plain))
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
            denied = _LEFT_OUT.search(wording.text, 0, entity.start) or _NOT.search(wording.text, 0, entity.start)
            op = _OPPOSITE[match[1]] if denied else match[1]
            yield Said(Operation(op, of, Quantity(match[2])), entity.start, entity.end)
    for cap in wording.find(_CAP):
        ends = ends or ("", "")
        unit = _UNITS.get(cap[4].lower(), cap[4].lower())
        yield Said(Operation("<=" if cap[1] else ">=", field, Quantity(cap[3] + unit)), *cap.span())
    for bare in () if limits else wording.find(_BARE):
        bare_field = names.TRACE_DURATION if wholes else names.DURATION
        ends = ends or ("", "")  # there is a limit
        op = "<" if bare[1].lower() in ("faster", "shorter", "quicker") else ">"
        unit = _UNITS.get(bare[3].lower(), bare[3].lower())
        yield Said(Operation(op, bare_field, Quantity(bare[2] + unit)), *bare.span())
    if not (ends or limits) and (slow := _SLOW.search(wording.plain)):
        yield Said(Operation(">", field, Quantity(SLOW)), *slow.span())


def of_whole_traces(text: str) -> Iterator[re.Match[str]]:
    """ "Traces that took more than 4s altogether", which speaks of no spans."""
    if _TRACES.search(text) and not (_SPANS.search(text) or _SERVICE_TOOK.search(text)):
        yield from _TRACE_TOOK.finditer(text)


def nearest(text: str, place: tuple[int, int], others: list[tuple[int, int]]) -> int:
    """Which of the other places this one belongs to, by the words and the ends of clauses between them; -1 where there is none."""

    def distance(number: int) -> int:
        start, end = others[number]
        low, high = (place[1], start) if start >= place[1] else (end, place[0])
        return max(0, high - low) + _CLAUSE * len(_CLAUSE_ENDS.findall(text, low, max(low, high)))

    return min(range(len(others)), key=distance, default=-1)
