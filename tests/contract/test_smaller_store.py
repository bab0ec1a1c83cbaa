"""Sessions, channel settings, action tokens, audit and people on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ConflictError
from core.ports.records import ActionToken, AuditRow, Correction, Receipt, Session, Transaction
from storage.records import SqlRecords
from tests.contract.builders import DANA, NASTY, NOW

LEE = replace(DANA, id="U2")


async def test_an_unknown_conversation_has_a_fresh_session(records: SqlRecords) -> None:
    assert await records.read(lambda tx: tx.sessions.get(NASTY)) == Session(NASTY)


async def test_a_session_is_what_was_last_put(records: SqlRecords) -> None:
    session = Session(NASTY, engaged=True, pending={"question": NASTY})
    await records.write(lambda tx: tx.sessions.put(Session(NASTY), now=NOW - timedelta(hours=1)))
    await records.write(lambda tx: tx.sessions.put(session, now=NOW))
    assert await records.read(lambda tx: tx.sessions.get(NASTY)) == replace(session, updated_at=NOW)
    assert await records.read(lambda tx: tx.sessions.count_active(since=NOW)) == 1
    assert await records.read(lambda tx: tx.sessions.count_active(since=NOW + timedelta(microseconds=1))) == 0


async def test_a_setting_answers_its_value_before(records: SqlRecords) -> None:
    changes = [await records.write(lambda tx, v=value: tx.channels.set("lane", "mute", v)) for value in ("a", "b")]
    assert changes == [None, "a"]
    assert await records.read(lambda tx: tx.channels.get("lane")) == {"mute": "b"}
    assert await records.write(lambda tx: tx.channels.set("lane", "mute", None)) == "b"
    assert await records.read(lambda tx: tx.channels.get("lane")) == {}


async def test_a_token_comes_back_as_it_was_put(records: SqlRecords) -> None:
    token = ActionToken("t", "approve", "APR-1", {"text": NASTY}, NOW)
    await records.write(lambda tx: tx.tokens.put(token))
    assert await records.read(lambda tx: tx.tokens.get("t")) == token
    assert await records.read(lambda tx: tx.tokens.get("unknown")) is None
    with pytest.raises(ConflictError):
        await records.write(lambda tx: tx.tokens.put(token))


async def test_of_fifty_concurrent_uses_one_wins(records: SqlRecords, replica: SqlRecords) -> None:
    await records.write(lambda tx: tx.tokens.put(ActionToken("t", "approve", "APR-1", {})))
    uses = [(records, replica)[number % 2].write(lambda tx: tx.tokens.use("t")) for number in range(50)]
    assert sum(await asyncio.gather(*uses)) == 1
    assert not await records.write(lambda tx: tx.tokens.use("unknown"))


async def test_the_tokens_of_a_subject_are_voided_together(records: SqlRecords) -> None:
    for name, subject in (("a", "APR-1"), ("b", "APR-1"), ("c", "APR-2")):
        await records.write(lambda tx, n=name, s=subject: tx.tokens.put(ActionToken(n, "approve", s, {})))
    assert await records.write(lambda tx: tx.tokens.void("APR-1")) == 2
    assert await records.write(lambda tx: tx.tokens.void("APR-1")) == 0
    assert not await records.write(lambda tx: tx.tokens.use("a"))
    assert await records.write(lambda tx: tx.tokens.use("c"))


async def test_audit_rows_are_found_latest_first(records: SqlRecords) -> None:
    rows = [
        AuditRow(NOW, str(DANA), action, target, "done", reason=NASTY, details={"text": NASTY})
        for action, target in (("run.start", "RUN-1"), ("run.cancel", "RUN-1"), ("approval.decide", "APR-1"))
    ]
    for row in rows:
        await records.write(lambda tx, r=row: tx.audit.add(r))
    found = await records.read(lambda tx: tx.audit.find())
    assert [replace(row, id=0) for row in found] == rows[::-1]
    assert found[0].id > found[1].id
    assert [row.action for row in await records.read(lambda tx: tx.audit.find(action="run."))] == [
        "run.cancel",
        "run.start",
    ]
    assert len(await records.read(lambda tx: tx.audit.find(target="RUN-1", actor=str(DANA), limit=1))) == 1
    assert await records.read(lambda tx: tx.audit.find(actor="system")) == []


async def test_people_are_remembered_as_last_learned(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.people.put(DANA, name="Dana", data={}, now=NOW - timedelta(days=1)))
    await records.write(lambda tx: tx.people.put(DANA, name=NASTY, data={"email": "d@x"}, now=NOW))
    assert await records.read(lambda tx: tx.people.get(DANA)) == (NASTY, {"email": "d@x"}, NOW)
    assert await records.read(lambda tx: tx.people.get(replace(DANA, id="U9"))) is None


async def test_secret_values_come_back_with_their_types_until_they_are_dropped(records: SqlRecords) -> None:
    values = {"sealed:a": NASTY, "sealed:b": 3, "sealed:c": 0.5, "sealed:d": True, "sealed:e": ""}

    def put(tx: Transaction) -> None:
        for reference, value in values.items():
            tx.sealed.put("RUN-1", reference, value)
        tx.sealed.put("RUN-2", "sealed:z", "other")

    await records.write(put)
    assert await records.read(lambda tx: tx.sealed.of("RUN-1")) == values
    await records.write(lambda tx: tx.sealed.drop("RUN-1"))
    assert await records.read(lambda tx: tx.sealed.of("RUN-1")) == {}
    assert await records.read(lambda tx: tx.sealed.of("RUN-2")) == {"sealed:z": "other"}


async def test_what_a_person_meant_is_known_again_for_that_person(records: SqlRecords) -> None:
    first = Correction(DANA, f"Orders slow  {NASTY}", "service_health", 0.41, "metric_query", NOW)
    await records.write(lambda tx: tx.corrections.put(first))
    await records.write(
        lambda tx: tx.corrections.put(
            replace(first, text="why page", meant="alert_investigation", at=NOW - timedelta(1))
        )
    )
    assert await records.read(lambda tx: tx.corrections.meant(DANA, f"ORDERS slow {NASTY}")) == "metric_query"
    assert await records.read(lambda tx: tx.corrections.meant(LEE, first.text)) == ""
    assert [c.meant for c in await records.read(lambda tx: tx.corrections.latest(limit=5))] == [
        "metric_query",
        "alert_investigation",
    ]
    later = replace(first, meant="log_query", at=NOW + timedelta(1))
    await records.write(lambda tx: tx.corrections.put(later))
    assert await records.read(lambda tx: tx.corrections.latest(limit=1)) == [later]


async def test_receipts_are_found_by_id_in_any_case_until_they_are_too_old(records: SqlRecords) -> None:
    receipt = Receipt(
        "RCP-7K3QX2", DANA, "slack:T1/C1", "promql", 'up{a="b"}', "up · b", NOW - timedelta(hours=1), NOW, "metrics", 3, "ab" * 32, NOW, "qa"
    )  # fmt: skip
    await records.write(lambda tx: tx.receipts.put(receipt))
    assert await records.read(lambda tx: tx.receipts.get("rcp-7k3qx2")) == receipt
    assert await records.read(lambda tx: tx.receipts.get("RCP-000000")) is None
    clean = lambda before: records.write(lambda tx: tx.retention.clean("receipts", before=before, limit=10))  # noqa: E731
    assert await clean(NOW) == 0
    assert await clean(NOW + timedelta(seconds=1)) == 1
    assert await records.read(lambda tx: tx.receipts.get("RCP-7K3QX2")) is None


async def test_a_kept_answer_is_there_until_its_time_is_over_and_the_newest_counts(records: SqlRecords) -> None:
    hour = timedelta(hours=1)
    await records.write(lambda tx: tx.kept_answers.put("a", b"\x00\xff", now=NOW, until=NOW + hour))
    await records.write(lambda tx: tx.kept_answers.put("a", b"newer", now=NOW, until=NOW + hour))
    assert await records.read(lambda tx: tx.kept_answers.get("a", now=NOW)) == b"newer"
    assert await records.read(lambda tx: tx.kept_answers.get("b", now=NOW)) is None
    assert await records.read(lambda tx: tx.kept_answers.get("a", now=NOW + hour)) is None
    await records.write(lambda tx: tx.kept_answers.put("b", b"", now=NOW + hour, until=NOW + 2 * hour))
    assert await records.read(lambda tx: tx.kept_answers.get("a", now=NOW)) is None, "gone for good"
    assert await records.read(lambda tx: tx.kept_answers.get("b", now=NOW)) == b""
