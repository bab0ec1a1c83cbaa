"""The tables. Statements are written against the `Table` objects in `metadata.tables`; no ORM session is used."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.types import Instant, Json, Key, Words

metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"})


class Row(SQLModel):
    """Base of all tables."""

    metadata: ClassVar[sa.MetaData] = metadata


def _sequence() -> Any:  # noqa: ANN401  # like `Field` itself: it stands for the value of the field
    """A primary key that counts up in order of arrival."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return Field(default=None, sa_column=sa.Column(kind, primary_key=True, autoincrement=True))


def _index(name: str, *columns: str, where: str = "", unique: bool = False) -> sa.Index:
    """An index; `where` makes it cover only the rows that are looked for."""
    condition = sa.text(where) if where else None
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class InboxRow(Row, table=True):
    """What people sent; a finished row stays, so that its claim is recognised."""

    __tablename__ = "inbox"
    __table_args__ = (
        _index("ix_inbox_open", "conversation", "sent_at", "seq", where="finished_at IS NULL"),
        _index("ix_inbox_finished_at", "finished_at"),
    )

    seq: int | None = _sequence()
    id: str = Field(sa_type=Key, unique=True)
    claim: str = Field(sa_type=Key, unique=True)
    conversation: str = Field(sa_type=Key)
    overtakes: bool
    sent_at: float
    item: str = Field(sa_type=sa.Text)
    attempts: int
    holder: str | None = Field(sa_type=Key)
    claimed_until: datetime | None = Field(sa_type=Instant)
    finished_at: datetime | None = Field(sa_type=Instant)
    outcome: str = Field(sa_type=Words)
    error: str = Field(sa_type=Words)


class OutboxRow(Row, table=True):
    """What is to be sent. A row that was sent is deleted: what is left of it is in `message_refs`."""

    __tablename__ = "outbox"
    __table_args__ = (
        _index("uq_outbox_waiting", "subject", "address", where="state = 'waiting'", unique=True),
        _index("uq_outbox_parked", "subject", "address", where="state = 'parked'", unique=True),
        _index("ix_outbox_lane", "lane", "seq"),
    )

    seq: int | None = _sequence()
    """The position in the lane."""
    id: str = Field(sa_type=Key, unique=True)
    key: str = Field(sa_type=Key)
    subject: str = Field(sa_type=Key)
    address: str = Field(sa_type=Key)
    """The place, and the person where only one may see it."""
    lane: str = Field(sa_type=Key)
    state: str = Field(sa_type=Key)
    """waiting, sending, parked"""
    due_at: datetime = Field(sa_type=Instant)
    """When it is tried next."""
    delivery: str = Field(sa_type=sa.Text)
    attempts: int
    doubtful: bool
    holder: str | None = Field(sa_type=Key)
    claimed_until: datetime | None = Field(sa_type=Instant)
    error: str = Field(sa_type=Words)
    put_at: datetime | None = Field(sa_type=Instant)
    """Since when it waits; unknown of what a replica of schema 0005 put."""


class MessageRefRow(Row, table=True):
    """The message that shows a subject in a place."""

    __tablename__ = "message_refs"

    subject: str = Field(sa_type=Key, primary_key=True)
    address: str = Field(sa_type=Key, primary_key=True)
    ref: dict[str, Any] = Field(sa_type=Json)


class RunRow(Row, table=True):
    """Read model of a run, and the fence of its history."""

    __tablename__ = "runs"
    __table_args__ = (
        _index("ix_runs_started_at", "started_at"),
        _index("ix_runs_status", "status", "started_at"),
        _index("ix_runs_open", "started_at", where="finished_at IS NULL"),
    )

    id: str = Field(sa_type=Key, primary_key=True)
    folded_id: str = Field(sa_type=Key, unique=True)
    """For look-ups whatever the case."""
    version: int
    """Of the last event."""
    workflow: str = Field(sa_type=Words)
    workflow_version: str = Field(sa_type=Words)
    status: str = Field(sa_type=Key)
    requester: str = Field(sa_type=Key)
    summary: str = Field(sa_type=Words)
    place: dict[str, Any] | None = Field(sa_type=Json)
    started_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(sa_type=Instant)
    parameters: dict[str, str] = Field(sa_type=Json)
    slot: str = Field(sa_type=Words, sa_column_kwargs={"server_default": ""})
    slot_limit: int = Field(sa_column_kwargs={"server_default": "0"})


