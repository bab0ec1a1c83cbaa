"""Messages that were heard."""

import sqlalchemy as sa
from alembic import op

from storage.types import Key, Words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
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


def downgrade() -> None:
    """Drop the table, with everything in it."""
    op.drop_table("heard")
