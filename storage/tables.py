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
    delivery: str = Field(sa_type=sa.Text)
    attempts: int
    doubtful: bool
    holder: str | None = Field(sa_type=Key)
    claimed_until: datetime | None = Field(sa_type=Instant)
    error: str = Field(sa_type=Words)


class MessageRefRow(Row, table=True):
    """The message that shows a subject in a place."""

    __tablename__ = "message_refs"

    subject: str = Field(sa_type=Key, primary_key=True)
    address: str = Field(sa_type=Key, primary_key=True)
    ref: dict[str, Any] = Field(sa_type=Json)


class RunRow(Row, table=True):
    """Read model of a run, and the fence of its history."""

    __tablename__ = "runs"
    __table_args__ = (_index("ix_runs_started_at", "started_at"), _index("ix_runs_status", "status", "started_at"))

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
    needed: int
    given: int
    requested_by: str = Field(sa_type=Key)
    requested_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


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


class AuditEntryRow(Row, table=True):
    """One write, decision, refusal or setting change; never changed."""

    __tablename__ = "audit"
    __table_args__ = (_index("ix_audit_target", "target"), _index("ix_audit_actor", "actor"))

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


class PersonRow(Row, table=True):
    """What a platform told us about an account."""

    __tablename__ = "people"

    account: str = Field(sa_type=Key, primary_key=True)
    name: str = Field(sa_type=Words)
    data: dict[str, Any] = Field(sa_type=Json)
    learned_at: datetime = Field(sa_type=Instant)


class SealedValueRow(Row, table=True):
    """A secret value of a run; erased when the run ends. Histories hold the reference."""

    __tablename__ = "sealed_values"
    __table_args__ = (_index("ix_sealed_values_run_id", "run_id"),)

    reference: str = Field(sa_type=Key, primary_key=True)
    run_id: str = Field(sa_type=Key)
    value: Any = Field(sa_column=sa.Column(Json, nullable=False))


inbox = metadata.tables["inbox"]
outbox = metadata.tables["outbox"]
message_refs = metadata.tables["message_refs"]
runs = metadata.tables["runs"]
run_parameters = metadata.tables["run_parameters"]
run_events = metadata.tables["run_events"]
approvals = metadata.tables["approvals"]
work_items = metadata.tables["work_items"]
timers = metadata.tables["timers"]
sessions = metadata.tables["sessions"]
channel_settings = metadata.tables["channel_settings"]
action_tokens = metadata.tables["action_tokens"]
audit = metadata.tables["audit"]
people = metadata.tables["people"]
sealed_values = metadata.tables["sealed_values"]
