"""The portable form of a backup: JSON lines in gzip, the same for SQLite and PostgreSQL.

1. `{"copilot": "backup", "format": 1, "schema": "0002", "made_at": "…", "rows": {"runs": 3, …}}`
2. `["runs", {"id": "RUN-…", …}]` for every row, table by table; times in ISO 8601, what is stored as JSON as JSON
3. `{"end": 1234, "sha256": "…"}`: how many rows there were, and the digest of all lines before

Columns that a later schema added are absent: they take the value that rows of an older replica get.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.errors import UserInputError
from storage.tables import kept_answers, metadata
from storage.types import Instant

Row = tuple[str, dict[str, Any]]
"""A table's name, and a row of it."""
Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

FORMAT = 1
_PAGE = 500
"""Rows between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an archive says about itself."""

    schema: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def counts(connection: sa.Connection) -> dict[str, int]:
    """Rows by table, of the tables that its schema has."""
    query = {table.name: sa.select(sa.func.count()).select_from(table) for table in present(connection)}
    return {name: int(connection.execute(count).scalar_one()) for name, count in query.items()}


def present(connection: sa.Connection) -> list[sa.Table]:
    """The tables of ours that are there, and worth a backup: a schema from before lacks some."""
    there = set(sa.inspect(connection).get_table_names()) - {kept_answers.name}
    return [table for table in metadata.sorted_tables if table.name in there]


def rows(connection: sa.Connection) -> Iterator[Row]:
    """Every row of every table, with the columns that its schema has."""
    for table in present(connection):
        there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
        query = sa.select(*(column for column in table.columns if column.name in there)).order_by(*table.primary_key)
        for row in connection.execute(query.execution_options(yield_per=_PAGE)).mappings():
            yield table.name, dict(row)


def write(path: Path, connection: sa.Connection, *, schema: str, made_at: datetime, progress: Progress) -> Header:
    """Write everything the connection sees; it is in a transaction of its own. OSError when the disk is full."""
    header = Header(schema, counts(connection))
    digest = hashlib.sha256()
    with gzip.open(path, "wb", compresslevel=6) as file:

        def line(value: object) -> None:
            text = json.dumps(value, separators=(",", ":")).encode() + b"\n"
            digest.update(text)
            file.write(text)

        about = {"copilot": "backup", "format": FORMAT, "schema": schema, "made_at": made_at.isoformat()}
        line({**about, "rows": header.rows})
        done = 0
        for done, (table, row) in enumerate(rows(connection), 1):
            line([table, _dumped(row)])
            if done % _PAGE == 0:
                progress(done, header.total)
        file.write(json.dumps({"end": done, "sha256": digest.hexdigest()}).encode() + b"\n")
    progress(done, header.total)
    return header


def read(path: Path) -> tuple[Header, Iterator[Row]]:
    """The header, and the rows: the iterator raises UserInputError at the end when something is missing or was changed."""
    lines = _lines(path)
    first, _ = next(lines, (b"", 0))
    try:
        about = json.loads(first)
        header = Header(about["schema"], about["rows"])
        known = about["copilot"] == "backup" and about["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise UserInputError(f"{path} is no backup of Copilot, or of a newer one.", hint="Nothing was changed.")
    return header, _rows(path, first, lines)


def _rows(path: Path, first: bytes, lines: Iterator[tuple[bytes, int]]) -> Iterator[Row]:
    digest = hashlib.sha256(first)
    whole = False
    for done, (line, number) in enumerate(lines):
        try:
            value = json.loads(line)
            if isinstance(value, dict):
                whole = value == {"end": done, "sha256": digest.hexdigest()}
                break
            table, row = value
            yield table, _loaded(table, row)
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(path, f"line {number}") from error
        digest.update(line)
    else:
        raise damaged(path, "its end is missing")
    if not whole:
        raise damaged(path, "its checksum differs")


def damaged(path: Path, why: str) -> UserInputError:
    """The error about a backup that cannot be used."""
    return UserInputError(f"The backup {path} is damaged: {why}.", hint="Nothing was changed. Use another backup.")


def _lines(path: Path) -> Iterator[tuple[bytes, int]]:
    try:
        with gzip.open(path, "rb") as file:
            yield from ((line, number) for number, line in enumerate(file, 1))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path, "it cannot be unpacked to its end") from error


def _dumped(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _loaded(table: str, row: dict[str, Any]) -> dict[str, Any]:
    columns = metadata.tables[table].columns
    return {
        name: datetime.fromisoformat(value) if value and isinstance(columns[name].type, Instant) else value
        for name, value in row.items()
    }