class RunParameterRow(Row, table=True):
    """A run's parameters once more, to find runs by them."""

    __tablename__ = "run_parameters"
    __table_args__ = (_index("ix_run_parameters_name", "name", "run_id"),)

    run_id: str = Field(sa_type=Key, primary_key=True)
    name: str = Field(sa_type=Key, primary_key=True)
    value: str = Field(sa_type=Words)


class RunEventRow(Row, table=True):
    """One event of a run's history; never changed."""

    __tablename__ = "run_events"

    run_id: str = Field(sa_type=Key, primary_key=True)
    version: int = Field(primary_key=True)
    kind: str = Field(sa_type=Key)
    at: datetime = Field(sa_type=Instant)
    data: dict[str, Any] = Field(sa_type=Json)
    traceparent: str = Field(sa_type=Key)


class RunWaitRow(Row, table=True):
    """A step that waits for an event."""

    __tablename__ = "run_waits"
    __table_args__ = (_index("ix_run_waits_event", "event"),)

    run_id: str = Field(sa_type=Key, primary_key=True)
    step: str = Field(sa_type=Key, primary_key=True)
    event: str = Field(sa_type=Key)


class FiringRow(Row, table=True):
    """What a schedule or a trigger has started: once for each occasion."""

    __tablename__ = "firings"
    __table_args__ = (_index("ix_firings_at", "at"),)

    starter: str = Field(sa_type=Key, primary_key=True)
    """Names the schedule or the trigger."""
    occasion: str = Field(sa_type=Key, primary_key=True)
    """The time that was due, or the event's id."""
    at: datetime = Field(sa_type=Instant)
    run_id: str = Field(sa_type=Key)
    """"" where none was started: skipped, or above the limit."""


class ApprovalRow(Row, table=True):
    """Read model of an approval request."""

    __tablename__ = "approvals"
    __table_args__ = (_index("ix_approvals_open", "requested_at", where="status = 'open'"),)

    id: str = Field(sa_type=Key, primary_key=True)
    run_id: str = Field(sa_type=Key)
    step: str = Field(sa_type=Words)
    status: str = Field(sa_type=Key)
    environment: str = Field(sa_type=Words)
    eligible_roles: list[str] = Field(sa_type=Json)
    """And accounts, groups and names: whoever may decide."""
    needed: int
    given: int
    requested_by: str = Field(sa_type=Key)
    requested_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class DelegationRow(Row, table=True):
    """Somebody lets another person decide approvals for them."""

    __tablename__ = "delegations"
    __table_args__ = (_index("ix_delegations_taker", "taker"),)

    giver: str = Field(sa_type=Key, primary_key=True)
    taker: str = Field(sa_type=Key, primary_key=True)
    giver_name: str = Field(sa_type=Words)
    taker_name: str = Field(sa_type=Words)
    until: datetime = Field(sa_type=Instant)
    """When it ends by itself."""


class AlertGroupRow(Row, table=True):
    """Alerts that belong together, from when the first of them fired until all were over for a while."""

    __tablename__ = "alert_groups"
    __table_args__ = (
        sa.UniqueConstraint("name", "generation"),
        _index("ix_alert_groups_state", "state", "last_seen"),
    )

    id: str = Field(sa_type=Key, primary_key=True)
    name: str = Field(sa_type=Key)
    """Where it comes from, and a hash of its key there."""
    generation: int
    """Counts those of one name."""
    state: str = Field(sa_type=Key)
    last_seen: datetime = Field(sa_type=Instant)
    version: int
    content: dict[str, Any] = Field(sa_type=Json)
    """The whole group, as `core.alerts.stored` writes it."""


