"""Which words of a sentence name services: the finder of entities takes some for names that are fields here, and overlooks ordinary words."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.traceql import names
from core.query.translation import Question

_NO_ORDER = re.compile(
    r"\b(?:(?:in )?(?:any|whatever|whichever|either|no particular|no specific) order|(?:the )?order(?: (?:of|between|among) (?:them|these|both|the two|calls))? (?:is |does |do |are |shall )?(?:not|n['’]t|no|irrelevant|unimportant|whatever)(?: (?:important|matter\w*|relevant))?|(?:regardless|irrespective|independent(?:ly)?) of (?:the )?order)\b",
    re.IGNORECASE,
)
""" "Order" is no service here."""
_FIELD_NAMES = re.compile(
    rf"\b(?:{'|'.join(sorted((re.escape(word) for word in {*names.FIELDS, *names.GROUPS} if ' ' in word), key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:user|customer|order|payment|invoice|cart|session|account|device|tenant|job|client|request|transaction|merchant)s?(?:['’]s)?\s?(?:ids?|number|no\.?|#)?\s?[:#=]?\s?#?\d{2,}(?!xx|\d*\s?(?:ms|s|m|h|spans?|errors?)\b)",
    re.IGNORECASE,
)
""" "User 77" is nobody's service."""
_NO_SERVICES = frozenset(
    [
        "api",
        "app",
        "client",
        "database",
        "db",
        "error",
        "errors",
        "gateway",
        "get",
        "grpc",
        "http",
        "internal",
        "kind",
        "mode",
        "name",
        "post",
        "process",
        "queue",
        "root",
        "route",
        "server",
        "service",
        "span",
        "spans",
        "status",
        "trace",
        "traces",
        "web",
        "worker",
    ]
) | frozenset(names.SYSTEMS)
"""Words that mean something else here."""
_ID_BEHIND = re.compile(r"['’]?s?\s(?:ids?|agent|number)\b", re.IGNORECASE)
_PEOPLE = frozenset(["customers", "users", "devices", "sessions", "clients", "requests", "accounts", "tenants"])
_CODES_PLUS = re.compile(r"([1-5]\d\d)s plus\b", re.IGNORECASE)
_OVER = re.compile(r"over (\d{1,5}) ?(s|secs?|seconds?|m|mins?|minutes?|h|hours?)", re.IGNORECASE)
_TOOK = re.compile(
    r"\b(?:t[ao]kes?|took|taking|taken|needs?|needed|needing|lasts?|lasted|lasting|runs?|ran|running|hangs?|hung|waits?|waited|waiting|spends?|spent) (?:for )?\Z",
    re.IGNORECASE,
)
_TOPIC_BEFORE = re.compile(r"\b(?:topic|queue)s? (?:named |called |= ?)?\Z", re.IGNORECASE)
_DOTTED = re.compile(r"\.[a-z]", re.IGNORECASE)


def understood(question: Question) -> Question:
    """ "In any order", "user agent" and "topic payments.captured" name no services."""
    text = question.text
    taken = [match.span() for pattern in (_NO_ORDER, _FIELD_NAMES) for match in pattern.finditer(text)]

    def mistaken(entity: Entity) -> bool:
        if entity.type is not EntityType.SERVICE:
            return False
        if entity.text.lower() in _PEOPLE and entity.value.lower() != entity.text.lower():
            return True
        if "_" in text[max(0, entity.start - 1) : entity.end + 1] and "_" not in entity.value:
            return True  # `notify_courier` is a span
        inside = any(start <= entity.start < end for start, end in taken) or bool(_NUMBERED.match(text, entity.start))
        return (inside and entity.text.lower() != entity.value.lower()) or bool(
            _TOPIC_BEFORE.search(text, 0, entity.start) or _DOTTED.match(text, entity.end)
        )

    kept = [_status(one, text) for one in question.entities if not mistaken(one)]
    return replace(question, entities=(*kept, *_overlooked(question)))


def _status(entity: Entity, text: str) -> Entity:
    """ "401s plus the route" speaks of a status, and "needs over 1 minute" of no window."""
    over = _OVER.fullmatch(entity.text) if entity.type is EntityType.TIME_RANGE else None
    if over and _TOOK.search(text, max(0, entity.start - 20), entity.start):
        return replace(entity, type=EntityType.THRESHOLD, value=f">{over[1]}{over[2][0].lower()}")
    if entity.type is EntityType.THRESHOLD and (code := _CODES_PLUS.match(entity.text)):
        return Entity(EntityType.HTTP_STATUS, code[1], code[1], entity.start, entity.start + len(code[1]))
    return entity


def _overlooked(question: Question) -> Iterator[Entity]:
    """Services whose names are ordinary words: where traces are spoken of, "checkout" is the service, wherever it stands."""
    names_ = {service.lower(): service for service in question.services if service.lower() not in _NO_SERVICES}
    if not names_:
        return
    taken = [(entity.start, entity.end) for entity in question.entities]
    word = "|".join(sorted(map(re.escape, names_), key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w/.=_\"'`-])(?:{word})(?![\w/_\"'`-]|\.\w|\s?=)", question.text, re.IGNORECASE):
        order = match[0].lower() == "search" and not question.text[: match.start()].strip()
        known = any(start < match.end() and match.start() < end for start, end in taken)
        other = _ID_BEHIND.match(question.text, match.end()) or _TOPIC_BEFORE.search(question.text, 0, match.start())
        if not (order or known or other):
            yield Entity(EntityType.SERVICE, match[0], names_[match[0].lower()], *match.span())
