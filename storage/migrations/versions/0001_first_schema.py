"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key, Words

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _inbox_and_outbox()
    _runs()
    _work()
    _conversations()
    _audit()


def downgrade() -> None:
    """Drop the tables, with everything in them."""
    for table in _TABLES:
        op.drop_table(table)


_TABLES = (
    "inbox",
    "outbox",
    "message_refs",
    "runs",
    "run_parameters",
    "run_events",
    "approvals",
    "work_items",
    "timers",
    "sessions",
    "channel_settings",
    "action_tokens",
    "people",
    "audit",
)


def _only(condition: str) -> dict[str, Any]:
    """What makes an index cover these rows only."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _inbox_and_outbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", Key(), nullable=False),
        sa.Column("claim", Key(), nullable=False),
        sa.Column("conversation", Key(), nullable=False),
        sa.Column("overtakes", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", Key(), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("outcome", Words(), nullable=False),
        sa.Column("error", Words(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.UniqueConstraint("claim", name="uq_inbox_claim"),
        sa.UniqueConstraint("id", name="uq_inbox_id"),
    )
    op.create_index("ix_inbox_finished_at", "inbox", ["finished_at"])
    op.create_index("ix_inbox_open", "inbox", ["conversation", "sent_at", "seq"], **_only("finished_at IS NULL"))
    op.create_table(
        "outbox",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("subject", Key(), nullable=False),
        sa.Column("address", Key(), nullable=False),
        sa.Column("lane", Key(), nullable=False),
        sa.Column("state", Key(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("holder", Key(), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("error", Words(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index("ix_outbox_lane", "outbox", ["lane", "seq"])
    op.create_index("uq_outbox_parked", "outbox", ["subject", "address"], unique=True, **_only("state = 'parked'"))
    op.create_index("uq_outbox_waiting", "outbox", ["subject", "address"], unique=True, **_only("state = 'waiting'"))
    op.create_table(
        "message_refs",
        sa.Column("subject", Key(), nullable=False),
        sa.Column("address", Key(), nullable=False),
        sa.Column("ref", Json(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "address", name="pk_message_refs"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", Key(), nullable=False),
        sa.Column("folded_id", Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("workflow", Words(), nullable=False),
        sa.Column("workflow_version", Words(), nullable=False),
        sa.Column("status", Key(), nullable=False),
        sa.Column("requester", Key(), nullable=False),
        sa.Column("summary", Words(), nullable=False),
        sa.Column("place", Json(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("parameters", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("folded_id", name="uq_runs_folded_id"),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"])
    op.create_index("ix_runs_status", "runs", ["status", "started_at"])
    op.create_table(
        "run_parameters",
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("name", Key(), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_run_parameters"),
    )
    op.create_index("ix_run_parameters_name", "run_parameters", ["name", "run_id"])
    op.create_table(
        "run_events",
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", Key(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("traceparent", Key(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "version", name="pk_run_events"),
    )
    op.create_table(
        "approvals",
        sa.Column("id", Key(), nullable=False),
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("step", Words(), nullable=False),
        sa.Column("status", Key(), nullable=False),
        sa.Column("environment", Words(), nullable=False),
        sa.Column("eligible_roles", Json(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("requested_by", Key(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_open", "approvals", ["requested_at"], **_only("status = 'open'"))


def _work() -> None:
    op.create_table(
        "work_items",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", Key(), nullable=False),
        sa.Column("queue", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("state", Key(), nullable=False),
        sa.Column("visible_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", Key(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("error", Words(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_work_items"),
        sa.UniqueConstraint("id", name="uq_work_items_id"),
    )
    op.create_index("ix_work_items_finished_at", "work_items", ["finished_at"])
    op.create_index("ix_work_items_ready", "work_items", ["queue", "visible_at", "seq"], **_only("state = 'ready'"))
    op.create_table(
        "timers",
        sa.Column("key", Key(), nullable=False),
        sa.Column("kind", Key(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("holder", Key(), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_timers"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])


def _conversations() -> None:
    op.create_table(
        "sessions",
        sa.Column("conversation", Key(), nullable=False),
        sa.Column("engaged", sa.Boolean(), nullable=False),
        sa.Column("pending", Json(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name="pk_sessions"),
    )
    op.create_index("ix_sessions_updated_at", "sessions", ["updated_at"])
    op.create_table(
        "channel_settings",
        sa.Column("lane", Key(), nullable=False),
        sa.Column("name", Key(), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "name", name="pk_channel_settings"),
    )
    op.create_table(
        "action_tokens",
        sa.Column("token", Key(), nullable=False),
        sa.Column("purpose", Key(), nullable=False),
        sa.Column("subject", Key(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_action_tokens"),
    )
    op.create_index("ix_action_tokens_subject", "action_tokens", ["subject"])
    op.create_table(
        "people",
        sa.Column("account", Key(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("learned_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_people"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Key(), nullable=False),
        sa.Column("action", Key(), nullable=False),
        sa.Column("target", Key(), nullable=False),
        sa.Column("outcome", Key(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("place", Key(), nullable=False),
        sa.Column("correlation", Key(), nullable=False),
        sa.Column("details", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_actor", "audit", ["actor"])
    op.create_index("ix_audit_target", "audit", ["target"])