class WorkItemRow(Row, table=True):
    """A pointer to something to do."""

    __tablename__ = "work_items"
    __table_args__ = (
        _index("ix_work_items_ready", "queue", "visible_at", "seq", where="state = 'ready'"),
        _index("ix_work_items_finished_at", "finished_at"),
    )

    seq: int | None = _sequence()
    id: str = Field(sa_type=Key, unique=True)
    queue: str = Field(sa_type=Key)
    key: str = Field(sa_type=Key)
    state: str = Field(sa_type=Key)
    """ready, parked, done"""
    visible_at: datetime = Field(sa_type=Instant)
    """When it may be claimed: the end of its delay, or of the lease of its holder."""
    attempts: int
    holder: str | None = Field(sa_type=Key)
    """Names one delivery, so that an earlier one of the same worker is told from it."""
    published_at: datetime | None = Field(sa_type=Instant)
    """When it was handed to JetStream."""
    finished_at: datetime | None = Field(sa_type=Instant)
    error: str = Field(sa_type=Words)


class TimerRow(Row, table=True):
    """A thing to do at a time."""

    __tablename__ = "timers"
    __table_args__ = (_index("ix_timers_due_at", "due_at"),)

    key: str = Field(sa_type=Key, primary_key=True)
    kind: str = Field(sa_type=Key)
    due_at: datetime = Field(sa_type=Instant)
    data: dict[str, Any] = Field(sa_type=Json)
    holder: str | None = Field(sa_type=Key)
    claimed_until: datetime | None = Field(sa_type=Instant)


class SessionRow(Row, table=True):
    """What the bot remembers of a conversation."""

    __tablename__ = "sessions"
    __table_args__ = (_index("ix_sessions_updated_at", "updated_at"),)

    conversation: str = Field(sa_type=Key, primary_key=True)
    engaged: bool
    pending: dict[str, Any] = Field(sa_type=Json)
    updated_at: datetime = Field(sa_type=Instant)


class IncidentRow(Row, table=True):
    """An incident as it stands."""

    __tablename__ = "incidents"
    __table_args__ = (
        _index("ix_incidents_declared_at", "declared_at"),
        _index("ix_incidents_open", "declared_at", where="ended_at IS NULL"),
    )

    number: int | None = _sequence()
    """INC-42 has the number 42."""
    open_key: str | None = Field(sa_type=Key, unique=True)
    """The dedup key while it is open."""
    dedup_key: str = Field(sa_type=Key)
    title: str = Field(sa_type=Words)
    severity: str = Field(sa_type=Key)
    status: str = Field(sa_type=Key)
    service: str = Field(sa_type=Words)
    details: str = Field(sa_type=Words)
    private: bool
    declared_by: str = Field(sa_type=Key)
    declared_by_name: str = Field(sa_type=Words)
    declared_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    last_update_at: datetime | None = Field(sa_type=Instant)
    updates: int
    ended_at: datetime | None = Field(sa_type=Instant)
    resolution: str = Field(sa_type=Words)
    place: dict[str, Any] = Field(sa_type=Json)
    room: dict[str, Any] | None = Field(sa_type=Json)
    room_state: dict[str, Any] = Field(sa_type=Json)
    roles: dict[str, Any] = Field(sa_type=Json)
    members: list[str] = Field(sa_type=Json)
    tokens: dict[str, str] = Field(sa_type=Json)
    version: int


class IncidentEntryRow(Row, table=True):
    """One line of an incident's timeline; never changed."""

    __tablename__ = "incident_timeline"
    __table_args__ = (
        _index("ix_incident_timeline_incident", "incident", "at", "seq"),
        _index("uq_incident_timeline_source", "incident", "source", where="source <> ''", unique=True),
    )

    seq: int | None = _sequence()
    incident: int
    at: datetime = Field(sa_type=Instant)
    kind: str = Field(sa_type=Key)
    text: str = Field(sa_type=Words)
    by: str | None = Field(sa_type=Key)
    by_name: str = Field(sa_type=Words)
    source: str = Field(sa_type=Key)


