"""What people meant by sentences that were not understood for sure."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Key, Words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add; a replica of the version before goes on writing."""
    op.create_table(
        "corrections",
        sa.Column("account", Key(), nullable=False),
        sa.Column("folded", Key(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("guessed", Key(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("meant", Key(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "folded", name="pk_corrections"),
    )


def downgrade() -> None:
    """Remove, with everything in it."""
    op.drop_table("corrections")
