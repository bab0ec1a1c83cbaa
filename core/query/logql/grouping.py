"""By what the counted lines are grouped, and how many of the largest groups are wanted."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql import asking
from core.query.logql.kinds import KIND, KINDS, LEVEL_NAMES
from core.query.wording import DEFAULT_TOP, Wording, dimension_pattern, word_set

_WORDS = {
    LABELS[
        EntityType.SERVICE
    ]: "service|services|svc|svcs|app|apps|application|applications|component|components|log producers|log producer|producers of logs|log sources|offenders|offender|talkers|talker|spammers|spammer|culprits|servicio|servicios|dienst|dienste",
    LABELS[EntityType.ENVIRONMENT]: "environment|environments|env|envs|umgebung|entorno",
    LABELS[EntityType.NAMESPACE]: "namespace|namespaces|ns",
    LABELS[EntityType.REGION]: "region|regions|región|regiones|regionen",
    LABELS[EntityType.HOST]: "host|hosts|instance|instances|node|nodes|server|servers|machine|machines|box|boxes",
    LABELS[EntityType.VERSION]: "version|versions|release|releases",
    LABELS[EntityType.ENDPOINT]: "path|paths|endpoint|endpoints|pfad|ruta",
    LABELS[
        EntityType.HTTP_STATUS
    ]: "status|statuses|status code|status codes|http status|http code|http codes|response code|response codes|code|codes|statuscode",
    "error_code": "error code|error codes",
    "route": "route|routes",
    "url": "url|urls",
    "pod": "pod|pods",
    "container": "container|containers",
    "cluster": "cluster|clusters",
    "level": "level|levels|log level|log levels|severity|loglevel|nivel|niveles",
    "method": "method|methods|http method|verb|verbs",
    "user_id": "user|users|user id|user ids|user_id|usuario|usuarios|nutzer|kunde",
    "customer_id": "customer|customers|customer id|cliente|clientes|kunden",
    "tenant": "tenant|tenants",
    "client_ip": "ip|ips|client ip|client ips|ip address|ip addresses|source ip",
    "message": "message|messages|error message|error messages|msg|log message|log messages",
    "exception": "exception|exception type|exception types|exception class|error type|error types",
    "logger": "logger|loggers|module|modules",
    "stream": "stream|streams",
    "filename": "filename|filenames|file name",
    "job": "job|jobs",
}
_SEVERAL = re.compile(r"(?<=_(?:id|ip))s\Z|(?<=_(?:name|code|type))s\Z")
_LABELS = {word: label for label, words in _WORDS.items() for word in words.split("|")}
_GROUPS = dimension_pattern(_LABELS)
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _LABELS), key=len, reverse=True))})\b", re.IGNORECASE)
_SNAKE = r"[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5}"
_THING = rf"({_SNAKE}\b|{_WORD.pattern})"
_DISTINCT = re.compile(
    rf"\b(?:distinct|unique|different|individual|verschiedene|unterschiedliche|distint[oa]s|diferentes|únicos)\s+(?:values of |values for )?(?:the )?{_THING}(?:s\b)?(?: values)?|\b(?:distinct|unique) (?:count|number) of {_THING}",
    re.IGNORECASE,
)
_DISTINCT_UNKNOWN = re.compile(
    r"\b(?:distinct|unique|different|verschiedene|unterschiedliche|distint[oa]s|diferentes) ([a-z][a-zA-Z0-9]{1,30})\b(?: values)?(?! (?:lines?|errors?|messages?))",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(rf"\(({_SNAKE})\)")
""" "Distinct agents (agent_id)"."""
_GROUPED_IN_BRACKETS = re.compile(
    rf"\b(?:by|per|por|pro|nach|je|each|every|cada|which|top(?: \d+)?|\d+) [\w-]{{3,20}} \(({_SNAKE})\)", re.IGNORECASE
)
_NUMBER_WORDS = (
    "one|uno|una|ein|eine two|dos|zwei three|tres|drei four|cuatro|vier five|cinco|fünf six|seis|sechs seven|siete|sieben "
    "eight|ocho|acht nine|nueve|neun ten|diez|zehn"
)
_NUMBERS = {
    word: number for number, words in enumerate(_NUMBER_WORDS.split(), start=1) for word in words.split("|")
} | {"fifteen": 15, "twenty": 20, "dozen": 12}
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_EXTREME = (
    r"(?:noisiest|quietest|loudest|chattiest|busiest|worst|biggest|largest|heaviest|liveliest|spammiest|most [a-z-]{3,14}|least (?!than\b)[a-z-]{3,14}|highest|"
    r"(?:biggest|worst|top|main|heaviest|largest|most frequent|most common) (?:offending|offenders?|hitters?|talkers?|producers?|consumers?|sources?)|lautesten|ruidosos|ruidosas)"
)
_TOP = re.compile(
    rf"\b(?:(?:top|worst|bottom)[\s-]{{0,3}}{_NUMBER}|{_NUMBER} (?:{_EXTREME}|top|worst)|(?:the |die |los |las )?{_EXTREME}[\s-]{{1,3}}{_NUMBER})\b",
    re.IGNORECASE,
)
_MOST_OF = re.compile(
    rf"\b(?:(?:which|what|welche|qué|the|die|los|las|show|list|give me|find|top)\s+)?(?:the )?{_NUMBER} {_THING}(?!\w)(?=[^.;?!\n]{{0,60}}?\b(?:most|highest|biggest|largest|meisten|más|mas)\b)|\b(?:top|biggest|worst|heaviest)\b[^.;?!\n]{{0,30}}?\b{_NUMBER} {_THING}(?!\w)",
    re.IGNORECASE,
)
"""How many behind which "the most" follows: "five services with most log bytes"."""
_MOST = re.compile(
    r"\b(?:top|most(?! recent| of the time| first)|highest|noisiest|loudest|busiest|worst|biggest|largest|heaviest|chattiest|spammiest|am meisten|die meisten|más (?=errores|logs|líneas|bytes|warnings)|lauteste[nr]?)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:(?<!at )least|bottom|fewest|quietest|wenigsten|menos (?=errores|logs|líneas))\b", re.IGNORECASE
)
_ONE = re.compile(
    rf"\b(?:which|what|welche[rs]?|qué|que|cuál)\s+(?:one )?(?:[\w-]{{1,20}}\s)?{_THING}\s", re.IGNORECASE
)
_TOP_THINGS = re.compile(
    rf"\b(?:top|bottom)(?:[\s-]*{_NUMBER})?\s+(?:[a-z]{{2,20}}\s+){{0,2}}?\0*\s?{_THING}"
    rf"|\b{_EXTREME}(?:[\s-]+{_NUMBER})?\s+(?:[a-z]{{2,12}}\s+)?\0*(?:['’]s)?\s?{_THING}"
    rf"|\b{_THING}\s+(?:ranked|sorted|ordered) by\b|\b{_THING}\s+(?:[\w\0-]+\s+){{0,5}}?(?:the )?(?:most|highest|biggest|largest|fewest|least|meisten|más)\b",
    re.IGNORECASE,
)
_TOP_UNKNOWN = re.compile(
    rf"\btop[\s-]*{_NUMBER}\s+(?:different |distinct )?(?P<thing>[a-z][a-zA-Z0-9]{{2,30}})(?: values?| names?| fields?)?(?= (?:by|with|in|of|for|that|which|on|from|over|among|having|whose|who|per)\b)",
    re.IGNORECASE,
)
"""A field that only its place says to be one: "top 5 layers by …"."""
_WHICH_UNKNOWN = re.compile(
    r"\b(?:which|what|welche[rs]?|qu[eé]) (?P<thing>[a-z][a-zA-Z0-9]{2,30}) (?:has|had|have|logs|logged|gets|got|sees|saw|shows|showed|writes|wrote|produces|produced|causes|caused|is|hat|tiene|(?:\w{1,12} ){1,4}?(?:the )?most|loggt)\b",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"\b(?:which|what) (?:one )?of (?:our|the|all|my|these|those)\b", re.IGNORECASE)
_SINGULAR = re.compile(r"(?:ss|us|is|[^s])\Z", re.IGNORECASE)
_WITH = re.compile(
    rf"\b{_THING} (?:\0+ |(?:in|on|of|from) (?:the )?(?:namespace |cluster |environment |env |region )?\0+ (?:namespace |cluster |environment |env |region )?)?(?:with|(?:that |which |who )?(?:had|have|has|having|logged|logging|wrote|writing|saw|log|write|see|got|threw|throwing|reported|are|is|were|produce[ds]?|emit(?:ted)?|print(?:ed)?|exceed(?:ed)?|go|went|got)) ",
    re.IGNORECASE,
)
"""Before a limit: "services with over 100 errors"."""
_WHOSE = re.compile(rf"\b(?:any|some|a|which|what|every|each|irgendein|algún|qué) {_THING}(?!\w)", re.IGNORECASE)
_PLURAL = re.compile(
    r"(?<!all )(?<!across )(?<!our )(?<!from )(?<!in )(?<!of )(?<!by )\b(services|apps|components|pods|hosts|instances|nodes|servers|machines|namespaces|containers|environments|clusters|regions|users|customers|tenants|ips|paths|endpoints|routes|servicios|dienste)\b",
    re.IGNORECASE,
)
_FOR_ANY = re.compile(
    rf"\b(?:for|from|in|by|on|of) (?:any|some|any single|one|a single|each|every) (?:of the )?{_THING}(?!\w)",
    re.IGNORECASE,
)
PLAIN_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(%|x)?")
"""A number of lines, or a share of them."""
_BY_FIELD = re.compile(
    rf"\b(?:by|per|for each|for every|each|pro|nach|por|across) (?:the |field |value of |label )?({_SNAKE})\b",
    re.IGNORECASE,
)
_EACH = re.compile(
    rf"\b(?:in|for|of|across|on|from|at|en|in jedem|in jeder) (?:each|every|cada|jede[mnrs]?)(?: single| of the)? {_THING}\b(?! (?:but|except|other|besides|apart|au(?:ss|ß)er|menos|excepto|salvo)\b)",
    re.IGNORECASE,
)
_BY_WORD = re.compile(
    r"\b(?:by|per|for each|for every|nach|por|pro) (?:the |each |their |its )?([a-z][a-zA-Z0-9]{1,30})\b(?! (?:of|in a|than)\b)",
    re.IGNORECASE,
)
_ALL_VALUES = re.compile(
    r"(?<!by )(?<!with )(?<!per )(?<!all )(?<!any )\b(status codes|statuses|http codes|response codes|log levels)\b(?= (?:of|over|for|in|from|across|during|on|last|past|by)\b|\s*[,?.!]|\s*\Z)",
    re.IGNORECASE,
)
""" "Status codes of checkout": how many there are of each."""
_SPREAD = re.compile(rf"\b{_THING} (?:distribution|breakdown|split|histogram|counts|verteilung)\b", re.IGNORECASE)
""" "Level distribution"."""
_SEPARATELY = re.compile(r"\b(?:separately|respectively|getrennt|por separado)\b", re.IGNORECASE)
_LEVELS = re.compile(rf"\b(?:{'|'.join(LEVEL_NAMES)})\b", re.IGNORECASE)
_ACTED = re.compile(
    r"\b(?:refused|closed|killed|reset|rejected|caused|thrown|sent|made|returned|called|hit|blocked|denied|dropped|terminated|cancelled|canceled|aborted|followed|preceded|used|written|logged|produced|emitted|triggered|owned|signed|issued|down|up|go|went) \Z",
    re.IGNORECASE,
)
"""Then "by" says who did it."""
_FORMAT = re.compile(r"\b(?:json|logfmt)\b", re.IGNORECASE)
_NO_FIELD = word_set(
    "second seconds sec minute minutes min hour hours hr day days week weeks month s m h d the each our all count number volume default "
    "now far then json logfmt mistake hand time size far request requests line lines log logs favor favour minuto hora día stunde tag sekunde chance"
)
_THIS_FIELD = re.compile(
    r"\b(?:by|per|nach|por|for each) (?:the )?(?:field |label )([a-z]\w{1,40})\b|\b(?:by|per|nach|por|for each) (?:the )?([a-z]\w{1,40}) (?:field|label)\b",
    re.IGNORECASE,
)


def label(word: str) -> str:
    """The label that is said so."""
    found = _SEVERAL.sub("", " ".join(word.lower().split()))
    return _LABELS.get(found, found)


def find(wording: Wording, *, measured: bool) -> tuple[tuple[str, ...], bool]:
    """The labels, and whether their different values are counted; what says them is taken. `measured`: "the highest" is one of a
    field's values."""
    labels: list[str] = []
    distinct = False
    for match in wording.find(_DISTINCT):
        distinct = True
        labels.append(label(match[1] or match[2]))
    for match in list(_DISTINCT_UNKNOWN.finditer(wording.rest)):
        if not distinct and asking.content(match[1]) and not KIND.search(match[1]):
            distinct = True
            labels.append(asking.singular(match[1]))
            wording.take(*match.span())
    if field := (_IN_BRACKETS if distinct else _GROUPED_IN_BRACKETS).search(wording.rest):
        labels = [field[1]]
        wording.take(*field.span())
    labels += (match[1] or match[2] for match in wording.find(_THIS_FIELD))
    for match in _GROUPS.finditer(wording.rest):
        labels += (label(word[0]) for word in _WORD.finditer(match[1]))
        # "Top error messages" groups by the message, and still asks for errors.
        wording.take(match.start(), match.start(1) if match[1].lower().startswith("error") else match.end())
    for match in wording.find(_BY_FIELD):
        labels.append(match[1].lower())
    labels += (label(match[1]) for match in wording.find(_EACH))
    if not labels:
        labels += ("level" for match in wording.find(_SEPARATELY) if len(list(_LEVELS.finditer(wording.text))) > 1)
    if not labels:
        labels += (label(match[1]) for match in wording.find(_SPREAD))
    if not labels:
        labels += (label(match[1]) for match in wording.find(_ALL_VALUES))
    if not labels and not measured and top(wording):
        labels += _extreme(wording)
    if not labels:
        labels += _by_word(wording)
    if not labels:
        labels += _compared(wording)
    return tuple(dict.fromkeys(labels)), distinct


