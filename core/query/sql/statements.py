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
    PartOf,
    Percent,
    Select,
    Share,
    Value,
    When,
)
from core.query.sql.periods import Period
from core.query.sql.subjects import INCIDENTS, status_column
from core.query.window import Window

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
    down = _largest_first(text) and not _is_best_small(measure.expr, text)
    order = Order(Column(measure.name), down) if by_size else Order(Column(str(asked.every)))
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
    named = named or _named_one(asked.where, (Column("severity"), Column("workflow"), Column("triggered_by")))
    named = named or next((one for one in asked.where if isinstance(one, PartOf)), None)
    if named is None:
        return None
    others = tuple(one for one in asked.where if one is not named)
    if isinstance(named, Compare):  # "resolved within an hour": of all, not of those that are resolved
        others = tuple(one for one in others if not (isinstance(one, OneOf) and one.expr == status))
    groups = tuple(name for name in asked.groups if not (isinstance(named, OneOf) and named.expr == Column(name)))
    return grouped(replace(asked, where=others, groups=groups), Item(Share(named), share_name(named)), text=text)


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


def length(asked: Asked) -> Elapsed:
    """How long a row took."""
    return Elapsed(Column(asked.subject.begin), Column(asked.subject.end), asked.unit)


def side_by_side(asked: Asked, periods: tuple[Period, ...], function: str, *, text: str) -> Select:
    """The number of rows in each of two stretches of time, or how long they took."""
    column = Column(asked.subject.begin)
    inner = length(asked) if function != "COUNT" else Column("id")
    named = _named_one(asked.where, (Column(status_column(asked.subject)),)) if function == "SHARE" else None
    where = tuple(one for one in asked.where if one is not named)

    def measure(window: Window) -> Expression:
        within = _within(column, window)
        if named:
            return Percent(
                Call("COUNT", (When((*within, named), Number(1)),)), Call("COUNT", (When(within, Number(1)),))
            )
        return Call("COUNT" if function == "SHARE" else function, (When(within, inner),))

    measures = tuple(measure(period.window) for period in periods)
    items = tuple(Item(one, period.name) for one, period in zip(measures, periods, strict=True))
    if phrases.DIFFERENCE.search(text) and len(measures) == 2:
        early, late = sorted(zip(periods, measures, strict=True), key=lambda one: one[0].window.start)
        items = (*items, Item(Arithmetic("-", late[1], early[1]), "difference"))
        measures = (late[1], early[1])
    earliest = Compare(">=", Instant(column), Value(column.name, min(one.window.start for one in periods)))
    latest = max(one.window.end for one in periods)
    bounds = (
        (earliest, Compare("<", Instant(column), Value(column.name, latest))) if latest < asked.now else (earliest,)
    )
    keys = _keys(asked)
    biggest = items[-1] if items[-1].name == "difference" and phrases.MOST.search(text) else items[0]
    having = (Compare(op, *measures[:2]),) if keys and (op := phrases.change(text)) else ()
    return Select(
        (*keys, *items),
        asked.subject.table,
        where=(*where, *bounds),
        group=tuple(key.expr for key in keys),
        having=having,
        order=(Order(Column(biggest.name), descending=True), *(Order(_named(key)) for key in keys)) if keys else (),
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


def mean_count(asked: Asked) -> Select:
    """Rows of a step of time, or of a group, on average."""
    noun, keys = asked.subject.noun, _keys(asked)
    inner = Select(
        (*keys, Item(Call("COUNT"), noun)),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
    )
    if asked.every in ("weekday", "hour_of_day"):  # of the days that there are
        day = Item(Bucket("day", Column(asked.subject.begin)), "day")
        inner = replace(inner, items=(day, *inner.items), group=(day.expr, *inner.group))
        return over(inner, (Column(asked.every), *asked.partition), Item(Call("AVG", (Column(noun),)), f"avg_{noun}"))
    of = asked.every or asked.groups[-1].removesuffix("_id")
    partition = asked.partition if asked.every else asked.partition[:-1]
    return over(inner, partition, Item(Call("AVG", (Column(noun),)), f"avg_{noun}_per_{of}"))


def peak(asked: Asked) -> Select:
    """The largest number of rows that a step of time has."""
    noun = asked.subject.noun
    keys = _keys(replace(asked, groups=()))
    counts = Select(
        (*keys, Item(Call("COUNT"), noun)),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
    )
    return over(counts, (), Item(Call("MAX", (Column(noun),)), f"max_{noun}_per_{asked.every}"))


def leaders(asked: Asked, each: tuple[Item, ...], ranked: str, number: int) -> Select:
    """The largest groups within each group, or step of time: "for every week the service with most incidents"."""
    noun, keys = asked.subject.noun, (*each, Item(Column(ranked)))
    order = (Order(Call("COUNT"), descending=True), Order(Column(ranked)))
    place = Over(Call("ROW_NUMBER"), tuple(key.expr for key in each), order)
    inner = Select(
        (*keys, Item(Call("COUNT"), noun), Item(place, "place")),
        asked.subject.table,
        where=asked.where,
        group=tuple(key.expr for key in keys),
    )
    items = tuple(Item(Column(key.name or getattr(key.expr, "name", ""))) for key in keys)
    first = Compare("=" if number == 1 else "<=", Column("place"), Number(number))
    ordered = (*(Order(item.expr) for item in items[:-1]), Order(Column(noun), descending=True))
    return Select((*items, Item(Column(noun))), inner, where=(first,), order=ordered, limit=LIMIT)


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
        return over(each, (), Item(Call("AVG", (Column(name),)), f"avg_{name}"))
    return replace(each, order=(Order(Column(name), descending=True), Order(session)), limit=asked.cut)


def first_of_each(asked: Asked, order: Order, number: int, *, with_length: bool = False) -> Select:
    """The first rows of each group in this order."""
    columns = tuple(Item(Column(name)) for name in asked.subject.columns)
    place = Item(Over(Call("ROW_NUMBER"), asked.partition, (order,)), "place")
    inner = Select((*columns, place), asked.subject.table, where=asked.where)
    first = Compare("=" if number == 1 else "<=", Column("place"), Number(number))
    if with_length and asked.subject.end:
        columns = (*columns, Item(length(asked), f"{asked.unit}s"))
    return Select(columns, inner, where=(first,), order=tuple(map(Order, asked.partition)), limit=LIMIT)


def _keys(asked: Asked) -> tuple[Item, ...]:
    """What the groups are told apart by: the step of time first."""
    time = (Item(Bucket(asked.every, Column(asked.subject.begin)), asked.every),) if asked.every else ()
    split = (asked.split,) if asked.split else ()
    return (*time, *split, *map(Item, asked.partition))


def over(inner: Select, partition: tuple[Column, ...], measure: Item, where: tuple[Condition, ...] = ()) -> Select:
    """A number of what another statement gives, or one for each group of it."""
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


def _is_best_small(measure: Expression, text: str) -> bool:
    """The best of lengths are the short ones, and the worst success rates are low."""
    if isinstance(measure, Share):
        named = measure.condition
        good = (
            isinstance(named, OneOf)
            and {str(one.value) for one in named.values} == {"completed"}
            and not named.negative
        )
        return bool((phrases.WORST if good else phrases.BEST).search(text))
    is_length = isinstance(measure, Call) and any(isinstance(arg, Elapsed) for arg in measure.args)
    return is_length and bool(phrases.BEST.search(text))


def _length(where: tuple[Condition, ...]) -> Compare | None:
    return next((one for one in where if isinstance(one, Compare) and isinstance(one.left, Elapsed | Bucket)), None)


def _named_one(where: tuple[Condition, ...], columns: tuple[Column, ...]) -> OneOf | None:
    """The condition that is spoken of last: "failed" of "percentage of deploys that failed"."""
    found = [one for one in reversed(where) if isinstance(one, OneOf) and one.expr in columns]
    return next((one for one in found if not one.negative), found[0] if found else None)


def share_name(named: Condition) -> str:
    """What its column is called: `failed_percent`."""
    if (
        isinstance(named, OneOf)
        and len(named.values) == 1
        and not named.negative
        and _NAME.fullmatch(str(named.values[0].value))
    ):
        return f"{named.values[0].value}_percent"
    return "percent"
