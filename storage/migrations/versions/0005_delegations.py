"""Who lets whom decide approvals."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Key, Words

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add; a replica of the version before knows of no delegations, and lets nobody decide for another."""
    op.create_table(
        "delegations",
        sa.Column("giver", Key(), nullable=False),
        sa.Column("taker", Key(), nullable=False),
        sa.Column("giver_name", Words(), nullable=False),
        sa.Column("taker_name", Words(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("giver", "taker", name="pk_delegations"),
    )
    op.create_index("ix_delegations_taker", "delegations", ["taker"])


def downgrade() -> None:
    """Remove; everybody decides for themselves again."""
    op.drop_table("delegations")
