"""Statements of each shape, from what was asked."""

import re
from dataclasses import replace

from core.query.sql import phrases
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.model import (
    Arithmetic,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Expression,
    Instant,
    Item,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    Select,
    Share,
    Value,
    When,
)
from core.query.sql.periods import Period
from core.query.sql.subjects import INCIDENTS, status_column
from core.query.window import Window

QUANTILES = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def rows(asked: Asked, *, order: Order, limit: int, extra: tuple[Item, ...] = ()) -> Select:
    """The rows themselves, with all their columns, or with those that are asked for."""
    items = (*(Item(Column(name)) for name in asked.fields or asked.subject.columns), *extra)
    return Select(items, asked.subject.table, where=asked.where, order=(order,), limit=limit)


def grouped(asked: Asked, measure: Item, *further: Item, text: str) -> Select:
    """One number, or one for each group: the largest first, or in time's order; `further` ones beside it."""
    keys = _keys(asked)
    if not keys:
        return Select((measure, *further), asked.subject.table, where=asked.where, limit=1)
    having = _having(asked, measure.expr)
    place = Item(Over(Call("RANK"), order=(Order(measure.expr, descending=True),)), "place")
    ranked = bool(phrases.MOST.search(text) or phrases.LEAST.search(text))
    by_size = ranked or not asked.every
    order = Order(Column(measure.name), _largest_first(text)) if by_size else Order(Column(str(asked.every)))
    # Further keys make the order of equals the same each time.
    rest = tuple(Order(_named(key)) for key in keys if by_size or not key.name)
    return Select(
        (*keys, measure, *further, *((place,) if phrases.RANK.search(text) else ())),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
        having=having,
        order=(order, *rest),
        limit=asked.cut,
    )


def share(asked: Asked, *, text: str) -> Select | None:
    """Percent of rows with what is named, of those that fit the other conditions; None where nothing sets rows apart."""
    status = Column(status_column(asked.subject))
    named: Condition | None = _length(asked.where) or _named_one(asked.where, (status,))
    named = named or next((one for one in asked.where if asked.is_open(one)), None)
    named = named or _named_one(asked.where, (Column("severity"), Column("workflow")))
    if named is None:
        return None
    others = tuple(one for one in asked.where if one is not named)
    if isinstance(named, Compare):  # "resolved within an hour": of all, not of those that are resolved
        others = tuple(one for one in others if not (isinstance(one, OneOf) and one.expr == status))
    groups = tuple(name for name in asked.groups if not (isinstance(named, OneOf) and named.expr == Column(name)))
    return grouped(replace(asked, where=others, groups=groups), Item(Share(named), _share_name(named)), text=text)


def in_steps(asked: Asked, *, running: bool) -> Select:
    """Counts by steps of time, each with the total so far, or beside the count of the step before."""
    noun, keys = asked.subject.noun, _keys(asked)
    step = (Order(keys[0].expr),)
    call = Call("SUM", (Call("COUNT"),)) if running else Call("LAG", (Call("COUNT"),))
    beside = Item(Over(call, asked.partition, step), "running_total" if running else f"previous_{noun}")
    return Select(
        (*keys, Item(Call("COUNT"), noun), beside),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
        order=(Order(Column(str(asked.every))), *map(Order, asked.partition)),
        limit=LIMIT,
    )


def mean_gap(asked: Asked, *, text: str) -> Select:
    """Time between rows on average: the whole stretch over the number of gaps in it."""
    begin = Column(asked.subject.begin)
    gaps = Call("NULLIF", (Arithmetic("-", Call("COUNT"), Number(1)), Number(0)))
    mean = Arithmetic("/", Elapsed(Call("MIN", (begin,)), Call("MAX", (begin,)), asked.unit), gaps)
    return grouped(asked, Item(mean, f"avg_{asked.unit}s_between"), text=text)


def gaps(asked: Asked, *, limit: int) -> Select:
    """Time from each row to the one before, within its group."""
    begin = Column(asked.subject.begin)
    before = Over(Call("LAG", (begin,)), asked.partition, (Order(begin),))
    since = Item(Elapsed(before, begin, asked.unit), f"{asked.unit}s_since_previous")
    items = (Item(Column("id")), *map(Item, asked.partition), Item(begin), since)
    return Select(items, asked.subject.table, where=asked.where, order=(Order(begin, descending=True),), limit=limit)


def length(asked: Asked) -> Elapsed:
    """How long a row took."""
    return Elapsed(Column(asked.subject.begin), Column(asked.subject.end), asked.unit)


def side_by_side(asked: Asked, periods: tuple[Period, Period], function: str) -> Select:
    """The number of rows in each of two stretches of time, or how long they took."""
    column = Column(asked.subject.begin)
    inner = length(asked) if function != "COUNT" else Column("id")
    items = tuple(
        Item(Call(function, (When(_within(column, period.window), inner),)), period.name) for period in periods
    )
    earliest = Compare(">=", Instant(column), Value(column.name, min(one.window.start for one in periods)))
    keys = _keys(asked)
    return Select(
        (*keys, *items),
        asked.subject.table,
        where=(*asked.where, earliest),
        group=tuple(key.expr for key in keys),
        order=(Order(Column(items[0].name), descending=True), *(Order(_named(key)) for key in keys)) if keys else (),
        limit=asked.cut if keys else 1,
    )


def ended(asked: Asked) -> Asked:
    """Only rows that have an end. "Time to resolve" of open incidents speaks of it as well, and not of their status."""
    where = asked.where
    if asked.subject is INCIDENTS:
        where = tuple(
            one
            for one in where
            if not (isinstance(one, OneOf) and one.expr == Column("status") and one.negative) and not asked.is_open(one)
        )
    return replace(asked, where=tuple(dict.fromkeys((*where, Missing(Column(asked.subject.end), negative=True)))))


