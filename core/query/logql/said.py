"""What lines are said to hold, word for word: quoted text, names of exceptions, what stands behind "containing"."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql import asking
from core.query.logql.kinds import KIND, KINDS, LEVEL_WORDS
from core.query.logql.model import LineFilter
from core.query.logql.named import NAMED_ID
from core.query.logql.recognised import WITHOUT_CASE
from core.query.logql.slashed import slashed
from core.query.patterns import escaped
from core.query.wording import BLANK, Wording, word_set

CONTAINS = (
    r"contain(?:s|ing)?|mention(?:s|ing|ed)?|includ(?:es|ing|e)|sa(?:y|ys|ying|id)|conten(?:gan?|iendo)|contienen?|dig(?:an|a)|dicen?|diciendo|mencion(?:an|en|a|e|ando)|incluy(?:en|an|e|a)"
    r"|enth(?:alten|ält)|erwähn(?:en|t)|sagen"
)
SAID = re.compile(
    r"\b(?:(?:search|look|scan|dig|check|hunt|grep|such|busca)(?:ing|es|e|r|en)?\b[^,.;\n]{0,40}?\b(?:for|nach)|grep(?:ping)?(?: for)?"
    rf"|{CONTAINS}|match(?:es|ing)?|about|regarding|related to|with (?:the )?(?:word|text|string|phrase|message)s?|mit dem (?:wort|text)|con (?:la palabra|el texto)"
    r"|(?:with|w/|ha(?:ve|s|ving)|hold(?:s|ing)?) both|(?:con|mit) (?:both|beiden?|ambos)|(?:lines?|logs?|entries|l[ií]neas|zeilen)(?: that have| which have| having| with| w/| con| mit)(?! both\b)"
    r"|(?:everything|anything|all|ones|those|whatever|todo|todas?|todos|alles)(?: that (?:has|have)| having| with| w/| con| mit)(?! both\b)"
    r"|the (?:word|text|string|phrase)s?)\s+(?:the (?:word|text|string|phrase)s?\s+|(?:la|el) (?:palabra|texto)\s+|both\s+)?",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\b(?:customers?|users?|clients?|support|cs|people|someone|somebody|everyone|everybody|he|she|they|we|i|you|boss|finance|sales|marketing|team|management|partners?|vendors?|merchants?|guys?|ops|sre|dev|qa|folks|product|ceo|cto|pm|kunden?|clientes?|usuarios?|restaurants?|drivers?|shops?|stores?|sellers?|(?=[\w-]{0,30}\d)[\w-]{1,30})"
    r"(?: [\w-]{1,20}){0,1} \Z",
    re.IGNORECASE,
)
"""Who says something, before "says": what follows is no line's."""
_PRONOUN = re.compile(
    r"(?:he|she|it|its|it['’]s|him|her|them|they|us|me|that|this|those|these|nothing|anything|something|someone|somebody|we|you|how|what|why|where|when|which|who|whether|if|there|about|regarding)\b",
    re.IGNORECASE,
)
"""What no line's words begin with."""
_VERB_LAST = re.compile(
    rf"\b(?:wo|die|das|worin|in denen|in welchen|where|in which|mit|con|with|having|(?:that|which|who) (?:has|have|had|got)|that['’]?ve)\s+([^\s,;.?!][^,;.?!\n]{{1,60}}?)\s+(?:(?:drin |dabei )?(?:{CONTAINS}|vorkomm(?:t|en)|stehen|steht|auftauch(?:t|en)|drinsteht)|drin|dentro|shows? up|appears?|occurs?|comes? up|was logged|is (?:mentioned|logged|printed|found)|aparecen?|in (?:it|them|there|the (?:line|text|message))|inside)(?=[\s,;.?!]|$)",
    re.IGNORECASE,
)
"""What lines hold, before the verb that says so: "die ldap enthalten", "where stripe shows up"."""
_SAID_ENDS = re.compile(
    rf"[;?!({BLANK}]|,(?!\s[\w-]{{1,30}}(?:,\s[\w-]{{1,30}}){{0,4}},?\s(?:or|oder|o)\b)|\.(?=\s|$)|\b(?:show(?:s|ed|ing|n)? up|appear(?:s|ed|ing)?|occur(?:s|red)?|c[oa]mes? up|happen(?:s|ed)?|turn(?:s|ed)? up|pop(?:s|ped)? up|since|last|past|today|yesterday|between|per|but|except|excluding|without|w/o|please|pls|thanks|thx|grouped|during|within|pero|sin|ohne|aber|seit|desde|porfa|bitte|together|in (?:it|them)|drin)\b"
    r"|\b(?:in|from|on|for|by|at|of|over|across|en|de|del|im|von|bei|w/|with|where) (?=the \0|our |all |any |each |\0|logs?\b|the logs?\b|every |los |las |den |der |todos )|\b(?:where|with|and) (?=(?:status|duration|method|level|latency)\b)",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"^(?:(?:the|a|an|any|all|some|both|word|text|string|phrase)\s+)+|(?:\s+(?:in|the|a|from|on|for|at|over|of|and|or|by|service|our|logs?|lines?|messages?|to|with|not|hubo|haya|gab|kam|kamen|did|were|was|have|has|en|de|von|bei|them|it|both|together))+$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:neither|either)\s+", re.IGNORECASE)
