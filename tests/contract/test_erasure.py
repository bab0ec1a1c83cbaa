"""Erasing a person: nothing of them is left in any table, histories still fold, and the audit chain stays valid."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.actors import By
from core.alerts.group import Acknowledgement, AlertGroup
from core.audit import ERASURE
from core.errors import ConflictError, NotFoundError
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role, RoomState, Severity, Status
from core.messages import (
    Account,
    Click,
    Delivery,
    Heard,
    HomeOpened,
    MessageRef,
    Person,
    Place,
    Platform,
    Reply,
    Submission,
    Text,
    Turn,
    Via,
)
from core.ports.records import (
    ActionToken,
    AuditRow,
    Correction,
    Receipt,
    Session,
    StandingDelegation,
    StoredEvent,
    StoredGroup,
)
from core.workflow.history import fold
from core.workflow.views import views
from storage import erasure
from storage.audit_chain import AuditChain
from storage.records import SqlRecords
from storage.tables import metadata
from storage.unit import SqlTransaction
from tests.contract.builders import NOW
from tests.replay.test_replay import load

SAM = Account(Platform.SLACK, "T1", "UERASEME")
SAM_ELSEWHERE = Account(Platform.DISCORD, "987", "55544433322")
LEE = Account(Platform.SLACK, "T1", "ULEE")
BOTH = (SAM, SAM_ELSEWHERE)
CHANNEL = Place(Platform.SLACK, "T1", "C1")
ALONE = Place(Platform.SLACK, "T1", "D777", direct=True)
WORDS = "my secret holiday plans"
PSEUDONYM = "erased-0a1b2c3d"
TRACES = ("UERASEME", "55544433322", "Sam Sample", WORDS, "D777")
OPERATOR = "console:local/op"


async def erase(records: SqlRecords, *accounts: Account) -> dict[str, int]:
    return await records.write(
        lambda tx: erasure.erase(tx.connection, accounts or BOTH, pseudonym=PSEUDONYM, by=OPERATOR, now=NOW)
    )


async def contents(records: SqlRecords) -> dict[str, str]:
    """Every table as text, as it is stored."""

    def unit(tx: SqlTransaction) -> dict[str, str]:
        found = {}
        for name in metadata.tables:
            rows = tx.connection.execute(sa.select(sa.literal_column("*")).select_from(sa.table(name)))
            found[name] = "\n".join(map(str, rows))
        return found

    return await records.read(unit)


def history(name: str = "cancelled") -> list[StoredEvent]:
    """A recorded history in which everybody is Sam, but for a second approver."""
    events, _ = load(Path(__file__).parents[1] / "replay" / f"{name}.json")
    first = next((event.version for event in events if event.kind == "approval.decided"), 0)
    sams = [event.kind != "approval.decided" or event.version == first for event in events]
    return [replace(e, data=_by_sam(e.data)) if sam else e for e, sam in zip(events, sams, strict=True)]


def _by_sam(data: dict[str, object]) -> dict[str, object]:
    by = {"account": {"platform": "slack", "workspace": "T1", "id": SAM.id}, "name": "Sam Sample"}
    own = {name: WORDS for name in ("comment", "reason") if name in data}
    return {**data, **{name: by for name in ("by", "requester") if name in data}, **own}


def put_run(tx: SqlTransaction, events: list[StoredEvent]) -> str:
    run = fold(events)
    view, approvals = views(run)
    tx.runs.append(view, expected_version=0, events=events, approvals=approvals)
    return run.id


def fill_incident(tx: SqlTransaction) -> None:
    """An incident that Sam declared, commands and talks in."""
    by = By(SAM, "Sam Sample")
    incident = Incident(
        "", "Sam Sample sees errors", Severity.SEV2, Status.INVESTIGATING, by, NOW, NOW, CHANNEL,
        details=WORDS, roles={Role.COMMANDER: by}, members=(SAM, LEE), room_state=RoomState(invited=(SAM,)),
    )  # fmt: skip
    stored, _ = tx.incidents.add(incident)
    tx.incidents.log(stored.id, Entry(NOW, EntryKind.NOTE, WORDS, by))
    tx.incidents.log(stored.id, Entry(NOW, EntryKind.NOTE, "ask Sam Sample", By(LEE, "Lee")))
    tx.incidents.link(stored.id, Link("query", "up", "asked by Sam Sample"), now=NOW)


def fill(tx: SqlTransaction) -> None:
    """What a person leaves behind."""
    sam, lee = Person(SAM, "Sam Sample"), Person(LEE, "Lee")
    items = (
        Turn("slack:msg:T1:C1:1.1", CHANNEL, sam, WORDS, 1.0, Via.MENTION, "1.1"),
        Turn("slack:msg:T1:D777:1.2", ALONE, sam, WORDS, 2.0, Via.DIRECT, "1.2"),
        Click("slack:click:do:UERASEME:9", CHANNEL, sam, "do:x", 3.0, (WORDS,)),
        Submission("slack:view:V1:h", CHANNEL, sam, "form", "", {"why": WORDS}, 4.0),
        HomeOpened("slack:home:E1", replace(ALONE, channel=SAM.id), sam, 5.0),
        Turn("slack:msg:T1:C1:1.3", CHANNEL, lee, "ask <@UERASEME> or **Sam Sample**", 6.0, Via.MENTION, "1.3"),
    )
    for number, item in enumerate(items):
        tx.inbox.add(f"in{number}", f"{CHANNEL}/@{item.person.account.id}", item, overtakes=True)
        tx.inbox.claim(f"in{number}", holder="h", lease_seconds=60)
        tx.inbox.finish(f"in{number}", holder="h", outcome="done")
    reply = Reply((Text(f"Thanks [@Sam Sample](user:{SAM}) and **Sam Sample**"),), "for Sam Sample")
    tx.outbox.put("o1", Delivery("turn:in0", CHANNEL, reply, private_to=SAM.id), now=NOW)
    tx.outbox.put("o2", Delivery("run:x", CHANNEL, reply), now=NOW)
    tx.outbox.put("o3", Delivery("turn:in1", ALONE, reply), now=NOW)
    tx.outbox.put("o4", Delivery("turn:in5", replace(CHANNEL, channel="C2"), reply, private_to=SAM.id), now=NOW)
    tx.outbox.claim_next("slack:T1/C2", holder="h", now=NOW, lease_seconds=60)
    tx.outbox.sent("o4", holder="h", ref=MessageRef(CHANNEL, ("1.9",)))
    tx.kept_answers.put("a", b"Sam Sample's latency", now=NOW, until=NOW + timedelta(hours=1))
    for account, sentence in ((SAM, WORDS), (LEE, "is Sam Sample ok")):
        tx.corrections.put(Correction(account, sentence, "unknown", 0.3, "service_health", NOW))
    for number, (account, asked, lane) in enumerate(
        (
            (SAM, WORDS, CHANNEL.lane),
            (LEE, f"who is {SAM}", CHANNEL.lane),
            (LEE, "x", ALONE.lane),
            (LEE, "x", CHANNEL.lane),
        )
    ):
        tx.receipts.put(
            Receipt(f"RCP-{number}", account, lane, "promql", "up", asked, NOW, NOW, "metrics", 1, "d", NOW)
        )
    for conversation in (str(ALONE), f"{ALONE}/17.1", f"{CHANNEL}/@{SAM.id}"):
        tx.sessions.put(Session(conversation, engaged=True, pending={"text": WORDS}), now=NOW)
    tx.sessions.put(Session(str(CHANNEL), engaged=True, pending={"asked": str(SAM)}), now=NOW)
    tx.channels.set(ALONE.lane, "mute", "1")
    tx.tokens.put(ActionToken("say", "say", "turn:in0", {"text": WORDS}))
    for account in BOTH:
        tx.people.put(account, name="Sam Sample", data={"email": "sam@x"}, now=NOW)
    tx.people.put(LEE, name="Lee", data={}, now=NOW)
    tx.people.link(SAM, SAM_ELSEWHERE, now=NOW)
    until = NOW + timedelta(hours=1)
    tx.delegations.put(StandingDelegation(By(LEE, "Lee"), By(SAM, "Sam Sample"), until), now=NOW)
    tx.delegations.put(StandingDelegation(By(SAM_ELSEWHERE, "Sam Sample"), By(LEE, "Lee"), until), now=NOW)
    tx.heard.put(Heard(CHANNEL, "1.1", sam, WORDS, 1.0, 1.0))
    tx.heard.put(Heard(CHANNEL, "1.3", lee, "ask **Sam Sample**", 1.0, 1.0))
    fill_incident(tx)
    group = AlertGroup("shop", "key", NOW, NOW, acknowledgement=Acknowledgement(By(SAM, "Sam Sample"), NOW))
    tx.alerts.add(StoredGroup("group", group))
    put_run(tx, history())
    for row in (
        AuditRow(NOW, str(SAM), "run.cancel", "RUN-1", "done", WORDS, str(ALONE), details={"comment": WORDS, "n": 1}),
        AuditRow(NOW, str(LEE), "role.grant", str(SAM), "done", "he asked", str(CHANNEL), details={"to": str(SAM)}),
        AuditRow(
            NOW,
            str(SAM_ELSEWHERE),
            "channel.set",
            "slack:T1/D777 mute",
            "done",
            "",
            f"{ALONE}/1.2",
            before={"text": WORDS},
            after="1",
        ),
        AuditRow(NOW, str(LEE), "run.start", "RUN-2", "done", "", str(CHANNEL), details={"for": "Sam Sample"}),
    ):
        tx.audit.add(row)


async def seal(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=100))


async def test_nothing_of_the_person_is_left_anywhere(records: SqlRecords) -> None:
    await records.write(fill)
    before = await contents(records)
    assert {name for name, text in before.items() if any(trace in text for trace in TRACES)} == {
        rule.table for rule in erasure.RULES
    } - {"run_parameters"}
    rows = await erase(records)
    assert set(rows) >= {"inbox", "outbox", "sessions", "people", "run_events", "runs", "audit"}
    left = await contents(records)
    # The key of a message stays as long as the row: it holds the channel, and none of the person's ids.
    left["inbox"] = left["inbox"].replace("slack:msg:T1:D777:1.2", "")
    assert [(name, trace) for name, text in left.items() for trace in TRACES if trace in text] == []
    assert "Lee" in left["people"]
    assert "ULEE" in left["audit"]


async def test_the_audit_chain_stays_valid_and_shows_what_was_erased(records: SqlRecords) -> None:
    await records.write(fill)
    await seal(records)
    await erase(records)
    verdict = await records.read(lambda tx: AuditChain(tx.connection).verify())
    assert (verdict.fault, verdict.sealed, verdict.erased) == (None, 4, 4)
    await seal(records)
    verdict = await records.read(lambda tx: AuditChain(tx.connection).verify())
    assert (verdict.fault, verdict.sealed, verdict.erased) == (None, 5, 4)
    found = await records.read(lambda tx: tx.audit.find(actor=f"slack:T1/{PSEUDONYM}"))
    assert [(row.action, row.reason, row.details) for row in found] == [
        ("run.cancel", f"[{PSEUDONYM}]", {"comment": f"[{PSEUDONYM}]", "n": 1})
    ]
    assert await records.read(lambda tx: len(tx.audit.find(actor=str(LEE)))) == 2


async def test_the_erasure_is_on_the_record_without_the_person(records: SqlRecords) -> None:
    await records.write(fill)
    rows = await erase(records)
    found = await records.read(lambda tx: tx.audit.find(action=ERASURE))
    assert [(row.actor, row.target, row.details) for row in found] == [(OPERATOR, PSEUDONYM, {"rows": rows})]


@pytest.mark.parametrize("name", ["approved", "denied", "cancelled", "changed", "asked_again"])
async def test_histories_still_fold(records: SqlRecords, name: str) -> None:
    events = history(name)
    before = fold(events)
    view, approvals = views(before)
    ended = replace(view, finished_at=view.finished_at or NOW)
    await records.write(lambda tx: tx.runs.append(ended, expected_version=0, events=events, approvals=approvals))
    await erase(records)
    after = fold(await records.read(lambda tx: tx.runs.history(before.id)))
    stands_for = Account(Platform.SLACK, "T1", PSEUDONYM)
    assert after.requester.account == stands_for
    assert after.requester.name == f"[{PSEUDONYM}]"
    assert (after.status, after.digest, after.parameters) == (before.status, before.digest, before.parameters)
    assert [a.given for a in after.approvals.values()] == [a.given for a in before.approvals.values()]
    found = await records.read(lambda tx: tx.runs.find(requester=str(stands_for)))
    assert [one.id for one in found] == [before.id]


async def test_who_takes_part_in_an_open_run_is_not_erased(records: SqlRecords) -> None:
    await records.write(lambda tx: put_run(tx, history("waiting_for_repeat")))
    before = await contents(records)
    with pytest.raises(ConflictError, match="RUN-"):
        await erase(records)
    assert await contents(records) == before


async def test_who_is_unknown_is_not_erased(records: SqlRecords) -> None:
    await records.write(fill)
    with pytest.raises(NotFoundError, match="UNOBODY"):
        await erase(records, replace(SAM, id="UNOBODY"))
    with pytest.raises(NotFoundError):
        await erase(records, replace(SAM, id="UERASE"))
    assert await records.read(lambda tx: tx.audit.find(action=ERASURE)) == []


async def test_a_message_that_comes_again_after_the_erasure_is_recognised(records: SqlRecords) -> None:
    await records.write(fill)
    await erase(records)
    again = Turn("slack:msg:T1:C1:1.1", CHANNEL, Person(SAM, "Sam"), WORDS, 1.0, Via.MENTION, "1.1")
    assert not await records.write(lambda tx: tx.inbox.add("again", "talk", again, overtakes=False))


async def test_what_is_not_handled_yet_is_left_alone(records: SqlRecords) -> None:
    await records.write(fill)
    waits = Turn("slack:msg:T1:C1:2.1", CHANNEL, Person(SAM, "Sam"), "status", 9.0, Via.MENTION, "2.1")
    await records.write(lambda tx: tx.inbox.add("waits", "talk", waits, overtakes=False))
    await erase(records)
    entry = await records.write(lambda tx: tx.inbox.claim_next("talk", holder="h", lease_seconds=60))
    assert entry
    assert entry.item == waits
    await records.write(lambda tx: tx.inbox.finish("waits", holder="h", outcome="answered"))
    assert (await erase(records)).keys() == {"inbox"}


async def test_others_keep_what_they_have(records: SqlRecords) -> None:
    await records.write(fill)
    await records.write(
        lambda tx: tx.audit.add(AuditRow(NOW + timedelta(1), str(LEE), "run.start", "RUN-3", "done", "UERASEMENOT"))
    )
    await erase(records)
    row = (await records.read(lambda tx: tx.audit.find(target="RUN-3")))[0]
    assert (row.actor, row.reason) == (str(LEE), "UERASEMENOT")


def test_every_table_says_how_a_person_is_erased_from_it_or_why_not() -> None:
    """A table that was added needs a line in `storage/erasure.py`."""
    named = [rule.table for rule in erasure.RULES] + list(erasure.IMPERSONAL)
    assert sorted(named) == sorted(metadata.tables)


def test_what_is_said_to_hold_nothing_personal_has_no_column_for_a_person() -> None:
    personal = {"account", "actor", "person", "requester", "requested_by", "name", "author", "item", "text", "data"}
    for table in erasure.IMPERSONAL:
        columns = set(metadata.tables[table].columns.keys())
        assert columns & personal <= {"timers": {"data"}, "leases": {"name"}}.get(table, set()), table
