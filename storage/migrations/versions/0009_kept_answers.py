"""Answers that people look at again."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Key

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add; a replica of the version before writes none."""
    op.create_table(
        "kept_answers",
        sa.Column("key", Key(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_until", "kept_answers", ["until"])


def downgrade() -> None:
    """Remove."""
    op.drop_table("kept_answers")
