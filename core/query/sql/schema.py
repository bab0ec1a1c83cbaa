"""The tables that may be asked, as they are documented. What they are made of is up to the subqueries of `restrict`."""

from enum import StrEnum

from core.incidents.incident import CLOSED, Status
from core.workflow.run import RunStatus


class Dialect(StrEnum):
    """Databases that records are kept in; the values are sqlglot's names."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


TABLES: dict[str, tuple[str, ...]] = {
    "incidents": ("id", "title", "severity", "status", "service", "created_at", "resolved_at"),
    "workflow_runs": ("id", "workflow", "status", "started_at", "finished_at", "triggered_by"),
    "messages": ("id", "session_id", "role", "content", "created_at"),
}
"""Table → columns. Times are UTC: `timestamptz` in PostgreSQL, text that SQLite's `datetime()` reads in SQLite."""

INCIDENT_STATUSES = tuple(str(status) for status in Status)
CLOSED_STATUSES = tuple(sorted(str(status) for status in CLOSED))
REJECTED = "rejected"
"""What the table says of runs that people denied."""
RUN_STATUSES = tuple(REJECTED if status is RunStatus.DENIED else str(status) for status in RunStatus)
