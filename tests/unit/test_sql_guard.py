"""What SQL may run: nothing of the corpus of bypasses, all of the harmless one, and over what a person may see only."""

import sqlite3
from collections.abc import Iterator

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from core.query.sql.explain import explain
from core.query.sql.guard import MAX_ROWS, check, restrict
from core.query.sql.schema import TABLES, Dialect
from core.query.translation import QueryRefused
from tests.unit.queries import lines

VISIBLE = {name: sqlglot.select(*columns).from_(name).where("hidden = 0") for name, columns in TABLES.items()}
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """The documented tables with a column more, in a database that allows reading and nothing else."""
    with sqlite3.connect(":memory:") as made:
        for name, columns in TABLES.items():
            made.execute(f"CREATE TABLE {name} ({', '.join(columns)}, hidden)")
            for hidden in (0, 1):
                values = [f"{column}-{hidden}" for column in columns]
                made.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))}, {hidden})", values)  # noqa: S608  # our own names
        made.commit()
        made.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)
        yield made
    made.close()


def harmless(dialect: Dialect) -> list[str]:
    """Those of both databases and those of this one."""
    return [
        line.removeprefix(f"[{dialect}] ")
        for line in lines("sql_harmless")
        if not line.startswith("[") or line.startswith(f"[{dialect}]")
    ]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("statement", lines("sql_bypasses"))
def test_every_known_bypass_is_refused(statement: str, dialect: Dialect) -> None:
    with pytest.raises(QueryRefused) as refused:
        check(statement, dialect)
    assert refused.value.message


@pytest.mark.parametrize("statement", harmless(Dialect.SQLITE))
def test_what_is_harmless_runs_and_shows_only_what_is_visible(statement: str, database: sqlite3.Connection) -> None:
    tree = check(statement, Dialect.SQLITE)
    rows = database.execute(restrict(tree, VISIBLE).sql(Dialect.SQLITE)).fetchall()
    assert len(rows) <= MAX_ROWS
    assert not any("-1" in str(value) and str(value) != "-1" for row in rows for value in row)
    assert explain(tree).endswith(".")


@pytest.mark.parametrize("statement", harmless(Dialect.POSTGRES))
def test_what_is_harmless_in_postgresql_is_accepted_and_stays_the_same(statement: str) -> None:
    printed = check(statement, Dialect.POSTGRES).sql(Dialect.POSTGRES)
    assert check(printed, Dialect.POSTGRES).sql(Dialect.POSTGRES) == printed


@pytest.mark.parametrize(
    ("statement", "limit"),
    [
        ("SELECT id FROM incidents", MAX_ROWS),
        ("SELECT id FROM incidents LIMIT 7", 7),
        ("SELECT id FROM incidents LIMIT 100000", MAX_ROWS),
        ("SELECT id FROM incidents UNION SELECT id FROM messages", MAX_ROWS),
    ],
)
def test_the_rows_are_limited(statement: str, limit: int) -> None:
    assert check(statement, Dialect.SQLITE).sql(Dialect.SQLITE).endswith(f"LIMIT {limit}")


def test_a_table_that_a_person_may_not_see_is_refused() -> None:
    tree = check("SELECT id FROM incidents WHERE id IN (SELECT id FROM messages)", Dialect.SQLITE)
    with pytest.raises(QueryRefused, match="messages"):
        restrict(tree, {"incidents": VISIBLE["incidents"]})


def test_each_table_is_replaced_wherever_it_stands() -> None:
    tree = check(
        "WITH a AS (SELECT id FROM incidents) SELECT x.id FROM a x JOIN messages m ON x.id = m.id WHERE EXISTS (SELECT 1 FROM workflow_runs) "
        "UNION SELECT id FROM incidents",
        Dialect.SQLITE,
    )
    printed = restrict(tree, VISIBLE).sql(Dialect.SQLITE)
    assert printed.count("hidden = 0") == 4
    assert " FROM a AS x" in printed


@pytest.mark.parametrize(
    ("statement", "nearest"),
    [
        ("SELECT sevrity FROM incidents", "severity"),
        ("SELECT id FROM incidnets", "incidents"),
        ("SELECT i.titel FROM incidents i", "title"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest(statement: str, nearest: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        check(statement, Dialect.SQLITE)
    assert refused.value.nearest[0] == nearest


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "   ",
        ";",
        "SELECT",
        "SELECT FROM",
        "hello there",
        "SELECT id FROM incidents WHERE",
        "SELECT 'x",
        "(" * 3000,
        "SELECT " + "1+" * 2000 + "1",
    ],
)
def test_what_is_no_sql_is_refused(statement: str) -> None:
    with pytest.raises(QueryRefused):
        check(statement, Dialect.POSTGRES)


@given(
    st.text(max_size=100),
    st.sampled_from(["", "SELECT ", "SELECT id FROM incidents ", "SELECT id FROM incidents WHERE "]),
)
def test_what_passes_is_printed_so_that_it_passes_again(text: str, start: str) -> None:
    try:
        printed = check(start + text, Dialect.SQLITE).sql(Dialect.SQLITE)
    except QueryRefused:
        return
    assert check(printed, Dialect.SQLITE).sql(Dialect.SQLITE) == printed


@given(st.text(max_size=40))
def test_no_value_leaves_its_quotes(value: str) -> None:
    escaped = value.replace("'", "''")
    try:
        tree = check(f"SELECT id FROM incidents WHERE title = '{escaped}'", Dialect.SQLITE)  # noqa: S608  # that is the claim
    except QueryRefused:
        assert "\0" in value
        return
    literals = [node.name for node in tree.find_all(sqlglot.exp.Literal) if node.is_string]
    assert literals == [value]


@pytest.mark.parametrize(
    ("statement", "explanation"),
    [
        (
            "SELECT service, COUNT(*) AS n FROM incidents WHERE severity = 'sev1' GROUP BY service ORDER BY n DESC LIMIT 5",
            "Reads service and the number of rows from incidents, where severity is sev1, for each service, ordered by n (highest first), at most 5 rows.",
        ),
        (
            "SELECT id FROM incidents WHERE resolved_at IS NULL",
            "Reads id from incidents, where resolved at is not known, at most 1000 rows.",
        ),
        (
            "SELECT AVG(CASE WHEN severity = 'sev1' THEN JULIANDAY(resolved_at) - JULIANDAY(created_at) END) FROM incidents WHERE resolved_at IS NOT NULL",
            "Reads the average of time between created at and resolved at where severity is sev1 from incidents, where resolved at is known, at most 1000 rows.",
        ),
        (
            "SELECT service FROM incidents WHERE NOT service IN (SELECT service FROM incidents WHERE severity = 'sev1') LIMIT 5",
            "Reads service from incidents, where service is not in incidents where severity is sev1, at most 5 rows.",
        ),
        (
            "SELECT id FROM incidents WHERE NOT EXISTS (SELECT 1 FROM workflow_runs WHERE workflow_runs.started_at > incidents.created_at) LIMIT 5",
            "Reads id from incidents, where there is no row in workflow_runs where started at is over created at, at most 5 rows.",
        ),
        (
            "SELECT STRFTIME('%w', created_at) AS weekday, COUNT(*) FROM incidents GROUP BY 1 LIMIT 5",
            "Reads the weekday of created at and the number of rows from incidents, for each 1, at most 5 rows.",
        ),
    ],
)
def test_what_is_said_of_it(statement: str, explanation: str) -> None:
    assert explain(check(statement, Dialect.SQLITE)) == explanation
