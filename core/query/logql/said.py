"""What lines are said to hold, word for word: quoted text, ids, paths, names of exceptions, patterns."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql.kinds import KIND, KINDS
from core.query.logql.model import Address, LineFilter, Matcher
from core.query.patterns import escaped, is_pattern
from core.query.wording import BLANK, Wording, word_set

WITHOUT_CASE = "(?i)"
_SAID = re.compile(
    r"\b(?:contain(?:s|ing)?|mention(?:s|ing|ed)?|match(?:es|ing)?|includ(?:es|ing|e)|sa(?:y|ys|ying|id)|about|regarding|related to|with (?:the )?(?:word|text|string|phrase|message)s?"
    r"|(?:with|w/|ha(?:ve|s|ving)|hold(?:s|ing)?) both|(?:con|mit) (?:both|beiden?|ambos)|(?:lines?|logs?|entries|l[ií]neas|zeilen)(?: that have| having| with| w/| con| mit)(?! both\b)"
    r"|(?:everything|anything|all|ones|those|whatever|todo|todas?|todos|alles)(?: that (?:has|have)| having| with| w/| con| mit)(?! both\b)"
    r"|the (?:word|text|string|phrase)s?|grep(?:ping)?(?: for)?|(?:search|look|scan|dig|check|hunt|grep)(?:ing|es)?\b[^,.;\n]{0,40}?\bfor)\s+(?:the (?:word|text|string|phrase)s?\s+)?",
    re.IGNORECASE,
)
_SAID_ENDS = re.compile(
    rf"[;?!{BLANK}]|,(?!\s[\w-]{{1,30}}(?:,\s[\w-]{{1,30}}){{0,4}},?\s(?:or|oder)\b)|\.(?=\s|$)|\b(?:show(?:s|ed|ing|n)? up|appear(?:s|ed|ing)?|occur(?:s|red)?|c[oa]mes? up|happen(?:s|ed)?|turn(?:s|ed)? up|pop(?:s|ped)? up|since|last|past|today|yesterday|between|per|but|except|excluding|without|please|pls|thanks|thx|grouped|during|within)\b"
    r"|\b(?:in|from|on|for|by|at|of|over|across) (?=the \0|our |all |any |each |\0|logs?\b|the logs?\b|every )",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"^(?:(?:the|a|an|any|all|some|both|word|text|string|phrase)\s+)+|(?:\s+(?:in|the|a|from|on|for|at|over|of|and|or|by|service|our|logs?|lines?|messages?|to|with|not|en|de|von|bei|them|it|both|together))+$",
    re.IGNORECASE,
)
_AT_AN_END = re.compile(
    r"\b(?:lines?|logs?|entries|messages?|ones|everything|anything|l[ií]neas?|zeilen|todo)(?: \w{1,12}){0,2}? "
    r"(?P<verb>(?P<begins>start(?:s|ing|ed)?|begin(?:s|ning)?|begann|empiez(?:a|an)|empezando|comienz(?:a|an)|beginn(?:t|en)|anfang(?:t|en)) (?:with|by|con|por|mit)"
    r"|(?:end(?:s|ing|ed)?|termin(?:a|an|ando)|acab(?:a|an)|end(?:et|en)) (?:with|in|con|en|mit|auf))"
    r" (?:the (?:word|text|string) )?(?:[\"'`“„](?P<quoted>[^\"'`“”„\n]{1,100})[\"'`“”]|(?P<text>[^\s\"'`]{2,60}))",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:neither|either)\s+", re.IGNORECASE)
_ALTERNATIVES = re.compile(r",?\s+(?:or|nor|oder)\s+|,\s+", re.IGNORECASE)
_ALL = re.compile(r"\s+(?:and|und)\s+", re.IGNORECASE)
_OR_WORD = re.compile(r"[\"'`]?,?\s+(?:or|oder|o)\s+([\w./-]*[\w-]{3,40})(?=[\s,.?!]|$)", re.IGNORECASE)
_NAMED_ID = re.compile(
    r"\b(user|customer|client|order|account|request|req|trace|session|job|tenant|device|invoice|payment|transaction|txn|tx|message|msg|correlation|span|thread|build|cart|merchant|org|ticket)"
    r"(?:s)?[ _-]?(?:ids?|number|no\.?|uuid|#)?\s?[:#=]?\s?#?((?=[\w-]{0,80}\d)[\w-]{2,80}(?:\.[\w-]{1,40})?)(?![\w/])",
    re.IGNORECASE,
)
_AS_FIELD = re.compile(r"[a-z]{1,20}_id\b", re.IGNORECASE)
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
    r"|[A-Za-z]{2,20}[_-](?=[\w-]{0,60}\d)[\w-]{1,60}"  # order-1234, req_8f3a
    r"|GET|POST|PUT|PATCH|DELETE|HEAD"
    r")(?![\w/])"
)
_MIXED = re.compile(r"[A-Z]+[a-z]+[A-Z]|[A-Z]{2,}[a-z]")
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
_PATTERN_BEFORE = re.compile(r"\b(?:regexp?|regular expression|pattern)\s*(?:of|is|like|=|:)?\s*$", re.IGNORECASE)
_MATCHING_BEFORE = re.compile(r"\bmatch(?:es|ing)?\s*$", re.IGNORECASE)
_OPERATORS = re.compile(r"[*+?()|\[\]^$\\]")
_PATTERN = re.compile(
    r"\b(?:match(?:es|ing)? )?(?:the |an? )?(?:regexp?|regular expression)\s+(?:of |is |like )?([^\s,;\"'`“„]\S{0,100}(?: (?!(?:in|on|for|from|over|during|last|past|since|of|but|without|except|excluding)\b)\S{1,100}){0,10})",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"\b(?:match(?:es|ing)?|regexp?|pattern|grep) /([^/\n]{2,100})/(?=[\s,.?!]|$)", re.IGNORECASE)
_MATCHED = re.compile(r"\bmatch(?:es|ing)? ((?=[^\s\"'`“„]{0,100}[*+()|\[\]^$\\])[^\s\"'`“„]{2,100})", re.IGNORECASE)
_HOST_BEFORE = re.compile(
    r"\b(?:hosts?|instances?|nodes?|servers?|machines?|box(?:es)?)(?: named| called| ip)? \Z", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_BLOCK = re.compile(r"/\d{1,2}\b")
_ANY_CASE = re.compile(
    r"\b(?:case[- ]?insensitive(?:ly)?|caseless|(?:ignoring|ignore|regardless of|whatever|no matter the) (?:the )?(?:case|casing)|(?:case|casing) (?:whatever|irrelevant|ignored|aside|is (?:irrelevant|unimportant|not important))|(?:upper|lower)(?:case)? or (?:upper|lower)(?:case)?|no ?case|(?:in )?(?:any|either) (?:case|casing|capitali[sz]ation)|case (?:does ?n['’]?t|does not) matter)\b",
    re.IGNORECASE,
)
_BUT_NOT = re.compile(
    r"\s*,?\s*(?:(?:but|and) )?(?:not|no|without|w/o)\s+(?:containing |mentioning |with |the (?:word|text) )?(?!(?:in|from|on|for|by|the|any)\b)([\w./:-]{2,60})",
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
_NO_TEXT = word_set(
    "level levels severity status code codes duration latency took taking method path route user users id ids trace request requests ip json logfmt high low many more less than over under above below top "
    "long longer slow slower big size time times any all none anything something everything nothing whatever worse higher greater so not both now later today yesterday lines line logs log entries entry "
    "service services env environment environments prod production staging region namespace pod pods host hosts version what which who is are was were it this that these those them count number rate field fields "
    "regex regexp pattern patterns word words text string phrase parsing parsed parser format me us i we you they he she has have had do does did can get got see show seen each every per by in on at error errors matter matters case casing"
)
"""Words that say something of the question, and do not stand in lines."""
_EXCLUDES = re.compile(
    r"\b(?:without|w/o(?:ut)?|except(?:ing)?(?: for)?|exclud(?:e|es|ing)|ignor(?:e|es|ing)|leav(?:e|ing)|filter(?:ing)?|nothing|other than|apart from|aside from|besides|minus|neither|nor|no|(?:but|and) not|out|but|skip(?:ping)?|hid(?:e|ing)|omit(?:ting)?"
    r"|drop|strip|discard|remove|suppress|get rid of|kill|ditch|mute|lose|nix|scrap|ohne|sin|au(?:ss|ß)er|excepto)\s*\Z",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"\s*(?:(?:those|ones|lines|the|that|are|is) )?(?:contain|mention|about|match|includ|saying|with\b|having|regarding|related)|\s*(?:the )?[\w-]{2,30}(?: [\w-]{2,30})? (?:ones|lines|stuff|messages|noise)\b",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"^(?:(?:the|a|an|any|all|those|these|this|that|noisy|annoying|boring|useless|stupid|chatty|usual|bloody|ones?|lines?|logs?|entries|messages?|stuff|anything|everything|with|which|containing|contains?|mention(?:ing|s)?|match(?:ing|es)?|about|from|including|having|saying|regarding|of|for|to|are|is|word|text|string|phrase|in|show|me|like|its|our)\s+)+"
    r"|(?:\s+(?:lines?|logs?|entries|messages?|noise|stuff|ones?|requests?|calls?|spam|in|from|on|of|the|them|it|out|please|pls|there|traffic|chatter|warnings?|errors?))+$"
    r"|^(?:the|any|all|lines?|logs?|ones?|in|from|please|pls|them|it|those|that)$",
    re.IGNORECASE,
)
_PARTS = re.compile(r",\s*|\s+(?:or|nor|and|und|oder|neither)\s+|\s*[&/]\s+")
_LONGEST_NAME = 3
"""Words of a name that lines must not hold."""
_BOTH = re.compile(r"(?i:\S \bboth\b\W*\Z)|[a-z] AND [a-z]")
"""Lines must hold each of the words, and not one of some kinds: "slow query AND timeout both"."""
_LITERALLY = re.compile(
    r"contain|mention|match|inclu|sa[yi]|with|w/|con|mit|lines?|logs?|entries|l[ií]neas|zeilen|the |grep", re.IGNORECASE
)
_EMPTY = word_set(
    "errors error logs log anything something problems issues lines failures warnings exceptions it them both either neither exactly"
) | {"error logs"}
_PLURAL = re.compile(r"(?<!s)s$", re.IGNORECASE)
_LONGEST_PHRASE = 120
_BEFORE = 40
"""Characters before a quote in which its meaning stands."""


def patterns(wording: Wording) -> Iterator[LineFilter]:
    """What is said to be a regular expression, before anything else reads a name or a path in it."""
    for quote in wording.quotes:
        before = wording.text[max(0, quote.start - _BEFORE) : quote.start]
        said = _PATTERN_BEFORE.search(before) or (_MATCHING_BEFORE.search(before) and _OPERATORS.search(quote.text))
        if said and is_pattern(quote.text):
            wording.claim(quote.start - len(said[0]), quote.end)
            yield LineFilter("!~" if wording.negated(quote.start) else "|~", (quote.text,))
    for written in (_PATTERN, _SLASHED):
        yield from _unquoted(wording, written)


def ends(wording: Wording) -> Iterator[LineFilter]:
    """ "Lines that start with FATAL", "ending in }": where in a line the words stand."""
    for match in _AT_AN_END.finditer(wording.text):
        place = match.span("text") if match["text"] else match.span("quoted")
        if wording.claimed(*match.span()) or (wording.taken(*place) and not match["quoted"]):
            continue
        text = (match["text"] or match["quoted"]).rstrip(".,!?")
        if not text:
            continue
        negative = wording.negated(match.start("verb"))
        wording.claim(match.start("verb"), match.end())
        pattern = f"^{escaped(text)}" if match["begins"] else f"{escaped(text)}$"
        yield LineFilter("!~" if negative else "|~", (pattern,))


def matched(wording: Wording) -> Iterator[LineFilter]:
    """ "Matching bid-[a-f0-9]+" where no field was named before it."""
    yield from _unquoted(wording, _MATCHED)


def _unquoted(wording: Wording, written: re.Pattern[str]) -> Iterator[LineFilter]:
    for match in written.finditer(wording.text):
        text = match[1].rstrip(".!,")
        quoted = any(quote.start < match.end() and match.start() < quote.end for quote in wording.quotes)
        if not quoted and not wording.claimed(*match.span()) and is_pattern(text):
            wording.claim(*match.span())
            yield LineFilter("!~" if wording.negated(match.start()) else "|~", (text,))


def addresses(wording: Wording) -> Iterator[LineFilter]:
    """ "From 10.2.3.4" is what a line says, unless it is a host's; a block of addresses is matched as one."""
    for entity in wording.named(EntityType.HOST):
        before = wording.text[max(0, entity.start - _BEFORE) : entity.start]
        if _ADDRESS.fullmatch(entity.value) and not _HOST_BEFORE.search(before):
            block = _BLOCK.match(wording.text, entity.end)
            wording.claim(entity.start, block.end() if block else entity.end)
            value = Address(entity.value + block[0]) if block else entity.value
            yield LineFilter("!=" if wording.negated(entity.start) else "|=", (value,))


