"""`core.ports.records.Timers` on both databases."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from core.ports.records import Timer
from storage.records import SqlRecords
from tests.contract.builders import NASTY, NOW, eventually

SHORT = 0.15
LONG = 30.0


async def put(records: SqlRecords, key: str, seconds: float = 0.0) -> None:
    due = NOW + timedelta(seconds=seconds)
    await records.write(lambda tx: tx.timers.set(key, "kind", due, {"text": NASTY}))


async def claim(records: SqlRecords, holder: str = "h", *, lease: float = LONG, limit: int = 10) -> Sequence[Timer]:
    return await records.write(lambda tx: tx.timers.claim_due(now=NOW, holder=holder, lease_seconds=lease, limit=limit))


async def done(records: SqlRecords, key: str, holder: str = "h") -> bool:
    return await records.write(lambda tx: tx.timers.done(key, holder=holder))


async def test_due_timers_are_claimed_earliest_first_and_once(records: SqlRecords) -> None:
    for key, seconds in (("future", 1.0), ("second", -1.0), ("first", -2.0), ("now", 0.0)):
        await put(records, key, seconds)
    claimed = await claim(records)
    assert [timer.key for timer in claimed] == ["first", "second", "now"]
    assert claimed[0] == Timer("first", "kind", NOW - timedelta(seconds=2), {"text": NASTY})
    assert await claim(records, "h2") == []


async def test_a_claim_holds_however_far_the_callers_clock_jumps(records: SqlRecords) -> None:
    await put(records, "t")
    await claim(records)
    for hours in (1, 24, -1):
        now = NOW + timedelta(hours=hours)
        again = await records.write(
            lambda tx, now=now: tx.timers.claim_due(now=now, holder="h2", lease_seconds=LONG, limit=10)
        )
        assert again == []
    assert await done(records, "t")


async def test_a_claim_ends_while_the_callers_clock_stands_still(records: SqlRecords) -> None:
    await put(records, "t")
    await claim(records, lease=SHORT)
    assert await eventually(lambda: claim(records, "h2"))
    assert not await done(records, "t")


async def test_no_more_are_claimed_than_asked_for(records: SqlRecords) -> None:
    for number in range(5):
        await put(records, f"t{number}", -float(number))
    assert [timer.key for timer in await claim(records, limit=2)] == ["t4", "t3"]


async def test_a_fired_timer_is_gone(records: SqlRecords) -> None:
    await put(records, "t")
    await claim(records)
    assert not await done(records, "t", holder="other")
    assert await done(records, "t")
    assert not await done(records, "t")
    assert await records.read(lambda tx: tx.timers.next_due()) is None


async def test_a_timer_that_was_moved_or_cancelled_does_not_count_as_fired(records: SqlRecords) -> None:
    for key in ("moved", "cancelled"):
        await put(records, key)
    await claim(records)
    await put(records, "moved", 60.0)
    await records.write(lambda tx: tx.timers.cancel("cancelled"))
    assert not await done(records, "moved")
    assert not await done(records, "cancelled")
    assert await records.read(lambda tx: tx.timers.next_due()) == NOW + timedelta(seconds=60)


async def test_a_claim_that_ran_out_passes_on(records: SqlRecords) -> None:
    await put(records, "t")
    await claim(records, "dead", lease=SHORT)
    assert await eventually(lambda: claim(records, "next"))
    assert not await done(records, "t", holder="dead")
    assert await done(records, "t", holder="next")


async def test_timers_are_cancelled_by_the_beginning_of_their_key(records: SqlRecords) -> None:
    for key in ("RUN-A/x", "RUN-A/y/é", "RUN-AB/x", "run-a/x", "RUN-A%"):
        await put(records, key)
    assert await records.write(lambda tx: tx.timers.cancel("RUN-A/")) == 2
    assert sorted(timer.key for timer in await claim(records)) == ["RUN-A%", "RUN-AB/x", "run-a/x"]


async def test_two_replicas_fire_each_timer_once(records: SqlRecords, replica: SqlRecords) -> None:
    for number in range(40):
        await put(records, f"t{number}")

    async def fire(number: int) -> list[str]:
        who = (records, replica)[number % 2]
        claimed = await claim(who, f"h{number}", limit=7)
        return [timer.key for timer in claimed if await done(who, timer.key, f"h{number}")]

    fired: list[str] = []
    while await records.read(lambda tx: tx.timers.next_due()):
        for keys in await asyncio.gather(*map(fire, range(20))):
            fired += keys
    assert sorted(fired) == sorted(f"t{number}" for number in range(40))
