"""What both databases can do but SQLAlchemy spells differently: the database's clock, conflicts, locks by name."""

import json
import string
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.types import Instant, Json, Key, storable

AnyRow = sa.Row[*tuple[Any, ...]]
"""A row whose columns the statement names."""

_Insert = sqlite.Insert | postgresql.Insert
_NOTHING: Mapping[str, object] = MappingProxyType({})


class DbNow(FunctionElement[Any]):
    """The database's clock at this statement, not at the transaction's start."""

    type = Instant()
    inherit_cache = True
    name = "db_now"


class DbIn(FunctionElement[Any]):
    """So many seconds from now by the database's clock: `DbIn(bindparam("seconds", type_=Double))`."""

    type = Instant()
    inherit_cache = True
    name = "db_in"


@compiles(DbNow, "sqlite")
def _now_sqlite(_element: DbNow, _compiler: SQLCompiler, **_options: object) -> str:
    # unixepoch('now', 'subsec') needs SQLite 3.42; the Julian day is exact to the millisecond in all versions.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DbNow, "postgresql")
def _now_postgresql(_element: DbNow, _compiler: SQLCompiler, **_options: object) -> str:
    return "clock_timestamp()"


@compiles(DbIn, "sqlite")
def _in_sqlite(element: DbIn, compiler: SQLCompiler, **options: object) -> str:
    return f"((julianday('now') - 2440587.5) * 86400.0 + {compiler.process(element.clauses, **options)})"


@compiles(DbIn, "postgresql")
def _in_postgresql(element: DbIn, compiler: SQLCompiler, **options: object) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


def db_now() -> DbNow:
    """Now, by the database's clock."""
    return DbNow()


def db_in(parameter: str) -> DbIn:
    """So many seconds from now as the bound parameter of this name says."""
    return DbIn(sa.bindparam(parameter, type_=sa.Double))


def word(value: str) -> sa.ColumnElement[str]:
    """A constant written into the statement: partial indexes are only used where their condition is spelt out."""
    return sa.literal_column(f"'{value}'")


def holds(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """The text stands somewhere in the column, whatever the case of ASCII letters. JSON is searched as it is written."""
    sought = json.dumps(text)[1:-1] if isinstance(column.type, Json) else storable(text)
    lowered = sa.func.lower(sa.type_coerce(column, sa.Text))
    # SQLite lowers ASCII letters alone, PostgreSQL those of its locale.
    ways = {sought.lower(), sought.translate(_ASCII_LOWER)}
    return sa.or_(*(lowered.contains(way, autoescape=True) for way in sorted(ways)))


_ASCII_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}


class Insert:
    """An INSERT with a conflict clause, built once for each database."""

    def __init__(self, build: Callable[[Callable[[sa.Table], _Insert]], sa.Executable]) -> None:
        """`build` gets the dialect's own `insert` and returns the whole statement."""
        self._sqlite = build(sqlite.insert)
        self._postgresql = build(postgresql.insert)

    def on(self, connection: sa.Connection) -> sa.Executable:
        """The statement for this connection's database."""
        return self._sqlite if connection.dialect.name == "sqlite" else self._postgresql


def insert_new(
    table: sa.Table, columns: Sequence[str], *, constants: Mapping[str, object] = _NOTHING, known_by: str = ""
) -> Insert:
    """Insert a row unless one is there with the same `known_by` column (any unique column when it is ""). The result has one row
    when it was inserted, none otherwise."""
    conflict = [table.c[known_by]] if known_by else None
    key = next(iter(table.primary_key))
    return Insert(
        lambda insert: (
            insert(table)
            .values({**_bound(columns), **constants})
            .on_conflict_do_nothing(index_elements=conflict)
            .returning(key)
        )
    )


def upsert(
    table: sa.Table,
    columns: Sequence[str],
    *,
    keys: Sequence[str],
    constants: Mapping[str, object] = _NOTHING,
    changing: Sequence[str] = (),
    where: sa.ColumnElement[bool] | None = None,
    newest: str = "",
) -> Insert:
    """Insert a row, or change `changing` (all that is no key, when empty) of the row that has the same `keys`. `where` is the
    condition of the partial index on the keys; `newest` a column that must not become smaller: else the row stays as it is."""
    values = {**_bound(columns), **constants}
    changed = changing or [name for name in values if name not in keys]

    def build(insert: Callable[[sa.Table], _Insert]) -> sa.Executable:
        statement = insert(table).values(values)
        return statement.on_conflict_do_update(
            index_elements=[table.c[name] for name in keys],
            index_where=where,
            set_={name: statement.excluded[name] for name in changed},
            where=statement.excluded[newest] >= table.c[newest] if newest else None,
        )

    return Insert(build)


def _bound(columns: Sequence[str]) -> dict[str, object]:
    return {name: sa.bindparam(name) for name in columns}


class LockSpace(IntEnum):
    """What names are locked for."""

    CONVERSATION = 1
    LANE = 2
    MIGRATION = 3
    TURNS = 4
    """Which run goes on next."""
    STARTER = 5
    """How many runs a schedule or trigger has started."""


_LOCK = sa.select(
    sa.func.pg_advisory_xact_lock(
        sa.bindparam("space", type_=sa.Integer), sa.func.hashtext(sa.bindparam("name", type_=Key))
    )
)


def lock(connection: sa.Connection, space: LockSpace, name: str) -> None:
    """Hold the name until the transaction ends; waits for whoever holds it. SQLite has one writer and needs none."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"space": int(space), "name": name})
