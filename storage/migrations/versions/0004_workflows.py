"""Workflows that wait for their turn or for events, and what starts them."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Key, Words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add; a replica of the version before goes on writing."""
    op.add_column("runs", sa.Column("slot", Words(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("slot_limit", sa.Integer(), nullable=False, server_default="0"))
    open_runs = sa.text("finished_at IS NULL")
    op.create_index("ix_runs_open", "runs", ["started_at"], sqlite_where=open_runs, postgresql_where=open_runs)
    op.create_table(
        "run_waits",
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("step", Key(), nullable=False),
        sa.Column("event", Key(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "step", name="pk_run_waits"),
    )
    op.create_index("ix_run_waits_event", "run_waits", ["event"])
    op.create_table(
        "firings",
        sa.Column("starter", Key(), nullable=False),
        sa.Column("occasion", Key(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("run_id", Key(), nullable=False),
        sa.PrimaryKeyConstraint("starter", "occasion", name="pk_firings"),
    )
    op.create_index("ix_firings_at", "firings", ["at"])


def downgrade() -> None:
    """Remove; what waits for an event waits for its time limit then."""
    op.drop_table("firings")
    op.drop_table("run_waits")
    op.drop_index("ix_runs_open", "runs")
    for column in ("slot_limit", "slot"):
        with op.batch_alter_table("runs") as batch:
            batch.drop_column(column)
