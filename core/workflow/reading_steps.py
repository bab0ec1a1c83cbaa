"""How each step type that holds no others is read from its YAML section."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.tools import Risk, Tool, ValueType
from core.workflow.expressions import word
from core.workflow.happenings import unknown
from core.workflow.reading_inputs import Reach, event_names
from core.workflow.source import Section, near
from core.workflow.steps.action import LONGEST_DELAY, ActionStep, Poll, Retry, Undo
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.common import Expression
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import LONGEST_WAIT, WaitStep

Base = dict[str, Any]
"""The fields of `StepBase`."""
Simple = ActionStep | ApprovalStep | ConditionStep | WaitStep
ReadsStep = Callable[[Base, Section, Reach], Simple]

CODES = ("TIMEOUT", "DEPENDENCY_FAILURE", "SERVICE_UNAVAILABLE", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "CONFLICT")
"""Failures that a definition may ask to be repeated."""
WAYS = ("for", "until", "event", "check")
"""What a wait may wait for."""


def read_action(base: Base, section: Section, reach: Reach) -> ActionStep:
    """Read a step of the type `action`."""
    tool = _tool(section, reach)
    return ActionStep(
        **base,
        tool=section.text("tool"),
        risk=tool.risk if tool else Risk.READ,
        inputs=reach.inputs(section, tool),
        retry=_retry(section.section("retries")),
        time_limit_seconds=section.duration("time_limit", 300.0),
        idempotent=tool.idempotent if tool else True,
        compensate=_undo(section.section("compensate"), reach),
    )


def read_condition(base: Base, section: Section, reach: Reach) -> ConditionStep:
    """Read a step of the type `condition`; what stands under `then` and `else` is read by `core.workflow.reading_graph`."""
    expression = reach.condition(section, "if")
    if expression is None:
        section.fault("if", 'is missing: an expression such as parameters.environment == "production"')
    return ConditionStep(**base, expression=expression or Expression("true"))


def read_wait(base: Base, section: Section, reach: Reach) -> WaitStep | ActionStep:
    """Read a step of the type `wait`."""
    ways = [way for way in WAYS if section.has(way)]
    if len(ways) != 1:
        section.fault(ways[1] if ways else "type", f"waits for exactly one of {', '.join(WAYS)}")
    if section.has("check"):
        return _check(base, section, reach)
    limit = section.duration("time_limit", LONGEST_WAIT)
    until = section.text("until")
    return WaitStep(
        **base,
        seconds=section.duration("for", 0.0) if section.has("for") else None,
        until=reach.parts(section, "until", until)[0] if until else None,
        timezone=timezone(section),
        event=event(section) if section.has("event") else "",
        match=reach.condition(section, "match", event_names(section.text("match"))),
        time_limit_seconds=limit,
    )


def event(section: Section) -> str:
    """The kind of an event."""
    kind = section.text("event", required=True)
    if kind and (fault := unknown(kind)):
        section.fault("event", fault)
    return kind


def timezone(section: Section) -> str:
    """The name of a time zone; UTC where none is given."""
    name = section.text("timezone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.fault("timezone", f"{name!r} is no time zone such as Europe/Berlin")
        return "UTC"
    return name


def _check(base: Base, section: Section, reach: Reach) -> ActionStep:
    """A question that is asked until the answer will do."""
    inner = section.section("check")
    if inner is None:
        return ActionStep(**base, tool="", risk=Risk.READ)
    tool = _tool(inner, reach)
    if tool and tool.risk is not Risk.READ:
        inner.fault("tool", f"{tool.name} changes something; a check may only read")
    names: dict[str, ValueType | str] = {
        f"outputs.{word(name)}": type_ for name, type_ in (tool.outputs.items() if tool else ())
    }
    holds = reach.condition(inner, "holds", names)
    if holds is None:
        inner.fault("holds", "is missing: an expression over outputs.NAME")
    step = ActionStep(
        **base,
        tool=inner.text("tool"),
        risk=Risk.READ,
        inputs=reach.inputs(inner, tool),
        time_limit_seconds=section.duration("time_limit", 3600.0),
        poll=Poll(holds or Expression("true"), inner.duration("every", 30.0)),
    )
    inner.close()
    return step


def _tool(section: Section, reach: Reach) -> Tool | None:
    name = section.text("tool", required=True)
    tool = reach.scope.tools.find(name)
    if tool is None and name:
        section.fault("tool", f"{name} is unknown{near(name, reach.scope.tools.names())}")
    return tool


def _undo(section: Section | None, reach: Reach) -> Undo | None:
    if section is None:
        return None
    tool = _tool(section, reach)
    undo = Undo(
        tool=section.text("tool"),
        risk=tool.risk if tool else Risk.READ,
        inputs=reach.inputs(section, tool),
        idempotent=tool.idempotent if tool else True,
    )
    section.close()
    return undo


def _retry(section: Section | None) -> Retry:
    if section is None:
        return Retry()
    codes = section.texts("on")
    for code in codes:
        if code not in CODES:
            section.fault("on", f"{code} is none of {', '.join(CODES)}{near(code, CODES)}")
    jitter = section.integer("jitter", 0, least=0, most=100)
    retry = Retry(
        section.integer("count", 0, least=0, most=20),
        section.duration("backoff", 2.0),
        section.duration("longest", LONGEST_DELAY),
        jitter / 100,
        codes,
    )
    section.close()
    return retry
