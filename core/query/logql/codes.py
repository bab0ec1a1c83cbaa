"""HTTP statuses that lines report."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.model import Compare, CompareOp, Condition, Either, Every, Quantity
from core.query.statuses import between, codes
from core.query.wording import Wording

FROM_TO: tuple[CompareOp, CompareOp] = (">=", "<=")
BARE_STATUS = re.compile(r"(?<![\w.])([1-5][0-9][0-9])(?:['’]?s|er)\b")
_STATUS_LINES = re.compile(
    r"(?<=\0 )(4(?:0[0-9]|1[0-9]|2[0-9]|99)|50[0-9])(?= (?:log )?(?:lines?|entries|requests|responses)\b)",
    re.IGNORECASE,
)
"""Usual statuses right behind a service: "checkout 429 lines"."""
RESPONSES = re.compile(
    r"(?<![\w.-])([1-5][0-9][0-9])(?= (?:http )?(?:responses?|replies|answers|respuestas|antworten|counts?|rate|ratio|share|percentage)\b)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"(?<=\()(?:http )?([1-5][0-9][0-9])(?=\))", re.IGNORECASE)
_COUNTED_STATUS = re.compile(
    r"(?:(?<=how many )|(?<=cuántos )|(?<=cuantos )|(?<=wie viele )|(?<=number of )|(?<=count )|(?<=any )|(?<=all )|(?<=alle )|(?<=los )|(?<=only )|(?<=errores )|(?<=fehler )|(?<=status )|(?<=estado )|(?<=código )|(?<=codigo )|(?<=code )|(?<=mit )|(?<=con )|(?<=\0 ))([1-5][0-9][0-9])\b(?![.:/-]\d| ?(?:ms|s|m|h|sec|min|log|lines?|entries|requests|errors? (?:lines|logs)|líneas|zeilen|times|users|mal|veces)\b)",
    re.IGNORECASE,
)


def statuses(wording: Wording) -> Iterator[Condition]:
    """ "5xx", "404 or 403", "status isn't 200", "status 500 to 504"."""
    if ends := between(wording):
        yield from (Compare("status", op, Quantity(code)) for op, code in zip(FROM_TO, ends, strict=True))
    said = codes(wording)
    bare = [
        *wording.find(_IN_BRACKETS),
        *wording.find(RESPONSES),
        *wording.find(BARE_STATUS),
        *wording.find(_STATUS_LINES),
        *wording.find(_COUNTED_STATUS),
    ]
    for negative in (False, True):
        values = [code.value for code in said if code.negative is negative]
        values += (match[1] for match in bare if wording.negated(match.start()) is negative)
        if {"4xx", "5xx"} <= set(values) and not negative:
            yield Compare("status", ">=", Quantity("400"))
            values = [value for value in values if value not in ("4xx", "5xx")]
        parts = [_status(value, negative=negative) for value in dict.fromkeys(values)]
        if len(parts) == 1:
            yield parts[0]
        elif parts:
            yield Every(tuple(parts)) if negative else Either(tuple(parts))


def _status(value: str, *, negative: bool) -> Condition:
    label, code = LABELS[EntityType.HTTP_STATUS], value.lower()
    if not code.endswith("xx"):
        return Compare(label, "!=" if negative else "=", Quantity(code))
    low = int(code[0]) * 100
    if code[0] == "5":
        return Compare(label, "<" if negative else ">=", Quantity(str(low)))
    if negative:
        return Either((Compare(label, "<", Quantity(str(low))), Compare(label, ">=", Quantity(str(low + 100)))))
    return Every((Compare(label, ">=", Quantity(str(low))), Compare(label, "<", Quantity(str(low + 100)))))
