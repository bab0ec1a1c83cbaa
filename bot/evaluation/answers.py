"""Whether two SQL statements give the same answer on sample records: there are too many ways to write one to compare the texts.

The sample is made for each pair from what the expected statement looks for. The order of rows is judged only where a LIMIT
cuts it, and groups of equal size are cut alike; what only one of both shows beside an id is not judged. Both run on SQLite: what PostgreSQL says of time otherwise is
written anew, with lengths of time in minutes, as the bot's own statements have them.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from bot.evaluation.sample import TIME, sample
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


def same_answer(expected: str, found: str, request: Request) -> bool:
    """Whether they answer alike, or, where the sample shows nothing, say the same.

    Raises:
        QueryRefused: one of them does not parse.
    """
    moment = request.moment.astimezone(UTC)
    wanted, got = (_for_sqlite(_parsed(text), moment) for text in (expected, found))
    for tree in (wanted, got):
        _order_equals(tree)
    records = sample(_looked_for(wanted), request.services, moment)
    try:
        one, other = _run(wanted, records), _run(got, records)
    except sqlite3.Error:
        one = other = []
    return _alike(one, other) if _tells(one) or _tells(other) else wanted == got


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
    return Counter(map(_bag, one)) == Counter(map(_bag, other))


def _bag(row: Mapping[str, object]) -> tuple[str, ...]:
    """The values of a row, whatever their columns are called."""
    return tuple(sorted(map(repr, row.values())))
