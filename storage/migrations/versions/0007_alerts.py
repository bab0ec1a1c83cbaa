"""Groups of alerts that other systems tell of."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json, Key

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add; a replica of the version before takes no alerts."""
    op.create_table(
        "alert_groups",
        sa.Column("id", Key(), nullable=False),
        sa.Column("name", Key(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", Key(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_groups"),
        sa.UniqueConstraint("name", "generation", name="uq_alert_groups_name"),
    )
    op.create_index("ix_alert_groups_state", "alert_groups", ["state", "last_seen"])


def downgrade() -> None:
    """Remove."""
    op.drop_table("alert_groups")
