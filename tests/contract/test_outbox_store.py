"""`core.ports.records.Outbox` on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.messages import Delivery
from core.ports.records import OutboxEntry
from storage.records import SqlRecords
from tests.contract.builders import NOW, OPS, delivery, eventually, ref

LANE = OPS.lane
SHORT = 0.15
LONG = 30.0
LATER = NOW + timedelta(seconds=60)


async def put(records: SqlRecords, entry_id: str, item: Delivery) -> str:
    return await records.write(lambda tx: tx.outbox.put(entry_id, item, now=NOW))


async def claim(
    records: SqlRecords, holder: str = "h", *, lane: str = LANE, now: datetime = NOW, lease: float = LONG
) -> OutboxEntry | None:
    return await records.write(lambda tx: tx.outbox.claim_next(lane, holder=holder, now=now, lease_seconds=lease))


async def must_claim(
    records: SqlRecords, holder: str = "h", *, now: datetime = NOW, lease: float = LONG
) -> OutboxEntry:
    entry = await claim(records, holder, now=now, lease=lease)
    assert entry is not None
    return entry


async def sent(records: SqlRecords, entry: OutboxEntry, part: str = "1.1", holder: str = "h") -> bool:
    return await records.write(lambda tx: tx.outbox.sent(entry.id, holder=holder, ref=ref(part)))


async def test_a_lane_is_sent_one_row_at_a_time_in_order_of_put(records: SqlRecords) -> None:
    assert await put(records, "a", delivery("s1")) == LANE
    await put(records, "b", delivery("s2"))
    first = await must_claim(records)
    assert await claim(records, "h2") is None
    assert await sent(records, first)
    second = await must_claim(records)
    assert (first.id, second.id) == ("a", "b")
    assert await sent(records, second)
    assert await claim(records) is None


async def test_waiting_rows_of_a_subject_are_superseded_in_their_position(records: SqlRecords) -> None:
    await put(records, "a", delivery("card", text="one"))
    await put(records, "b", delivery("other"))
    await put(records, "c", delivery("card", text="two"))
    first = await must_claim(records)
    assert (first.id, first.delivery) == ("c", delivery("card", text="two"))
    assert await records.read(lambda tx: tx.outbox.depth()) == 2


async def test_five_hundred_edits_leave_one_row_with_the_last_state(records: SqlRecords) -> None:
    await put(records, "post", delivery("card"))
    await sent(records, await must_claim(records))
    for number in range(500):
        await put(records, f"e{number}", delivery("card", text=str(number)))
    entry = await must_claim(records)
    assert entry.delivery == delivery("card", text="499")
    assert entry.ref == ref()
    assert await records.read(lambda tx: tx.outbox.depth()) == 1


async def test_a_row_being_sent_stays_and_the_newer_follows(records: SqlRecords) -> None:
    await put(records, "a", delivery("card", text="one"))
    sending = await must_claim(records)
    await put(records, "b", delivery("card", text="two"))
    assert await claim(records) is None
    assert await sent(records, sending, "9.9")
    following = await must_claim(records)
    assert (following.id, following.ref) == ("b", ref("9.9"))


async def test_a_retry_waits_until_it_is_due_with_the_same_key(records: SqlRecords) -> None:
    await put(records, "a", delivery())
    first = await must_claim(records)
    assert await records.write(lambda tx: tx.outbox.retry("a", holder="h", due_at=LATER, error="429", doubtful=False))
    assert await claim(records) is None
    assert await records.read(lambda tx: tx.outbox.oldest()) == NOW
    again = await must_claim(records, now=LATER)
    assert (again.key, again.attempts, again.doubtful) == (first.key, 2, False)


async def test_a_newer_row_supersedes_a_retry_but_keeps_its_key_pause_and_doubt(records: SqlRecords) -> None:
    await put(records, "a", delivery("card", text="one"))
    first = await must_claim(records)
    await put(records, "b", delivery("card", text="two"))
    await records.write(lambda tx: tx.outbox.retry("a", holder="h", due_at=LATER, error="timeout", doubtful=True))
    await put(records, "c", delivery("card", text="three"))
    assert await claim(records) is None
    entry = await must_claim(records, now=LATER)
    assert (entry.id, entry.key, entry.doubtful) == ("c", first.key, True)
    assert await records.read(lambda tx: tx.outbox.depth()) == 1


async def test_a_row_whose_lease_ran_out_comes_again_as_doubtful(records: SqlRecords) -> None:
    await put(records, "a", delivery())
    dead = await must_claim(records, "dead", lease=SHORT)
    entry = await eventually(lambda: claim(records, "next"))
    assert (entry.id, entry.doubtful, entry.attempts) == ("a", True, 2)
    assert not await sent(records, dead, "late", holder="dead")
    assert await records.read(lambda tx: tx.outbox.ref("s", OPS)) == ref("late")
    assert await sent(records, entry, "right", holder="next")
    assert await records.read(lambda tx: tx.outbox.ref("s", OPS)) == ref("right")


async def test_parked_rows_wait_for_unpark(records: SqlRecords) -> None:
    await put(records, "a", delivery())
    await must_claim(records)
    assert await records.write(lambda tx: tx.outbox.park("a", holder="h", error="not_a_member"))
    assert await claim(records) is None
    assert await records.read(lambda tx: tx.outbox.depth()) == 0
    assert await records.write(lambda tx: tx.outbox.unpark(LANE, now=NOW)) == 1
    assert (await must_claim(records)).id == "a"


async def test_of_a_parked_subject_only_the_newest_comes_back(records: SqlRecords) -> None:
    for entry_id in ("a", "b"):
        await put(records, entry_id, delivery("card", text=entry_id))
        await must_claim(records)
        await records.write(lambda tx, e=entry_id: tx.outbox.park(e, holder="h", error="not_a_member"))
    await put(records, "c", delivery("card", text="c"))
    assert await records.write(lambda tx: tx.outbox.unpark(LANE, now=NOW)) == 0
    assert (await must_claim(records)).id == "c"
    assert await claim(records) is None


async def test_one_who_lost_the_claim_can_neither_retry_nor_park(records: SqlRecords) -> None:
    await put(records, "a", delivery())
    await must_claim(records)
    assert not await records.write(lambda tx: tx.outbox.retry("a", holder="x", due_at=NOW, error="", doubtful=False))
    assert not await records.write(lambda tx: tx.outbox.park("a", holder="x", error=""))


async def test_private_answers_to_two_people_are_two_messages(records: SqlRecords) -> None:
    await put(records, "a", delivery("s", private_to="U1"))
    await put(records, "b", delivery("s", private_to="U2"))
    assert await records.read(lambda tx: tx.outbox.depth()) == 2


async def test_lanes_lists_what_is_due_and_not_being_sent(records: SqlRecords) -> None:
    other = replace(OPS, channel="C2")
    await put(records, "a", delivery("s1"))
    await put(records, "b", delivery("s2", place=other))
    await put(records, "c", delivery("s3", place=other))
    both = await records.read(lambda tx: tx.outbox.lanes(now=NOW, limit=10))
    await must_claim(records)
    assert list(both) == [LANE, other.lane]
    assert list(await records.read(lambda tx: tx.outbox.lanes(now=NOW, limit=10))) == [other.lane]


async def test_refs_are_kept_by_subject_and_place(records: SqlRecords) -> None:
    other = replace(OPS, channel="C2")
    for entry_id, place in (("a", OPS), ("b", other)):
        await put(records, entry_id, delivery("card", place=place))
        entry = await claim(records, lane=place.lane)
        assert entry is not None
        await records.write(lambda tx, e=entry, p=place: tx.outbox.sent(e.id, holder="h", ref=ref(e.id, p)))
    refs = await records.read(lambda tx: tx.outbox.refs("card"))
    assert sorted(one.parts for one in refs) == [("a",), ("b",)]
    assert await records.read(lambda tx: tx.outbox.ref("card", other)) == ref("b", other)
    assert await records.read(lambda tx: tx.outbox.ref("unknown", OPS)) is None
