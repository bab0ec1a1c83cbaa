"""The digest of a plan: what an approval is given for. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from core.workflow.definition import Definition, Parameter
from core.workflow.steps.action import ActionStep, Retry
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.common import Scalar

_STEP = frozenset({"needs", "when"})
_EVER: Mapping[type, frozenset[str]] = {
    Definition: frozenset({"description", "parameters", "roles"}),
    Parameter: frozenset(field.name for field in fields(Parameter)),
    ActionStep: _STEP | {"inputs", "retry", "time_limit_seconds"},
    Retry: frozenset({"count", "backoff_seconds"}),
    ApprovalStep: _STEP
    | {
        "environments",
        "expires_after_seconds",
        "escalate_to",
        "escalate_after_seconds",
        "self_approval",
        "channel",
    },
    Quorum: frozenset({"roles", "needed"}),
}
"""Fields with defaults that count even where they hold them: those of the first version. Any later field is left out of a digest
while it holds its default, so that runs which began before keep theirs."""
_TAGS = frozenset({"kind", "type"})


def digest(definition: Definition, parameters: Mapping[str, Scalar]) -> str:
    """SHA-256 (hexadecimal) over the plan as canonical JSON: sorted keys, no spaces. Any change of either gives another."""
    plan = {"definition": _plain(definition), "parameters": dict(parameters)}
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def shorten(full: str) -> str:
    """The first 8 characters, to show to people."""
    return full[:8]


def _plain(value: Any) -> Any:  # noqa: ANN401 -- values of any type of a definition
    if is_dataclass(value):
        ever = _EVER.get(type(value), frozenset()) | _TAGS
        named = ((field, getattr(value, field.name)) for field in fields(value))
        return {f.name: _plain(inner) for f, inner in named if f.name in ever or inner != _default(f)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _default(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default
