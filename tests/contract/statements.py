"""Records the statements that this version's stores send, so that later schemas can be tested against an older replica.

`python -m tests.contract.statements VERSION` writes `statements_VERSION.json`, once for each schema that was released. A recorded
file is never changed. Whatever belongs to one of its rows has OLD in its name: replayed under another name it is a later write.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event as listening

from core.actors import By
from core.messages import Account, Heard, Person, Platform
from core.ports.records import ActionToken, AuditRow, Session, StandingDelegation
from storage import migrate
from storage.engine import open_records
from storage.tables import outbox
from storage.unit import SqlTransaction
from tests.contract.builders import NOW, OPS, approval, delivery, event, ref, run, turn
from tests.servers import postgres_server
from tests.unit.test_incident_lifecycle import incident

_BY_POSITION = re.compile(r"^UPDATE outbox .* WHERE outbox\.seq = (?:\?|\$(\d+)\S*)$", re.DOTALL)
"""Statements that name a row by its position, which another run finds elsewhere."""
HOLDER = "holder-OLD"
LEASE = 3600.0
PERSON = Account(Platform.SLACK, "T1", "U-OLD")
OTHER = Account(Platform.DISCORD, "", "9-OLD")


def units() -> Iterator[Any]:
    """What an older replica does, one unit of work after the other."""
    yield lambda tx: [
        tx.inbox.add(f"in-{n}-OLD", "talk-OLD", turn(f"claim-{n}-OLD"), overtakes=n == 3) for n in (1, 2, 3)
    ]
    yield lambda tx: tx.inbox.claim_next("talk-OLD", holder=HOLDER, lease_seconds=LEASE)
    yield lambda tx: tx.inbox.extend("in-1-OLD", holder=HOLDER, lease_seconds=LEASE)
    yield lambda tx: tx.inbox.finish("in-1-OLD", holder=HOLDER, outcome="answered")
    yield lambda tx: tx.inbox.claim("in-3-OLD", holder=HOLDER, lease_seconds=LEASE)
    yield lambda tx: tx.inbox.release("in-3-OLD", holder=HOLDER, error="again")
    yield _outbox
    yield _runs
    yield lambda tx: tx.work.put("runs", "RUN-OLD", item_id="work-1-OLD")
    yield _work
    yield lambda tx: [tx.timers.set(f"timer-{n}-OLD", "kind", NOW, {"n": n}) for n in (1, 2)]
    yield lambda tx: tx.timers.claim_due(now=NOW, holder=HOLDER, lease_seconds=LEASE, limit=1)
    yield lambda tx: tx.timers.done("timer-1-OLD", holder=HOLDER)
    yield lambda tx: tx.sessions.put(Session("talk-OLD", engaged=True, pending={"n": 1}), now=NOW)
    yield lambda tx: [
        tx.channels.set("lane-OLD", name, value) for name, value in (("mute", "1"), ("x", "2"), ("x", None))
    ]
    yield lambda tx: [
        tx.tokens.put(ActionToken(f"token-{n}-OLD", "approve", "APR-OLD", {"n": n}, NOW if n == 2 else None))
        for n in (1, 2, 3)
    ]
    yield lambda tx: (tx.tokens.use("token-1-OLD"), tx.tokens.void("nothing-OLD"))
    yield lambda tx: tx.audit.add(
        AuditRow(NOW, str(PERSON), "run.start", "RUN-OLD", "done", "why", "slack:T1/C1", "trace", {"n": [1, "a"]})
    )
    yield lambda tx: tx.people.put(PERSON, name="Dana", data={"email": "d@x"}, now=NOW)
    yield lambda tx: (tx.people.link(PERSON, OTHER, now=NOW), tx.people.unlink(PERSON, now=NOW))
    yield lambda tx: tx.heard.put(Heard(OPS, "message-OLD", Person(PERSON, "Dana"), "hello", 1.0, 1.0))
    yield lambda tx: tx.incidents.add(incident(id="", dedup_key="key-OLD"))
    yield lambda tx: tx.delegations.put(
        StandingDelegation(By(PERSON, "Dana"), By(OTHER, "Lee"), NOW + timedelta(days=9999)), now=NOW
    )
    yield lambda tx: (tx.sealed.put("RUN-OLD", "secret-OLD", "hush"), tx.sealed.drop("RUN-NONE-OLD"))


def _outbox(tx: SqlTransaction) -> None:
    for name in ("sent", "again", "aside", "left"):
        place = replace(delivery().place, channel=f"{name}-OLD")
        lane = tx.outbox.put(f"{name}-OLD", delivery(f"subject-{name}-OLD", place=place), now=NOW)
        if name == "left":
            continue
        tx.outbox.claim_next(lane, holder=HOLDER, now=NOW, lease_seconds=LEASE)
        if name == "sent":
            tx.outbox.sent("sent-OLD", holder=HOLDER, ref=ref(place=place))
        if name == "again":
            tx.outbox.retry("again-OLD", holder=HOLDER, due_at=NOW + timedelta(1), error="slow", doubtful=True)
        if name == "aside":
            tx.outbox.park("aside-OLD", holder=HOLDER, error="no member")
            tx.outbox.unpark(lane, now=NOW)


def _runs(tx: SqlTransaction) -> None:
    started = run("RUN-OLD", service="checkout")
    tx.runs.append(started, expected_version=0, events=[event(1, "run.started", text="a")])
    asked = replace(approval("APR-OLD"), run_id="RUN-OLD")
    changed = replace(started, status="waiting", parameters={"service": "cart"})
    tx.runs.append(changed, expected_version=1, events=[event(2), event(3)], approvals=[asked])


def _work(tx: SqlTransaction) -> None:
    for number, end in ((2, tx.work.done), (3, None), (4, tx.work.park)):
        item = tx.work.put("queue-OLD", f"key-{number}", item_id=f"work-{number}-OLD", delay_seconds=0.0)
        claim = tx.work.claim_one(item, lease_seconds=LEASE)
        if claim is None:
            raise AssertionError(f"{item} cannot be claimed")
        tx.work.extend(claim, lease_seconds=LEASE)
        if end is None:
            tx.work.retry(claim, delay_seconds=0.0)
        elif number == 2:
            tx.work.done(claim)
        else:
            tx.work.park(claim, "broken")


@contextmanager
def sent_statements() -> Iterator[list[dict[str, Any]]]:
    """What is sent to any database while the block runs."""
    sent: list[dict[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, _context: object, many: bool) -> None:
        each = parameters if many else [parameters]
        sent.extend({"statement": statement, "parameters": [_dumped(value) for value in one]} for one in each)

    listening.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        listening.remove(sa.Engine, "before_cursor_execute", note)


async def recorded(url: str) -> list[dict[str, Any]]:
    """The writing statements of all units on this database, which has this version's schema."""
    async with open_records(url) as records:
        with sent_statements() as sent:
            for unit in units():
                await records.write(unit)
        ids = await records.read(lambda tx: {row.seq: row.id for row in tx.connection.execute(sa.select(outbox))})
    for entry in sent:
        if found := _BY_POSITION.search(entry["statement"]):
            place = int(found[1] or len(entry["parameters"])) - 1
            entry["parameters"][place] = {"position_of": ids[entry["parameters"][place]]}
    return [entry for entry in sent if entry["statement"].lstrip().startswith(("INSERT", "UPDATE", "DELETE", "WITH"))]


def loaded(connection: sa.Connection, value: object, name: str) -> object:
    """A recorded parameter for the driver, under another name."""
    if isinstance(value, list):
        return [loaded(connection, one, name) for one in value]
    if isinstance(value, dict) and "at" in value:
        return datetime.fromisoformat(value["at"])
    if isinstance(value, dict):
        of = outbox.c.id == value["position_of"].replace("OLD", name)
        return connection.execute(sa.select(outbox.c.seq).where(of)).scalar_one()
    if not isinstance(value, str):
        return value
    return value.replace("OLD", name).replace("run-old", f"run-{name.lower()}")


def _dumped(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_dumped(one) for one in value]
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


async def _record(version: str) -> None:
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        await migrate.upgrade(server.url)
        urls = {"sqlite": f"sqlite:///{folder}/records.db", "postgresql": server.url}
        statements = {name: await recorded(url) for name, url in urls.items()}
    path = Path(__file__).parent / f"statements_{version}.json"
    path.write_text(json.dumps(statements, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_record(sys.argv[1]))
