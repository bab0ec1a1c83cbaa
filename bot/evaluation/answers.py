"""Whether two SQL statements give the same answer on sample records: there are too many ways to write one to compare the texts.

The sample is made for each pair from what the expected statement looks for. The order of rows is judged only where a LIMIT
cuts it, and groups of equal size are cut alike; what only one of both shows beside an id is not judged, nor what is found
beside all that was expected; a share is the same as a fraction and in percent. Both run on SQLite: what PostgreSQL says of time otherwise is
written anew, with lengths of time in minutes, as the bot's own statements have them.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from bot.evaluation.sample import MANY_GROUPS, MANY_ROWS, ROWS, TIME, sample
from bot.sentences import Request
from core.query.sql.schema import Dialect
from core.query.translation import QueryRefused

if TYPE_CHECKING:
    from sqlglot import exp

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_MINUTES = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080}
_STEPS = {
    "hour": "STRFTIME('%Y-%m-%d %H:00', {})",
    "day": "DATE({})",
    "week": "DATE({}, 'weekday 0', '-6 days')",
    "month": "STRFTIME('%Y-%m', {})",
}
"""The start of a step of time, as the bot writes it for SQLite."""
Rows: TypeAlias = list[dict[str, object]]
Values: TypeAlias = list[object]
"""Of one column."""
_ALL = 100
"""Percent."""


def same_answer(expected: str, found: str, request: Request) -> bool:
    """Whether they answer alike, or, where the sample shows nothing, say the same.

    Raises:
        QueryRefused: one of them does not parse.
    """
    moment = request.moment.astimezone(UTC)
    wanted, got = (_for_sqlite(_parsed(text), moment) for text in (expected, found))
    for tree in (wanted, got):
        _order_equals(tree)
        _in_percent(tree)
    looked_for = _looked_for(wanted)
    for number, groups in ((ROWS, 0), (MANY_ROWS, 0), (ROWS, MANY_GROUPS)):
        records = sample(looked_for, request.services, moment, number=number, groups=groups)
        try:
            one, other = (_run(tree if number == ROWS else _unlimited(tree), records) for tree in (wanted, got))
        except sqlite3.Error:
            break
        if _tells(one) or _tells(other):
            return _alike(one, other)
    return wanted == got


def _unlimited(tree: "exp.Expr") -> "exp.Expr":
    """Without the usual LIMIT, which cuts what more records give."""
    limit = tree.args.get("limit")
    made = tree.copy()
    if limit and limit.expression.name.isdecimal() and int(limit.expression.name) >= ROWS:
        made.set("limit", None)
    return made


def _order_equals(tree: "exp.Expr") -> None:
    """Which of several groups of one size a LIMIT leaves is nobody's wish: the keys of the groups decide."""
    group, order = tree.args.get("group"), tree.args.get("order")
    if group and order and tree.args.get("limit"):
        for key in group.expressions:
            order.append("expressions", key.copy())


