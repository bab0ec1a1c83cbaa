"""A table for the secret values of runs."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sealed_values",
        sa.Column("reference", Key(), nullable=False),
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sealed_values"),
    )
    op.create_index("ix_sealed_values_run_id", "sealed_values", ["run_id"])


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("sealed_values")
