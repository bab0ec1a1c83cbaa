"""The records: what one transaction may do. Storage implements `Records` once for SQLite and PostgreSQL.

A unit of work is a plain, synchronous function of a `Transaction`. It may run again after a conflict or lost connection, so
it has no effect outside the transaction. Times are aware UTC datetimes unless a name ends in `_seconds`. Leases on inbox,
outbox, work and timer rows end by the *database's* clock; `due_at` values are compared with the `now` that the caller gives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from core.messages import Account, Delivery, Incoming, MessageRef, Place

T = TypeVar("T")


# --- inbox ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A committed turn, click or submission."""

    id: str
    conversation: str
    item: Incoming
    attempts: int = 0
    """How often it was claimed, this time included."""


class Inbox(Protocol):
    """What people sent, in the order of the platform's time within a conversation."""

    def add(self, entry_id: str, conversation: str, item: Incoming, *, overtakes: bool) -> bool:
        """Record it as ready. False, changing nothing, when `item.claim` is known already."""
        ...

    def claim_next(self, conversation: str, *, holder: str, lease_seconds: float) -> InboxEntry | None:
        """Claim the earliest ready entry (by `sent_at`) that does not overtake. None when nothing is ready, or when
        another entry of the conversation that does not overtake is under a live claim: its holder looks again when it is done."""
        ...

    def claim(self, entry_id: str, *, holder: str, lease_seconds: float) -> InboxEntry | None:
        """Claim this one entry whatever else the conversation does (for entries that overtake). None if it is not ready."""
        ...

    def extend(self, entry_id: str, *, holder: str, lease_seconds: float) -> bool:
        """Push the end of a claim. False when the claim is no longer the holder's."""
        ...

    def finish(self, entry_id: str, *, holder: str, outcome: str) -> bool:
        """Mark as handled. False when the claim is no longer the holder's: the caller must roll back (raise ConflictError)."""
        ...

    def release(self, entry_id: str, *, holder: str, error: str) -> None:
        """Give a claimed entry back for another attempt."""
        ...

    def latest(self, platform: str) -> float:
        """The latest `sent_at` of an entry whose conversation is on this platform; 0.0 without any."""
        ...

    def ready(self, *, limit: int) -> Sequence[tuple[str, str, bool]]:
        """(entry id, conversation, overtakes) of entries that could be claimed now, oldest first: they wait, and unless they
        overtake, no other entry of their conversation is under a live claim. For recovery."""
        ...


# --- outbox --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """Something to send, claimed by a sender."""

    id: str
    key: str
    """Idempotency key of the post; stable over attempts."""
    delivery: Delivery
    attempts: int
    """How often it was claimed, this time included."""
    ref: MessageRef | None
    """The message sent before for this subject and place; then this is an edit."""
    doubtful: bool = False
    """An earlier attempt ended with an unknown outcome: look before posting again."""


class Outbox(Protocol):
    """What is to be sent. Within a lane (`place.lane`) one at a time, in order of `put`."""

    def put(self, entry_id: str, delivery: Delivery, *, now: datetime) -> str:
        """Record as due now. A waiting older row of the same subject and place (and person, if private) is superseded: the new one
        takes its position in the lane, its idempotency key, its doubt, and a pause it was given by `retry`. A row being sent right
        now stays. Returns the lane."""
        ...

    def lanes(self, *, now: datetime, limit: int) -> Sequence[str]:
        """Lanes with a row that is due and not under a live claim."""
        ...

    def claim_next(self, lane: str, *, holder: str, now: datetime, lease_seconds: float) -> OutboxEntry | None:
        """Claim the first due row of the lane, with the ref of its subject. None when nothing is due or the lane has a
        live claim. A row whose lease ran out is given again with `doubtful` set."""
        ...

    def sent(self, entry_id: str, *, holder: str, ref: MessageRef | None) -> bool:
        """Mark as sent and keep the ref for later edits of the subject. False when the claim was lost (the ref is kept still)."""
        ...

    def retry(self, entry_id: str, *, holder: str, due_at: datetime, error: str, doubtful: bool) -> bool:
        """Give back until `due_at`. A newer row for the same subject and place that came meanwhile supersedes it."""
        ...

    def park(self, entry_id: str, *, holder: str, error: str) -> bool:
        """Give up on it for now (not a member, or refused for good). `unpark` brings it back."""
        ...

    def unpark(self, lane: str, *, now: datetime) -> int:
        """Make every parked row of the lane due; how many."""
        ...

    def ref(self, subject: str, place: Place) -> MessageRef | None:
        """The message of this subject in this place, if it was sent."""
        ...

    def refs(self, subject: str) -> Sequence[MessageRef]:
        """Every message of this subject."""
        ...

    def depth(self) -> int:
        """How many rows wait (parked ones are not counted)."""
        ...

    def oldest_due(self) -> datetime | None:
        """`due_at` of the oldest waiting row."""
        ...


