"""What starts and wakes runs: `Waits`, `Firings` and the line of runs, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from core.ports.records import RunView, Transaction
from storage.records import SqlRecords
from tests.contract.builders import NASTY, NOW, event, run


def view(run_id: str, slot: str = "", *, status: str = "pending", started: float = 0.0, limit: int = 1) -> RunView:
    found = run(run_id, status=status, started=started)
    return RunView(**{**_fields(found), "slot": slot, "slot_limit": limit})


def _fields(found: RunView) -> dict[str, object]:
    return {name: getattr(found, name) for name in RunView.__slots__}


async def put(records: SqlRecords, *views: RunView) -> None:
    def unit(tx: Transaction) -> None:
        for one in views:
            tx.runs.append(one, expected_version=0, events=[event(1)])

    await records.write(unit)


# --- waits -----------------------------------------------------------------------------------------------


async def test_steps_wait_for_one_kind_of_event_each(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> None:
        tx.waits.put("RUN-B", "w", "alert.fired")
        tx.waits.put("RUN-A", "w", "alert.fired")
        tx.waits.put("RUN-A", f"x{NASTY}", "alert.fired")
        tx.waits.put("RUN-A", "y", "webhook.build")
        tx.waits.put("RUN-A", "w", "alert.fired")

    await records.write(unit)
    found = await records.read(lambda tx: tx.waits.of("alert.fired"))
    assert [run_id for run_id, _ in found] == ["RUN-A", "RUN-A", "RUN-B"]
    assert found[0] == ("RUN-A", "w")
    assert await records.read(lambda tx: tx.waits.of("webhook.build")) == [("RUN-A", "y")]
    assert await records.read(lambda tx: tx.waits.of("webhook.other")) == []


async def test_a_step_or_a_whole_run_waits_no_longer(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> None:
        for run_id in ("RUN-A", "RUN-B"):
            for step in ("v", "w"):
                tx.waits.put(run_id, step, "alert.fired")
        tx.waits.drop("RUN-A", "v")
        tx.waits.drop("RUN-A", "nothing")
        tx.waits.drop("RUN-B")

    await records.write(unit)
    assert await records.read(lambda tx: tx.waits.of("alert.fired")) == [("RUN-A", "w")]


# --- firings ---------------------------------------------------------------------------------------------


async def test_of_many_replicas_one_has_the_occasion(records: SqlRecords, replica: SqlRecords) -> None:
    stores = [records, replica] * 5
    had = await asyncio.gather(
        *(store.write(lambda tx: tx.firings.put("schedule/a/0/", "noon", NOW)) for store in stores)
    )
    assert sorted(had) == [False] * 9 + [True]
    assert await records.write(lambda tx: tx.firings.put("schedule/a/0/", "one", NOW))
    assert await records.write(lambda tx: tx.firings.put("schedule/b/0/", "noon", NOW))


async def test_runs_are_counted_by_starter_and_time_and_the_last_one_is_known(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> tuple[int, int, str, str]:
        for hour in range(4):
            tx.firings.put("t", str(hour), NOW + timedelta(hours=hour))
        for hour in (2, 0, 1):
            tx.firings.started("t", str(hour), f"RUN-{hour}")
        tx.firings.put("other", "9", NOW + timedelta(hours=9))
        tx.firings.started("other", "9", "RUN-9")
        since = NOW + timedelta(hours=1)
        return tx.firings.count("t", NOW), tx.firings.count("t", since), tx.firings.latest("t"), tx.firings.latest("x")

    assert await records.write(unit) == (3, 2, "RUN-2", "")


async def test_a_limit_on_starts_holds_over_replicas(records: SqlRecords, replica: SqlRecords) -> None:
    def unit(tx: Transaction, occasion: str) -> bool:
        tx.firings.put("t", occasion, NOW)
        if tx.firings.count("t", NOW) >= 3:
            return False
        tx.firings.started("t", occasion, f"RUN-{occasion}")
        return True

    stores = [records, replica] * 6
    writes = (store.write(lambda tx, n=n: unit(tx, str(n))) for n, store in enumerate(stores))  # type: ignore[misc]
    assert sum(await asyncio.gather(*writes)) == 3


async def test_events_are_forgotten_after_a_while(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> None:
        for day in range(5):
            tx.firings.put("t", str(day), NOW + timedelta(days=day))

    await records.write(unit)
    before = NOW + timedelta(days=3)
    cleaned = [await records.write(lambda tx: tx.retention.clean("events", before=before, limit=2)) for _ in range(3)]
    assert cleaned == [2, 1, 0]
    assert not await records.write(lambda tx: tx.firings.put("t", "3", NOW)), "what is not that old stays"
    assert await records.write(lambda tx: tx.firings.put("t", "2", NOW))


# --- the line of runs ------------------------------------------------------------------------------------


async def test_those_that_wait_for_their_turn_are_found_in_the_order_they_came(records: SqlRecords) -> None:
    await put(
        records,
        view("RUN-3", "a", started=3),
        view("RUN-1", "a", started=1),
        view("RUN-2", started=2),
        view("RUN-0", "a", status="running"),
        view("RUN-4", "b", started=4),
        view("RUN-5", "a", started=5),
    )
    found = await records.read(lambda tx: tx.runs.pending(each=2))
    assert [(one.id, one.slot) for one in found] == [("RUN-1", "a"), ("RUN-2", ""), ("RUN-3", "a"), ("RUN-4", "b")]
    assert found[0] == view("RUN-1", "a", started=1)
    assert [one.id for one in await records.read(lambda tx: tx.runs.pending(each=9, limit=1))] == ["RUN-1"]


async def test_runs_under_way_are_counted_by_slot_and_in_all(records: SqlRecords) -> None:
    over = RunView(**{**_fields(view("RUN-9", "a", status="completed")), "finished_at": NOW})
    await put(
        records,
        view("RUN-1", "a", status="running"),
        view("RUN-2", "a", status="waiting"),
        view("RUN-3", "a"),
        view("RUN-4", "b", status="paused"),
        view("RUN-5", status="running"),
        over,
    )
    counted = await records.write(lambda tx: [tx.runs.under_way(slot) for slot in ("a", "b", "c")])
    assert counted == [(2, 4), (1, 4), (0, 4)]


@pytest.mark.parametrize("limit", [1, 3])
async def test_a_limit_holds_over_replicas(records: SqlRecords, replica: SqlRecords, limit: int) -> None:
    def unit(tx: Transaction, number: int) -> bool:
        room = tx.runs.under_way("a")[0] < limit
        wanted = view(f"RUN-{number}", "a", status="running" if room else "pending", limit=limit)
        tx.runs.append(wanted, expected_version=0, events=[event(1)])
        return room

    stores = [records, replica] * 6
    writes = (store.write(lambda tx, n=n: unit(tx, n)) for n, store in enumerate(stores))  # type: ignore[misc]
    assert sum(await asyncio.gather(*writes)) == limit


# --- timers by name --------------------------------------------------------------------------------------


async def test_timers_are_found_by_what_their_key_begins_with(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> list[str]:
        for key in ("schedule/b/", "schedule/a/", "schedules", "other"):
            tx.timers.set(key, "kind", NOW, {"text": NASTY})
        return [timer.key for timer in tx.timers.named("schedule/")]

    assert await records.write(unit) == ["schedule/a/", "schedule/b/"]
