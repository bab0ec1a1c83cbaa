"""Links between the accounts of one person."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "account_links",
        sa.Column("first", Key(), nullable=False),
        sa.Column("second", Key(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("unlinked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("first", "second", name="pk_account_links"),
    )
    op.create_index("ix_account_links_second", "account_links", ["second"])


def downgrade() -> None:
    """Drop it, with every link."""
    op.drop_table("account_links")
