"""What answers were made of."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add; a replica of the version before writes none."""
    op.create_table(
        "receipts",
        sa.Column("id", Key(), nullable=False),
        sa.Column("account", Key(), nullable=False),
        sa.Column("lane", Key(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_at", "receipts", ["at"])


def downgrade() -> None:
    """Remove."""
    op.drop_table("receipts")