_ABOUT = re.compile(r"about|regarding|related", re.IGNORECASE)
_WITH = re.compile(r"(?:with|w/|con|mit|having|have|has)\s+\Z", re.IGNORECASE)
_ALTERNATIVES = re.compile(r",?\s+(?:or|nor|oder|o)\s+|,\s+", re.IGNORECASE)
_ALL = re.compile(r"\s+(?:and|und|y|&|\+)\s+", re.IGNORECASE)
_OR_WORD = re.compile(r"[\"'`]?,?\s+(?:or|oder|o)\s+([\w./-]*[\w-]{3,40})(?=[\s,.?!]|$)", re.IGNORECASE)
_LISTED_QUOTES = re.compile(
    r"[\"'`][^\"'`\n]{1,100}[\"'`](?:, [\"'`][^\"'`\n]{1,100}[\"'`]){0,6},? (?:or|oder|o) ", re.IGNORECASE
)
_WORD_OR = re.compile(r"(?<![\w./-])([a-zA-Z][\w./-]{1,39}),? (?:or|oder|o|/|\|) \Z")
_TOKEN = re.compile(
    r"(?<![\w./-])(?:"
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|(?=[a-f]*\d)[0-9a-f]{12,64}"  # a trace or commit id
    r"|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?"  # an address
    r"|[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,30}){1,4}"
    r"|(?:[a-z]\w{0,30}\.){1,8}[A-Z]\w{2,80}"  # com.acme.PaymentException
    r"|[A-Z][a-z0-9]{1,40}(?:[A-Z][a-z0-9]{1,40}){1,8}"  # NullPointerException
    r"|[A-Z]{2,8}[a-z]{4,20}"  # OOMKilled
    r"|E[A-Z]{4,20}|[A-Z][A-Z0-9]{1,30}(?:_[A-Z0-9]{1,30}){1,6}"  # ECONNREFUSED, ERR_TIMEOUT
    r"|\w{1,60}\.(?:go|py|js|ts|java|rb|php|rs|kt|cs|yaml|json|sql)(?::\d{1,6})?"
    r"|(?!\d{4}-\d\d-\d\d)\d{2,10}(?:-[0-9a-zA-Z]{1,10}){2,5}"  # 99-123-x
    r"|[A-Za-z]{1,20}[_-](?=[\w-]{0,60}\d)[\w-]{1,60}"  # order-1234, req_8f3a
    r"|\d{6,19}"
    r"|GET|POST|PUT|PATCH|DELETE|HEAD"
    r")(?![\w/])"
)
_MIXED = re.compile(r"[A-Z]+[a-z]+[A-Z]|[A-Z]{2,}[a-z]")
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
ANY_CASE = re.compile(
    r"(?<=grep )-i\b|(?<= )-i(?= )|\b(?:egal ob gro(?:ß|ss)|gro(?:ß|ss)[- ]?(?:/|und |oder )?kleinschreibung egal|sin importar may[uú]sculas|capitals or not|case[- ]?insensitive(?:ly)?|caseless|(?:ignoring|ignore|regardless of|whatever|no matter the) (?:the )?(?:case|casing)|(?:case|casing) (?:whatever|irrelevant|ignored|aside|is (?:irrelevant|unimportant|not important))|(?:ignor(?:e|ing) )?(?:upper|lower)[- ]?(?:case)?(?: or | and | ?/ ?)(?:upper|lower)[- ]?(?:case)?|no ?case|(?:in )?(?:any|either) (?:case|casing|capitali[sz]ation)|case (?:does ?n['’]?t|does not) matter)\b",
    re.IGNORECASE,
)
_BUT_NOT = re.compile(
    rf"\s*,?\s*(?:(?:but|and|pero|aber|und|y) )?(?:not|no|without|w/o|nicht|kein(?:en?)?|ohne|sin)\s+(?:containing |mentioning |saying |with |the (?:word|text) |{CONTAINS} )?(?!(?:in|from|on|for|by|the|any|los|las|el|la|de|die|der)\b)([\w./:-]{{2,60}})",
    re.IGNORECASE,
)
"""A word that lines must not hold, behind one that they must."""
_ONLY_KINDS = re.compile(
    r"(?:lines?|logs?|entries|l[ií]neas|zeilen|everything|anything|all|ones|those|whatever|todo|todas?|todos|alles)\b",
    re.IGNORECASE,
)
"""Before "with", which says many other things than what stands in a line."""
_LIST = re.compile(
    r"(?:(?:^|[:,\0]|\b(?:with|for|either|logs?|lines?|entries|of|from)\b)\s*)((?:[\w-]{3,30},\s)?[\w-]{3,30}(?:,? (?:or|oder) [\w-]{3,30}){1,4})(?!\s?[=<>])\b(?=[\s,.?!;\0]|$)",
    re.IGNORECASE,
)
NO_TEXT = word_set(
    "level levels severity status code codes duration latency took taking method path route user users id ids trace request requests ip json logfmt high low many more less than over under above below top "
    "long longer slow slower big size time times any all none anything something everything nothing whatever worse higher greater so not both now later today yesterday lines line logs log entries entry "
    "service services env environment environments prod production staging region namespace pod pods host hosts version what which who is are was were it this that these those them count number rate field fields "
    "regex regexp pattern patterns word words text string phrase parsing parsed parser format me us i we you they he she has have had do does did can get got see show seen each every per by in on at error errors matter matters case casing"
)
"""Words that say something of the question, and do not stand in lines."""
_EMPTY = word_set(
    "errors logs log anything something problems issues lines failures warnings exceptions it them both either neither exactly"
) | {"error logs"}
_PLURAL = re.compile(r"(?<!s)s$", re.IGNORECASE)
_OPTIONS = re.compile(r"(?:[\s\0]*-{1,2}[a-zA-Z]{1,12}\s)+")
_LONGEST_PHRASE = 120
_BEFORE = 40
"""Characters before a quote in which its meaning stands."""


