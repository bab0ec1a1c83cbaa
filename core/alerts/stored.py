"""Groups of alerts as JSON-compatible values, the way they are stored."""

from typing import Any

from pydantic import TypeAdapter

from core.alerts.group import AlertGroup

_GROUP: TypeAdapter[AlertGroup] = TypeAdapter(AlertGroup)


def dump_group(group: AlertGroup) -> dict[str, Any]:
    """For the records."""
    dumped: dict[str, Any] = _GROUP.dump_python(group, mode="json")
    return dumped


def load_group(data: dict[str, Any]) -> AlertGroup:
    """Read back `dump_group`; pydantic.ValidationError if it is something else."""
    return _GROUP.validate_python(data)
