"""The records: what one transaction may do. Storage implements `Records` once for SQLite and PostgreSQL.

A unit of work is a plain, synchronous function of a `Transaction`. It may run again after a conflict or lost connection, so
it has no effect outside the transaction. Times are aware UTC datetimes unless a name ends in `_seconds`. Leases on inbox,
outbox, work and timer rows end by the *database's* clock; `due_at` values are compared with the `now` that the caller gives.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from core.actors import By
from core.alerts.group import AlertGroup
from core.incidents.incident import Entry, Incident, Link
from core.messages import Account, Delivery, Heard, Incoming, MessageRef, Place, Withdrawn

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

    def unfinished(self, platform: str, *, since: float) -> Sequence[Incoming]:
        """Items of this platform sent after this time and not handled yet, claimed or not, earliest first."""
        ...

    def ready(self, *, platforms: Sequence[str], limit: int) -> Sequence[tuple[str, str, bool]]:
        """(entry id, conversation, overtakes) of entries of these platforms that could be claimed now, oldest first: they wait, and
        unless they overtake, no other entry of their conversation is under a live claim. For recovery."""
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
    under: MessageRef | None = None
    """The message that `delivery.under` names."""


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

    def oldest(self) -> datetime | None:
        """Since when the oldest row waits, however often it was tried; parked ones are not counted."""
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
    eligible: tuple[str, ...]
    """Roles, accounts, groups and names that may decide, as definitions name them."""
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
    slot: str = ""
    """What its concurrency limit counts by; "" without a limit."""
    slot_limit: int = 0
    """How many runs of the slot may go on at the same time."""


class Runs(Protocol):
    """Histories and their read models."""

    def append(
        self,
        run: RunView,
        *,
        expected_version: int,
        events: Sequence[StoredEvent],
        approvals: Sequence[ApprovalView] = (),
        replanned: bool = True,
    ) -> None:
        """Append `events` (versions follow `expected_version`; 0 starts a run) and upsert the read models. `replanned`: whether the
        parameters may be other ones than before. ConflictError when the history is at another version, or the run id is taken."""
        ...

    def history(self, run_id: str, *, after: int = 0) -> Sequence[StoredEvent]:
        """Its events in order, those of later versions than `after`; empty when there are none."""
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
        workflow: str = "",
        since: datetime | None = None,
        following: RunView | None = None,
        limit: int = 20,
    ) -> Sequence[RunView]:
        """Latest first. Empty filters match everything. `since`: started then or later; `following`: those that come after this
        one, for the next page."""
        ...

    def pending(self, *, each: int, limit: int = 1000) -> Sequence[RunView]:
        """Those that wait for their turn, oldest first; of each slot the first `each`."""
        ...

    def under_way(self, slot: str) -> tuple[int, int]:
        """How many runs have begun and are not over: of this slot, and in all. Two transactions that ask do so one after the other,
        so that what they conclude holds for both."""
        ...

    def approval(self, approval_id: str) -> ApprovalView | None:
        """The read model of one approval."""
        ...

    def open_approvals(self, *, holders: Collection[str] | None = None, limit: int = 50) -> Sequence[ApprovalView]:
        """Oldest first. `holders`: only those that one of these may decide."""
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


class Waits(Protocol):
    """Which steps of which runs wait for an event."""

    def put(self, run_id: str, step: str, event: str) -> None:
        """`event`: its kind. Once per step."""
        ...

    def drop(self, run_id: str, step: str = "") -> None:
        """It waits no longer; without a step none of the run does."""
        ...

    def of(self, event: str) -> Sequence[tuple[str, str]]:
        """Runs and steps that wait for events of this kind."""
        ...


class Firings(Protocol):
    """What schedules and triggers have started."""

    def put(self, starter: str, occasion: str, at: datetime) -> bool:
        """Note an occasion (the due time of a schedule, the id of an event); False when it is on record already, so that of several
        replicas one acts."""
        ...

    def started(self, starter: str, occasion: str, run_id: str) -> None:
        """Note the run that came of an occasion on record."""
        ...

    def count(self, starter: str, since: datetime) -> int:
        """Runs that it has started since then. Two transactions that ask about one starter do so one after the other, so that what
        they conclude holds for both."""
        ...

    def latest(self, starter: str) -> str:
        """Id of the last run that it started, or ""."""
        ...


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

    def named(self, prefix: str) -> Sequence[Timer]:
        """Those whose key starts with `prefix`, by key."""
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


class Incidents(Protocol):
    """Incidents, their timelines and what is linked to them."""

    def add(self, incident: Incident) -> tuple[Incident, bool]:
        """Store it under the next number: the answer has its id. When an open incident has the same dedup key that one is
        answered instead, with False, and nothing is stored."""
        ...

    def get(self, incident_id: str) -> Incident | None:
        """By id, whatever its case."""
        ...

    def save(self, incident: Incident) -> Incident:
        """Write the whole of it; answers it with the next version. ConflictError when somebody else changed it meanwhile."""
        ...

    def find(self, *, open_only: bool = True, service: str = "", limit: int = 20) -> Sequence[Incident]:
        """Latest first; an empty service matches everything."""
        ...

    def log(self, incident_id: str, entry: Entry) -> bool:
        """Put an entry on the timeline; False when its source is on it already."""
        ...

    def timeline(self, incident_id: str) -> Sequence[Entry]:
        """All entries in the order of `at`."""
        ...

    def link(self, incident_id: str, link: Link, *, now: datetime) -> bool:
        """Link something; False when it is linked already."""
        ...

    def links(self, incident_id: str) -> Sequence[Link]:
        """In the order they were linked."""
        ...


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was heard in one place."""

    messages: tuple[Heard, ...] = ()
    """Oldest first; the root of a thread is always the first one."""
    complete: bool = True
    """False for a thread whose root was never heard: it began before the bot listened."""