# --- runs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a history as stored. `data` is JSON-compatible."""

    version: int
    """1, 2, 3 ... without gaps."""
    kind: str
    at: datetime
    data: dict[str, Any]
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """Read model of one approval request."""

    id: str
    run_id: str
    step: str
    status: str
    """open, granted, denied, expired, void, cancelled"""
    environment: str
    eligible_roles: tuple[str, ...]
    needed: int
    given: int
    requested_by: str
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RunView:
    """Read model of a run, written with its events."""

    id: str
    workflow: str
    workflow_version: str
    status: str
    requester: str
    """`str(Account)`"""
    summary: str
    """One line: workflow and parameters (secrets masked)."""
    place: Place | None
    """Where it was started; its card lives there."""
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    parameters: dict[str, str] = field(default_factory=dict)


class Runs(Protocol):
    """Histories and their read models."""

    def append(
        self,
        run: RunView,
        *,
        expected_version: int,
        events: Sequence[StoredEvent],
        approvals: Sequence[ApprovalView] = (),
    ) -> None:
        """Append `events` (versions follow `expected_version`; 0 starts a run) and upsert the read models.
        ConflictError when the history is at another version, or the run id is taken."""
        ...

    def history(self, run_id: str) -> Sequence[StoredEvent]:
        """All events in order; empty when there is no such run."""
        ...

    def get(self, run_id: str) -> RunView | None:
        """The read model; ids match whatever the case."""
        ...

    def find(
        self,
        *,
        statuses: Sequence[str] = (),
        requester: str = "",
        parameter: tuple[str, str] | None = None,
        limit: int = 20,
    ) -> Sequence[RunView]:
        """Latest first. Empty filters match everything."""
        ...

    def approval(self, approval_id: str) -> ApprovalView | None:
        """The read model of one approval."""
        ...

    def open_approvals(self, *, limit: int = 50) -> Sequence[ApprovalView]:
        """Oldest first."""
        ...


# --- work, timers --------------------------------------------------------------------------------------


class Work(Protocol):
    """Puts work on a queue within this transaction. `core.ports.queue.WorkQueue` delivers it."""

    def put(self, queue: str, key: str, *, item_id: str = "", delay_seconds: float = 0.0) -> str:
        """Enqueue a pointer (`key`: a run id, a conversation, a lane ...). The same `item_id` twice is enqueued once.
        Returns the item's id."""
        ...


@dataclass(frozen=True, slots=True)
class Timer:
    """A thing to do at a time."""

    key: str
    kind: str
    due_at: datetime
    data: dict[str, Any]


class Timers(Protocol):
    """Rows with `due_at`; any replica fires them, each once."""

    def set(self, key: str, kind: str, due_at: datetime, data: dict[str, Any]) -> None:
        """Create or move the timer of this key."""
        ...

    def cancel(self, prefix: str) -> int:
        """Drop all timers whose key starts with `prefix`; how many."""
        ...

    def claim_due(self, *, now: datetime, holder: str, lease_seconds: float, limit: int) -> Sequence[Timer]:
        """Claim due timers with no live claim, earliest first."""
        ...

    def done(self, key: str, *, holder: str) -> bool:
        """Remove a timer that fired; called in the transaction of its effect. False (roll back!) when the claim was lost
        or the timer was moved or cancelled meanwhile."""
        ...

    def next_due(self) -> datetime | None:
        """The earliest `due_at`."""
        ...


