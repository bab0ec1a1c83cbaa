"""Statements over the documented tables on real databases: the harmless ones run, translated ones give the same rows on both."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.ext.asyncio import create_async_engine

from core.nlp.entities import find
from core.query.sql.guard import check, restrict
from core.query.sql.schema import TABLES, Dialect
from core.query.sql.translate import translate
from core.query.translation import Question
from tests.conftest import Databases
from tests.unit.queries import lines

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
SERVICES = ("auth", "checkout", "payments")
PEOPLE = ("dana", "alice", "dana", "bob")
_TIMES = ("created_at", "resolved_at", "started_at", "finished_at")


class Answers(Protocol):
    """Runs a statement."""

    dialect: Dialect

    async def rows(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]: ...


def records() -> dict[str, list[tuple[Any, ...]]]:
    """Twelve incidents, one every other day; sixteen runs, two a day; eight messages of two sessions."""
    incidents = []
    for number in range(12):
        created = NOW - timedelta(days=2 * number, minutes=30)
        resolved = None if number in (0, 5) else created + timedelta(hours=number)
        status = "investigating" if resolved is None else "resolved"
        incidents.append(
            (
                f"INC-{number}",
                f"Database slow {number}%",
                f"sev{number % 4 + 1}",
                status,
                SERVICES[number % 3],
                created,
                resolved,
            )
        )
    runs = []
    for number in range(16):
        started = NOW - timedelta(hours=12 * number, minutes=45)
        status = ("completed", "failed", "completed", "running")[number % 4]
        finished = None if status == "running" else started + timedelta(minutes=number + 1)
        runs.append(
            (
                f"RUN-{number}",
                ("deploy", "rollback", "deploy")[number % 3],
                status,
                started,
                finished,
                PEOPLE[number % 4],
            )
        )
    messages = [
        (
            f"M{number}",
            f"sess-{number % 2}",
            ("user", "assistant")[number // 2 % 2],
            f"is {SERVICES[number % 3]} ok?",
            NOW - timedelta(hours=number),
        )
        for number in range(8)
    ]
    return {"incidents": incidents, "workflow_runs": runs, "messages": messages}


class Sqlite:
    """In memory; times are text."""

    dialect = Dialect.SQLITE

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    async def rows(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), parameters or {})]


class Postgres:
    """A database of its own; times have zones."""

    dialect = Dialect.POSTGRES

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url)

    async def make(self, statements: Sequence[tuple[str, list[dict[str, Any]]]]) -> None:
        """Create and fill the tables."""
        async with self._engine.begin() as connection:
            for statement, rows in statements:
                await connection.execute(sa.text(statement), rows or None)

    async def rows(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        async with self._engine.connect() as connection:
            await connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            return [tuple(row) for row in await connection.execute(sa.text(statement), dict(parameters or {}))]

    async def close(self) -> None:
        """Give the connections back."""
        await self._engine.dispose()


def filling(*, text: bool) -> list[tuple[str, list[dict[str, Any]]]]:
    """Statements that make the tables. `text`: times are written as SQLite's `datetime()` does."""
    made: list[tuple[str, list[dict[str, Any]]]] = []
    for name, rows in records().items():
        kinds = ("TEXT" if column not in _TIMES or text else "TIMESTAMPTZ" for column in TABLES[name])
        made.append((f"CREATE TABLE {name} ({', '.join(map(' '.join, zip(TABLES[name], kinds, strict=True)))})", []))
        marks = ", ".join(f":{column}" for column in TABLES[name])
        values = [
            tuple(f"{v:%Y-%m-%d %H:%M:%S}" if text and isinstance(v, datetime) else v for v in row) for row in rows
        ]
        insert = f"INSERT INTO {name} VALUES ({marks})"  # noqa: S608  # our own names
        made.append((insert, [dict(zip(TABLES[name], row, strict=True)) for row in values]))
    return made