class HeardMessages(Protocol):
    """Messages as they were heard, each in the one place where it was written. They are read by their exact place and in no
    other way: there is no search over places, so that nothing said in one can come up in another."""

    def put(self, heard: Heard) -> None:
        """Remember the message, with secrets masked and cut at `core.context.bounds.STORED` characters; idempotent by channel and
        message. A state older than the one that is kept, or than the message's deletion, changes nothing."""
        ...

    def withdraw(self, withdrawn: Withdrawn, *, yet_to_come: bool = True) -> None:
        """Erase text and author, and remember only that there is nothing to remember: the message may be delivered again.
        `yet_to_come`: also where it was not heard before, since its deletion may have overtaken it."""
        ...

    def recall(self, place: Place, *, limit: int, until: float) -> Recalled:
        """The latest `limit` messages of this thread, direct message or channel that were written up to `until` (seconds by the
        platform's clock); of a thread the root besides."""
        ...

    def one(self, place: Place, message: str) -> Heard | None:
        """The message of this id, when it stands in this channel (not in a thread of it)."""
        ...

    def trim(self, place: Place, *, keep: int, limit: int) -> int:
        """Forget all but the latest `keep` messages of this thread, direct message or channel, at most `limit` at once; how many.
        In a channel roots of threads that are remembered stay."""
        ...

    def expire(self, before: float, *, limit: int) -> int:
        """Forget messages sent before that time, at most `limit`; how many."""
        ...

    def forget(self, account: Account) -> int:
        """Erase what this account wrote, anywhere, everything in its direct messages, and the questions that wait for its
        answer; how many messages. Discord names no server in direct messages: those are found by the person's id."""
        ...


