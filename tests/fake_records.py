"""A hand-written stand-in for the records: in memory, with versions checked and rollback, for tests of runs."""

import copy
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from core.errors import ConflictError, UnavailableError
from core.messages import Account
from core.ports.queue import WorkItem
from core.ports.records import (
    ActionToken,
    ApprovalView,
    AuditRow,
    RunView,
    StandingDelegation,
    StoredEvent,
    Timer,
    Transaction,
)

T = TypeVar("T")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)


class FakeIds:
    """Names that count up."""

    def __init__(self) -> None:
        self.count = 0

    def short(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}-{self.count:06}"

    def token(self) -> str:
        self.count += 1
        return f"token-{self.count:016}"


@dataclass
class State:
    """Everything that is committed or rolled back."""

    histories: dict[str, list[StoredEvent]] = field(default_factory=dict)
    runs: dict[str, RunView] = field(default_factory=dict)
    approvals: dict[str, ApprovalView] = field(default_factory=dict)
    timers: dict[str, Timer] = field(default_factory=dict)
    waits: dict[tuple[str, str], str] = field(default_factory=dict)
    firings: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    timer_holders: dict[str, str] = field(default_factory=dict)
    work: dict[str, WorkItem] = field(default_factory=dict)
    tokens: dict[str, ActionToken] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    delegations: dict[tuple[Account, Account], StandingDelegation] = field(default_factory=dict)
    sealed: dict[str, dict[str, str | int | float | bool]] = field(default_factory=dict)
    numbers: int = 0

    def copy(self) -> "State":
        """One that changes leave this one alone: what it holds is replaced, never changed."""
        held = {name: copy.copy(getattr(self, name)) for name in State.__dataclass_fields__}
        return State(**{**held, "sealed": copy.deepcopy(self.sealed)})


