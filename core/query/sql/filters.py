"""Which rows a sentence asks for."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.sql import phrases, recurring, searched, stretches
from core.query.sql.model import (
    Both,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Either,
    Elapsed,
    Instant,
    Missing,
    OneOf,
    PartOf,
    Value,
)
from core.query.sql.people import named
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, Subject, status_column
from core.query.wording import Wording

_CLAUSE = re.compile(r"(?:\s+(?:ones?|runs?|incidents?))?\s+(?:that|which|who|with|where)\b", re.IGNORECASE)
_SEVERITIES = ("sev1", "sev2", "sev3", "sev4")
_SEVERITY_NUMBERS = re.compile(
    r"\b(?:sev|p)[ -]?[1-4]\s?(?:-|–|to|through|thru|bis)\s?(?:sev|p)[ -]?[1-4]s?\b|\b(?:sev(?:erit(?:y|ies))?|prio(?:rit(?:y|ies))?|p)s?[ -]?[1-4](?:\s?(?:,|/|or|and|&|\+|-|–|to|through|und|oder|bis|y|o)\s?[1-4](?![\d:.]|\s?(?:h|d|m|days?|hours?|min\w*|weeks?|months?|or more|runs?|incidents?|times)\b)){1,3}\b",
    re.IGNORECASE,
)
_OR_WORSE = re.compile(
    r"^\s*(?:or|and|\+)\s*(?:worse|higher|above|up|more severe|greater|more critical)\b|^\s?\+", re.IGNORECASE
)
_OR_BETTER = re.compile(r"^\s*(?:or|and)\s*(?:below|lower|less|under|milder|less severe)\b", re.IGNORECASE)
_WORSE_THAN = re.compile(r"\b(?:worse|higher|more severe) than\s*$", re.IGNORECASE)
_LOWER_THAN = re.compile(
    r"\b(?:lower|less severe|milder|less critical) than\s*$|\b(?:severity|severities) (?:below|under)\s*$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"\bat least\s*$", re.IGNORECASE)
_SESSION = re.compile(
    r"\b(?:session|conversation|chat|thread)(?: id)?\s?[:=#]?\s?((?=[\w.:-]{0,60}\d)[\w.:-]{2,80}|[a-z]+-[\w-]{2,60})|\b(s-[0-9]{1,12})\b|\b(?:in|from|of|and|or)\s+((?-i:S)[0-9]{1,12})\b",
    re.IGNORECASE,
)
_RUN_ID = re.compile(
    r"\brun\s?(?:#|(?:with )?(?:the )?id(?: is|:|=)?|number|nr\.?|no\.?)?\s?((?:RUN-)?(?=[\w-]{0,30}\d)[\w-]{2,40})\b|\b(RUN-[0-9A-Z]{4,12})\b",
    re.IGNORECASE,
)
_VERBS = "deploy|rollback|maintenance|restart|scale|backup|migration|migrate|cleanup|release|failover|drain|rotate"
_HYPHENED = r"[a-z][a-z0-9]{0,30}(?:[-_][a-z0-9]{1,30}){1,5}"
_HYPHENED_CLAUSE = re.compile(rf"\b({_HYPHENED})\s+(?:that|which|who|with|where)\b", re.IGNORECASE)
_WORKFLOW = re.compile(
    rf"\b(?:(?:the |workflow |our )?({_VERBS})(?:s|es|ments?|ions?|ed|ing)?)\b(?! (?:workflows? )?(?:by|per)\b)",
    re.IGNORECASE,
)
_WORKFLOW_NAMED = re.compile(
    r"\b(?:workflow|pipeline|job)s? (?:named |called )?([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)\b|\b([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+) (?:workflow|runs?|pipeline|job|executions?)\b"
    rf"|\b(?:(?<!waiting )(?<!pending )(?<!awaiting )(?<!asking )for|of|did|does|has|is|was) ({_HYPHENED})(?![\w-])"
    rf"|(?<![\w-])((?!re-)(?:[a-z0-9]{{1,30}}[-_]){{1,4}}(?:{_VERBS})(?![a-z])|(?:{_VERBS})(?:[-_][a-z0-9]{{1,30}}){{1,4}}(?![\w-]))",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(
    r"\b(?:(?:nobody|no one|noone|niemand|nadie) (?:has |have |ever |yet |bothered to |cares to )*(?:close[sd]?|resolve[sd]?|fix(?:e[sd])?|closing|resolving|fixing)|no resolution|without (?:a |any )?resolution|unresolved|unfixed|sin (?:resolver|cerrar|arreglar|soluci\w+)|no (?:resuelt[oa]s?|cerrad[oa]s?)|(?:noch )?(?:nicht|un)[ ]?gel[oö]st\w*|(?:not|never|(?:is|are|was|were|has|have)n['’]?t) (?:yet |been |yet been )?(?:resolved|closed|fixed))\b",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"\b(?:unfinished|not (?:yet )?finished|haven'?t finished|never finished|still (?:going|running)|without (?:an? )?end|not done)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:without|with no|no|missing|lacking) (?:an? |any |the )?(end time|finish time|end date|end|resolved time|resolution time|resolution date|close date|service|severity|status|workflow|role|session|person|owner|triggered_by|title|resolved_at|finished_at)(?: set| assigned)?\b",
    re.IGNORECASE,
)
_HYPHEN_BEHIND = re.compile(r"-(?=[a-z])(?!runs?\b|incidents?\b|only\b|ones\b|since\b|state\b|status\b)", re.IGNORECASE)
_STATUS_LEAD = re.compile(
    r"(?<![a-z])(?:still|non|not|yet|un|auto|long|never|re|sev[1-4]|p[1-4])-\Z|[^a-z]-\Z", re.IGNORECASE
)
_FINISHED = re.compile(
    r"\b(?:finished|ended) (?:ones|(?:\w+ )?(?:runs?|executions?|jobs?|deploys?|workflows?))\b|\b(?:only|just) (?:the )?(?:finished|ended)\b|\((?:only )?(?:finished|ended)\b",
    re.IGNORECASE,
)
"""Runs that are over, however they ended."""
_ENDING = re.compile(r"(?:end|finish|resol|close)")
_EMPTY = re.compile(
    r"\b(triggered_by|resolved_at|finished_at|title|service|person|owner|severity|status|role|workflow)s? (?:(?:is|are|was) )?(?:(not|isn'?t) )?(?:empty|null|missing|unset|blank|unknown|none|not set|not filled)\b|\b(?:unknown|empty|missing|unset|null) (resolved_at|finished_at|title|service|person|owner|severity|triggered_by)\b|\b(?:nobody|no one) (?:triggered|started|owns|launched|claimed)\b|\b(?:triggered|started|launched|owned|run) by (?:nobody|no one|noone)\b",
    re.IGNORECASE,
)


_NOBODY = re.compile(r"\b(?:nobody|no one|noone)\b", re.IGNORECASE)


def find(wording: Wording, subject: Subject, *, table: str = "") -> tuple[Condition, ...]:
    """All conditions on rows of this table; `table` qualifies their columns where several tables are read."""
    _affirm_clauses(wording, subject)
    searched.release(wording, subject)
    for gap in phrases.GAP.finditer(wording.plain):  # "the longest time without a sev1" is between those
        wording.affirm(gap.end())
    if then := stretches.at_that_time(wording, subject):
        wording.claim(then.start, then.end)
    made = (
        *(stretches.going_on_then(wording, subject, then) if then else ()),
        *recurring.conditions(wording, subject),
        *_unset(wording, subject),
        *_ids(wording, subject),
        *(_incident_columns(wording) if subject is INCIDENTS else ()),
        *(_run_columns(wording) if subject is RUNS else ()),
        *(_session(wording) if subject is MESSAGES else ()),
        *_statuses(wording, subject),
        *_text(wording, subject, names=not table),
        *stretches.characters(wording, subject),
        *stretches.ago(wording, subject),
        *stretches.lengths(wording, subject),
        *stretches.times(wording, subject),
    )
    if any(isinstance(one, OneOf) and one.expr == Column("id") and not one.negative for one in made):
        # What is asked for by name is shown with its status, whatever that is.
        made = tuple(one for one in made if not (isinstance(one, OneOf) and one.expr == Column("status")))
    return tuple(dict.fromkeys(qualified(condition, table) for condition in made))


def _affirm_clauses(wording: Wording, subject: Subject) -> None:
    """ "Except staging-cleanup that failed": the clause speaks of the rows, not of what is excluded."""
    for kind in (EntityType.WORKFLOW, EntityType.SERVICE, EntityType.SEVERITY, EntityType.INCIDENT):
        for entity in wording.named(kind):
            if wording.negated(entity.start) and _CLAUSE.match(wording.text, entity.end):
                wording.affirm(entity.end)
    for pattern in (_UNRESOLVED, _UNFINISHED, *(words for words, _, _ in subject.statuses)):
        for match in pattern.finditer(wording.text):
            if wording.negated(match.end() - 1) and _CLAUSE.match(wording.text, match.end()):
                wording.affirm(match.end())
    for match in _HYPHENED_CLAUSE.finditer(wording.text):
        if wording.negated(match.start()):
            wording.affirm(match.end(1))


def _column(subject: Subject, word: str) -> str | None:
    if word in subject.columns:
        return word
    return subject.end or None if _ENDING.match(word) else subject.dimensions.get(word)


def _ids(wording: Wording, subject: Subject) -> Iterator[Condition]:
    if subject is INCIDENTS:
        for negative in (False, True):
            if ids := wording.values(EntityType.INCIDENT, negated=negative):
                yield one_of("id", ids, negative=negative)
    if subject is RUNS:
        ids = tuple(match[1] or match[2] for match in wording.find(_RUN_ID))
        ids += tuple(
            value
            for value in wording.values(EntityType.WORKFLOW)
            if re.fullmatch(r"(?:RUN-\w+|\d+)", value, re.IGNORECASE)
        )
        if ids:
            yield one_of("id", tuple(dict.fromkeys(ids)))


def _incident_columns(wording: Wording) -> Iterator[Condition]:
    numbered = tuple(_numbered(wording))
    for negative in (False, True):
        if services := wording.values(EntityType.SERVICE, negated=negative):
            yield one_of("service", services, negative=negative)
        if severities := tuple(
            dict.fromkeys(
                (*_severities(wording, negative=negative), *(one for one, away in numbered if away is negative))
            )
        ):
            yield one_of("severity", severities, negative=negative)


def _numbered(wording: Wording) -> Iterator[tuple[str, bool]]:
    """ "Severity 1 or 2", "sev 1-3": all of them, and whether they are excluded."""
    for match in _SEVERITY_NUMBERS.finditer(wording.text):
        first, *others = re.findall(r"[1-4]", match[0])
        span = re.search(r"\d\s?(?:-|–|to|through|thru|bis)\s?(?:sev|p)?[ -]?\d", match[0], re.IGNORECASE)
        numbers = range(int(first), int(others[-1]) + 1) if span else map(int, (first, *others))
        negative = wording.negated(match.start())
        wording.claim(*match.span())
        yield from ((f"sev{number}", negative) for number in numbers)


def _severities(wording: Wording, *, negative: bool) -> Iterator[str]:
    """With "or worse" and the like widened to all that are meant."""
    for entity in wording.named(EntityType.SEVERITY):
        if wording.negated(entity.start) is not negative or entity.value not in _SEVERITIES:
            continue
        place = _SEVERITIES.index(entity.value)
        behind, before = wording.text[entity.end :], wording.text[: entity.start]
        if _OR_WORSE.match(behind) or _AT_LEAST.search(before):
            yield from _SEVERITIES[: place + 1]
        elif _OR_BETTER.match(behind):
            yield from _SEVERITIES[place:]
        elif _LOWER_THAN.search(before):
            yield from _SEVERITIES[place + 1 :]
        elif _WORSE_THAN.search(before):
            yield from _SEVERITIES[:place]
        else:
            yield entity.value


def _run_columns(wording: Wording) -> Iterator[Condition]:
    names = [
        (entity.value, entity.start)
        for entity in wording.named(EntityType.WORKFLOW)
        if not re.fullmatch(r"(?:RUN-\w+|\d+)", entity.value, re.IGNORECASE)
    ]
    names += ((next(filter(None, match.groups())), match.start()) for match in wording.find(_WORKFLOW_NAMED))
    names += ((_verb(match[1]), match.start()) for match in wording.find(_WORKFLOW))
    people = named(wording)
    for negative in (False, True):
        if wanted := tuple(dict.fromkeys(name for name, start in names if wording.negated(start) is negative)):
            yield one_of("workflow", wanted, negative=negative)
        if people[negative]:
            yield one_of("triggered_by", people[negative], negative=negative)


def _verb(word: str) -> str:
    return {"migration": "migrate", "rolled back": "rollback"}.get(word.lower(), word.lower())


def _session(wording: Wording) -> Iterator[Condition]:
    found = list(_SESSION.finditer(wording.text))
    for match in found:
        wording.claim(*match.span())
    if ids := tuple(dict.fromkeys(match[1] or match[2] or match[3] for match in found)):
        yield one_of("session_id", ids)


def _unset(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """ "Without a service": the column says nothing."""
    for match in wording.find(_EMPTY):
        column = _column(subject, (match[1] or match[3] or "").lower())
        column = "triggered_by" if subject is RUNS and _NOBODY.search(match[0]) else column
        if column:
            yield Missing(Column(column), negative=bool(match[2]))
    for match in wording.find(_WITHOUT):
        if column := _column(subject, match[1].lower()):
            yield Missing(Column(column))


def _statuses(wording: Wording, subject: Subject) -> Iterator[Condition]:
    column = status_column(subject)
    found: dict[bool, list[str]] = {}
    if subject is INCIDENTS:
        for match in wording.find(_UNRESOLVED):
            yield Missing(Column(subject.end), negative=wording.negated(match.start()))
    for pattern, statuses, none_of in subject.statuses:
        for match in wording.find(pattern):
            if stretches.SAME.search(wording.text, match.end(), match.end() + 25) or _is_part(wording.text, match):
                continue
            negative = wording.negated(match.start()) != none_of
            found.setdefault(negative, []).extend(map(str, statuses))
    if subject is RUNS and _UNFINISHED.search(wording.text):
        yield Missing(Column(subject.end))
        return
    finished = _FINISHED.search(wording.text) if subject is RUNS else None
    if finished and not wording.negated(finished.end() - 1):
        yield Missing(Column(subject.end), negative=True)
    for negative, values in found.items():
        yield one_of(column, tuple(dict.fromkeys(values)), negative=negative)


def _is_part(text: str, match: re.Match[str]) -> bool:
    """Whether it is a part of another word: "live-ops", "on-call-open"."""
    return bool(
        (_HYPHEN_BEHIND.match(text, match.end()))
        or (text[match.start() - 1 : match.start()] == "-" and not _STATUS_LEAD.search(text[: match.start()]))
    )


def _text(wording: Wording, subject: Subject, *, names: bool) -> Iterator[Condition]:
    if subject is not RUNS:
        yield from searched.conditions(wording, subject, names=names and subject is MESSAGES)
        return
    for quote in wording.quotes:
        yield one_of("workflow", (quote.text,), negative=wording.negated(quote.start))


def one_of(column: str, values: tuple[str, ...], *, negative: bool = False) -> OneOf:
    """The column is one of these, or none of them."""
    return OneOf(Column(column), tuple(Value(column, value) for value in values), negative)


def qualified(condition: Condition, table: str) -> Condition:
    """The condition on columns of this table, where several are read."""
    if not table:
        return condition
    match condition:
        case OneOf(expr=Column(name=name), values=values, negative=negative):
            return OneOf(Column(name, table), values, negative)
        case PartOf(bucket=Bucket(unit=unit, expr=Column(name=name)), numbers=numbers, negative=negative):
            return PartOf(Bucket(unit, Column(name, table)), numbers, negative)
        case Either(parts=parts):
            return Either(tuple(qualified(part, table) for part in parts))
        case Both(parts=parts):
            return Both(tuple(qualified(part, table) for part in parts))
        case Missing(expr=Column(name=name), negative=negative):
            return Missing(Column(name, table), negative)
        case Compare(op=op, left=Instant(expr=Column(name=name)), right=right):
            return Compare(op, Instant(Column(name, table)), right)
        case Compare(op=op, left=Elapsed(start=Column(name=start), end=Column(name=end)), right=right):
            return Compare(op, Elapsed(Column(start, table), Column(end, table)), right)
        case Compare(op=op, left=Bucket(unit=unit, expr=Column(name=start)), right=Bucket(expr=Column(name=end))):
            return Compare(op, Bucket(unit, Column(start, table)), Bucket(unit, Column(end, table)))
        case Compare(op=op, left=Call(function=function, args=(Column(name=name),)), right=right):
            return Compare(op, Call(function, (Column(name, table),)), right)
        case _:
            return condition