def top(wording: Wording) -> int:
    """How many of the largest groups are wanted: 5 of "top 5", 1 of "which pod … the most", `DEFAULT_TOP` of "the noisiest pods",
    fewer than none of the smallest; 0 where all are."""
    text = wording.plain
    found = _TOP.search(text) or _MOST_OF.search(text)
    number = (
        next((one for one in found.groups() if one and (one.isdigit() or one.lower() in _NUMBERS)), "").lower()
        if found
        else ""
    )
    sign = -1 if not _MOST.search(text) and _LEAST.search(text) else 1
    if number:
        return sign * (_NUMBERS.get(number) or int(number))
    if not _MOST.search(text) and sign > 0:
        return 0
    single = _ONE.search(text)
    if _ONE_OF.search(text):
        return sign
    thing = single[1] if single else next((word for word, _, _ in _things(text)), "")
    return sign * (1 if thing and _SINGULAR.search(thing) else DEFAULT_TOP)


def _by_word(wording: Wording) -> Iterator[str]:
    """Whatever word stands behind "by" is the name of a field."""
    formed = bool(_FORMAT.search(wording.text))
    for match in list(_BY_WORD.finditer(wording.rest)):
        word = match[1]
        unknown = asking.content(word) or (formed and word.lower() not in asking.FUNCTION)
        if wording.taken(*match.span()) or word.lower() in _NO_FIELD or word.lower() in KINDS or not unknown:
            continue
        if formed or not _ACTED.search(wording.text, max(0, match.start() - 16), match.start()):
            wording.take(*match.span())
            yield word if not word[0].isupper() else word.lower()


