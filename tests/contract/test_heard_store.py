"""Messages that were heard, on both databases: each in its own place, and nowhere else."""

from dataclasses import replace

import pytest

from core.context.bounds import STORED
from core.messages import Account, Heard, Person, Place, Platform, Withdrawn
from core.ports.records import Recalled, Session
from storage.records import SqlRecords
from tests.contract.builders import DANA, NASTY, NOW

LEE = Account(Platform.SLACK, "T1", "U2")
CHANNEL = Place(Platform.SLACK, "T1", "C1")
THREAD = replace(CHANNEL, thread="1.0")
PLACES = (
    CHANNEL,
    THREAD,
    replace(CHANNEL, thread="2.0"),
    Place(Platform.SLACK, "T1", "G1"),
    Place(Platform.SLACK, "T1", "G1", "1.0"),
    Place(Platform.SLACK, "T1", "D1", direct=True),
    Place(Platform.SLACK, "T1", "D2", direct=True),
    Place(Platform.SLACK, "T2", "C1"),
    Place(Platform.DISCORD, "T1", "C1"),
    Place(Platform.DISCORD, "", "C1", direct=True),
)


def heard(message: str, text: str = "hello", *, place: Place = THREAD, by: Account = DANA, at: float = 0.0) -> Heard:
    """A message whose id is its time."""
    sent_at = at or float(message)
    return Heard(place, message, Person(by, "Dana"), text, sent_at, sent_at)


async def recall(records: SqlRecords, place: Place, *, limit: int = 50, until: float = 1e12) -> Recalled:
    return await records.read(lambda tx: tx.heard.recall(place, limit=limit, until=until))


async def put(records: SqlRecords, *messages: Heard) -> None:
    def unit(tx: object) -> None:
        for message in messages:
            tx.heard.put(message)  # type: ignore[attr-defined]

    await records.write(unit)


async def texts(records: SqlRecords, place: Place, *, limit: int = 50, until: float = 1e12) -> list[str]:
    return [message.text for message in (await recall(records, place, limit=limit, until=until)).messages]


async def test_a_thread_is_its_root_and_its_latest_messages_in_order(records: SqlRecords) -> None:
    await put(records, heard("1.0", "root", place=CHANNEL), *(heard(f"1.{n}", f"m{n}") for n in (3, 1, 2, 4)))
    assert await texts(records, THREAD, limit=2) == ["root", "m3", "m4"]
    assert await texts(records, THREAD, until=1.2) == ["root", "m1", "m2"]
    found = await recall(records, THREAD)
    assert found.complete
    assert [message.place for message in found.messages] == [CHANNEL, *[THREAD] * 4]


async def test_a_thread_whose_root_was_never_heard_is_incomplete(records: SqlRecords) -> None:
    await put(records, heard("1.1"))
    assert not (await recall(records, THREAD)).complete


async def test_a_message_comes_back_as_it_was_put(records: SqlRecords) -> None:
    message = Heard(THREAD, "1.5", Person(DANA, NASTY, is_bot=True), NASTY, 1.5, 2.5)
    await put(records, message)
    assert (await recall(records, THREAD)).messages == (message,)


async def test_the_same_message_twice_is_one_and_an_edit_is_never_undone(records: SqlRecords) -> None:
    original = heard("1.1", "before")
    edited = replace(original, text="after", changed_at=9.0)
    for message in (original, edited, original):
        await put(records, message)
        await put(records, message)
    assert await texts(records, THREAD) == ["after"]


async def test_a_deleted_message_is_gone_whatever_is_delivered_again(records: SqlRecords) -> None:
    root, message = heard("1.0", "root", place=CHANNEL), heard("1.1", "secret plan")
    await put(records, root, message)
    await records.write(lambda tx: tx.heard.withdraw(Withdrawn(THREAD, "1.1", 1.1)))
    await records.write(lambda tx: tx.heard.withdraw(Withdrawn(CHANNEL, "1.0", 1.0)))
    await put(records, root, replace(message, changed_at=5.0))
    assert await recall(records, THREAD) == Recalled((), complete=True)


async def test_a_deletion_that_overtakes_its_message_holds(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.heard.withdraw(Withdrawn(THREAD, "1.1", 1.1)))
    await put(records, heard("1.1"))
    assert await texts(records, THREAD) == []


async def test_a_deletion_of_what_was_never_wanted_leaves_no_trace(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.heard.withdraw(Withdrawn(CHANNEL, "1.0", 1.0), yet_to_come=False))
    assert not (await recall(records, THREAD)).complete


async def test_secrets_are_masked_before_a_long_text_is_cut(records: SqlRecords) -> None:
    secret = "password=hunter2hunter2"
    await put(records, heard("1.1", "x" * (STORED - 12) + " " + secret))
    (text,) = await texts(records, THREAD)
    assert len(text) == STORED
    assert "hunter" not in text