def _parsed(text: str) -> "exp.Expr":
    """The tree, of any of the databases' dialects."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    for dialect in (Dialect.POSTGRES, Dialect.SQLITE):
        try:
            return sqlglot.parse_one(text, read=dialect)
        except SqlglotError as error:
            fault = error
    raise QueryRefused(f"This is no valid SQL: {str(fault).splitlines()[0]}") from fault


def _for_sqlite(tree: "exp.Expr", moment: datetime) -> "exp.Expr":
    """The tree with all times written alike, "now" among them."""
    from sqlglot import exp

    def written(node: exp.Expr) -> exp.Expr:
        match node:
            case exp.CurrentTimestamp():
                return exp.Literal.string(moment.strftime(TIME))
            case exp.Cast(this=exp.Literal() as inner) if _TIME.fullmatch(inner.name):
                return written(inner)
            case exp.Literal(is_string=True) if _TIME.fullmatch(node.name):
                return exp.Literal.string(_in_utc(node.name))
            case exp.Sub(this=exp.Column() as end, expression=exp.Column() as start) if _is_time(start) and _is_time(
                end
            ):
                return exp.maybe_parse(f"((JULIANDAY({end}) - JULIANDAY({start})) * 1440)", dialect=Dialect.SQLITE)
            case exp.Interval(this=exp.Literal() as count) if (unit := _unit(node)) in _MINUTES:
                return exp.Literal.number(float(count.name) * _MINUTES[unit])
            case exp.TimestampTrunc(this=inner) if (unit := _unit(node)) in _STEPS:
                return exp.maybe_parse(_STEPS[unit].format(inner), dialect=Dialect.SQLITE)
            case _:
                return node

    return tree.transform(written)


def _unit(node: "exp.TimeUnit") -> str:
    return node.unit.name.lower().removesuffix("s") if node.unit else ""


def _is_time(column: "exp.Column") -> bool:
    return column.name.endswith("_at")


def _in_utc(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime(TIME)


def _looked_for(tree: "exp.Expr") -> dict[str, list[str]]:
    """Column → values that it is compared with."""
    from sqlglot import exp

    found: dict[str, list[str]] = {}
    for condition in tree.find_all(exp.EQ, exp.NEQ, exp.In, exp.Like, exp.ILike):
        column = condition.this.find(exp.Column) if condition.this else None
        if column:
            values = (literal.name.strip("%") for literal in condition.find_all(exp.Literal) if literal.is_string)
            found.setdefault(column.name, []).extend(values)
    return found


def _run(tree: "exp.Expr", records: sqlite3.Connection) -> Rows:
    cursor = records.execute(tree.sql(Dialect.SQLITE))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_rounded, row), strict=True)) for row in cursor]


def _rounded(value: object) -> object:
    return round(float(value), 4) if isinstance(value, int | float) else value


def _tells(rows: Rows) -> bool:
    """Whether the answer could have been another one: it is not empty, and not nought."""
    return any(value for row in rows for value in row.values())


def _alike(one: Rows, other: Rows) -> bool:
    shared = set(one[0]) & set(other[0]) if one and other else set()
    if any(name == "id" or name.endswith("_id") for name in shared):
        one, other = ([{name: row[name] for name in shared} for row in rows] for rows in (one, other))
    return Counter(map(_bag, one)) == Counter(map(_bag, other)) or _holds(other, one)


def _holds(found: Rows, expected: Rows) -> bool:
    """Whether the rows are those expected, each with all its values, and perhaps with more beside them."""
    if not expected or len(found) != len(expected) or len(found[0]) < len(expected[0]):
        return False
    given = [[row[name] for row in found] for name in found[0]]
    wanted = [[row[name] for row in expected] for name in expected[0]]
    rows = Counter(zip(*wanted, strict=True))
    return any(Counter(zip(*chosen, strict=True)) == rows for chosen in _chosen(wanted, given))


def _chosen(wanted: list[Values], given: list[Values]) -> Iterator[list[Values]]:
    """Columns that hold the values of these, each for one of them."""
    if not wanted:
        yield []
        return
    for place, column in enumerate(given):
        if Counter(column) == Counter(wanted[0]):
            rest = [*given[:place], *given[place + 1 :]]
            yield from ([column, *others] for others in _chosen(wanted[1:], rest))


def _in_percent(tree: "exp.Expr") -> "exp.Expr":
    """A share that is written as a fraction says the same in percent."""
    from sqlglot import exp

    for item in tree.args.get("expressions") or ():
        divided = item.unalias()
        divided = divided.unnest()
        while isinstance(divided, exp.Round):
            divided = divided.this.unnest()
        if isinstance(divided, exp.Div) and _is_fraction(divided):
            divided.replace(exp.Mul(this=exp.Paren(this=divided.copy()), expression=exp.Literal.number("100.0")))
    return tree


def _is_fraction(divided: "exp.Div") -> bool:
    """`1.0 * SUM(CASE …) / COUNT(*)`: some of the rows over all of them, and no factor of a hundred."""
    from sqlglot import exp

    hundred = any(
        literal.name.rstrip("0").rstrip(".") in ("1", "100") and float(literal.name) == _ALL
        for literal in divided.find_all(exp.Literal)
        if not literal.is_string
    )
    some = divided.this.find(exp.Case, exp.EQ, exp.Filter) or isinstance(divided.this.unnest(), exp.Count | exp.Mul)
    return (
        bool(some)
        and not hundred
        and divided.expression.find(exp.Count, exp.Sum) is not None
        and divided.find(exp.Column) is not None
        and not divided.this.find(exp.Anonymous)
    )


def _bag(row: Mapping[str, object]) -> tuple[str, ...]:
    """The values of a row, whatever their columns are called."""
    return tuple(sorted(map(repr, row.values())))
