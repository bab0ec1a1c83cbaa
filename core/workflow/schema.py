"""The JSON Schema of workflow files, for editors: made from the same lists and patterns that the readers use. What only reading can
tell (references, circles, types of expressions) is told by `copilot check`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.tools import Toolbox
from core.workflow.definition import CatchUp, Overlap, ParameterType
from core.workflow.durations import DURATION
from core.workflow.happenings import KINDS, WEBHOOK
from core.workflow.reading import VERSION
from core.workflow.reading_graph import BLOCKS, MAX_AT_ONCE, SIMPLE_STEPS, STEP_TYPES
from core.workflow.reading_starts import MAX_AT_ONCE as MAX_RUNS
from core.workflow.reading_steps import CODES, WAYS
from core.workflow.source import NAME
from core.workflow.steps.common import OnFailure

Json = dict[str, Any]

_SCALAR: Json = {"type": ["string", "number", "boolean"]}
_TEXT = _SCALAR
"""Numbers are taken as written."""
_TEXTS: Json = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_CONDITION: Json = {**_TEXT, "description": 'An expression: parameters.environment == "production"'}
_DURATION: Json = {"type": "string", "pattern": f"^(?=.){DURATION}$", "description": "90s, 30m, 24h, 2d or 1h30m"}
_NAME: Json = {"type": "string", "pattern": f"^{NAME}$"}
_STEPS: Json = {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}}
_DECIDED_BY: Json = {"anyOf": [{"required": [who]} for who in ("roles", "people", "groups")]}
_WITH: Json = {"type": "object", "additionalProperties": _SCALAR}


def schema(tools: Toolbox) -> Json:
    """Draft 7, which editors know best; `tools`: those that steps may call, with their inputs."""
    top = _mapping(
        {
            "name": _NAME,
            "version": {"type": "string", "pattern": f"^{VERSION}$", "description": "Semantic: 1.4.0"},
            "title": _TEXT,
            "description": _TEXT,
            "parameters": {
                "type": "object",
                "propertyNames": {"pattern": f"^{NAME}$"},
                "additionalProperties": {"$ref": "#/definitions/parameter"},
            },
            "roles": {**_TEXTS, "description": "Holders of any of these may start it."},
            "on_failure": _one_of(OnFailure),
            "time_limit": _DURATION,
            "concurrency": _mapping({"limit": _whole(1, MAX_RUNS), "key": _TEXT}),
            "schedules": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/schedule"}},
            "triggers": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/trigger"}},
            "channel": {"type": "string", "description": "platform:workspace/CHANNEL, for runs that nobody asked for"},
            "steps": _STEPS,
        },
        required=("name", "version", "title", "steps"),
    )
    definitions = {"step": _step(), "parameter": _parameter(), "schedule": _schedule(), "trigger": _trigger()}
    definitions["inputs"] = _inputs(tools)
    definitions |= _kinds(_call(tools))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A workflow of Copilot",
        **top,
        "definitions": definitions,
    }


# --- steps -----------------------------------------------------------------------------------------------


def _step() -> Json:
    """Its type says which keys it may have."""
    ways = [
        {
            "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
            "then": {"$ref": f"#/definitions/{kind}"},
        }
        for kind in STEP_TYPES
    ]
    return {
        "type": "object",
        "required": ["id", "type"],
        "properties": {"type": _one_of(STEP_TYPES)},
        "allOf": ways,
    }


def _base(kind: str) -> Json:
    when = _mapping({"parameter": _NAME, "in": _TEXTS}, required=("parameter", "in"))
    return {
        "id": _NAME,
        "type": {"const": kind},
        "title": _TEXT,
        "needs": {**_TEXTS, "description": "Steps that must be over; without it the one before."},
        "when": {"anyOf": [_CONDITION, when]},
        "on_failure": _one_of(OnFailure),
    }


def _kinds(call: Json) -> dict[str, Json]:
    """Each type of step with its keys."""
    keys: dict[str, tuple[Json, tuple[str, ...]]] = {
        "action": ({**call["properties"], **_action(call)}, ("tool",)),
        "approval": (_approval(), ()),
        "condition": ({"if": _CONDITION, "then": _STEPS, "else": _STEPS}, ("if",)),
        "wait": (_wait(call), ()),
        "parallel": (_parallel(), ("branches",)),
        "loop": ({"over": _TEXTS, "at_once": _whole(1, MAX_AT_ONCE), "steps": _STEPS}, ("over", "steps")),
        "workflow": ({"workflow": _NAME, "with": _WITH}, ("workflow",)),
    }
    made = {}
    for kind in (*SIMPLE_STEPS, *BLOCKS):
        own, required = keys[kind]
        made[kind] = _mapping({**_base(kind), **own}, required=("id", "type", *required))
    made["action"]["allOf"] = call["allOf"]
    made["approval"] |= _DECIDED_BY
    made["wait"]["oneOf"] = [{"required": [way]} for way in WAYS]
    return made


def _call(tools: Toolbox) -> Json:
    """A tool and its inputs."""
    return {"properties": {"tool": _one_of(tools.names()), "with": _WITH}, "allOf": [{"$ref": "#/definitions/inputs"}]}


def _inputs(tools: Toolbox) -> Json:
    """The tool says which inputs there are."""
    known = []
    for tool in sorted(tools, key=lambda tool: tool.name):
        named = {name: {**_SCALAR, "description": one.description} for name, one in tool.parameters.items()}
        required = [name for name, one in tool.parameters.items() if one.required]
        then: Json = {"properties": {"with": _mapping(named, required=required)}}
        if required:
            then["required"] = ["with"]
        known.append({"if": {"properties": {"tool": {"const": tool.name}}, "required": ["tool"]}, "then": then})
    return {"allOf": known}


def _action(call: Json) -> Json:
    retries = {
        "count": _whole(0, 20),
        "backoff": _DURATION,
        "longest": _DURATION,
        "jitter": {**_whole(0, 100), "description": "Percent of the delay that chance may take away"},
        "on": {"anyOf": [_one_of(CODES), {"type": "array", "items": _one_of(CODES)}]},
    }
    undo = _mapping(call["properties"], required=("tool",)) | {"allOf": call["allOf"]}
    return {"retries": _mapping(retries), "time_limit": _DURATION, "compensate": undo}


def _approval() -> Json:
    quorum = {"roles": _TEXTS, "people": _TEXTS, "groups": _TEXTS, "needed": _whole(1, 20)}
    return {
        **quorum,
        "environments": {"type": "object", "additionalProperties": _mapping(quorum) | _DECIDED_BY},
        "expires_after": _DURATION,
        "escalate_to": _TEXTS,
        "escalate_after": _DURATION,
        "self_approval": {"type": "boolean"},
        "channel": _TEXT,
        "not_by": {**_TEXTS, "description": "Gates whose approvers may not approve this one."},
        "deny_reason": _one_of(("required", "optional")),
        "quiet_hours": {"type": "string", "description": "none, or 22:00-07:00 Europe/Berlin"},
    }


def _wait(call: Json) -> Json:
    check = {**call["properties"], "holds": _CONDITION, "every": _DURATION}
    return {
        "for": _DURATION,
        "until": {**_TEXT, "description": "2026-03-02T09:00:00Z, or a time of day: 22:00"},
        "timezone": _TEXT,
        "event": _event(),
        "match": _CONDITION,
        "check": _mapping(check, required=("tool", "holds")) | {"allOf": call["allOf"]},
        "time_limit": _DURATION,
    }


def _parallel() -> Json:
    join = {
        "anyOf": [
            {"enum": ["all", "any"]},
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": "^[0-9]{1,3}$"},
        ]
    }
    return {"branches": {"type": "object", "minProperties": 2, "additionalProperties": _STEPS}, "join": join}


# --- what runs are begun with and by ---------------------------------------------------------------------


def _parameter() -> Json:
    return _mapping(
        {
            "type": _one_of(ParameterType),
            "required": {"type": "boolean"},
            "default": _SCALAR,
            "choices": _TEXTS,
            "pattern": _TEXT,
            "description": _TEXT,
            "secret": {
                "type": "boolean",
                "description": "Masked wherever the run is shown, and kept out of its history.",
            },
        }
    )


def _schedule() -> Json:
    return _mapping(
        {
            "cron": {"type": "string", "description": "Five fields, as in crontab(5)"},
            "timezone": _TEXT,
            "parameters": _WITH,
            "overlap": _one_of(Overlap),
            "catch_up": _one_of(CatchUp),
        },
        required=("cron",),
    )


def _trigger() -> Json:
    at_most = _mapping({"runs": _whole(1, 1000), "per": _DURATION})
    keys = {"event": _event(), "match": _CONDITION, "parameters": _WITH, "at_most": at_most}
    return _mapping(keys, required=("event",))


def _event() -> Json:
    return {"anyOf": [_one_of(KINDS), {"type": "string", "pattern": f"^{re.escape(WEBHOOK)}{NAME}$"}]}


# --- parts -----------------------------------------------------------------------------------------------


def _mapping(properties: Mapping[str, Json], *, required: Iterable[str] = ()) -> Json:
    wanted = list(required)
    made: Json = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**made, "required": wanted} if wanted else made


def _one_of(values: Iterable[str]) -> Json:
    return {"enum": [str(value) for value in values]}


def _whole(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most}