class ChannelSettings(Protocol):
    """Small settings of a channel, by name. The key is `Place.lane`."""

    def get(self, lane: str) -> dict[str, str]:
        """All settings of the channel; empty when there are none."""
        ...

    def set(self, lane: str, name: str, value: str | None) -> str | None:
        """Set or (None) remove; returns the value before."""
        ...

    def having(self, name: str) -> Sequence[tuple[str, str]]:
        """(lane, value) of every channel that has this setting."""
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
    """Names in it (at any depth) say nothing about a person: only values can be erased."""
    before: Any = None
    """What a change changed, JSON-compatible; None where nothing was there or nothing changed."""
    after: Any = None
    """What it is since."""
    id: int = 0
    """Set by the store."""


class Audit(Protocol):
    """Append-only."""

    def add(self, row: AuditRow) -> None:
        """Append; secrets in reason, details, before and after are masked. The row is sealed later, by `seal`."""
        ...

    def find(
        self,
        *,
        action: str = "",
        target: str = "",
        actor: str = "",
        outcome: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        text: str = "",
        limit: int = 100,
    ) -> Sequence[AuditRow]:
        """Latest first; `action` matches as a prefix, `text` anywhere in actor, target, reason, details, before and after, whatever
        the case of ASCII letters; `since` is included, `until` is not."""
        ...

    def unsealed(self) -> int:
        """How many rows wait to be sealed."""
        ...

    def seal(self, *, holder: str, lease_seconds: float, limit: int) -> int | None:
        """Chain rows that are not sealed yet (see `core.audit`), at most so many; how many there were. None when another holder has
        the lease: one of all replicas seals. The lease starts anew with every call."""
        ...


class Retention(Protocol):
    """Removes what has been kept long enough. What is open or waits is never touched."""

    def due(self, *, holder: str, every_seconds: float) -> bool:
        """True for one caller of all in each interval."""
        ...

    def clean(self, kind: str, *, before: datetime, limit: int) -> int:
        """Remove things of a kind that ended before then, at most so many; how many were removed. The kinds: `inbox` (handled
        messages, with what was remembered of the answers), `work`, `buttons` (used or expired ones), `sessions`, `runs` (ended
        ones, with their histories), `events` (what schedules and triggers have started, and the events they knew), `audit` (sealed rows, oldest first; the chain then begins later)."""
        ...


class People(Protocol):
    """What platforms told us about accounts, kept so that a name shows on the other platform too."""

    def put(self, account: Account, *, name: str, data: dict[str, Any], now: datetime) -> None:
        """Upsert."""
        ...

    def get(self, account: Account) -> tuple[str, dict[str, Any], datetime] | None:
        """(name, data, when learned)."""
        ...

    def link(self, first: Account, second: Account, *, now: datetime) -> bool:
        """Join two accounts of one person. False when they are joined already. ConflictError when they are the same."""
        ...

    def unlink(self, account: Account, *, now: datetime) -> frozenset[Account]:
        """End every link of this account; the accounts it was linked with. What was linked once stays on the record."""
        ...

    def linked(self, account: Account, *, former: bool = False) -> frozenset[Account]:
        """Accounts with a link to this one, itself not included. `former`: also those whose link has ended."""
        ...


@dataclass(frozen=True, slots=True)
class StandingDelegation:
    """Somebody lets another person decide approvals for them, for a while."""

    by: By
    to: By
    until: datetime