# --- sessions, settings, tokens, audit -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Session:
    """What the bot remembers of one conversation."""

    conversation: str
    engaged: bool = False
    """The bot takes part in this thread: plain messages need no mention."""
    pending: dict[str, Any] = field(default_factory=dict)
    """A question of ours that waits for an answer, JSON-compatible."""
    updated_at: datetime | None = None


class Sessions(Protocol):
    """Sessions by conversation."""

    def get(self, conversation: str) -> Session:
        """The stored session, or a fresh one."""
        ...

    def put(self, session: Session, *, now: datetime) -> None:
        """Upsert."""
        ...

    def count_active(self, *, since: datetime) -> int:
        """Sessions touched since then."""
        ...


class ChannelSettings(Protocol):
    """Small settings of a channel, by name. The key is `Place.lane`."""

    def get(self, lane: str) -> dict[str, str]:
        """All settings of the channel; empty when there are none."""
        ...

    def set(self, lane: str, name: str, value: str | None) -> str | None:
        """Set or (None) remove; returns the value before."""
        ...


@dataclass(frozen=True, slots=True)
class ActionToken:
    """What an opaque button id stands for."""

    token: str
    purpose: str
    subject: str
    """What the token is about (approval id, run id); all its tokens can be voided together."""
    data: dict[str, Any]
    expires_at: datetime | None = None
    used: bool = False


class ActionTokens(Protocol):
    """Opaque ids behind buttons."""

    def put(self, token: ActionToken) -> None:
        """Store a new token."""
        ...

    def get(self, token: str) -> ActionToken | None:
        """None when it never existed or was cleaned up. The caller judges `expires_at` and `used`."""
        ...

    def use(self, token: str) -> bool:
        """Mark as used; False when it was used already or does not exist (one wins)."""
        ...

    def void(self, subject: str) -> int:
        """Mark every token of the subject as used; how many changed."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One write, decision, refusal or setting change."""

    at: datetime
    actor: str
    """`str(Account)`, or "system"."""
    action: str
    """`run.start`, `approval.decide`, `turn.refused` ..."""
    target: str
    outcome: str
    """done, refused, failed"""
    reason: str = ""
    place: str = ""
    correlation: str = ""
    """Trace id of the request."""
    details: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    """Set by the store."""


class Audit(Protocol):
    """Append-only."""

    def add(self, row: AuditRow) -> None:
        """Append; secrets in reason and details are masked."""
        ...

    def find(self, *, action: str = "", target: str = "", actor: str = "", limit: int = 100) -> Sequence[AuditRow]:
        """Latest first; `action` matches as a prefix."""
        ...


class People(Protocol):
    """What platforms told us about accounts, kept so that a name shows on the other platform too."""

    def put(self, account: Account, *, name: str, data: dict[str, Any], now: datetime) -> None:
        """Upsert."""
        ...

    def get(self, account: Account) -> tuple[str, dict[str, Any], datetime] | None:
        """(name, data, when learned)."""
        ...


class Sealed(Protocol):
    """Secret values of runs, kept apart from their histories, which hold references."""

    def put(self, run_id: str, reference: str, value: str | float | bool) -> None:
        """Keep a value under a new reference."""
        ...

    def of(self, run_id: str) -> Mapping[str, str | int | float | bool]:
        """All values of the run by reference; empty when there are none (any more)."""
        ...

    def drop(self, run_id: str) -> None:
        """Erase what is kept of the run."""
        ...


class Transaction(Protocol):
    """Everything one unit of work may touch."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def work(self) -> Work: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def channels(self) -> ChannelSettings: ...
    @property
    def tokens(self) -> ActionTokens: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def people(self) -> People: ...
    @property
    def sealed(self) -> Sealed: ...


class Records(Protocol):
    """The database."""

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run `unit` in a transaction and commit durably before returning. On any exception of `unit` nothing is kept and
        the exception is raised here. Several units may share one commit, each on its own savepoint.
        UnavailableError when the database is gone (when it went while committing, the unit may be on the record all the same:
        nothing is run twice by itself then); ConflictError passes through."""
        ...

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        """Run `unit` on a consistent snapshot; it must not write."""
        ...

    async def healthy(self) -> str:
        """Empty when a trivial read works, else the reason in one line. Never raises."""
        ...
