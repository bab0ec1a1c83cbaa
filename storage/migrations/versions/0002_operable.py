"""What a team needs to operate the bot: incidents, the hash chain of the audit, links between accounts, heard messages, sealed values."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key, Words

revision = "0002"
down_revision = "0001"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add; a replica of the version before goes on writing."""
    _incidents()
    _timeline()
    _links()
    _audit()
    _people()
    _heard()
    _sealed()


def downgrade() -> None:
    """Remove, with everything in it; seals are lost."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_audit_unsealed", "audit")
    for table, column in (("audit", "seal"), ("audit", "after"), ("audit", "before"), ("action_tokens", "put_at")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)


_TABLES = (
    "sealed_values",
    "heard",
    "account_links",
    "leases",
    "audit_chain",
    "audit_seals",
    "incident_links",
    "incident_timeline",
    "incidents",
)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("number", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("open_key", Key(), nullable=True),
        sa.Column("dedup_key", Key(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("severity", Key(), nullable=False),
        sa.Column("status", Key(), nullable=False),
        sa.Column("service", Words(), nullable=False),
        sa.Column("details", Words(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("declared_by", Key(), nullable=False),
        sa.Column("declared_by_name", Words(), nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("last_update_at", Instant(), nullable=True),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("resolution", Words(), nullable=False),
        sa.Column("place", Json(), nullable=False),
        sa.Column("room", Json(), nullable=True),
        sa.Column("room_state", Json(), nullable=False),
        sa.Column("roles", Json(), nullable=False),
        sa.Column("members", Json(), nullable=False),
        sa.Column("tokens", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_incidents"),
        sa.UniqueConstraint("open_key", name="uq_incidents_open_key"),
    )
    op.create_index("ix_incidents_declared_at", "incidents", ["declared_at"])
    open_ = sa.text("ended_at IS NULL")
    op.create_index("ix_incidents_open", "incidents", ["declared_at"], sqlite_where=open_, postgresql_where=open_)


def _timeline() -> None:
    op.create_table(
        "incident_timeline",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", Key(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("by", Key(), nullable=True),
        sa.Column("by_name", Words(), nullable=False),
        sa.Column("source", Key(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_incident_timeline"),
    )
    op.create_index("ix_incident_timeline_incident", "incident_timeline", ["incident", "at", "seq"])
    made = sa.text("source <> ''")
    op.create_index(
        "uq_incident_timeline_source", "incident_timeline", ["incident", "source"],
        unique=True, sqlite_where=made, postgresql_where=made,
    )  # fmt: skip


def _links() -> None:
    op.create_table(
        "incident_links",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("kind", Key(), nullable=False),
        sa.Column("target", Key(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_incident_links"),
    )
    op.create_index("uq_incident_links_target", "incident_links", ["incident", "target"], unique=True)


def _audit() -> None:
    op.add_column("action_tokens", sa.Column("put_at", Instant(), nullable=True))
    op.add_column("audit", sa.Column("before", Json(), nullable=True))
    op.add_column("audit", sa.Column("after", Json(), nullable=True))
    op.add_column("audit", sa.Column("seal", sa.BigInteger(), nullable=True))
    unsealed = sa.text("seal IS NULL")
    op.create_index("ix_audit_unsealed", "audit", ["id"], sqlite_where=unsealed, postgresql_where=unsealed)
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.Column("previous", Key(), nullable=False),
        sa.Column("hash", Key(), nullable=False),
        sa.Column("salts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_seals"),
        sa.UniqueConstraint("hash", name="uq_audit_seals_hash"),
        sa.UniqueConstraint("record", name="uq_audit_seals_record"),
    )
    op.create_table(
        "audit_chain",
        sa.Column("end", Key(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", Key(), nullable=False),
        sa.PrimaryKeyConstraint("end", name="pk_audit_chain"),
    )
    op.create_table(
        "leases",
        sa.Column("name", Key(), nullable=False),
        sa.Column("holder", Key(), nullable=False),
        sa.Column("claimed_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _people() -> None:
    op.create_table(
        "account_links",
        sa.Column("first", Key(), nullable=False),
        sa.Column("second", Key(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("unlinked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("first", "second", name="pk_account_links"),
    )
    op.create_index("ix_account_links_second", "account_links", ["second"])


def _heard() -> None:
    op.create_table(
        "heard",
        sa.Column("lane", Key(), nullable=False),
        sa.Column("message", Key(), nullable=False),
        sa.Column("thread", Key(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("author", Key(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "message", name="pk_heard"),
    )
    op.create_index("ix_heard_author", "heard", ["author"])
    op.create_index("ix_heard_place", "heard", ["lane", "thread", "sent_at"])
    op.create_index("ix_heard_sent_at", "heard", ["sent_at"])


def _sealed() -> None:
    op.create_table(
        "sealed_values",
        sa.Column("reference", Key(), nullable=False),
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sealed_values"),
    )
    op.create_index("ix_sealed_values_run_id", "sealed_values", ["run_id"])