class IncidentLinkRow(Row, table=True):
    """Something that belongs to an incident."""

    __tablename__ = "incident_links"
    __table_args__ = (_index("uq_incident_links_target", "incident", "target", unique=True),)

    seq: int | None = _sequence()
    incident: int
    kind: str = Field(sa_type=Key)
    target: str = Field(sa_type=Key)
    title: str = Field(sa_type=Words)
    linked_at: datetime = Field(sa_type=Instant)


class HeardRow(Row, table=True):
    """A message as it was heard. Without text it was deleted, and only that is known."""

    __tablename__ = "heard"
    __table_args__ = (
        _index("ix_heard_place", "lane", "thread", "sent_at"),
        _index("ix_heard_author", "author"),
        _index("ix_heard_sent_at", "sent_at"),
    )

    lane: str = Field(sa_type=Key, primary_key=True)
    message: str = Field(sa_type=Key, primary_key=True)
    thread: str = Field(sa_type=Key)
    """The id of the thread; "" in the channel itself and in direct messages."""
    direct: bool
    author: str = Field(sa_type=Key)
    name: str = Field(sa_type=Words)
    is_bot: bool
    text: str = Field(sa_type=Words)
    sent_at: float
    changed_at: float


class ChannelSettingRow(Row, table=True):
    """A setting of a channel."""

    __tablename__ = "channel_settings"

    lane: str = Field(sa_type=Key, primary_key=True)
    name: str = Field(sa_type=Key, primary_key=True)
    value: str = Field(sa_type=Words)


class ActionTokenRow(Row, table=True):
    """What an opaque button id stands for."""

    __tablename__ = "action_tokens"
    __table_args__ = (_index("ix_action_tokens_subject", "subject"),)

    token: str = Field(sa_type=Key, primary_key=True)
    purpose: str = Field(sa_type=Key)
    subject: str = Field(sa_type=Key)
    data: dict[str, Any] = Field(sa_type=Json)
    expires_at: datetime | None = Field(sa_type=Instant)
    used: bool
    put_at: datetime | None = Field(default=None, sa_type=Instant)


class AuditEntryRow(Row, table=True):
    """One write, decision, refusal or setting change. Never changed, but for its seal and for texts of erased people."""

    __tablename__ = "audit"
    __table_args__ = (
        _index("ix_audit_target", "target"),
        _index("ix_audit_actor", "actor"),
        _index("ix_audit_unsealed", "id", where="seal IS NULL"),
    )

    id: int | None = _sequence()
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=Key)
    action: str = Field(sa_type=Key)
    target: str = Field(sa_type=Key)
    outcome: str = Field(sa_type=Key)
    reason: str = Field(sa_type=Words)
    place: str = Field(sa_type=Key)
    correlation: str = Field(sa_type=Key)
    details: dict[str, Any] = Field(sa_type=Json)
    before: Any = Field(default=None, sa_type=Json, nullable=True)
    after: Any = Field(default=None, sa_type=Json, nullable=True)
    seal: int | None = Field(default=None, sa_type=sa.BigInteger)
    """Number of its seal."""


