"""Whether two SQL statements give the same answer on sample records: there are too many ways to write one to compare the texts.

The sample is made for each pair from what the expected statement looks for, so that its conditions find something and leave
something out. The order of rows is judged only where a LIMIT cuts it; columns that only one of both shows beside an id are not.
"""

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot.sentences import Request
from core.incidents.incident import Severity
from core.query.sql.schema import CLOSED_STATUSES, INCIDENT_STATUSES, RUN_STATUSES, TABLES, Dialect
from core.query.translation import QueryRefused

if TYPE_CHECKING:
    from sqlglot import exp

_ROWS = 96
"""Of each table: fewer than the usual LIMIT, which then makes no difference."""
_LONGEST_AGO = 60 * 86_400
"""Seconds."""
_LONGEST = 2 * 86_400
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_FORMAT = "%Y-%m-%d %H:%M:%S"
Rows: TypeAlias = list[dict[str, object]]


def same_answer(expected: str, found: str, request: Request) -> bool:
    """Whether they answer alike, or, where the sample shows nothing, say the same.

    Raises:
        QueryRefused: one of them does not parse.
    """
    moment = request.moment.astimezone(UTC)
    wanted, got = (_timed(_parsed(text), moment) for text in (expected, found))
    sample = _sample(_looked_for(wanted), request.services, moment)
    try:
        one, other = _run(wanted, sample), _run(got, sample)
    except sqlite3.Error:
        one = other = []
    return _alike(one, other) if _tells(one) or _tells(other) else wanted == got


def _parsed(text: str) -> "exp.Expr":
    """The tree, of any of the databases' dialects."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    for dialect in Dialect:
        try:
            return sqlglot.parse_one(text, read=dialect)
        except SqlglotError as error:
            fault = error
    raise QueryRefused(f"This is no valid SQL: {str(fault).splitlines()[0]}") from fault


def _timed(tree: "exp.Expr", moment: datetime) -> "exp.Expr":
    """The tree with all times written alike, "now" among them."""
    from sqlglot import exp

    def written(node: exp.Expr) -> exp.Expr:
        match node:
            case exp.CurrentTimestamp():
                return exp.Literal.string(moment.strftime(_FORMAT))
            case exp.Cast(this=exp.Literal() as inner) if _TIME.fullmatch(inner.name):
                return written(inner)
            case exp.Literal(is_string=True) if _TIME.fullmatch(node.name):
                return exp.Literal.string(_in_utc(node.name))
            case _:
                return node

    return tree.transform(written)


def _in_utc(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime(_FORMAT)


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


def _sample(looked_for: Mapping[str, Sequence[str]], services: Sequence[str], moment: datetime) -> sqlite3.Connection:
    chance = random.Random(0)
    usual = {"severity": tuple(Severity), "service": services, "session_id": ("S1", "S2", "S3"), "role": ("user", "assistant"),
             "workflow": ("deploy", "rollback", "maintenance"), "triggered_by": ("dana", "lee", "kim")}  # fmt: skip
    connection = sqlite3.connect(":memory:")
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        statuses = {"status": INCIDENT_STATUSES if table == "incidents" else RUN_STATUSES}
        for number in range(_ROWS):
            row: dict[str, str | None] = dict(_values(columns, {**usual, **statuses}, looked_for, chance))
            row |= _times(columns, row, moment, chance)
            row["id"] = row.get("id") or f"{table[:3].upper()}-{number}"
            marks = ", ".join("?" for _ in columns)
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", [row[column] for column in columns])  # noqa: S608  # our own names
    return connection


def _values(
    columns: Sequence[str],
    usual: Mapping[str, Sequence[str]],
    looked_for: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> Iterator[tuple[str, str]]:
    for column in columns:
        special, others = looked_for.get(column, ()), usual.get(column, ())
        if special and (not others or chance.random() < 0.4):
            # Of an id looked for there is one row in many; of a text looked for, every other one has it.
            rare = column == "id" and chance.random() < 0.8
            yield column, "" if rare or (chance.random() < 0.5 and not others) else chance.choice(special)
        else:
            yield column, chance.choice(others) if others else ""


def _times(
    columns: Sequence[str], row: Mapping[str, str | None], moment: datetime, chance: random.Random
) -> dict[str, str | None]:
    """When it began, most of it lately, and when it ended, if it did."""
    begin, *ends = [column for column in columns if column.endswith("_at")]
    began = moment - timedelta(seconds=_LONGEST_AGO * chance.random() ** 3)
    over = row.get("status") in (*CLOSED_STATUSES, "succeeded", "failed", "cancelled")
    ended = (began + timedelta(seconds=_LONGEST * chance.random())).strftime(_FORMAT) if over else None
    return {begin: began.strftime(_FORMAT), **dict.fromkeys(ends, ended)}


def _run(tree: "exp.Expr", sample: sqlite3.Connection) -> Rows:
    cursor = sample.execute(tree.sql(Dialect.SQLITE))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_rounded, row), strict=True)) for row in cursor]


def _rounded(value: object) -> object:
    return round(float(value), 4) if isinstance(value, int | float) else value


def _tells(rows: Rows) -> bool:
    """Whether the answer could have been another one: it is not empty, and not nought."""
    return any(value for row in rows for value in row.values())


def _alike(one: Rows, other: Rows) -> bool:
    shared = set(one[0]) & set(other[0]) if one and other else set()
    if "id" in shared:
        one, other = ([{name: row[name] for name in shared} for row in rows] for rows in (one, other))
    return Counter(map(_bag, one)) == Counter(map(_bag, other))


def _bag(row: Mapping[str, object]) -> tuple[str, ...]:
    """The values of a row, whatever their columns are called."""
    return tuple(sorted(map(repr, row.values())))