def literals(wording: Wording, *, any_case: bool) -> Iterator[LineFilter]:
    """Filters on what is quoted, named or said to be in a line."""
    found: list[tuple[int, tuple[str, ...]]] = [(quote.start, (quote.text,)) for quote in wording.quotes]
    found += ((e.start, (e.value,)) for e in wording.named(EntityType.INCIDENT))
    # Without "GET /health" other requests of that path stay.
    found += ((e.start, (e.text if wording.negated(e.start) else e.value,)) for e in wording.named(EntityType.ENDPOINT))
    methods = ((e, _METHOD.match(e.text)) for e in wording.named(EntityType.ENDPOINT))
    found += (
        (entity.start, (method[1],)) for entity, method in methods if method and not wording.negated(entity.start)
    )
    found += ((match.start(2), (match[2],)) for match in wording.find(NAMED_ID))
    found += (
        (match.start(), (match[0],))
        for match in _TOKEN.finditer(wording.rest)
        if match[0].lower() not in KINDS or _MIXED.match(match[0])
    )
    for start, values in found:
        wording.take(start, start + len(values[0]))
    found += slashed(wording)
    found += _alternatives(wording, found)
    found += _said(wording)
    found += _listed(wording)
    for start, values in _joined_by_or(wording, sorted(found)):
        if any_case:
            values = tuple({value.lower(): value for value in reversed(values)}.values())[::-1]
            pattern = WITHOUT_CASE + "|".join(map(escaped, values))
            yield LineFilter("!~" if wording.negated(start) else "|~", (pattern,))
        elif len(values) == 1:
            yield LineFilter("!=" if wording.negated(start) else "|=", values)
        else:
            yield LineFilter("!~" if wording.negated(start) else "|~", ("|".join(map(escaped, values)),))