class FakeRuns:
    """Histories and read models."""

    def __init__(self, state: State) -> None:
        self._state = state

    def append(
        self,
        run: RunView,
        *,
        expected_version: int,
        events: Sequence[StoredEvent],
        approvals: Sequence[ApprovalView] = (),
        replanned: bool = True,
    ) -> None:
        history = self._state.histories.get(run.id, [])
        if len(history) != expected_version:
            raise ConflictError(f"{run.id} is at {len(history)}, not at {expected_version}")
        versions = [event.version for event in events]
        assert versions == list(range(expected_version + 1, expected_version + 1 + len(events)))
        self._state.histories[run.id] = [*history, *events]
        self._state.runs[run.id] = run
        self._state.approvals |= {approval.id: approval for approval in approvals}

    def history(self, run_id: str, *, after: int = 0) -> Sequence[StoredEvent]:
        return tuple(self._state.histories.get(run_id, ()))[after:]

    def get(self, run_id: str) -> RunView | None:
        return self._state.runs.get(run_id.upper())

    def find(
        self,
        *,
        statuses: Sequence[str] = (),
        requester: str = "",
        parameter: tuple[str, str] | None = None,
        workflow: str = "",
        since: datetime | None = None,
        following: RunView | None = None,
        limit: int = 20,
    ) -> Sequence[RunView]:
        found = [
            run
            for run in self._state.runs.values()
            if (not statuses or run.status in statuses)
            and (not requester or run.requester == requester)
            and (parameter is None or run.parameters.get(parameter[0]) == parameter[1])
            and workflow in ("", run.workflow)
            and (since is None or run.started_at >= since)
            and (following is None or (run.started_at, run.id) < (following.started_at, following.id))
        ]
        return sorted(found, key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def approval(self, approval_id: str) -> ApprovalView | None:
        return self._state.approvals.get(approval_id)

    def open_approvals(self, *, holders: Collection[str] | None = None, limit: int = 50) -> Sequence[ApprovalView]:
        found = [approval for approval in self._state.approvals.values() if approval.status == "open"]
        if holders is not None:
            found = [approval for approval in found if not set(holders).isdisjoint(approval.eligible)]
        return sorted(found, key=lambda approval: approval.requested_at)[:limit]

    def pending(self, *, each: int, limit: int = 1000) -> Sequence[RunView]:
        line = sorted(self._state.runs.values(), key=lambda run: (run.started_at, run.id))
        seen: Counter[str] = Counter()
        found = []
        for run in (run for run in line if run.status == "pending"):
            seen[run.slot] += 1
            if seen[run.slot] <= each:
                found.append(run)
        return found[:limit]

    def under_way(self, slot: str) -> tuple[int, int]:
        going = [run for run in self._state.runs.values() if run.finished_at is None and run.status != "pending"]
        return sum(run.slot == slot for run in going), len(going)


class FakeWaits:
    """Which steps wait for which events."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, run_id: str, step: str, event: str) -> None:
        self._state.waits[run_id, step] = event

    def drop(self, run_id: str, step: str = "") -> None:
        for key in [key for key in self._state.waits if key[0] == run_id and step in ("", key[1])]:
            del self._state.waits[key]

    def of(self, event: str) -> Sequence[tuple[str, str]]:
        return sorted(key for key, kind in self._state.waits.items() if kind == event)


class FakeFirings:
    """What was started by itself."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, starter: str, occasion: str, at: datetime) -> bool:
        fresh = (starter, occasion) not in self._state.firings
        self._state.firings.setdefault((starter, occasion), (at, ""))
        return fresh

    def started(self, starter: str, occasion: str, run_id: str) -> None:
        self._state.firings[starter, occasion] = (self._state.firings[starter, occasion][0], run_id)

    def count(self, starter: str, since: datetime) -> int:
        return sum(1 for (who, _), (at, run) in self._state.firings.items() if who == starter and run and at >= since)

    def latest(self, starter: str) -> str:
        mine = [(at, run) for (who, _), (at, run) in self._state.firings.items() if who == starter and run]
        return max(mine)[1] if mine else ""


class FakeWork:
    """Pointers, delivered by hand with `FakeRecords.deliver`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, queue: str, key: str, *, item_id: str = "", delay_seconds: float = 0.0) -> str:
        assert delay_seconds >= 0
        self._state.numbers += 1
        id_ = item_id or f"item-{self._state.numbers}"
        self._state.work.setdefault(id_, WorkItem(id_, queue, key, 0))
        return id_


class FakeTimers:
    """Rows with a due time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def set(self, key: str, kind: str, due_at: datetime, data: dict[str, Any]) -> None:
        self._state.timers[key] = Timer(key, kind, due_at, data)
        self._state.timer_holders.pop(key, None)

    def cancel(self, prefix: str) -> int:
        keys = [key for key in self._state.timers if key.startswith(prefix)]
        for key in keys:
            del self._state.timers[key]
        return len(keys)

    def claim_due(self, *, now: datetime, holder: str, lease_seconds: float, limit: int) -> Sequence[Timer]:
        assert lease_seconds > 0
        due = [timer for timer in self._state.timers.values() if timer.due_at <= now]
        claimed = sorted(due, key=lambda timer: timer.due_at)[:limit]
        self._state.timer_holders |= {timer.key: holder for timer in claimed}
        return claimed

    def named(self, prefix: str) -> Sequence[Timer]:
        return [timer for key, timer in sorted(self._state.timers.items()) if key.startswith(prefix)]

    def done(self, key: str, *, holder: str) -> bool:
        if key not in self._state.timers or self._state.timer_holders.get(key) != holder:
            return False
        del self._state.timers[key]
        return True

    def next_due(self) -> datetime | None:
        return min((timer.due_at for timer in self._state.timers.values()), default=None)


class FakeTokens:
    """Opaque ids behind buttons."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, token: ActionToken) -> None:
        assert token.token not in self._state.tokens
        self._state.tokens[token.token] = token

    def get(self, token: str) -> ActionToken | None:
        return self._state.tokens.get(token)

    def use(self, token: str) -> bool:
        found = self._state.tokens.get(token)
        if found is None or found.used:
            return False
        self._state.tokens[token] = replace(found, used=True)
        return True

    def void(self, subject: str) -> int:
        return sum(self.use(token.token) for token in list(self._state.tokens.values()) if token.subject == subject)


class FakeAudit:
    """Rows in order."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, row: AuditRow) -> None:
        self._state.audit.append(replace(row, id=len(self._state.audit) + 1))

    def find(self, *, action: str = "", target: str = "", actor: str = "", limit: int = 100) -> Sequence[AuditRow]:
        found = [
            row
            for row in reversed(self._state.audit)
            if row.action.startswith(action) and target in ("", row.target) and actor in ("", row.actor)
        ]
        return found[:limit]


class FakeDelegations:
    """Who lets whom decide."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, delegation: StandingDelegation, *, now: datetime) -> None:
        assert delegation.until > now
        self._state.delegations[delegation.by.account, delegation.to.account] = delegation

    def end(self, by: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        ended = self.by(by, now=now)
        for delegation in ended:
            del self._state.delegations[delegation.by.account, delegation.to.account]
        return ended

    def by(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        return [d for d in self._state.delegations.values() if d.by.account in accounts and d.until > now]

    def to(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        return [d for d in self._state.delegations.values() if d.to.account in accounts and d.until > now]


class FakeSealed:
    """Secret values by run and reference."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, run_id: str, reference: str, value: str | float | bool) -> None:
        self._state.sealed.setdefault(run_id, {})[reference] = value

    def of(self, run_id: str) -> Mapping[str, str | int | float | bool]:
        return dict(self._state.sealed.get(run_id, {}))

    def drop(self, run_id: str) -> None:
        self._state.sealed.pop(run_id, None)


class FakeTransaction:
    """The stores that runs need; asking for another one is a mistake of the test."""

    def __init__(self, state: State) -> None:
        self.runs = FakeRuns(state)
        self.work = FakeWork(state)
        self.timers = FakeTimers(state)
        self.waits = FakeWaits(state)
        self.firings = FakeFirings(state)
        self.tokens = FakeTokens(state)
        self.audit = FakeAudit(state)
        self.delegations = FakeDelegations(state)
        self.sealed = FakeSealed(state)

    @property
    def inbox(self) -> NoReturn:
        raise LookupError("the fake keeps no inbox")

    @property
    def outbox(self) -> NoReturn:
        raise LookupError("the fake keeps no outbox")

    @property
    def sessions(self) -> NoReturn:
        raise LookupError("the fake keeps no sessions")

    @property
    def heard(self) -> NoReturn:
        raise LookupError("the fake remembers no messages")

    @property
    def channels(self) -> NoReturn:
        raise LookupError("the fake keeps no channel settings")

    @property
    def lookups(self) -> NoReturn:
        raise LookupError("the fake runs no statements")

    @property
    def receipts(self) -> NoReturn:
        raise LookupError("the fake keeps no receipts")

    @property
    def kept_answers(self) -> NoReturn:
        raise LookupError("the fake keeps no answers")

    @property
    def corrections(self) -> NoReturn:
        raise LookupError("the fake keeps no corrections")

    @property
    def people(self) -> NoReturn:
        raise LookupError("the fake keeps no people")


class FakeRecords:
    """One transaction at a time; an exception leaves nothing behind."""

    def __init__(self) -> None:
        self.state = State()
        self.conflicts = 0
        """So many of the next writes find that somebody else was first."""

        self.away: UnavailableError | None = None
        """Raised by every write while set."""

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        if self.away is not None:
            raise self.away
        return self.now(unit)

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        return unit(FakeTransaction(self.state.copy()))

    async def healthy(self) -> str:
        return ""

    def now(self, unit: Callable[[Transaction], T]) -> T:
        """`write` without waiting."""
        after = self.state.copy()
        result = unit(FakeTransaction(after))
        if self.conflicts > 0:
            self.conflicts -= 1
            raise ConflictError("somebody else was first")
        self.state = after
        return result

    def deliver(self) -> "list[FakeDelivery]":
        """Every item that waits, each in new hands."""
        return [FakeDelivery(self, item_id) for item_id in list(self.state.work)]


class FakeDelivery:
    """One item in the hands of one worker."""

    def __init__(self, records: FakeRecords, item_id: str) -> None:
        self._records = records
        waiting = records.state.work[item_id]
        self.item = replace(waiting, attempt=waiting.attempt + 1)
        records.state.work[item_id] = self.item
        self.held = True
        """False: the lease was lost."""
        self.beats = 0
        self.delays: list[float] = []
        self.rejected = ""
        self.away: UnavailableError | None = None
        """Raised by `ack` while set."""

    async def ack(self) -> None:
        if self.away is not None:
            raise self.away
        self._records.state.work.pop(self.item.id, None)

    async def progress(self) -> bool:
        self.beats += 1
        return self.held

    async def retry(self, delay: float = 0.0) -> None:
        self.delays.append(delay)

    async def reject(self, reason: str) -> None:
        self._records.state.work.pop(self.item.id, None)
        self.rejected = reason


class FakeQueue:
    """Delivers what waits when asked, then ends (a real queue never ends)."""

    def __init__(self, records: FakeRecords) -> None:
        self._records = records

    async def deliveries(self, queue: str, *, lease: float, prefetch: int = 1) -> AsyncIterator[FakeDelivery]:
        assert lease > 0
        assert prefetch > 0
        for delivery in self._records.deliver():
            assert delivery.item.queue == queue
            yield delivery

    async def depth(self, queue: str) -> int:
        return sum(item.queue == queue for item in self._records.state.work.values())

    async def parked(self, queue: str) -> list[tuple[WorkItem, str]]:
        raise LookupError(f"the fake keeps no parked items of {queue}")

    async def healthy(self) -> str:
        return ""
