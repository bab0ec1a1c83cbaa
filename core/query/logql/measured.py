"""Which number in the lines is measured, and how: "p95 of the duration field", "sum of bytes_sent"."""

import re

from core.nlp.interpretation import EntityType
from core.query.logql.model import Unwrap
from core.query.wording import Wording, word_set

QUANTILES = {"p50": "0.5", "p75": "0.75", "p90": "0.9", "p95": "0.95", "p99": "0.99", "p999": "0.999"}
_PLAIN = frozenset({"avg", "max", "min", "sum"})
_SNAKE = r"[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5}"
_CAMEL = r"[a-z]{2,20}[A-Z][A-Za-z]{1,20}"
_TIME = re.compile(
    r"\b(?:duration|durations|latency|latencies|response times?|request times?|took|takes|elapsed|processing times?|dauer|duraci[óo]n|latencia|antwortzeit)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(?i:of|for|on|from|in|over)\s+(?i:the\s+)?(?i:field\s+|label\s+|key\s+)?({_SNAKE}|{_CAMEL})\b|\b({_SNAKE}|{_CAMEL})\b"
)
_FIELD = re.compile(
    r"\b([a-z]\w{0,40}) (?:json |logfmt )?(?:field|key|value|feld|campo)\b|\b(?:field|key|label|feld|campo) (?:called |named |is )?[\"'`]?([a-z]\w{0,40})\b",
    re.IGNORECASE,
)
_FUNCTIONS = {
    "avg": "average|avg|mean|durchschnitt|durchschnittliche[rsn]?|media|promedio",
    "max": "max|maximum|biggest|highest|largest|longest|greatest|slowest|peak|máximo|maximo|gr[öo](?:ß|ss)te[rsn]?|höchste[rsn]?|maximale[rsn]?",
    "min": "min|minimum|smallest|lowest|shortest|fastest|mínimo|minimo|kleinste[rsn]?",
    "sum": "sum up|sums? up|sum|total sum|summe|suma|add up|adding up|summed up",
}
_OF_WORD = re.compile(
    rf"(?<!\d )(?<!\d)\b(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _FUNCTIONS.items())}|(?P<other>percentile|p\d\d\d?|median|perzentil|percentil))(?: (?:value|values))?(?: of| for| on| de| von| des| der)?(?: the| all| el| la| del)?(?: (?:field|label|key))? (?P<word>[a-z][a-z0-9]{{2,30}})(?: (?:field|value|values))?(?= (?:in|of|for|from|per|by|logged|over|across|on|reported|seen|field|that|which|en|de|por|von|pro|nach|\0)|\0|\s?[,?.!]|\s?$)",
    re.IGNORECASE,
)
"""A field of one word: "sum of amount in …", "max retries logged by …"."""
_SUM = re.compile(r"\bsum(?:s|med)?(?: up)? (?=(?:the |all |of )*(?:field )?[a-z]\w* (?:field|value))", re.IGNORECASE)
_NO_FIELD = word_set(
    "error errors err warn warning warnings line lines log logs entry entries message messages number numbers count counts rate rates request requests call calls user users pod pods service services host hosts "
    "hour hours minute minutes second seconds day days week time times all every each these those this that the a an per by volume bytes size data field fields value values label labels key json logfmt "
    "buckets bucket windows window intervals interval steps step bins timeouts timeout exceptions exception panics panic failures level levels status statuses code codes path paths route routes in of for from with and or last past traffic offender offenders talkers p50 p90 p95 p99 log-volume "
    "namespace namespaces region regions environment container containers cluster spam noise amount_of events event lately ever node nodes instance instances endpoint endpoints method methods ip ips tenant tenants customer customers client clients version versions share ratio fraction percentage"
)
_EXTREME_TIME = re.compile(
    rf"\b(?:(?P<max>{_FUNCTIONS['max']})|(?P<min>{_FUNCTIONS['min']})) (?:observed |seen |logged )?(?:request |response )?(?:duration|latency|response time|processing time|elapsed time)\b",
    re.IGNORECASE,
)
_EXTREME = re.compile(
    rf"\b(?:(?P<max>{_FUNCTIONS['max']})|(?P<min>{_FUNCTIONS['min']}))(?= (?:value of |values of )?(?:the )?{_SNAKE})",
    re.IGNORECASE,
)


def find(wording: Wording) -> tuple[Unwrap | None, str]:
    """What is measured, and by which function; what says it is taken."""
    text = wording.plain
    functions = [
        value for value in wording.question.values(EntityType.AGGREGATION) if value in QUANTILES or value in _PLAIN
    ]
    functions += ("max" if extreme["max"] else "min" for extreme in _EXTREME.finditer(text))
    functions += (name for slow in _EXTREME_TIME.finditer(text) for name in ("max", "min") if slow[name])
    if not functions and _SUM.search(text):
        functions.append("sum")
    word = _one_word(wording)
    if not functions and word is None:
        return None, ""
    if functions and (field := _NAMED.search(wording.rest)):
        wording.take(*field.span())
        return Unwrap(field[1] or field[2]), functions[0]
    for field in _FIELD.finditer(text):
        name = field[1] or field[2]
        if functions and (name.lower() not in _NO_FIELD or name.lower() in ("bytes", "size")):
            wording.take(*field.span())
            return _unwrap(name), functions[0]
    if word is not None and not _TIME.fullmatch(word["word"]):
        function = next((name for name in _FUNCTIONS if word[name]), "max")
        wording.take(*word.span())
        return _unwrap(word["word"]), next((one for one in functions if one in QUANTILES), function)
    if not functions:
        return None, ""
    latency = EntityType.METRIC in {e.type for e in wording.question.entities if e.value == "latency"}
    if latency or _TIME.search(text):
        return Unwrap("duration", "duration"), functions[0]
    if functions[0] in QUANTILES and not wording.counts():
        return Unwrap("duration", "duration"), functions[0]  # what else is there of which people want a p95
    return None, ""


def extreme(wording: Wording) -> bool:
    """Whether "the biggest" is one of a field's values, and no group of lines."""
    return bool(_EXTREME.search(wording.plain) or _EXTREME_TIME.search(wording.plain))


def _one_word(wording: Wording) -> re.Match[str] | None:
    for match in _OF_WORD.finditer(wording.rest):
        if match["word"].lower() not in _NO_FIELD:
            return match
    return None


def _unwrap(name: str) -> Unwrap:
    """Durations are written with their units: "1.5s"; other numbers are plain."""
    return Unwrap(name, "duration" if name.lower() in ("duration", "latency", "elapsed", "took") else "")
