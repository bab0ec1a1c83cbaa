"""Groups of alerts as JSON, the way they are stored."""

from pydantic import TypeAdapter

from core.alerts.group import AlertGroup

_GROUP: TypeAdapter[AlertGroup] = TypeAdapter(AlertGroup)


def dump_group(group: AlertGroup) -> bytes:
    """JSON for the records."""
    return _GROUP.dump_json(group)


def load_group(data: bytes | str) -> AlertGroup:
    """Read back `dump_group`; pydantic.ValidationError if it is something else."""
    return _GROUP.validate_json(data)