class Delegations(Protocol):
    """Those that hold for a while. What is over is never given."""

    def put(self, delegation: StandingDelegation, *, now: datetime) -> None:
        """Upsert by the two accounts. What of this person's is over is forgotten."""
        ...

    def end(self, by: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        """End everything that these accounts handed over; what there was."""
        ...

    def by(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        """What these accounts have handed over, the first to end first."""
        ...

    def to(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        """What was handed to these accounts, the first to end first."""
        ...


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group of alerts on the record."""

    id: str
    group: AlertGroup
    generation: int = 1
    """Counts the groups of one source and key: what fires again long after all was over begins another."""
    version: int = 1
    """Counts its changes."""


class AlertGroups(Protocol):
    """Alerts that other systems tell of."""

    def latest(self, source: str, key: str) -> StoredGroup | None:
        """The last generation of this group."""
        ...

    def get(self, group_id: str) -> StoredGroup | None:
        """By id."""
        ...

    def open(self, *, limit: int) -> Sequence[StoredGroup]:
        """Those of which something fires, the latest news first."""
        ...

    def add(self, stored: StoredGroup) -> None:
        """A new one; ConflictError when this generation of it is there."""
        ...

    def save(self, stored: StoredGroup) -> StoredGroup:
        """Replace what was read at this version; ConflictError when somebody else was first."""
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


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person meant by a sentence that was not understood for sure, or was understood wrongly."""

    account: Account
    text: str
    """Redacted."""
    guessed: str
    """The intent that was likeliest."""
    confidence: float
    """Of the guess, 0 to 1."""
    meant: str
    at: datetime


class Corrections(Protocol):
    """Remembered for the person who made them, and candidates for training once somebody has looked at them."""

    def put(self, correction: Correction) -> None:
        """Upsert by person and sentence, whatever its case and spacing."""
        ...

    def meant(self, account: Account, text: str) -> str:
        """The intent that this person meant by the sentence, or ""."""
        ...

    def latest(self, *, limit: int) -> Sequence[Correction]:
        """Latest first."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an answer was made of: enough to ask the same again, and to see whether the same comes back."""

    id: str
    """`RCP-7K3QX2`"""
    asked_by: Account
    lane: str
    """The channel or direct message where it was answered: whoever is there may ask for it again."""
    language: str
    query: str
    """As it ran, secrets masked."""
    understood: str
    start: datetime
    end: datetime
    """The stretch of time; of records only `end` counts, when they were read."""
    source: str
    """Which service answered: `prometheus`."""
    rows: int
    """Series, lines, traces or rows."""
    digest: str
    """SHA-256 of them in hexadecimal digits."""
    at: datetime
    """When it was answered."""
    environment: str = ""


class KeptAnswers(Protocol):
    """Answers that people look at again, for a while. Forgetting one costs a call."""

    def get(self, key: str, *, now: datetime) -> bytes | None:
        """None when absent, or beyond its time."""
        ...

    def put(self, key: str, value: bytes, *, now: datetime, until: datetime) -> None:
        """Keep until then, instead of what was kept under the key; those whose time is over go."""
        ...


class Receipts(Protocol):
    """What answers were made of."""

    def put(self, receipt: Receipt) -> None:
        """A new one."""
        ...

    def get(self, receipt_id: str) -> Receipt | None:
        """By id, in any case of letters."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a query."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    """There are more rows than were taken."""


class Lookups(Protocol):
    """Statements that people ask for, over what they may see. For `Records.read` only: its snapshots cannot be written."""

    @property
    def dialect(self) -> str:
        """sqlglot's name of what the database speaks: sqlite or postgres."""
        ...

    def visible(self, accounts: Collection[Account], place: Place) -> Mapping[str, str]:
        """Documented table → the SELECT that stands for it: incidents that a person with these accounts may see, runs, and what
        was said in this place."""
        ...

    def run(self, statement: str, *, rows: int, seconds: float) -> Table:
        """At most so many rows. Ends with UserInputError after so many seconds, or where the database refuses the statement."""
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
    def waits(self) -> Waits: ...
    @property
    def firings(self) -> Firings: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def heard(self) -> HeardMessages: ...
    @property
    def channels(self) -> ChannelSettings: ...
    @property
    def tokens(self) -> ActionTokens: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def people(self) -> People: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def corrections(self) -> Corrections: ...

    @property
    def receipts(self) -> Receipts: ...
    @property
    def kept_answers(self) -> KeptAnswers: ...
    @property
    def lookups(self) -> Lookups: ...
    @property
    def delegations(self) -> Delegations: ...
    @property
    def alerts(self) -> AlertGroups: ...
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
