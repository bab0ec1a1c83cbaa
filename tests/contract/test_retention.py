"""What has been kept long enough goes; what is open or waits stays, however old."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot import housekeeping
from bot.clock import SystemClock
from bot.metrics import Metrics
from bot.sections import Retention
from core.ports.records import ActionToken, AuditRow, Session
from storage.audit_chain import AuditChain
from storage.records import SqlRecords
from storage.tables import action_tokens, audit_seals, inbox, message_refs, run_events
from tests.contract.builders import NOW, approval, delivery, event, eventually, ref, run, turn

TODAY = datetime.now(tz=NOW.tzinfo)
SOON = max(TODAY, NOW) + timedelta(hours=1)
"""All that ends in these tests ends before, by whichever clock."""


async def clean(records: SqlRecords, kind: str, *, before: datetime = SOON, limit: int = 100) -> int:
    return await records.write(lambda tx: tx.retention.clean(kind, before=before, limit=limit))


async def count(records: SqlRecords, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await records.read(lambda tx: tx.connection.execute(query).scalar_one()))


async def handle(records: SqlRecords, *entries: str) -> None:
    for entry in entries:
        await records.write(lambda tx, e=entry: tx.inbox.add(e, f"talk-{e}", turn(f"claim-{e}"), overtakes=False))
        await records.write(lambda tx, e=entry: tx.inbox.claim(e, holder="h", lease_seconds=60))
        await records.write(lambda tx, e=entry: tx.inbox.finish(e, holder="h", outcome="answered"))


async def test_handled_messages_go_with_what_their_answers_left(records: SqlRecords) -> None:
    await handle(records, "a", "b")
    await records.write(lambda tx: tx.inbox.add("open", "talk", turn("claim-open"), overtakes=False))
    await records.write(lambda tx: tx.tokens.put(ActionToken("say", "say", "turn:a", {"text": "status"})))
    await records.write(lambda tx: tx.outbox.put("out", delivery("turn:a"), now=NOW))
    await records.write(lambda tx: tx.outbox.claim_next(delivery().place.lane, holder="h", now=NOW, lease_seconds=60))
    await records.write(lambda tx: tx.outbox.sent("out", holder="h", ref=ref()))
    assert await clean(records, "inbox", before=NOW - timedelta(days=9999)) == 0
    assert [await clean(records, "inbox", limit=1) for _ in range(3)] == [1, 1, 0]
    assert [await count(records, table) for table in (inbox, action_tokens, message_refs)] == [1, 0, 0]


async def test_a_message_that_was_handled_lately_is_still_recognised(records: SqlRecords) -> None:
    await handle(records, "a")
    await clean(records, "inbox", before=TODAY - timedelta(days=3))
    assert not await records.write(lambda tx: tx.inbox.add("again", "talk", turn("claim-a"), overtakes=False))


async def test_work_that_is_done_goes_and_what_was_put_aside_stays(records: SqlRecords) -> None:
    for item in ("done", "aside", "waits"):
        await records.write(lambda tx, i=item: tx.work.put("q", "key", item_id=i))
    done = await records.write(lambda tx: tx.work.claim_one("done", lease_seconds=60))
    aside = await records.write(lambda tx: tx.work.claim_one("aside", lease_seconds=60))
    assert done
    assert aside
    await records.write(lambda tx: (tx.work.done(done), tx.work.park(aside, "broken")))
    assert await clean(records, "work") == 1
    assert await records.read(lambda tx: (tx.work.depth("q"), len(tx.work.parked("q")))) == (1, 1)


async def test_used_and_expired_buttons_go_and_waiting_ones_stay(records: SqlRecords) -> None:
    for name, expires in (("used", None), ("expired", NOW), ("waits", None), ("later", SOON + timedelta(days=1))):
        await records.write(lambda tx, n=name, e=expires: tx.tokens.put(ActionToken(n, "approve", "APR", {}, e)))
    await records.write(lambda tx: tx.tokens.use("used"))
    assert await clean(records, "buttons") == 2
    assert await records.read(lambda tx: [bool(tx.tokens.get(n)) for n in ("waits", "later")]) == [True, True]


async def test_buttons_of_an_older_version_age_from_the_first_look(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.tokens.put(ActionToken("old", "approve", "APR", {}, used=True)))
    ageless = sa.update(action_tokens).values(put_at=None)
    await records.write(lambda tx: tx.connection.execute(ageless))
    assert await clean(records, "buttons", before=NOW - timedelta(days=9999)) == 0
    assert await clean(records, "buttons") == 1


async def test_idle_conversations_are_forgotten(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.sessions.put(Session("idle", engaged=True), now=NOW))
    await records.write(lambda tx: tx.sessions.put(Session("lively", engaged=True), now=NOW + timedelta(days=2)))
    assert await clean(records, "sessions", before=NOW + timedelta(days=1)) == 1
    assert await records.read(lambda tx: tx.sessions.get("lively").engaged)


async def test_ended_runs_go_whole_and_open_ones_stay(records: SqlRecords) -> None:
    for name, ended in (("RUN-A", NOW), ("RUN-B", None)):
        view = replace(run(name, service="x"), finished_at=ended)
        asked = replace(approval(f"APR-{name}"), run_id=name)
        await records.write(
            lambda tx, v=view, a=asked: tx.runs.append(v, expected_version=0, events=[event(1)], approvals=[a])
        )
        await records.write(lambda tx, n=name: (tx.waits.put(n, "w", "alert.fired"), tx.sealed.put(n, f"s-{n}", "x")))
    assert await clean(records, "runs") == 1
    assert await records.read(lambda tx: [found.id for found in tx.runs.find()]) == ["RUN-B"]
    assert await records.read(lambda tx: tx.waits.of("alert.fired")) == [("RUN-B", "w")]
    assert await records.read(lambda tx: [len(tx.sealed.of(f"RUN-{n}")) for n in "AB"]) == [0, 1]
    assert await records.read(lambda tx: [tx.runs.approval(f"APR-RUN-{n}") is None for n in "AB"]) == [True, False]
    assert await count(records, run_events) == 1
    assert await clean(records, "runs") == 0


async def test_the_audit_chain_begins_later_and_is_still_sound(records: SqlRecords) -> None:
    for day in range(5):
        row = AuditRow(NOW + timedelta(days=day), "system", "run.end", "RUN", "done")
        await records.write(lambda tx, r=row: tx.audit.add(r))
    await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=4))
    assert await clean(records, "audit", before=NOW + timedelta(days=2)) == 2
    verdict = await records.read(lambda tx: AuditChain(tx.connection).verify())
    assert (verdict.fault, verdict.sealed, verdict.head.number) == (None, 2, 4)
    assert await clean(records, "audit", before=NOW + timedelta(days=9)) == 2
    assert await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=4)) == 1
    verdict = await records.read(lambda tx: AuditChain(tx.connection).verify())
    assert (verdict.fault, verdict.sealed, verdict.head.number) == (None, 1, 5)


async def test_one_replica_cleans_in_an_interval(records: SqlRecords, replica: SqlRecords) -> None:
    async def due(of: SqlRecords, holder: str, seconds: float) -> bool:
        return await of.write(lambda tx: tx.retention.due(holder=holder, every_seconds=seconds))

    answers = await asyncio.gather(*(due((records, replica)[n % 2], f"h{n}", 600.0) for n in range(10)))
    assert sum(answers) == 1
    assert not await due(records, "h0", 600.0)


async def test_cleaning_is_counted_and_trimming_the_audit_recorded(records: SqlRecords) -> None:
    old = AuditRow(TODAY - timedelta(days=400), "system", "run.end", "RUN", "done")
    await records.write(lambda tx: tx.audit.add(old))
    await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=4))
    stop, metrics = asyncio.Event(), Metrics()
    keep = Retention(audit=365)
    async with asyncio.TaskGroup() as group:
        group.create_task(
            housekeeping.clean(
                records, keep, clock=SystemClock(), holder="h", stop=stop, metrics=metrics, look_every=0.01
            )
        )
        trimmed = await eventually(lambda: records.read(lambda tx: tx.audit.find(action="audit.trim")))
        stop.set()
    assert [row.details for row in trimmed] == [{"removed": 1}]
    assert b'copilot_retention_removed_total{kind="audit"} 1.0' in metrics.text()
    assert await count(records, audit_seals) == 0
