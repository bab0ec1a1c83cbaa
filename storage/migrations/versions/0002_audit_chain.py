"""The hash chain over the audit, what a change changed, leases, and the age of buttons."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add; a replica of the version before goes on writing."""
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


def downgrade() -> None:
    """Remove; seals are lost."""
    for table in ("leases", "audit_chain", "audit_seals"):
        op.drop_table(table)
    op.drop_index("ix_audit_unsealed", "audit")
    for table, column in (("audit", "seal"), ("audit", "after"), ("audit", "before"), ("action_tokens", "put_at")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
