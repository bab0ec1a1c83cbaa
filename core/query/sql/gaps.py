"""Stretches of time between rows, and places in the order of their lengths."""

from dataclasses import replace

from core.query.sql import statements
from core.query.sql.asked import Asked
from core.query.sql.model import (
    Arithmetic,
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Item,
    Number,
    Order,
    Over,
    Select,
    When,
)

QUANTILES = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}


def mean_gap(asked: Asked, *, text: str) -> Select:
    """Time between rows on average: the whole stretch over the number of gaps in it."""
    begin = Column(asked.subject.begin)
    gaps = Call("NULLIF", (Arithmetic("-", Call("COUNT"), Number(1)), Number(0)))
    mean = Arithmetic("/", Elapsed(Call("MIN", (begin,)), Call("MAX", (begin,)), asked.unit), gaps)
    return statements.grouped(asked, Item(mean, f"avg_{asked.unit}s_between"), text=text)


def gaps(asked: Asked, *, limit: int) -> Select:
    """Time from each row to the one before, within its group."""
    begin = Column(asked.subject.begin)
    before = Over(Call("LAG", (begin,)), asked.partition, (Order(begin),))
    since = Item(Elapsed(before, begin, asked.unit), f"{asked.unit}s_since_previous")
    items = (Item(Column("id")), *map(Item, asked.partition), Item(begin), since)
    return Select(items, asked.subject.table, where=asked.where, order=(Order(begin, descending=True),), limit=limit)


def extreme_gap(asked: Asked, function: str) -> Select:
    """The longest, or the shortest, stretch without a row."""
    begin, name = Column(asked.subject.begin), f"{asked.unit}s"
    before = Over(Call("LAG", (begin,)), asked.partition, (Order(begin),))
    inner = Select(
        (*map(Item, asked.partition), Item(Elapsed(before, begin, asked.unit), name)),
        asked.subject.table,
        where=asked.where,
    )
    return statements.over(
        inner, asked.partition, Item(Call(function, (Column(name),)), f"{function.lower()}_{name}_between")
    )


def _placed(asked: Asked) -> Select:
    """Each row with its length, its place in their order, and how many there are, by group."""
    taken, partition = statements.length(asked), asked.partition
    items = (
        *map(Item, partition),
        Item(taken, f"{asked.unit}s"),
        Item(Over(Call("ROW_NUMBER"), partition, (Order(taken),)), "place"),
        Item(Over(Call("COUNT"), partition), "total"),
    )
    return Select(items, asked.subject.table, where=asked.where)


def quantile(asked: Asked, name: str) -> Select:
    """The row at that place of the order: neither database's own function is known to the other."""
    inner, partition, unit = _placed(asked), asked.partition, f"{asked.unit}s"
    place, total = Column("place"), Column("total")
    where: tuple[Condition, ...]
    if name == "p50":  # of an even number the mean of both in the middle
        twice = Arithmetic("*", place, Number(2))
        where = (Compare(">=", twice, total), Compare("<=", twice, Arithmetic("+", total, Number(2))))
    else:  # the first place at or above it
        reach = Arithmetic("*", total, Number(QUANTILES[name]))
        where = (Compare(">=", Arithmetic("*", place, Number(100)), reach),)
    measure = Item(Call("AVG" if name == "p50" else "MIN", (Column(unit),)), f"{name}_{unit}")
    return statements.over(inner, partition, measure, where)


def quantiles(asked: Asked, names: tuple[str, ...], functions: tuple[str, ...]) -> Select:
    """Several of them beside each other, and the average or the extremes beside those."""
    inner, partition, unit = _placed(asked), asked.partition, f"{asked.unit}s"
    place, total = Column("place"), Column("total")
    measures = [Item(Call(function, (Column(unit),)), f"{function.lower()}_{unit}") for function in functions]
    for name in names:
        reach = Compare(">=", Arithmetic("*", place, Number(100)), Arithmetic("*", total, Number(QUANTILES[name])))
        until = Compare("<=", Arithmetic("*", place, Number(2)), Arithmetic("+", total, Number(2)))
        middle = name == "p50"
        chosen = When((reach, until) if middle else (reach,), Column(unit))
        measures.append(Item(Call("AVG" if middle else "MIN", (chosen,)), f"{name}_{unit}"))
    made = statements.over(inner, partition, measures[0])
    return replace(made, items=(*map(Item, partition), *measures))