def ids(wording: Wording, *, parsed: bool) -> Iterator[Matcher]:
    """Ids that are fields: "user_id 7731", and "user 7731" where lines are known to have fields."""
    for match in _NAMED_ID.finditer(wording.rest):
        field = match[1].lower()
        written = _AS_FIELD.match(match[0])
        if (written or parsed) and not wording.taken(*match.span()):
            wording.take(*match.span())
            yield Matcher(f"{field}_id", "!=" if wording.negated(match.start()) else "=", match[2])


def literals(wording: Wording) -> Iterator[LineFilter]:
    """Filters on what is quoted, named or said to be in a line."""
    any_case = any(list(wording.find(_ANY_CASE)))
    found: list[tuple[int, tuple[str, ...]]] = [(quote.start, (quote.text,)) for quote in wording.quotes]
    found += ((e.start, (e.value,)) for e in wording.named(EntityType.INCIDENT))
    # Without "GET /health" other requests of that path stay.
    found += ((e.start, (e.text if wording.negated(e.start) else e.value,)) for e in wording.named(EntityType.ENDPOINT))
    methods = ((e, _METHOD.match(e.text)) for e in wording.named(EntityType.ENDPOINT))
    found += (
        (entity.start, (method[1],)) for entity, method in methods if method and not wording.negated(entity.start)
    )
    found += ((match.start(2), (match[2],)) for match in wording.find(_NAMED_ID))
    found += (
        (match.start(), (match[0],))
        for match in _TOKEN.finditer(wording.rest)
        if match[0].lower() not in KINDS or _MIXED.match(match[0])
    )
    for start, values in found:
        wording.take(start, start + len(values[0]))
    found += _alternatives(wording, found)
    found += _said(wording, any_case=any_case)
    found += _listed(wording)
    for start, values in _joined_by_or(wording, sorted(found)):
        if any_case:
            pattern = WITHOUT_CASE + "|".join(map(escaped, values))
            yield LineFilter("!~" if wording.negated(start) else "|~", (pattern,))
        elif len(values) == 1:
            yield LineFilter("!=" if wording.negated(start) else "|=", values)
        else:
            yield LineFilter("!~" if wording.negated(start) else "|~", ("|".join(map(escaped, values)),))


