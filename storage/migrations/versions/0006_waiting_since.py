"""How long a message waits to be sent, however often it was tried meanwhile."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add; what a replica of the version before puts says nothing, and counts from when it is due."""
    op.add_column("outbox", sa.Column("put_at", Instant(), nullable=True))


def downgrade() -> None:
    """Remove; a message that is tried again counts from its next attempt."""
    op.drop_column("outbox", "put_at")