def _alternatives(wording: Wording, found: list[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    """ "OOMKilled or oom_kill": what stands beside a name, with "or" between, is a name, too."""
    more: list[tuple[int, tuple[str, ...]]] = []
    ends = {quote.start: quote.end for quote in wording.quotes}
    for start, (first, *_) in found:
        beside = _OR_WORD.match(wording.text, ends.get(start, start + len(first)))
        if beside and not wording.taken(*beside.span(1)) and beside[1].lower() not in NO_TEXT:
            end = asking.behind(wording.rest, beside.end(1), inside=True)
            wording.take(beside.start(1), end)
            more.append((beside.start(1), (wording.text[beside.start(1) : end],)))
    for quote in wording.quotes:
        word = _WORD_OR.search(wording.text, max(0, quote.start - _BEFORE), quote.start)
        if word and not wording.taken(*word.span(1)) and not {word[1].lower()} & (NO_TEXT | LEVEL_WORDS.keys()):
            start = asking.before(wording.rest, word.start(1)) if asking.content(word[1]) else word.start(1)
            wording.take(start, word.end(1))
            more.append((start, (wording.text[start : word.end(1)],)))
    return more


def _joined_by_or(wording: Wording, found: list[tuple[int, tuple[str, ...]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Neighbours with "or" between them are alternatives."""
    group: tuple[int, tuple[str, ...]] | None = None
    for start, values in found:
        if group and _is_or(wording, group, start):
            group = (group[0], (*group[1], *values))
            continue
        if group:
            yield group
        group = (start, values)
    if group:
        yield group


def _is_or(wording: Wording, group: tuple[int, tuple[str, ...]], start: int) -> bool:
    if _LISTED_QUOTES.match(wording.text, start) and wording.text[:start].endswith(('", ', "', ", "`, ")):
        return True
    before = wording.text[group[0] : start].rstrip(" \"'`“„").lower()
    return before.endswith((" or", " oder", " o", " /", " |")) and len(before) < len("".join(group[1])) + 12 * len(
        group[1]
    )


def _said(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Words that lines are said to contain: "mentioning connection reset or broken pipe"."""
    rest = wording.rest
    for quote in wording.quotes:
        yield from _but_not(wording, rest, quote.end, after_quote=True)
    for match in _VERB_LAST.finditer(rest):
        text = _EDGES.sub("", match[1])
        if text and not wording.taken(*match.span(1)) and not _PRONOUN.match(text) and asking.content(text.split()[0]):
            wording.take(*match.span())
            for part in _ALL.split(text):
                yield match.start(1), tuple(_ALTERNATIVES.split(part))
            yield from _but_not(wording, rest, match.end())
    for match in SAID.finditer(rest):
        if _SPEAKER.search(rest, max(0, match.start() - _BEFORE), match.start()):
            continue
        start = match.end()
        if match[0].lower().startswith("grep"):  # and its options
            options = _OPTIONS.match(rest, start)
            start = options.end() if options else start
            start += len(rest[start:]) - len(rest[start:].lstrip(BLANK + " "))
        end = _SAID_ENDS.search(rest, start, start + _LONGEST_PHRASE)
        phrase = rest[start : end.start() if end else start + _LONGEST_PHRASE]
        if opening := _OPENING.match(phrase):  # behind "neither" the clause is negative
            start, phrase = start + opening.end(), phrase[opening.end() :]
        text = _EDGES.sub("", phrase.strip(" :.")).strip(" :.")
        if len(text) < 2 or wording.taken(start, start + 1) or text.lower() in _EMPTY or _PRONOUN.match(text):
            continue
        if _ABOUT.match(match[0]) and not any(map(asking.content, text.split())) and not KIND.search(text):
            continue
        if _is_kind(match[0], text) or (
            _WITH.search(match[0]) and not any(map(asking.content, text.split())) and not KIND.fullmatch(text)
        ):
            continue
        wording.take(start, start + len(phrase))
        for part in _ALL.split(text):
            words = tuple(map(_named, _ALTERNATIVES.split(part)))
            yield start, tuple(map(asking.singular, words)) if _ABOUT.match(match[0]) else words
        yield from _but_not(wording, rest, start + len(phrase.rstrip()))


def _named(text: str) -> str:
    return text if KIND.search(text) else asking.named(text)


def _but_not(
    wording: Wording, rest: str, end: int, *, after_quote: bool = False
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """`after_quote`: what follows may be a level: "with 'smtp' but not debug"."""
    not_said = _BUT_NOT.match(rest, end)
    if not_said is None:
        return
    kind = not_said[1].lower()
    if (kind in KINDS and _PLURAL.search(kind)) or kind in ("debug", "info") or (after_quote and kind in LEVEL_WORDS):
        return
    wording.take(*not_said.span())
    yield not_said.start(1), (not_said[1],)


def _listed(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """ "OOM or killed" beside a service: words of lines, unless all of them are kinds of line."""
    for match in _LIST.finditer(rest := wording.rest):
        start, end = asking.before(rest, match.start(1)), asking.behind(rest, match.end(1))
        words = [word for word in re.split(r"\W*\s(?:or|oder)\s|,\s*", rest[start:end]) if word]
        if all(KIND.fullmatch(word) for word in words) or any(word.lower() in NO_TEXT for word in words):
            continue
        if not wording.taken(start, end):
            wording.take(start, end)
            yield start, tuple(words)


def _is_kind(verb: str, text: str) -> bool:
    """ "About redis timeouts" and "containing timeouts" ask for a kind of line; "containing timeout" for the word."""
    words = _ALTERNATIVES.split(text)
    kinds = [KIND.fullmatch(word) for word in words]
    if all(kind and _PLURAL.search(kind[0]) for kind in kinds):
        return True
    if _ONLY_KINDS.match(verb):
        return bool(NO_TEXT.intersection(text.lower().split())) and not KIND.fullmatch(text)
    kind = KIND.search(text)
    return (
        kind is not None
        and kind[0].lower() != "logs"
        and _PLURAL.search(kind[0]) is not None
        and kind.end() == len(text)
    )
