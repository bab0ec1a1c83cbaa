"""`core.ports.records.Inbox` on both databases."""

import asyncio

import pytest

from core.errors import ConflictError
from core.messages import Turn
from core.ports.records import Transaction
from storage.records import SqlRecords
from tests.contract.builders import eventually, turn

SHORT = 0.15
LONG = 30.0


async def add(records: SqlRecords, *items: Turn, conversation: str = "c", overtakes: bool = False) -> None:
    for item in items:
        await records.write(lambda tx, i=item: tx.inbox.add(f"e-{i.claim}", conversation, i, overtakes=overtakes))


async def claim_next(
    records: SqlRecords, holder: str = "h", lease: float = LONG, conversation: str = "c"
) -> str | None:
    entry = await records.write(lambda tx: tx.inbox.claim_next(conversation, holder=holder, lease_seconds=lease))
    return entry.item.claim if entry else None


async def finish(records: SqlRecords, claim: str, holder: str = "h") -> bool:
    return await records.write(lambda tx: tx.inbox.finish(f"e-{claim}", holder=holder, outcome="done"))


async def test_a_known_claim_is_not_recorded_again(records: SqlRecords) -> None:
    first = await records.write(lambda tx: tx.inbox.add("e1", "c", turn("m1"), overtakes=False))
    second = await records.write(lambda tx: tx.inbox.add("e2", "c", turn("m1", text="other"), overtakes=False))
    assert (first, second) == (True, False)
    entry = await records.write(lambda tx: tx.inbox.claim_next("c", holder="h", lease_seconds=LONG))
    assert entry is not None
    assert (entry.id, entry.item.text if isinstance(entry.item, Turn) else "") == ("e1", "hello")


