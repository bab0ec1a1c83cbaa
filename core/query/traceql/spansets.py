"""What is asked of whole spansets: how many spans, how long together, what is to be seen of them."""

import re

from core.nlp.interpretation import EntityType
from core.query.traceql import names
from core.query.traceql.fields import field_named
from core.query.traceql.model import (
    Aggregate,
    Attribute,
    By,
    Expression,
    Intrinsic,
    Operation,
    Quantity,
    ScalarFilter,
    Select,
    Stage,
)
from core.query.traceql.outcome import nearest, of_whole_traces
from core.query.traceql.said import Said
from core.query.traceql.statuses import status_limit
from core.query.wording import BLANK, Wording, dimension_pattern

_SLOWEST = re.compile(
    r"\b(?:slowest|longest|most time|take the longest|took the longest|takes longest|took longest|langsamste\w*|m[aá]s lent[oa]s)\b",
    re.IGNORECASE,
)
_COUNT_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+)x?")
_OF_SPANS = rf"(?:(?:{BLANK}+|the|its|their|of|in|all|single|[\w-]+['’]s)\s){{0,4}}"
_SYSTEM_WORDS = "|".join(sorted(names.SYSTEMS, key=len, reverse=True))
_FOLDED = re.compile(
    rf"\b(?:(?P<avg>avg|average|averages|averaged|mean|on average)|(?P<max>max|maximum|longest|slowest|peak)|(?P<min>min|minimum|shortest|fastest|quickest))\s{_OF_SPANS}(?:spans?|duration|latency|time|calls?|quer(?:y|ies))\b"
    rf"|\b(?P<sum>(?:total|summed|combined|cumulative|aggregate|accumulated|overall)(?: span)? (?:time|duration|latency)\s(?:spent |spans? )?(?:in|on|of spans|across|of all|for all)|sum of|(?:spans?|calls?|durations?|quer(?:y|ies)) (?:(?:of |in |from |by )?(?:the )?{BLANK}+ )?(?:together|combined|in total|add(?:ing)? up|sum(?:ming)? (?:up )?to|total(?:l?ing)?)|(?:time|spend|spent|spends|spending) in total|adds? up to|summed|combined|cumulative|cumulated|accumulated|aggregated|altogether|spen(?:d|ds|t|ding)\b[^.;]{{0,40}}\bin total|all together|zusammen|(?:where|in which|wherein) (?:the )?{BLANK}+ (?:spans? )?(?:needs?|needed|t[ao]kes?|took|uses?|used|burns?|eats?|ate)\b[^.;]{{0,40}}\bin total|total (?:db|database|sql|query|{_SYSTEM_WORDS}) (?:time|duration|latency))\b"
    rf"|\b(?:spans?|duration|latency|calls?)\s(?:{BLANK}+\s)?(?:of \0+ )?(?P<behind>averag(?:e|es|ed|ing)|on average|in the mean)\b"
    r"|\b(?P<loose>avg|averag(?:e[ds]?|ing)|mean(?= of\b| is\b| above| over| exceed)|(?:im|in) (?:the )?(?:schnitt|mean)|durchschnitt\w*|(?:en )?promedio|de media|en media)\b"
    r"|\b(?P<highest>max(?:imum)?)(?= (?:is |are |was )?(?:over|above|more|greater|higher|exceed\w*|beyond|longer|slower|>))|\b(?P<lowest>min(?:imum)?)(?= (?:is |are |was )?(?:over|above|more|greater|higher|exceed\w*|under|below|less|<|>))",
    re.IGNORECASE,
)
_FUNCTIONS = {"behind": "avg", "loose": "avg", "highest": "max", "lowest": "min"}
_NUMBERS_SAID = {
    "a single": "1",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "once": "1",
    "twice": "2",
}
_EXACTLY = re.compile(
    r"\b(?:exactly|precisely|genau|exactamente|(?:only|just)(?= one\b| a single\b)) (?:(\d{1,6}|one|two|three|four|five|a single) (?:[\w./-]+ ){0,3}?(?:spans?|calls?|quer(?:y|ies)|errors?|times)\b|(?=once|twice)(once|twice)\b)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?:between|from|zwischen|entre) (\d{1,5}) (?:and|to|und|y) (\d{1,5}) (?:[\w./-]+ ){0,2}?(?:spans?|calls?|quer(?:y|ies)|errors?|requests?|times)\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"\b(\d{1,4}|two|three|four|five) (?:[\w./-]+ ){1,4}?(?:spans?|calls?|quer(?:y|ies)|errors?|requests?) or more\b|\b(\d{1,4}|two|three|four|five) or more (?=[1-5](?:xx|\d\d)s? (?:spans?|errors?|calls?|requests?|responses?)\b)",
    re.IGNORECASE,
)
_REPEATED = (
    (re.compile(r"\b(?:more than twice|thrice or more|at least three times)\b", re.IGNORECASE), "2"),
    (
        re.compile(
            r"\b(?:more than (?:once|one [\w.]*(?:_|[a-z][A-Z]|\w\.)\w+|one (?:[\w./-]+ ){0,3}?(?:spans?|calls?|quer(?:y|ies)))|multiple times|several times|repeatedly|at least twice|twice or more|twice|again and again|over and over|mehrfach|mehrmals|más de una vez|varias veces)\b",
            re.IGNORECASE,
        ),
        "1",
    ),
)
"""What happens more often than so many times in one trace."""
_PLAIN_FIELD = rf"(?:{'|'.join(sorted({*names.FIELDS, *names.GROUPS}, key=len, reverse=True))})(?![\w.])"
_SELECT = re.compile(
    rf"\b(?:select|include|including|along with|together with|(?:also )?pull(?: also| in| out)?|(?:also )?fetch|(?P<show>(?:show(?:ing)?|give|list|get|display|return)(?: me)?)|and(?= their | its )|with) (?:the |their |its )?((?:(?:span|resource|event)\.)?[a-z]\w*(?:\.\w+)+)\b(?:(?:, | and |, and )(?:the )?(?P<next>(?:(?:span|resource|event)\.)?[a-z]\w*(?:\.\w+)+|durations?|{_PLAIN_FIELD}))?",
    re.IGNORECASE,
)
_ATTRIBUTE_AFTER = re.compile(
    r"\s(?:(?!(?:please|pls|plz|and|or|too|also|as|for|of|from|to|thx|thanks|thank|per|by|along|included|shown|attached|in|on|over|under|where|when|that|which|with|since|during|last|today|yesterday|so|if)\b)[A-Za-z][\w-]*(?=\s*(?:$|[,.?!]|\b(?:in|on|over|under|and|or|that|which|with|slower|longer|from|for)\b))|[\"'\d]|[\w-]{0,40}\d|true\b|false\b)|\s?(?:!=|>=|<=|==|=~|=|>|<|(?:is|isn['’]?t|are|not|in|at|of|between|over|above|under|below|more|less|greater|contain|start|begin|end|match|like|equal|set|present|missing|absent|defined|null)\w*\b)"
)
_FIELD = rf"(?:{'|'.join(sorted({*names.FIELDS, *names.GROUPS, 'duration', 'durations'} - {'span', 'spans', 'call', 'calls', 'query', 'queries', 'user', 'users'}, key=len, reverse=True))})(?![\w.])"
_SHOWN = re.compile(
    rf"\b(?:select|show|list|give|return|get|print|display|include|want|need|see)(?: me)?(?: only| just)? (?:the |their )?({_FIELD}(?:(?:,? and |, ?| & )(?:the |their )?{_FIELD}){{0,5}}) (?:of|for|from)\b"
    rf"|\b(?:(?:also )?(?:pull|fetch|include|show|add|bring)(?: me)?(?: also| too| in| along)?|along with|together with|incl(?:\.|uding)?|plus|(?<!ing )(?<!starts )(?<!begins )(?<!ends )(?<!start )(?<!begin )(?<!end )with(?= the | their | its )|and(?= the | their | its )|(?:also )?give(?: me)?|(?:also )?select|i (?:also )?(?:need|want)) (?:the |their |its |only the )?({_FIELD}(?:(?:,? and |, ?| & )(?:the |their )?{_FIELD}){{0,5}})(?: too| as well| along| (?:shown|selected|included|of each)|,? (?:please|pls|plz|thanks|thx)){{0,2}}(?=\s*(?:[,.;?!]|$))",
    re.IGNORECASE,
)
_WORD = re.compile(rf"\b{_FIELD}", re.IGNORECASE)
_APART = re.compile(r"(?:group|split|broken|break|bucket|by|per|for|each|every|pro|por|nach|which|what)", re.IGNORECASE)
_GROUPED = re.compile(r"\bgroup(?:ed|ing)?\b", re.IGNORECASE)
_GROUPS = dimension_pattern(names.GROUPS)
_GROUP = re.compile(rf"\b(?:{'|'.join(sorted(names.GROUPS, key=len, reverse=True))})\b", re.IGNORECASE)
_NUMBERS = re.compile(
    r"\b(?:how many|how often|number|counts?|rate|per second|over time|p\d\d|percentile|quantile|avg|average|mean|median|max|maximum|min|minimum)\b",
    re.IGNORECASE,
)


