"""How a definition says when its runs begin by themselves, and how many may go on at once."""

from typing import TypeVar

from core.messages import Account
from core.workflow.cron import fault_of
from core.workflow.definition import CatchUp, Concurrency, Overlap, Parameter, Schedule, Trigger
from core.workflow.expressions import ExpressionError, check
from core.workflow.parameters import convert
from core.workflow.reading_inputs import compile_value, event_names, event_part, parameter_part
from core.workflow.reading_steps import event, timezone
from core.workflow.source import Section, near
from core.workflow.steps.common import Expression, Input, Scalar, as_text

T = TypeVar("T", Overlap, CatchUp)
Parameters = tuple[Parameter, ...]
MAX_AT_ONCE = 1000


def read_concurrency(section: Section | None, parameters: Parameters) -> Concurrency | None:
    """`concurrency: {limit, key}`."""
    if section is None:
        return None
    limit = section.integer("limit", 1, least=1, most=MAX_AT_ONCE)
    key: Input = ()
    if section.has("key"):
        try:
            key, _ = compile_value(section.text("key"), parameter_part(parameters))
        except ValueError as error:
            section.fault("key", str(error))
    section.close()
    return Concurrency(limit, key)


def read_channel(top: Section) -> str:
    """`channel`, as platform:workspace/CHANNEL."""
    channel = top.text("channel")
    try:
        return str(Account.parse(channel)) if channel else ""
    except ValueError:
        top.fault("channel", f"{channel!r} is no channel such as slack:T0123/C0456")
        return ""


def read_schedules(top: Section, parameters: Parameters) -> tuple[Schedule, ...]:
    """`schedules`, a list of when."""
    return tuple(_schedule(section, parameters) for section in _sections(top, "schedules", "schedule"))


def _schedule(section: Section, parameters: Parameters) -> Schedule:
    cron = section.text("cron", required=True)
    if reason := fault_of(cron) if cron else "":
        section.fault("cron", f"{cron!r} is no time as in crontab(5): {reason}")
    schedule = Schedule(
        cron=cron,
        timezone=timezone(section),
        parameters=_constants(section, parameters),
        overlap=_choice(section, "overlap", Overlap.SKIP),
        catch_up=_choice(section, "catch_up", CatchUp.LAST),
    )
    if schedule.catch_up is CatchUp.ALL and schedule.overlap is not Overlap.ALLOW:
        section.fault("catch_up", "all goes with `overlap: allow` only: the runs would be in each other's way")
    section.close()
    return schedule


def _choice(section: Section, key: str, default: T) -> T:
    kinds = type(default)
    written = section.text(key, default.value)
    if written not in list(kinds):
        section.fault(key, f"{written!r} is none of {', '.join(kinds)}{near(written, list(kinds))}")
        return default
    return kinds(written)


def _constants(section: Section, parameters: Parameters) -> dict[str, Scalar]:
    """Parameters as written, all that are required."""
    written = section.section("parameters")
    values: dict[str, Scalar] = {}
    for parameter in parameters:
        value = written.scalar(parameter.name) if written else None
        if value is None:
            if parameter.required and parameter.default is None:
                section.fault("parameters", f"lack {parameter.name}")
            continue
        if parameter.secret and written:
            written.fault(parameter.name, "is secret, and does not belong in a file")
        try:
            values[parameter.name] = convert(parameter, as_text(value))
        except ValueError as error:
            if written:
                written.fault(parameter.name, f"does not fit: {error}")
    if written:
        written.close()
    return values


def read_triggers(top: Section, parameters: Parameters) -> tuple[Trigger, ...]:
    """`triggers`, a list of events."""
    return tuple(_trigger(section, parameters) for section in _sections(top, "triggers", "trigger"))


def _trigger(section: Section, parameters: Parameters) -> Trigger:
    limit = section.section("at_most")
    trigger = Trigger(
        event=event(section),
        match=_match(section),
        parameters=_from_event(section, parameters),
        at_most=limit.integer("runs", 10, least=1, most=1000) if limit else 10,
        per_seconds=limit.duration("per", 3600.0) if limit else 3600.0,
    )
    if limit:
        limit.close()
    section.close()
    return trigger


def _match(section: Section) -> Expression | None:
    text = section.text("match")
    if not text:
        return None
    try:
        check(text, event_names(text))
    except ExpressionError as error:
        section.fault("match", f"{text!r}: {error.message}")
    return Expression(text)


def _from_event(section: Section, parameters: Parameters) -> dict[str, Input]:
    written = section.section("parameters")
    values: dict[str, Input] = {}
    for parameter in parameters:
        value = written.scalar(parameter.name) if written else None
        if value is not None and written:
            try:
                values[parameter.name], _ = compile_value(value, event_part)
            except ValueError as error:
                written.fault(parameter.name, str(error))
        elif parameter.required and parameter.default is None:
            section.fault("parameters", f"lack {parameter.name}")
    if written:
        written.close()
    return values


def _sections(top: Section, key: str, what: str) -> list[Section]:
    return top.sections(key, what) if top.has(key) else []
