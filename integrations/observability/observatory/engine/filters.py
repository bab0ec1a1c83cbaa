"""The filters of `POST /api/v1/traces/search`: leaves and nodes, evaluated over columns."""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import numpy as np

from integrations.observability.observatory.engine.calls import NUMBERS, TEXTS, Calls, Column, Marks
from integrations.observability.observatory.engine.parameters import BadRequest, Undecodable, nanoseconds

_FIELDS: Mapping[str, str] = MappingProxyType({
    **{name: name for name in ("ts", *NUMBERS[:3], "total_cost_usd", "duration_ms", "error_message")},
    **{name: name for name in TEXTS if name not in ("org_id", "service_name", "span_name")},
    "input_cost_usd": "prompt_cost_usd",
    "output_cost_usd": "completion_cost_usd",
    "latency_ms": "duration_ms",
    "time_to_first_token_ms": "ttft_ms",
    **dict.fromkeys(("operation_type", "tokens_per_second", "tags", "metadata", "model_parameters"), ""),
})  # fmt: skip
"""What may be asked → its column; "" for what no call of the fake has."""
_ORDERING: Mapping[str, Callable[[Column, Any], Column]] = {
    "gt": np.greater,
    "gte": np.greater_equal,
    "lt": np.less,
    "lte": np.less_equal,
}
_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda value, wanted: wanted in value,
    "notcontains": lambda value, wanted: wanted not in value,
    "startswith": lambda value, wanted: value.startswith(wanted),
    "endswith": lambda value, wanted: value.endswith(wanted),
    "regex": lambda value, wanted: re.search(wanted, value) is not None,
    "search": lambda value, wanted: wanted.lower() in value.lower(),
}
OPERATORS = ("eq", "ne", *_ORDERING, "in", "notin", *_TEXTS)


def matching(calls: Calls, found: object) -> Marks:
    """Which calls a filter lets through."""
    if not isinstance(found, Mapping):
        raise Undecodable("data did not match any variant of untagged enum Filter")
    if "filters" in found:
        return _node(calls, found)
    if not {"field", "operator", "value"} <= found.keys() or found["operator"] not in OPERATORS:
        raise Undecodable("data did not match any variant of untagged enum Filter")
    return _leaf(calls, str(found["field"]), str(found["operator"]), found["value"])


def _node(calls: Calls, found: Mapping[str, Any]) -> Marks:
    operator, inner = found.get("operator"), found["filters"]
    if operator not in ("AND", "OR", "NOT") or not isinstance(inner, list):
        raise Undecodable("data did not match any variant of untagged enum Filter")
    if not inner:
        raise BadRequest("Invalid filter: Logical filter must have at least one sub-filter")
    if operator == "NOT" and len(inner) != 1:
        raise BadRequest("Invalid filter: NOT operator must have exactly one sub-filter")
    marks = [matching(calls, one) for one in inner]
    if operator == "NOT":
        return ~marks[0]
    return reduce(np.logical_and if operator == "AND" else np.logical_or, marks)


def _leaf(calls: Calls, field: str, operator: str, value: object) -> Marks:
    if field not in _FIELDS:
        raise BadRequest(f"Invalid filter: Invalid field name: {field}")
    column = calls.column(_FIELDS[field])
    if operator in _ORDERING:
        return _ordered(column, field, operator, value)
    if operator in _TEXTS:
        if not isinstance(value, str):
            raise BadRequest(f"Invalid filter: Operator {operator} requires a string value")
        holds = _TEXTS[operator]
        return np.array([one is not None and holds(str(one), value) for one in column], dtype=np.bool_)
    if operator in ("in", "notin"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise BadRequest(f"Invalid filter: Operator {operator} requires an array of strings")
        known = _known(column)
        within = np.array([one in value for one in column], dtype=np.bool_)
        return within if operator == "in" else known & ~within
    wanted = _moment(value) if field == "ts" else value
    equal = np.asarray(column == wanted, dtype=np.bool_)
    return equal if operator == "eq" else _known(column) & ~equal


def _ordered(column: Column, field: str, operator: str, value: object) -> Marks:
    wanted: object = _moment(value) if field == "ts" else value
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or column.dtype == object:
        raise BadRequest(f"Invalid filter: Operator {operator} requires a number or a timestamp")
    return np.asarray(_ORDERING[operator](column, wanted), dtype=np.bool_)


def _known(column: Column) -> Marks:
    """What is not null."""
    if column.dtype == object:
        return np.array([one is not None for one in column], dtype=np.bool_)
    return ~np.isnan(column)


def _moment(value: object) -> int:
    """Nanoseconds since the epoch."""
    try:
        return nanoseconds(str(value))
    except ValueError as error:
        raise BadRequest("Invalid filter: Field ts requires a timestamp") from error
