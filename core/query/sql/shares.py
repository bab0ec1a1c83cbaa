"""Shares of what one clause says in what another says: "what percent of deploy-web runs were triggered by joana"."""

import re
from collections.abc import Callable

from core.query.sql import asked, filters, phrases, statements
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import only, reading, without
from core.query.sql.model import (
    Both,
    Call,
    Column,
    Compare,
    Condition,
    Instant,
    Item,
    Order,
    Percent,
    Scalar,
    Select,
    Share,
)
from core.query.sql.subjects import Subject, status_column
from core.query.wording import Wording

_OF_ROWS = re.compile(
    r"(?:\b(?:percentage|percent|pct|share|proportion|fraction|prozent|anteil|porcentaje)|%)\s(?:of|der|aller|de)\s(?P<all>[^,;?!]{3,80}?)\s(?:that |which |who )?(?:were|was|are|is|got|get|gets|came|come|had|have|took|take|happened|happen|started|opened|began|fell|fall|lasted|gets?|waren|wurden|sind|(?:finished|resolved|closed|completed|fixed|solved)(?=\s(?:within|inside|in|under)\b))\b(?P<part>[^;?!]{2,100})",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:out )?of (?:all |the |those |these |our )*(?P<all>[^,;?!]{3,80}?),?\s(?:what|which|how many|how much)?\s?(?:is the |was the )?(?:percentage|percent|pct|share|proportion|fraction|%)\s?(?:of (?:them|those|these) )?(?P<part>[^;?!]{2,100})",
    re.IGNORECASE,
)
_OF_GROUPS = re.compile(
    r"(?:\b(?:percentage|percent|pct|share|proportion|fraction)|%)\s(?:of|der|de)\s(?:all |the |our )?(?P<head>\w+)\b",
    re.IGNORECASE,
)
_SCOPE = re.compile(
    r"\b(?:in|during|over|since|for|per|by|each|every|last|past|this|on|between|today|yesterday)\b", re.IGNORECASE
)
Translate = Callable[[Wording, Subject], Select]


def select(wording: Wording, subject: Subject, translate: Translate) -> Select | None:
    """None where no share is asked for, or one that a single condition tells. `translate`: of the groups' own sentence."""
    if not phrases.SHARE.search(wording.plain):
        return None
    return _of_groups(wording, subject, translate) or _of_rows(wording, subject)


def _of_rows(wording: Wording, subject: Subject) -> Select | None:
    match = _OF_ROWS.search(wording.plain) or _OF_ALL.search(wording.plain)
    if match is None:
        return None
    question = wording.question
    start = match.end("all") + 1 if match.re is _OF_ROWS else match.start("part")
    part = tuple(one for one in filters.find(only(question, start, match.end("part")), subject) if not _is_bound(one))
    rest = reading(without(question, [(start, match.end("part"))]))
    whole = filters.find(rest, subject)
    part = tuple(one for one in part if one not in whole)
    if not part:
        return None
    if any(
        isinstance(one, Compare) for one in part
    ):  # "resolved within an hour": of all, not of those that are resolved
        part = tuple(one for one in part if getattr(one, "expr", None) != Column(status_column(subject)))
    times = tuple(c for c in filters.find(only(question, start, match.end("part")), subject) if _is_bound(c))
    grouped = asked.grouping(reading(question), subject)
    plain = reading(question)
    every = asked.read(plain, subject, (), grouped).every
    if every:
        return None
    keys = tuple(map(Column, grouped.groups))
    share = Share(part[0] if len(part) == 1 else Both(part))
    measure = Item(share, statements.share_name(share.condition))
    where = tuple(dict.fromkeys((*whole, *times)))
    order = (Order(Column(measure.name), descending=True), *map(Order, keys)) if keys else ()
    return Select(
        (*map(Item, keys), measure), subject.table, where=where, group=keys, order=order, limit=LIMIT if keys else 1
    )


def _of_groups(wording: Wording, subject: Subject, translate: Translate) -> Select | None:
    """ "What fraction of sessions have more than 10 messages": of the things, and not of their rows."""
    match = _OF_GROUPS.search(wording.plain)
    column = subject.dimensions.get(match["head"].lower()) if match else None
    if match is None or column is None or (subject.words.fullmatch(match["head"]) and column != "session_id"):
        return None
    groups = reading(without(wording.question, [(0, match.start("head"))]))
    if not asked.head(groups, subject):
        return None
    inner = translate(groups, subject)
    if inner.offset or not any(item.expr == Column(column) for item in inner.items):
        return None
    found = Select((Item(Call("COUNT"), "count"),), _bare(inner))
    times = tuple(one for one in filters.find(reading(wording.question), subject) if _is_bound(one))
    every = Call("COUNT", (Column(column),), distinct=True)
    return Select((Item(Percent(Scalar(found), every), "percent"),), subject.table, where=times, limit=1)


def _bare(select: Select) -> Select:
    return Select(
        select.items, select.source, select.joins, select.where, select.group, select.having, alias=select.alias
    )


def _is_bound(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Instant)
