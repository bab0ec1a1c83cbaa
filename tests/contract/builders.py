"""Values for the storage tests, and waiting for a condition."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from core.messages import Account, Delivery, MessageRef, Person, Place, Platform, Reply, Text, Turn, Via
from core.ports.records import ApprovalView, RunView, StoredEvent

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 12, 0, 0, 123457, tzinfo=UTC)
DANA = Account(Platform.SLACK, "T1", "U1")
OPS = Place(Platform.SLACK, "T1", "C1", "17.1")
NASTY = "null \x00, sub \x1a0000, lone \ud83d, emoji 🛠️👩‍💻, quotes '\"\\, %_, ünï, \u2028"


async def eventually(ask: Callable[[], Awaitable[T | None]], timeout: float = 10.0) -> T:
    """What `ask` answers as soon as it is something true; TimeoutError when it never is."""
    async with asyncio.timeout(timeout):
        while not (answer := await ask()):
            await asyncio.sleep(0.02)
        return answer


def turn(claim: str, *, at: float = 1.0, text: str = "hello") -> Turn:
    """A turn of Dana's."""
    return Turn(claim, OPS, Person(DANA), text, at, Via.MENTION)


def delivery(subject: str = "s", *, text: str = "hello", place: Place = OPS, private_to: str = "") -> Delivery:
    """A reply of one paragraph."""
    return Delivery(subject, place, Reply((Text(text),), "summary"), private_to=private_to)


def ref(part: str = "1.1", place: Place = OPS) -> MessageRef:
    """A message of one part."""
    return MessageRef(place, (part,))


def run(run_id: str = "RUN-AAAAAA", *, status: str = "running", started: float = 0.0, **parameters: str) -> RunView:
    """A run of Dana's that started so many seconds after NOW."""
    at = NOW + timedelta(seconds=started)
    return RunView(run_id, "deploy", "1", status, str(DANA), "deploy", OPS, at, at, None, parameters)


def event(version: int, kind: str = "step.started", **data: object) -> StoredEvent:
    """One event at NOW."""
    return StoredEvent(version, kind, NOW, dict(data))


def approval(approval_id: str = "APR-AAAAAA", *, status: str = "open", requested: float = 0.0) -> ApprovalView:
    """A request of two approvals that was made so many seconds after NOW."""
    at = NOW + timedelta(seconds=requested)
    return ApprovalView(
        approval_id, "RUN-AAAAAA", "gate", status, "production", ("approver", "sre"), 2, 0, str(DANA), at, at
    )