class AuditSealRow(Row, table=True):
    """The place of an audit row in the hash chain. A row of its own, so that a seal outlives the row that somebody removes."""

    __tablename__ = "audit_seals"

    number: int = Field(sa_type=sa.BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    record: int = Field(sa_type=sa.BigInteger, unique=True)
    """Id of the audit row."""
    previous: str = Field(sa_type=Key)
    hash: str = Field(sa_type=Key, unique=True)
    salts: dict[str, str] = Field(sa_type=Json)
    """By the path of a text; after an erasure the commitment alone."""


class AuditChainRow(Row, table=True):
    """Where the hash chain begins (`start`, after older records were removed) and ends (`head`)."""

    __tablename__ = "audit_chain"

    end: str = Field(sa_type=Key, primary_key=True)
    number: int = Field(sa_type=sa.BigInteger)
    hash: str = Field(sa_type=Key)


class LeaseRow(Row, table=True):
    """Work that one of all replicas does."""

    __tablename__ = "leases"

    name: str = Field(sa_type=Key, primary_key=True)
    holder: str = Field(sa_type=Key)
    claimed_until: datetime = Field(sa_type=Instant)


class PersonRow(Row, table=True):
    """What a platform told us about an account."""

    __tablename__ = "people"

    account: str = Field(sa_type=Key, primary_key=True)
    name: str = Field(sa_type=Words)
    data: dict[str, Any] = Field(sa_type=Json)
    learned_at: datetime = Field(sa_type=Instant)


class AccountLinkRow(Row, table=True):
    """Two accounts of one person. An ended link stays: whoever was one person once may not approve as two."""

    __tablename__ = "account_links"
    __table_args__ = (_index("ix_account_links_second", "second"),)

    first: str = Field(sa_type=Key, primary_key=True)
    """The lesser of the two."""
    second: str = Field(sa_type=Key, primary_key=True)
    linked_at: datetime = Field(sa_type=Instant)
    unlinked_at: datetime | None = Field(sa_type=Instant)


class SealedValueRow(Row, table=True):
    """A secret value of a run; erased when the run ends. Histories hold the reference."""

    __tablename__ = "sealed_values"
    __table_args__ = (_index("ix_sealed_values_run_id", "run_id"),)

    reference: str = Field(sa_type=Key, primary_key=True)
    run_id: str = Field(sa_type=Key)
    value: Any = Field(sa_column=sa.Column(Json, nullable=False))


class CorrectionRow(Row, table=True):
    """What a person meant by a sentence that was not understood for sure."""

    __tablename__ = "corrections"

    account: str = Field(sa_type=Key, primary_key=True)
    folded: str = Field(sa_type=Key, primary_key=True)
    """The sentence without differences of case and spacing."""
    text: str = Field(sa_type=Words)
    guessed: str = Field(sa_type=Key)
    confidence: float
    meant: str = Field(sa_type=Key)
    at: datetime = Field(sa_type=Instant)


class ReceiptRow(Row, table=True):
    """What an answer was made of."""

    __tablename__ = "receipts"
    __table_args__ = (_index("ix_receipts_at", "at"),)

    id: str = Field(sa_type=Key, primary_key=True)
    account: str = Field(sa_type=Key)
    """Who asked."""
    lane: str = Field(sa_type=Key)
    """Where it was answered."""
    at: datetime = Field(sa_type=Instant)
    content: dict[str, Any] = Field(sa_type=Json)
    """The rest of it."""


class KeptAnswerRow(Row, table=True):
    """An answer of a store of metrics, logs or traces that people look at again."""

    __tablename__ = "kept_answers"
    __table_args__ = (_index("ix_kept_answers_until", "until"),)

    key: str = Field(sa_type=Key, primary_key=True)
    until: datetime = Field(sa_type=Instant)
    value: bytes


inbox = metadata.tables["inbox"]
outbox = metadata.tables["outbox"]
message_refs = metadata.tables["message_refs"]
runs = metadata.tables["runs"]
run_parameters = metadata.tables["run_parameters"]
run_waits = metadata.tables["run_waits"]
firings = metadata.tables["firings"]
run_events = metadata.tables["run_events"]
approvals = metadata.tables["approvals"]
delegations = metadata.tables["delegations"]
alert_groups = metadata.tables["alert_groups"]
work_items = metadata.tables["work_items"]
timers = metadata.tables["timers"]
sessions = metadata.tables["sessions"]
incidents = metadata.tables["incidents"]
incident_timeline = metadata.tables["incident_timeline"]
incident_links = metadata.tables["incident_links"]
heard = metadata.tables["heard"]
channel_settings = metadata.tables["channel_settings"]
action_tokens = metadata.tables["action_tokens"]
audit = metadata.tables["audit"]
audit_seals = metadata.tables["audit_seals"]
audit_chain = metadata.tables["audit_chain"]
leases = metadata.tables["leases"]
people = metadata.tables["people"]
account_links = metadata.tables["account_links"]
sealed_values = metadata.tables["sealed_values"]
corrections = metadata.tables["corrections"]
receipts = metadata.tables["receipts"]
kept_answers = metadata.tables["kept_answers"]
