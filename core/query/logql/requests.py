"""What a sentence says of requests: their methods and their paths."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.codes import BARE_STATUS, RESPONSES
from core.query.logql.conditions import one_of
from core.query.logql.model import Condition, Matcher
from core.query.patterns import escaped
from core.query.wording import Wording

_METHOD = re.compile(
    r"\b((?:(?:[Mm]ethods?|[Vv]erb)(?: is)?|called|did|issued|made|doing|does|calling)[ =]+)?(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(s|['’]s)?\b(?P<calls> (?:requests?|calls?|traffic)\b)?"
)
_METHODS = re.compile(
    r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(?:['’]?s\b| (?:requests?|calls?|traffic)\b)|\b(?:requests?|calls?|reqs?) (?:(?:that|which) (?:are|is|were)n['’]?t|(?:that|which) (?:are|were) not|except|other than|without|excluding|besides|with|using|via|but not|but|no|not) (?:the )?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b"
)
_DURATION = re.compile(r"(?:>=|<=|>|<)[0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h)")
_CODE_BEHIND = re.compile(r"(?<=\0 )[1-5]\d\d(?=\s*(?:[,.?!]|\Z|(?:in|on|from|or|and)\b))")
_PATH_BEFORE = re.compile(
    r"\b(?:path|endpoint|route|uri|url)s?(?: (?:is|was|of|=|not|isn['’]?t|equals|other|than)){0,3} \Z", re.IGNORECASE
)
_UNDER = re.compile(r"\b(?:under|below|beneath|starting with|beginning with|starts? with) \Z", re.IGNORECASE)
_PATH_BEHIND = re.compile(r" (?:path|endpoint|route|url)s?\b(?! (?:is|was|with|where)\b)", re.IGNORECASE)
_BEFORE = 60
"""Characters before a path in which it is named."""


def of_requests(wording: Wording) -> bool:
    """Whether statuses, methods or durations are asked for: such lines have fields, and their paths and methods are some."""
    if RESPONSES.search(wording.rest) or (wording.named(EntityType.ENDPOINT) and _CODE_BEHIND.search(wording.rest)):
        return True
    named = wording.named(EntityType.HTTP_STATUS) or _METHODS.search(wording.rest) or BARE_STATUS.search(wording.rest)
    return bool(named) or any(_DURATION.fullmatch(entity.value) for entity in wording.named(EntityType.THRESHOLD))


def paths(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "On path /login" is a field, and so is any path where lines are known to have fields; else the text of the line says it."""
    label = LABELS[EntityType.ENDPOINT]
    for entity in wording.named(EntityType.ENDPOINT):
        name = _PATH_BEFORE.search(wording.text, max(0, entity.start - _BEFORE), entity.start)
        negative = wording.negated(entity.start)
        name = name or _PATH_BEHIND.match(wording.text, entity.end)
        name = name or _UNDER.search(wording.text, max(0, entity.start - _BEFORE), entity.start)
        if not name and (negative or not parsed):
            continue
        method = _METHOD.match(entity.text)
        wording.claim(
            min(name.start(), entity.start) if name else entity.start,
            max(name.end(), entity.end) if name else entity.end,
        )
        if method and not negative:
            yield Matcher("method", "=", method[2])
        if _UNDER.search(wording.text, max(0, entity.start - _BEFORE), entity.start):
            yield Matcher(label, "!~" if negative else "=~", escaped(entity.value) + ".*")
            continue
        yield Matcher(label, "!=" if negative else "=", entity.value)


def methods(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Method POST" is a field, and so is a bare POST where lines are known to have fields; several are alternatives."""
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in _METHOD.finditer(wording.rest):
        if (match[1] or match[3] or match["calls"] or parsed) and not wording.taken(*match.span()):
            wording.take(*match.span())
            said[wording.negated(match.start(2))].append(match[2])
    for negative, named in said.items():
        if named:
            yield one_of("method", tuple(dict.fromkeys(named)), negative=negative)