def quantile(asked: Asked, name: str) -> Select:
    """The row at that place of the order: neither database's own function is known to the other."""
    taken, partition, unit = length(asked), asked.partition, f"{asked.unit}s"
    items = (
        *map(Item, partition),
        Item(taken, unit),
        Item(Over(Call("ROW_NUMBER"), partition, (Order(taken),)), "place"),
        Item(Over(Call("COUNT"), partition), "total"),
    )
    inner = Select(items, asked.subject.table, where=asked.where)
    place, total = Column("place"), Column("total")
    where: tuple[Condition, ...]
    if name == "p50":  # of an even number the mean of both in the middle
        twice = Arithmetic("*", place, Number(2))
        where = (Compare(">=", twice, total), Compare("<=", twice, Arithmetic("+", total, Number(2))))
    else:  # the first place at or above it
        reach = Arithmetic("*", total, Number(QUANTILES[name]))
        where = (Compare(">=", Arithmetic("*", place, Number(100)), reach),)
    measure = Item(Call("AVG" if name == "p50" else "MIN", (Column(unit),)), f"{name}_{unit}")
    return _over(inner, partition, measure, where)


def mean_count(asked: Asked) -> Select:
    """Rows of a step of time, or of a group, on average."""
    noun, keys = asked.subject.noun, _keys(asked)
    inner = Select(
        (*keys, Item(Call("COUNT"), noun)),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
    )
    of = asked.every or asked.groups[-1].removesuffix("_id")
    partition = asked.partition if asked.every else asked.partition[:-1]
    return _over(inner, partition, Item(Call("AVG", (Column(noun),)), f"avg_{noun}_per_{of}"))


def different(asked: Asked) -> Select:
    """The values that there are, each once."""
    column = Column(asked.distinct)
    return Select((Item(column),), asked.subject.table, where=asked.where, group=(column,), order=(Order(column),), limit=LIMIT)  # fmt: skip


def session_lengths(asked: Asked, *, mean: bool) -> Select:
    """From the first message of each session to its last."""
    begin, session = Column(asked.subject.begin), Column("session_id")
    name = f"{asked.unit}s"
    lasted = Item(Elapsed(Call("MIN", (begin,)), Call("MAX", (begin,)), asked.unit), name)
    each = Select((Item(session), lasted), asked.subject.table, where=asked.where, group=(session,))
    if mean:
        return _over(each, (), Item(Call("AVG", (Column(name),)), f"avg_{name}"))
    return replace(each, order=(Order(Column(name), descending=True), Order(session)), limit=asked.cut)


def first_of_each(asked: Asked, order: Order, number: int) -> Select:
    """The first rows of each group in this order."""
    columns = tuple(Item(Column(name)) for name in asked.subject.columns)
    place = Item(Over(Call("ROW_NUMBER"), asked.partition, (order,)), "place")
    inner = Select((*columns, place), asked.subject.table, where=asked.where)
    first = Compare("=" if number == 1 else "<=", Column("place"), Number(number))
    return Select(columns, inner, where=(first,), order=tuple(map(Order, asked.partition)), limit=LIMIT)


def _keys(asked: Asked) -> tuple[Item, ...]:
    """What the groups are told apart by: the step of time first."""
    time = (Item(Bucket(asked.every, Column(asked.subject.begin)), asked.every),) if asked.every else ()
    return (*time, *map(Item, asked.partition))


def _over(inner: Select, partition: tuple[Column, ...], measure: Item, where: tuple[Condition, ...] = ()) -> Select:
    order = tuple(map(Order, partition))
    limit = LIMIT if partition else 1
    return Select((*map(Item, partition), measure), inner, where=where, group=partition, order=order, limit=limit)


def _having(asked: Asked, measure: Expression) -> tuple[Condition, ...]:
    """The limit on what is counted; one on lengths is given in minutes."""
    match asked.limit, measure:
        case (op, number), Call(function="COUNT"):
            return (Compare(op, measure, Number(number)),)
        case (op, number), Call(args=(Elapsed(start=start, end=end),)) as call:
            return (Compare(op, replace(call, args=(Elapsed(start, end),)), Number(number)),)
        case _:
            return ()


def _within(column: Column, window: Window) -> tuple[Condition, ...]:
    instant = Instant(column)
    return (
        Compare(">=", instant, Value(column.name, window.start)),
        Compare("<", instant, Value(column.name, window.end)),
    )


def _named(item: Item) -> Expression:
    return Column(item.name) if item.name else item.expr


def _largest_first(text: str) -> bool:
    extreme = phrases.EXTREME.search(text)
    return not phrases.LEAST.search(text) and (extreme is None or extreme[1].lower() in phrases.DOWNWARDS)


def _length(where: tuple[Condition, ...]) -> Compare | None:
    return next((one for one in where if isinstance(one, Compare) and isinstance(one.left, Elapsed)), None)


def _named_one(where: tuple[Condition, ...], columns: tuple[Column, ...]) -> OneOf | None:
    """The condition that is spoken of last: "failed" of "percentage of deploys that failed"."""
    return next((one for one in reversed(where) if isinstance(one, OneOf) and one.expr in columns), None)


def _share_name(named: Condition) -> str:
    if (
        isinstance(named, OneOf)
        and len(named.values) == 1
        and not named.negative
        and _NAME.fullmatch(str(named.values[0].value))
    ):
        return f"{named.values[0].value}_percent"
    return "percent"