def _compared(wording: Wording) -> Iterator[str]:
    """What is held against a limit: "services with over 100 errors", "is any pod logging more than 50 errors"."""
    limits = {one.start for one in wording.named(EntityType.THRESHOLD) if PLAIN_LIMIT.fullmatch(one.value)}
    if not limits:
        return
    rest = wording.rest
    found = [match[1] for match in _WITH.finditer(rest) if match.end() in limits]
    found += (match[1] for match in _FOR_ANY.finditer(rest))
    found += (match[1] for pattern in (_WHOSE, _PLURAL) for match in pattern.finditer(rest, 0, min(limits)))
    yield from (label(word) for word in found[:1] if label(word) not in ("message", "exception"))


def _extreme(wording: Wording) -> Iterator[str]:
    for word, start, end in _things(wording.rest):
        if word.lower() not in _LABELS:
            wording.take(start, end)
        yield label(word)


def _things(text: str) -> Iterator[tuple[str, int, int]]:
    """What the largest are wanted of, and where it stands."""
    for match in _TOP_THINGS.finditer(text):
        for place, word in enumerate(match.groups(), start=1):
            if word and not word.isdigit() and word.lower() not in _NUMBERS:
                yield word, *match.span(place)
                return
    for match in (*_TOP_UNKNOWN.finditer(text), *_WHICH_UNKNOWN.finditer(text)):
        if asking.content(match["thing"]) and match["thing"].lower() not in KINDS:
            yield asking.singular(match["thing"]), *match.span("thing")
            return