def folded(wording: Wording, said: tuple[Said, ...]) -> tuple[tuple[ScalarFilter, ...], tuple[Said, ...]]:
    """Limits on numbers made of a trace's spans, and the conditions on spans that are left."""
    limits = [(one.start, one.end) for one in said if is_limit(one.condition)]
    folds = {nearest(wording.text, match.span(), limits): match for match in _FOLDED.finditer(wording.plain)}
    made: list[ScalarFilter] = []
    left: list[Said] = []
    number = -1
    whole = any(of_whole_traces(wording.plain))
    for one in said:
        number += is_limit(one.condition)
        match one.condition:
            case Operation(op=op, left=Intrinsic(name="duration" | "traceDuration"), right=Quantity() as value) if (
                number in folds and is_limit(one.condition) and not (whole and folds[number]["sum"])
            ):
                function = next(name for name, text in folds[number].groupdict().items() if text)
                made.append(ScalarFilter(op, Aggregate(_FUNCTIONS.get(function, function), names.DURATION), value))
            case _:
                left.append(one)
    numbers = (e for e in wording.named(EntityType.THRESHOLD) if not status_limit(wording, e))
    counts = (_COUNT_LIMIT.fullmatch(entity.value) for entity in numbers)
    made += (ScalarFilter(found[1], Aggregate("count"), Quantity(found[2])) for found in counts if found)
    if spread := _BETWEEN.search(wording.text):
        made += (
            ScalarFilter(op, Aggregate("count"), Quantity(number))
            for op, number in ((">=", spread[1]), ("<=", spread[2]))
        )
    for exactly in _EXACTLY.finditer(wording.text):
        made.append(ScalarFilter("=", Aggregate("count"), Quantity(_number(exactly[1] or exactly[2]))))
    if more := _OR_MORE.search(wording.text):
        made.append(ScalarFilter(">=", Aggregate("count"), Quantity(_number(more[1] or more[2]))))
    if not any(isinstance(one.left, Aggregate) and one.left.function == "count" for one in made):
        for pattern, times in _REPEATED:
            if pattern.search(wording.text):
                made.append(ScalarFilter(">", Aggregate("count"), Quantity(times)))
                break
    return tuple(made), tuple(left)


