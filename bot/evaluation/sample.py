"""Sample records for SQL: made so that the conditions of a statement find something and leave something out."""

import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from core.incidents.incident import Severity, Status
from core.query.sql.schema import CLOSED_STATUSES, INCIDENT_STATUSES, REJECTED, RUN_STATUSES, TABLES
from core.workflow.run import ENDED

ROWS = 96
"""Of each table: fewer than the usual LIMIT, which then makes no difference."""
MANY_ROWS = 480
"""For statements that find nothing among those: pairs of rows close to each other, groups of at least twenty."""
TIME = "%Y-%m-%d %H:%M:%S"
"""How times are written, in UTC."""
_LONGEST_AGO = timedelta(days=60)
_LONGEST = 2_880
"""Minutes that a row lasts."""
_LOOKED_FOR = 0.4
"""Share of the rows that hold what a statement looks for."""
_CALM = 0.06
"""Share of the rows of a group that never had what a statement looks for: "services without a sev1"."""
_GROUPS = frozenset({"service", "workflow", "triggered_by", "session_id"})
MANY_GROUPS = 40
"""For statements about groups that have no row of a kind."""
_OPTIONAL = frozenset({"service", "triggered_by"})
_EMPTY = 0.1
"""Share of the rows that leave such a column empty."""
_OVER = frozenset({*CLOSED_STATUSES, *map(str, ENDED), REJECTED})
_USUAL = {
    "title": ("Slow pages", "Full disk", "Lost writes"),
    "content": ("On it", "Thanks", "Any news?"),
    "severity": tuple(map(str, Severity)),
    "session_id": ("S1", "S2", "S3"),
    "role": ("user", "assistant"),
    "workflow": ("deploy", "rollback", "maintenance"),
    "triggered_by": ("dana", "lee", "kim"),
}
_STATUSES = {"incidents": INCIDENT_STATUSES, "workflow_runs": RUN_STATUSES}
Values: TypeAlias = Mapping[str, Sequence[str]]


def sample(
    looked_for: Values, services: Sequence[str], moment: datetime, *, number: int = ROWS, groups: int = 0
) -> sqlite3.Connection:
    """A database in memory, the same each time. `looked_for`: column → values that a statement compares it with; `groups`: more
    services, workflows, people and sessions than there are, so that each has few rows, and some none of a kind."""
    chance = random.Random(0)
    connection = sqlite3.connect(":memory:")
    for table, columns in TABLES.items():
        usual: dict[str, Sequence[str]] = {
            **_USUAL,
            "service": services,
            "status": _statuses(_STATUSES.get(table, ()), looked_for),
        }
        for column in _GROUPS if groups else ():
            usual[column] = (*usual[column], *(f"{column} {place}" for place in range(groups)))
        rows = [_row(columns, usual, looked_for, moment, chance) for _ in range(number)]
        wanted = (*dict.fromkeys(looked_for.get("id", ())), *(f"{table}-{place}" for place in range(number)))
        for row, name in zip(rows, wanted, strict=False):
            row["id"] = name
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        marks = ", ".join(f":{column}" for column in columns)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # names of our own
    return connection


def _statuses(known: Sequence[str], looked_for: Values) -> Sequence[str]:
    """Nobody told others our words: theirs for what is not over, such as "open", stands for ours, and what they call
    resolved is whatever is over, unless they speak of false alarms."""
    asked = looked_for.get("status", ())
    others = [status for status in asked if status not in known]
    known = [
        status for status in known if status != Status.CANCELLED or Status.RESOLVED not in known or status in asked
    ]
    return [*others, *(status for status in known if status in _OVER)] if others else known


def _row(
    columns: Sequence[str], usual: Values, looked_for: Values, moment: datetime, chance: random.Random
) -> dict[str, str | None]:
    calm = chance.random() < _CALM
    row = dict(_calm_values(columns, usual, looked_for) if calm else _values(columns, usual, looked_for, chance))
    began = moment - _LONGEST_AGO * (1 if calm else chance.random() ** 3)
    ended = began + timedelta(minutes=_LONGEST ** chance.random())  # as many between 1 and 2 as between 100 and 200
    begin, *end = (column for column in columns if column.endswith("_at"))
    row[begin] = began.strftime(TIME)
    return {**row, **dict.fromkeys(end, ended.strftime(TIME) if row.get("status") in _OVER else None)}


def _values(
    columns: Iterable[str], usual: Values, looked_for: Values, chance: random.Random
) -> Iterator[tuple[str, str | None]]:
    for column in columns:
        special, others = looked_for.get(column, ()), usual.get(column, ("",))
        wanted = special and chance.random() < _LOOKED_FOR
        chosen = chance.choice(special if wanted else others or ("",))
        yield column, None if column in _OPTIONAL and chance.random() < _EMPTY else chosen


def _calm_values(columns: Iterable[str], usual: Values, looked_for: Values) -> Iterator[tuple[str, str | None]]:
    for column in columns:
        special, others = looked_for.get(column, ()), usual.get(column, ("",))
        left = [value for value in others if value not in special] or others or ("",)
        over = [value for value in left if value in _OVER]
        yield column, f"calm {column}" if column in _GROUPS else next(iter(over or left))