async def test_a_claim_stays_known_after_its_entry_is_finished(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    await claim_next(records)
    assert await finish(records, "m1")
    assert not await records.write(lambda tx: tx.inbox.add("e2", "c", turn("m1"), overtakes=False))


async def test_entries_of_a_conversation_are_claimed_in_platform_time(records: SqlRecords) -> None:
    await add(records, turn("late", at=30.0), turn("early", at=10.0), turn("middle", at=20.0))
    order = []
    while claim := await claim_next(records):
        order.append(claim)
        await finish(records, claim)
    assert order == ["early", "middle", "late"]


async def test_one_conversation_has_one_claim_at_a_time(records: SqlRecords) -> None:
    await add(records, turn("m1", at=1.0), turn("m2", at=2.0))
    await add(records, turn("other"), conversation="d")
    assert await claim_next(records) == "m1"
    assert await claim_next(records, holder="h2") is None
    assert await claim_next(records, holder="h2", conversation="d") == "other"


async def test_an_overtaking_entry_is_claimed_beside_a_live_claim(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    await add(records, turn("click"), overtakes=True)
    assert await claim_next(records) == "m1"
    assert await claim_next(records) is None
    first = await records.write(lambda tx: tx.inbox.claim("e-click", holder="h", lease_seconds=LONG))
    again = await records.write(lambda tx: tx.inbox.claim("e-click", holder="h2", lease_seconds=LONG))
    assert first is not None
    assert first.item.claim == "click"
    assert again is None


async def test_an_overtaking_claim_does_not_hold_the_conversation_up(records: SqlRecords) -> None:
    await add(records, turn("click"), overtakes=True)
    await records.write(lambda tx: tx.inbox.claim("e-click", holder="h", lease_seconds=LONG))
    await add(records, turn("m1"))
    assert await claim_next(records) == "m1"


async def test_a_lease_that_runs_out_passes_the_entry_on(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    assert await claim_next(records, "dead", lease=SHORT) == "m1"
    entry = await eventually(
        lambda: records.write(lambda tx: tx.inbox.claim_next("c", holder="next", lease_seconds=LONG))
    )
    assert entry.attempts == 2
    assert not await finish(records, "m1", holder="dead")
    assert await finish(records, "m1", holder="next")


async def test_extending_keeps_a_claim_and_a_lost_one_cannot_be_extended(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    await claim_next(records, "h", lease=SHORT)
    assert await records.write(lambda tx: tx.inbox.extend("e-m1", holder="h", lease_seconds=LONG))
    assert await claim_next(records, "h2") is None
    assert not await records.write(lambda tx: tx.inbox.extend("e-m1", holder="h2", lease_seconds=LONG))


async def test_an_outcome_is_not_kept_when_the_claim_was_lost(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    await claim_next(records, "h")

    def unit(tx: Transaction) -> None:
        tx.channels.set("lane", "mute", "yes")
        if not tx.inbox.finish("e-m1", holder="somebody else", outcome="done"):
            raise ConflictError("lost")

    with pytest.raises(ConflictError):
        await records.write(unit)
    assert await records.read(lambda tx: tx.channels.get("lane")) == {}


async def test_a_released_entry_is_ready_for_another_attempt(records: SqlRecords) -> None:
    await add(records, turn("m1"))
    await claim_next(records, "h")
    await records.write(lambda tx: tx.inbox.release("e-m1", holder="h", error="boom"))
    entry = await records.write(lambda tx: tx.inbox.claim_next("c", holder="h2", lease_seconds=LONG))
    assert entry is not None
    assert entry.attempts == 2


async def test_ready_lists_what_could_be_claimed_now_oldest_first(records: SqlRecords) -> None:
    await add(records, turn("busy1", at=1.0), turn("busy2", at=2.0), conversation="slack:busy")
    await add(records, turn("free", at=4.0), conversation="slack:free")
    await add(records, turn("click", at=3.0), conversation="slack:busy", overtakes=True)
    await claim_next(records, conversation="slack:busy")
    ready = await records.read(lambda tx: tx.inbox.ready(platforms=["slack"], limit=10))
    assert list(ready) == [("e-click", "slack:busy", True), ("e-free", "slack:free", False)]
    assert len(await records.read(lambda tx: tx.inbox.ready(platforms=["slack"], limit=1))) == 1


async def test_ready_leaves_out_what_this_process_could_not_answer(records: SqlRecords) -> None:
    await add(records, turn("m1", at=1.0), conversation="discord:1/2")
    await add(records, turn("m2", at=2.0), conversation="slack:T1/C1")
    ready = await records.read(lambda tx: tx.inbox.ready(platforms=["slack", "api"], limit=1))
    assert [entry for entry, _, _ in ready] == ["e-m2"]
    assert not await records.read(lambda tx: tx.inbox.ready(platforms=[], limit=10))


async def test_no_interleaving_of_two_replicas_loses_an_entry_or_claims_two(
    records: SqlRecords, replica: SqlRecords
) -> None:
    """Twenty writers add and claim in one transaction; whoever claims handles what follows. Nobody sweeps."""
    handled: list[str] = []
    under_way = 0

    async def work(who: SqlRecords, number: int) -> None:
        nonlocal under_way
        claimed = await who.write(lambda tx: _add_and_claim(tx, number, holder=f"h{number}"))
        while claimed:
            under_way += 1
            assert under_way == 1
            await asyncio.sleep(0)
            under_way -= 1
            handled.append(claimed)
            claimed = await who.write(lambda tx, c=claimed: _finish_and_claim(tx, c, holder=f"h{number}"))

    for begin in range(0, 100, 20):
        async with asyncio.TaskGroup() as tasks:
            for number in range(begin, begin + 20):
                tasks.create_task(work((records, replica)[number % 2], number))
        assert sorted(handled) == sorted(f"e{number}" for number in range(begin + 20))


def _add_and_claim(tx: Transaction, number: int, *, holder: str) -> str | None:
    assert tx.inbox.add(f"e{number}", "c", turn(f"m{number}", at=float(number)), overtakes=False)
    entry = tx.inbox.claim_next("c", holder=holder, lease_seconds=LONG)
    return entry.id if entry else None


def _finish_and_claim(tx: Transaction, entry_id: str, *, holder: str) -> str | None:
    assert tx.inbox.finish(entry_id, holder=holder, outcome="done")
    entry = tx.inbox.claim_next("c", holder=holder, lease_seconds=LONG)
    return entry.id if entry else None


async def test_unfinished_items_are_those_of_the_platform_claimed_or_not(records: SqlRecords) -> None:
    await add(records, turn("old", at=5.0), turn("done", at=11.0), conversation="slack:T1/C1")
    await add(records, turn("late", at=30.0), turn("held", at=20.0), conversation="slack:T1/C2")
    await add(records, turn("other", at=20.0), conversation="discord:1/2")
    await claim_next(records, conversation="slack:T1/C1")
    assert await finish(records, "old")
    await claim_next(records, conversation="slack:T1/C1")
    assert await finish(records, "done")
    await claim_next(records, conversation="slack:T1/C2")
    found = await records.read(lambda tx: tx.inbox.unfinished("slack", since=10.0))
    assert [item.claim for item in found] == ["held", "late"]
    assert [item.claim for item in await records.read(lambda tx: tx.inbox.unfinished("slack", since=25.0))] == ["late"]
