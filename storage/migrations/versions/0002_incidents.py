"""Incidents, their timelines and links."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key, Words

revision = "0002"
down_revision = "0001"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
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
    _timeline()
    _links()


def downgrade() -> None:
    """Drop the tables, with everything in them."""
    for table in ("incident_links", "incident_timeline", "incidents"):
        op.drop_table(table)


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