def _alternatives(wording: Wording, found: list[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    """ "OOMKilled or oom_kill": what stands beside a name, with "or" between, is a name, too."""
    more: list[tuple[int, tuple[str, ...]]] = []
    for start, (first, *_) in found:
        beside = _OR_WORD.match(wording.text, start + len(first))
        if beside and not wording.taken(*beside.span(1)) and beside[1].lower() not in _NO_TEXT:
            wording.take(*beside.span(1))
            more.append((beside.start(1), (beside[1],)))
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
    before = wording.text[group[0] : start].rstrip(" \"'`“„").lower()
    return before.endswith((" or", " oder")) and len(before) < len("".join(group[1])) + 12 * len(group[1])


def _said(wording: Wording, *, any_case: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Words that lines are said to contain: "mentioning connection reset or broken pipe"."""
    rest = wording.rest
    for quote in wording.quotes:
        yield from _but_not(wording, rest, quote.end)
    for match in _SAID.finditer(rest):
        start = match.end()
        end = _SAID_ENDS.search(rest, start, start + _LONGEST_PHRASE)
        phrase = rest[start : end.start() if end else start + _LONGEST_PHRASE]
        if opening := _OPENING.match(phrase):  # behind "neither" the clause is negative
            start, phrase = start + opening.end(), phrase[opening.end() :]
        text = _EDGES.sub("", phrase.strip(" :.")).strip(" :.")
        if len(text) < 2 or wording.taken(start, start + 1) or text.lower() in _EMPTY:
            continue
        if not any_case and not _BOTH.search(phrase) and _is_kind(match[0], text):
            continue
        wording.take(start, start + len(phrase))
        for part in _ALL.split(text):
            yield start, tuple(_ALTERNATIVES.split(part))
        yield from _but_not(wording, rest, start + len(phrase.rstrip()))


def _but_not(wording: Wording, rest: str, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    not_said = _BUT_NOT.match(rest, end)
    kind = KIND.fullmatch(not_said[1]) if not_said else None
    if not_said and not (kind and _PLURAL.search(kind[0])):
        wording.take(*not_said.span())
        yield not_said.start(1), (not_said[1],)


def _listed(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """ "OOM or killed" beside a service: words of lines, unless all of them are kinds of line."""
    for match in _LIST.finditer(wording.rest):
        words = [word for word in re.split(r"\W*\s(?:or|oder)\s|,\s*", match[1]) if word]
        if all(KIND.fullmatch(word) for word in words) or any(word.lower() in _NO_TEXT for word in words):
            continue
        if not wording.taken(*match.span(1)):
            wording.take(*match.span(1))
            yield match.start(1), tuple(words)


def unwanted(wording: Wording) -> Iterator[LineFilter]:
    """What is still left of "except kube-probe", "without the balancer": words that lines must not hold."""
    rest = wording.rest
    for start, end in wording.exclusions():
        if not _EXCLUDES.search(wording.text, max(0, start - _BEFORE), start) and not _SAYING.match(rest, start):
            continue
        for part in _PARTS.split(rest[start:end]):
            text = _FILLERS.sub("", part.strip(" .:'’")).strip(" .:'’")
            words = text.lower().split()
            if (
                words
                and len(words) <= _LONGEST_NAME
                and BLANK not in text
                and not _NO_TEXT.intersection(words)
                and len(text) > 1
            ):
                yield LineFilter("!=", (text,))


def _is_kind(verb: str, text: str) -> bool:
    """ "About redis timeouts" and "containing timeouts" ask for a kind of line; "containing timeout" for the word."""
    words = _ALTERNATIVES.split(text)
    kinds = [KIND.fullmatch(word) for word in words]
    if all(kind and _PLURAL.search(kind[0]) for kind in kinds):
        return True
    if verb.rstrip().lower().endswith("both"):
        return False
    if _ONLY_KINDS.match(verb):
        return bool(_NO_TEXT.intersection(text.lower().split())) or any(map(str.isdigit, text))
    kind = KIND.search(text)
    return kind is not None and (not _LITERALLY.match(verb) or _PLURAL.search(kind[0]) is not None)
