"""`core.ports.records.Runs` on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ConflictError
from core.ports.records import Transaction
from storage.records import SqlRecords
from tests.contract.builders import DANA, NASTY, NOW, approval, event, run


async def start(records: SqlRecords, run_id: str = "RUN-AAAAAA", **parameters: str) -> None:
    await records.write(
        lambda tx: tx.runs.append(run(run_id, **parameters), expected_version=0, events=[event(1, "run.started")])
    )


async def test_a_history_comes_back_in_order_and_whole(records: SqlRecords) -> None:
    events = [event(1, "run.started", text=NASTY), event(2, deep={"list": [1, 2.5, None, True]}), event(3)]
    await records.write(lambda tx: tx.runs.append(run(), expected_version=0, events=events[:2]))
    await records.write(lambda tx: tx.runs.append(run(), expected_version=2, events=events[2:]))
    assert await records.read(lambda tx: tx.runs.history("RUN-AAAAAA")) == events
    assert await records.read(lambda tx: tx.runs.history("RUN-BBBBBB")) == []


async def test_an_append_at_another_version_is_refused(records: SqlRecords) -> None:
    await start(records)
    for wrong in (0, 2):
        with pytest.raises(ConflictError):
            await records.write(lambda tx, v=wrong: tx.runs.append(run(), expected_version=v, events=[event(v + 1)]))
    assert len(await records.read(lambda tx: tx.runs.history("RUN-AAAAAA"))) == 1


async def test_a_refused_append_lets_the_unit_go_on(records: SqlRecords) -> None:
    await start(records)

    def unit(tx: Transaction) -> str:
        with pytest.raises(ConflictError):
            tx.runs.append(run(), expected_version=0, events=[event(1)])
        tx.channels.set("lane", "name", "kept")
        return tx.channels.get("lane")["name"]

    assert await records.write(unit) == "kept"


async def test_of_twenty_appends_at_one_version_one_counts(records: SqlRecords, replica: SqlRecords) -> None:
    await start(records)

    async def attempt(number: int) -> bool:
        try:
            await (records, replica)[number % 2].write(
                lambda tx: tx.runs.append(run(), expected_version=1, events=[event(2, by=number)])
            )
        except ConflictError:
            return False
        return True

    assert sum(await asyncio.gather(*map(attempt, range(20)))) == 1
    assert len(await records.read(lambda tx: tx.runs.history("RUN-AAAAAA"))) == 2


async def test_events_that_do_not_follow_the_version_are_a_mistake(records: SqlRecords) -> None:
    with pytest.raises(ValueError, match="do not follow"):
        await records.write(lambda tx: tx.runs.append(run(), expected_version=0, events=[event(2)]))


async def test_the_read_model_is_what_was_last_appended(records: SqlRecords) -> None:
    await start(records, service="checkout")
    ended = replace(run(status="done", service="payments"), finished_at=NOW, summary=NASTY, place=None)
    await records.write(lambda tx: tx.runs.append(ended, expected_version=1, events=[event(2)]))
    assert await records.read(lambda tx: tx.runs.get("run-aaaaaa")) == ended
    assert await records.read(lambda tx: tx.runs.get("RUN-ZZZZZZ")) is None


async def test_runs_are_found_by_status_requester_and_parameter_latest_first(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> None:
        for number, (status, service) in enumerate([("done", "a"), ("running", "a"), ("running", "b\x00")]):
            view = run(f"RUN-{number}", status=status, started=float(number), service=service)
            tx.runs.append(view, expected_version=0, events=[event(1)])
        moved = run("RUN-1", status="running", started=1.0, service="c")
        tx.runs.append(moved, expected_version=1, events=[event(2)])

    await records.write(unit)

    async def found(**filters: object) -> list[str]:
        views = await records.read(lambda tx: tx.runs.find(**filters))  # type: ignore[arg-type]  # passed through
        return [view.id for view in views]

    assert await found() == ["RUN-2", "RUN-1", "RUN-0"]
    assert await found(limit=1) == ["RUN-2"]
    assert await found(statuses=["running"]) == ["RUN-2", "RUN-1"]
    assert await found(requester=str(DANA), statuses=["done"]) == ["RUN-0"]
    assert await found(requester="nobody") == []
    assert await found(parameter=("service", "a")) == ["RUN-0"]
    assert await found(parameter=("service", "b\x00")) == ["RUN-2"]


async def test_approvals_are_written_with_the_events(records: SqlRecords) -> None:
    late, early = approval("APR-1", requested=10.0), approval("APR-2", requested=5.0)
    await records.write(
        lambda tx: tx.runs.append(run(), expected_version=0, events=[event(1)], approvals=[late, early])
    )
    assert await records.read(lambda tx: tx.runs.open_approvals()) == [early, late]
    granted = replace(late, status="granted", given=2, expires_at=NOW + timedelta(days=1))
    await records.write(lambda tx: tx.runs.append(run(), expected_version=1, events=[event(2)], approvals=[granted]))
    assert await records.read(lambda tx: tx.runs.approval("APR-1")) == granted
    assert await records.read(lambda tx: tx.runs.open_approvals(limit=1)) == [early]
    assert await records.read(lambda tx: tx.runs.approval("APR-9")) is None


async def test_open_requests_are_found_by_who_may_decide_them(records: SqlRecords) -> None:
    named = {"APR-1": ("approver",), "APR-2": ("@dana", "slack:T1/role:S1"), "APR-3": ("approver_x", "slack:T1/U_1")}
    requests = [replace(approval(id_), eligible=who) for id_, who in named.items()]
    await records.write(lambda tx: tx.runs.append(run(), expected_version=0, events=[event(1)], approvals=requests))

    async def ids(*holders: str) -> list[str]:
        return [view.id for view in await records.read(lambda tx: tx.runs.open_approvals(holders=holders))]

    assert await ids("approver") == ["APR-1"]
    assert await ids("slack:T1/role:S1", "nobody") == ["APR-2"]
    assert await ids("slack:T1/UX1", "approver?x", "dana") == []
    assert await ids("slack:T1/U_1", "@dana") == ["APR-2", "APR-3"]
    assert await ids() == []


async def test_runs_are_found_by_workflow_and_time_and_page_by_page(records: SqlRecords) -> None:
    for name, workflow, started in (("A", "ship", 0), ("B", "ship", 60), ("C", "ship", 60), ("D", "shop", 90)):
        view = replace(run(f"RUN-{name * 6}", started=started), workflow=workflow)
        await records.write(lambda tx, v=view: tx.runs.append(v, expected_version=0, events=[event(1, "run.started")]))

    def found(tx: Transaction) -> list[list[str]]:
        first = tx.runs.find(limit=2)
        pages = [first, tx.runs.find(following=first[-1], limit=2), tx.runs.find(workflow="ship")]
        pages.append(tx.runs.find(since=NOW + timedelta(seconds=60)))
        return [[view.id[-1] for view in page] for page in pages]

    assert await records.read(found) == [["D", "C"], ["B", "A"], ["C", "B", "A"], ["D", "C", "B"]]