@pytest.mark.parametrize("asked", PLACES, ids=str)
async def test_a26_what_was_said_in_one_place_is_found_in_no_other(records: SqlRecords, asked: Place) -> None:
    """Whoever says it, and whatever the others are: thread, channel, direct message, workspace or platform."""
    for number, place in enumerate(PLACES):
        for by in (DANA, LEE):
            await put(records, heard(f"{number}.{by.id[1:]}1", f"said in {place}", place=place, by=by, at=100.0))
    assert set(await texts(records, asked)) == {f"said in {asked}"}
    for number, place in enumerate(PLACES):
        found = await records.read(lambda tx, n=number: tx.heard.one(asked, f"{n}.11"))
        assert found is None or found.place == place == replace(asked, thread=None)


async def test_only_a_message_of_the_channel_itself_can_be_replied_to(records: SqlRecords) -> None:
    await put(records, heard("1.0", "root", place=CHANNEL), heard("1.1"))
    assert (await records.read(lambda tx: tx.heard.one(CHANNEL, "1.0"))) == heard("1.0", "root", place=CHANNEL)
    assert await records.read(lambda tx: tx.heard.one(CHANNEL, "1.1")) is None


async def test_a_place_is_cut_back_to_its_latest_messages_in_pieces(records: SqlRecords) -> None:
    await put(records, *(heard(f"{n}.5", f"m{n}", place=CHANNEL) for n in range(1, 11)), heard("99.0"))
    trim = [await records.write(lambda tx: tx.heard.trim(CHANNEL, keep=3, limit=4)) for _ in range(3)]
    assert trim == [4, 3, 0]
    assert await texts(records, CHANNEL) == ["m8", "m9", "m10"]
    assert await texts(records, THREAD) == ["hello"]


async def test_the_root_of_a_thread_that_is_remembered_stays(records: SqlRecords) -> None:
    later = (heard(f"{n}.5", place=CHANNEL) for n in range(2, 6))
    await put(records, heard("1.0", "root", place=CHANNEL), *later, heard("9.0", "reply"))
    await records.write(lambda tx: tx.heard.trim(CHANNEL, keep=1, limit=100))
    assert await texts(records, THREAD) == ["root", "reply"]
    assert len(await texts(records, CHANNEL)) == 2


async def test_what_is_too_old_goes_in_pieces(records: SqlRecords) -> None:
    await put(records, *(heard(f"{n}.5") for n in range(1, 8)))
    gone = [await records.write(lambda tx: tx.heard.expire(6.0, limit=3)) for _ in range(3)]
    assert gone == [3, 2, 0]
    assert len(await texts(records, THREAD)) == 2


async def test_a26_forgetting_somebody_erases_their_messages_and_direct_messages(records: SqlRecords) -> None:
    direct = Place(Platform.SLACK, "T1", "D1", direct=True)
    bot = Account(Platform.SLACK, "T1", "B1")
    await put(records, heard("1.0", "root", place=CHANNEL), heard("1.1", by=LEE), heard("2.0", place=direct))
    await put(records, heard("2.1", "about you", place=direct, by=bot))
    assert await records.write(lambda tx: tx.heard.forget(DANA)) == 3
    assert await recall(records, THREAD) == Recalled((heard("1.1", by=LEE),), complete=True)
    assert await texts(records, direct) == []
    await put(records, heard("2.0", place=direct))
    assert await texts(records, direct) == []


async def test_a26_forgetting_somebody_finds_discords_direct_messages_too(records: SqlRecords) -> None:
    direct = Place(Platform.DISCORD, "", "5", direct=True)
    await put(records, heard("2.0", place=direct, by=Account(Platform.DISCORD, "", "7")))
    await put(records, heard("2.0", place=Place(Platform.DISCORD, "9", "55"), by=Account(Platform.DISCORD, "9", "77")))
    assert await records.write(lambda tx: tx.heard.forget(Account(Platform.DISCORD, "9", "7"))) == 1


async def test_a26_forgetting_somebody_drops_the_questions_that_wait_for_them(records: SqlRecords) -> None:
    direct = Place(Platform.SLACK, "T1", "D1", direct=True)
    theirs = ("slack:T1/C9/@U1", "slack:T1/D1", "slack:T1/D1/3.0", "slack:T1/C1/1.0")
    others = ("slack:T1/C9/@U2", "slack:T1/D2", "slack:T1/C1/2.0", "slack:T2/C9/@U1", "slack:T1/C9/@XU1")
    await put(records, heard("2.0", place=direct), heard("1.1"))
    for conversation in (*theirs, *others):
        session = Session(conversation, engaged=True, pending={"asked": "which?"})
        await records.write(lambda tx, s=session: tx.sessions.put(s, now=NOW))
    await records.write(lambda tx: tx.heard.forget(DANA))
    for conversation in (*theirs, *others):
        session = await records.read(lambda tx, c=conversation: tx.sessions.get(c))
        assert session.engaged
        assert bool(session.pending) is (conversation in others)