def _number(said: str) -> str:
    return _NUMBERS_SAID.get(said.lower(), said)


def is_limit(condition: Expression) -> bool:
    """Whether the condition limits how long spans or traces took."""
    return isinstance(condition, Operation) and condition.left in (names.DURATION, names.TRACE_DURATION)


def shown(wording: Wording) -> tuple[Attribute | Intrinsic, ...]:
    """The values that are to come along; where they are named at the end, nothing else is read there."""
    found: list[Attribute | Intrinsic] = []
    for match in _SELECT.finditer(wording.text):
        behind = _ATTRIBUTE_AFTER.match(wording.text, match.end())
        if behind is None or (match["show"] and behind[0].strip() == "of"):
            found.append(field_named(match[2]))
            if following := match["next"]:
                found.append(field_named(following) if "." in following else _shown(following.lower()))
            wording.claim(*match.span(2))
    for match in _SHOWN.finditer(wording.text):
        found += (_shown(word.lower()) for word in _WORD.findall(match[1] or match[2]))
        if match[2]:
            wording.claim(*match.span(2))
    return tuple(dict.fromkeys(found))


def stages(wording: Wording, chosen: tuple[Attribute | Intrinsic, ...]) -> list[Stage]:
    """What else follows the spans: which values come along with them."""
    if _SLOWEST.search(wording.plain) and not _FOLDED.search(wording.plain):
        chosen = tuple(dict.fromkeys((*chosen, names.DURATION)))
    return [Select(chosen)] if chosen else []


def grouped(wording: Wording, *, limited: bool = False, folded: bool = False) -> By | None:
    """Spans put in groups by a value: "group failed spans by name". `limited`: a limit on how many there are follows, for each group."""
    if not limited and (not _GROUPED.search(wording.plain) or (_NUMBERS.search(wording.plain) and not folded)):
        return None
    for match in _GROUPS.finditer(wording.rest):
        if limited and not _APART.match(match[0]):
            continue  # "exactly 4 spans"
        wording.take(*match.span())
        for word in _GROUP.findall(match[1]):
            return By(names.GROUPS[word.lower()])
    return None


def _shown(word: str) -> Attribute | Intrinsic:
    if word in ("duration", "durations"):
        return names.DURATION
    return names.FIELDS.get(word) or names.GROUPS[word]
