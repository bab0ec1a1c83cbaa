"""What is asked of whole spansets: how many spans, how long together, what is to be seen of them."""

import re

from core.nlp.interpretation import EntityType
from core.query.traceql import names, spans
from core.query.traceql.model import (
    Aggregate,
    Attribute,
    By,
    Intrinsic,
    Operation,
    Quantity,
    ScalarFilter,
    Select,
    Stage,
)
from core.query.traceql.said import Said
from core.query.wording import BLANK, Wording, dimension_pattern

_SLOWEST = re.compile(
    r"\b(?:slowest|longest|most time|take the longest|took the longest|takes longest|took longest|langsamste\w*|m[aá]s lent[oa]s)\b",
    re.IGNORECASE,
)
_COUNT_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+)x?")
_OF_SPANS = rf"(?:(?:{BLANK}+|the|its|their|of|in|all|single|[\w-]+['’]s)\s){{0,4}}"
_FOLDED = re.compile(
    rf"\b(?:(?P<avg>avg|average|averages|averaged|mean|on average)|(?P<max>max|maximum|longest|slowest|peak)|(?P<min>min|minimum|shortest|fastest|quickest))\s{_OF_SPANS}(?:spans?|duration|latency|time|calls?|quer(?:y|ies))\b"
    rf"|\b(?P<sum>(?:total|summed|combined|cumulative|aggregate|accumulated|overall)(?: span)? (?:time|duration|latency)\s(?:spent |spans? )?(?:in|on|of spans|across|of all|for all)|sum of (?:the )?(?:span )?durations?|(?:spans?|calls?|durations?) (?:together|combined|in total|add(?:ing)? up|sum(?:ming)? (?:up )?to|total(?:l?ing)?)|(?:time|spend|spent|spends|spending) in total|adds? up to)\b"
    rf"|\b(?:spans?|duration|latency|calls?)\s(?:{BLANK}+\s)?(?:of \0+ )?(?P<behind>averag(?:e|es|ed|ing)|on average|in the mean)\b",
    re.IGNORECASE,
)
_EXACTLY = re.compile(r"\bexactly (\d{1,6}) (?:[a-z]+ ){0,2}(?:spans?|calls?|quer(?:y|ies)|errors?)\b", re.IGNORECASE)
_SELECT = re.compile(
    r"\b(?:select|include|including|along with|together with|(?:also )?pull(?: also| in| out)?|(?:also )?fetch|show(?:ing)?(?: me)?|with) (?:the |their |its )?((?:(?:span|resource|event)\.)?[a-z]\w*(?:\.\w+)+)\b",
    re.IGNORECASE,
)
_ATTRIBUTE_AFTER = re.compile(
    r"\s?(?:!=|>=|<=|==|=~|=|>|<|(?:is|isn['’]?t|are|not|in|at|of|between|over|above|under|below|more|less|greater|contain|start|begin|end|match|like|equal)\w*\b)"
)
_FIELD = rf"(?:{'|'.join(sorted({*names.FIELDS, *names.GROUPS, 'duration'} - {'span', 'spans', 'call', 'calls', 'query', 'queries', 'user', 'users'}, key=len, reverse=True))})"
_SHOWN = re.compile(
    rf"\b(?:select|show|list|give|return|get|print|display|include)(?: me)?(?: only| just)? (?:the |their )?({_FIELD}(?:(?:,? and |, ?| & ){_FIELD}){{0,5}}) (?:of|for|from)\b"
    rf"|\b(?:(?:also )?(?:pull|fetch|include|show|add|bring)(?: me)?(?: also| too| in| along)?|along with|together with|plus) (?:the |their )?({_FIELD}(?:(?:,? and |, ?| & )(?:the |their )?{_FIELD}){{0,5}})(?: too| as well| along)?(?=\s*(?:[,.;?!]|$))",
    re.IGNORECASE,
)
_WORD = re.compile(_FIELD, re.IGNORECASE)
_APART = re.compile(r"(?:group|split|broken|break|bucket|by|per|for|each|every|pro|por|nach|which|what)", re.IGNORECASE)
_GROUPED = re.compile(r"\bgroup(?:ed|ing)?\b", re.IGNORECASE)
_GROUPS = dimension_pattern(names.GROUPS)
_GROUP = re.compile(rf"\b(?:{'|'.join(sorted(names.GROUPS, key=len, reverse=True))})\b", re.IGNORECASE)
_NUMBERS = re.compile(
    r"\b(?:how many|how often|number|counts?|rate|per second|over time|p\d\d|percentile|quantile)\b", re.IGNORECASE
)


def folded(wording: Wording, said: tuple[Said, ...]) -> tuple[tuple[ScalarFilter, ...], tuple[Said, ...]]:
    """Limits on numbers made of a trace's spans, and the conditions on spans that are left."""
    limit = _FOLDED.search(wording.plain)
    made: list[ScalarFilter] = []
    left: list[Said] = []
    for one in said:
        match one.condition:
            case Operation(op=op, left=Intrinsic(name="duration" | "traceDuration"), right=Quantity() as value) if (
                limit
            ):
                function = next(name for name, text in limit.groupdict().items() if text)
                aggregate = Aggregate("avg" if function == "behind" else function, names.DURATION)
                made.append(ScalarFilter(op, aggregate, value))
            case _:
                left.append(one)
    numbers = (e for e in wording.named(EntityType.THRESHOLD) if not spans.status_limit(wording, e))
    limits = (_COUNT_LIMIT.fullmatch(entity.value) for entity in numbers)
    made += (ScalarFilter(found[1], Aggregate("count"), Quantity(found[2])) for found in limits if found)
    made += (ScalarFilter("=", Aggregate("count"), Quantity(found[1])) for found in _EXACTLY.finditer(wording.rest))
    return tuple(made), tuple(left)


def stages(wording: Wording) -> list[Stage]:
    """What else follows the spans: how they are grouped, and which values come along with them."""
    made: list[Stage] = []
    chosen = [
        spans.field_named(match[1])
        for match in _SELECT.finditer(wording.text)
        if not _ATTRIBUTE_AFTER.match(wording.text, match.end())
    ]
    for match in _SHOWN.finditer(wording.text):
        chosen += (_shown(word.lower()) for word in _WORD.findall(match[1] or match[2]))
    if _SLOWEST.search(wording.plain) and not _FOLDED.search(wording.plain):
        chosen.append(names.DURATION)
    if chosen:
        made.append(Select(tuple(dict.fromkeys(chosen))))
    return made


def grouped(wording: Wording, *, limited: bool = False) -> By | None:
    """Spans put in groups by a value: "group failed spans by name". `limited`: a limit on how many there are follows, for each group."""
    if not limited and (not _GROUPED.search(wording.plain) or _NUMBERS.search(wording.plain)):
        return None
    for match in _GROUPS.finditer(wording.rest):
        if limited and not _APART.match(match[0]):
            continue  # "exactly 4 spans"
        wording.take(*match.span())
        for word in _GROUP.findall(match[1]):
            return By(names.GROUPS[word.lower()])
    return None


def _shown(word: str) -> Attribute | Intrinsic:
    if word == "duration":
        return names.DURATION
    return names.FIELDS.get(word) or names.GROUPS[word]