@pytest.fixture
def sqlite() -> Sqlite:
    """The records in SQLite."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with engine.begin() as connection:
        for statement, rows in filling(text=True):
            connection.execute(sa.text(statement), rows or None)
    return Sqlite(engine)


@pytest.fixture
async def postgresql(postgres: Databases) -> AsyncIterator[Postgres]:
    """The records in PostgreSQL."""
    made = Postgres((await postgres.empty()).replace("postgresql://", "postgresql+asyncpg://", 1))
    await made.make(filling(text=False))
    yield made
    await made.close()


ASKED = [
    "how many incidents last 7 days",
    "open incidents",
    "mean time to resolve by severity",
    "median time to resolve",
    "p95 run duration by workflow",
    "which service has the most incidents",
    "failed runs by workflow",
    "percentage of failed runs by workflow",
    "who triggered the most runs",
    "longest incident this month",
    "incidents per day",
    "incidents per week",
    "incidents per month",
    "runs per hour today",
    "running total of incidents per week",
    "incidents week over week",
    "rank services by incident count",
    "time since the previous incident per service",
    "mtbf by service",
    "services with more than 3 incidents",
    "latest run of each workflow",
    "average number of incidents per week",
    "which runs started during sev2 incidents",
    "incidents within 2 hours after a deploy",
    "how many messages per session",
    "messages of session sess-1",
    "how many people triggered runs this week",
    "incidents open for more than 2 days",
    "incidents about slow 3%",
    "deploys that took longer than 5 minutes",
    "unfinished runs",
    "runs by dana yesterday",
    "sev2 or worse incidents not in auth",
]


def plain(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without the databases' own ways to say the same: times as text up to what SQLite keeps of them, numbers rounded."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str | None):
        return value
    return round(float(value), 3)  # type: ignore[arg-type]  # int, float or Decimal


def _same(one: object, other: object) -> bool:
    """A bucket of time is cut text in SQLite."""
    return one == other or (
        isinstance(one, str) and isinstance(other, str) and other.startswith(one[:7]) and len(one) < len(other)
    )


@pytest.mark.parametrize("text", ASKED)
async def test_both_databases_give_the_same_rows(text: str, sqlite: Sqlite, postgresql: Postgres) -> None:
    question = Question(text, find(text, services=SERVICES, now=NOW), NOW, SERVICES)
    answers = []
    for database in (sqlite, postgresql):
        made = translate(question, database.dialect)
        bound = plain(await database.rows(made.statement, made.parameters))
        assert bound == plain(await database.rows(made.query)), "the literals say what the parameters do"
        answers.append(bound)
    one, other = answers
    assert one, "a statement that finds nothing shows nothing"
    assert len(one) == len(other)
    assert all(_same(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True))


async def test_harmless_statements_run_in_postgresql_and_change_nothing(postgresql: Postgres) -> None:
    visible = {name: sqlglot.select(*columns).from_(name) for name, columns in TABLES.items()}
    for line in lines("sql_harmless"):
        if not line.startswith("[sqlite]"):
            statement = check(line.removeprefix("[postgres] "), Dialect.POSTGRES)
            await postgresql.rows(restrict(statement, visible).sql(Dialect.POSTGRES).replace(":", r"\:"))


async def test_people_see_only_their_rows(sqlite: Sqlite) -> None:
    visible = {"incidents": sqlglot.select(*TABLES["incidents"]).from_("incidents").where("service = 'auth'")}
    statement = check("SELECT i.service, COUNT(*) FROM incidents AS i GROUP BY i.service", Dialect.SQLITE)
    assert await sqlite.rows(restrict(statement, visible).sql(Dialect.SQLITE)) == [("auth", 4)]


FIGURES = [
    ("how many incidents", 12),
    ("how many open incidents", 2),
    ("how many sev1 incidents", 3),
    ("how many incidents in auth", 4),
    ("how many incidents last 7 days", 4),
    ("how many incidents yesterday", 0),
    ("how many failed runs", 4),
    ("how many deploys", 11),
    ("how many runs did dana trigger", 8),
    ("how many people triggered runs", 3),
    ("percentage of failed runs", 25.0),
    ("how many messages from users", 4),
    ("how many sessions", 2),
    ("median time to resolve", 390.0),
    ("average time to resolve in checkout", 330.0),
]


@pytest.mark.parametrize(("text", "figure"), FIGURES)
async def test_what_a_number_is(text: str, figure: float, sqlite: Sqlite) -> None:
    made = translate(Question(text, find(text, services=SERVICES, now=NOW), NOW, SERVICES))
    ((value,),) = await sqlite.rows(made.statement, made.parameters)
    assert value == pytest.approx(figure)
