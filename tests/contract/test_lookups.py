"""Statements that people ask for, on both databases: what they may see, and where they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import UserInputError
from core.messages import Heard, Person, Place, Platform
from core.ports.records import Table
from storage.records import SqlRecords
from storage.unit import SqlTransaction
from tests.contract.builders import DANA, NASTY, NOW, OPS, run
from tests.unit.test_incident_lifecycle import incident

LEE = replace(DANA, id="U2")
_ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgres": "SELECT count(*) FROM generate_series(1, 1000000000000)",
}


async def asked(records: SqlRecords, table: str, *, by: str = "U1", place: Place = OPS, rows: int = 10) -> Table:
    """All of a documented table, as this person sees it there."""

    def unit(tx: SqlTransaction) -> Table:
        view = tx.lookups.visible([replace(DANA, id=by)], place)[table]
        return tx.lookups.run(f"SELECT * FROM ({view}) AS t ORDER BY id", rows=rows, seconds=5.0)  # noqa: S608

    return await records.read(unit)


async def test_private_incidents_are_seen_by_their_members_alone(records: SqlRecords) -> None:
    def unit(tx: SqlTransaction) -> None:
        tx.incidents.add(incident(id="", title=f"open to all {NASTY}", service="checkout"))
        tx.incidents.add(incident(id="", title="hidden", private=True, members=(DANA,)))
        tx.incidents.add(incident(id="", title="hidden from Dana", private=True, members=(replace(DANA, id="U11"),)))

    await records.write(unit)
    seen = await asked(records, "incidents")
    assert seen.columns == ("id", "title", "severity", "status", "service", "created_at", "resolved_at")
    assert [row[1] for row in seen.rows] == [f"open to all {NASTY}", "hidden"]
    assert [row[1] for row in (await asked(records, "incidents", by="U2")).rows] == [f"open to all {NASTY}"]
    assert str(seen.rows[0][0]).startswith("INC-")
    assert seen.rows[0][6] is None


async def test_messages_are_those_of_the_place(records: SqlRecords) -> None:
    elsewhere = Place(Platform.SLACK, "T1", "C2")
    heard = [
        Heard(OPS, "1.1", Person(DANA, "Dana"), "here", NOW.timestamp(), NOW.timestamp()),
        Heard(elsewhere, "1.2", Person(DANA, "Dana"), "a secret of another channel", 2.0, 2.0),
        Heard(OPS, "1.3", Person(LEE, "alerts", is_bot=True), "5xx", 3.0, 3.0),
    ]
    await records.write(lambda tx: [tx.heard.put(one) for one in heard])
    found = await asked(records, "messages")
    assert [(row[2], row[3]) for row in found.rows] == [("user", "here"), ("assistant", "5xx")]
    assert str(found.rows[0][4]).startswith(f"{NOW:%Y-%m-%d %H:%M:%S}")


async def test_runs_with_their_times_as_moments(records: SqlRecords) -> None:
    view = replace(run("RUN-AAAAAA"), started_at=NOW, finished_at=NOW + timedelta(minutes=5))
    await records.write(lambda tx: tx.runs.append(view, expected_version=0, events=[], approvals=[]))

    def unit(tx: SqlTransaction) -> Table:
        hours = {"sqlite": "strftime('%H', started_at)", "postgres": "to_char(started_at, 'HH24')"}[tx.lookups.dialect]
        visible = tx.lookups.visible([DANA], OPS)["workflow_runs"]
        return tx.lookups.run(f"SELECT {hours} AS h FROM ({visible}) AS r", rows=5, seconds=5.0)  # noqa: S608

    assert (await records.read(unit)).rows == ((f"{NOW:%H}",),)


async def test_what_is_too_much_is_cut_and_said(records: SqlRecords) -> None:
    await records.write(lambda tx: [tx.incidents.add(incident(id="", title=str(n))) for n in range(4)])
    found = await asked(records, "incidents", rows=3)
    assert (len(found.rows), found.truncated) == (3, True)


async def test_a_statement_without_end_is_ended(records: SqlRecords) -> None:
    def unit(tx: SqlTransaction) -> Table:
        return tx.lookups.run(_ENDLESS[tx.lookups.dialect], rows=1, seconds=0.2)

    with pytest.raises(UserInputError, match="took longer"):
        await records.read(unit)
    assert await records.healthy() == "", "the next statement works"


async def test_nothing_is_written(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.incidents.add(incident(id="", title="kept")))

    def unit(tx: SqlTransaction) -> Table:
        return tx.lookups.run("DELETE FROM incidents RETURNING title", rows=1, seconds=1.0)

    with pytest.raises(UserInputError, match="refuses"):
        await records.read(unit)
    assert len((await asked(records, "incidents")).rows) == 1
