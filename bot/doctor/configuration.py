"""The settings and the workflow definitions."""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime

from bot.bootstrap import workflows
from bot.doctor.findings import Finding, ok, problem, warning
from bot.settings import Settings, place
from core.errors import DefinitionError
from core.messages import Platform
from core.workflow.catalogue import Catalogue
from core.workflow.definition import Definition, Schedule
from core.workflow.happenings import INCIDENT_OPENED, INCIDENT_RESOLVED, WEBHOOK
from core.workflow.scheduler import describe, upcoming
from core.workflow.starts import Starting
from core.workflow.steps.wait import WaitStep


async def settings(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What is valid but hardly meant."""
    for finding in judge_settings(settings):
        yield finding


def judge_settings(settings: Settings) -> list[Finding]:
    """What the settings say of themselves."""
    found: list[Finding] = []
    if not (settings.slack.enabled or settings.discord.enabled):
        fix = "Set slack.enabled or discord.enabled with its tokens; try `copilot demo` without any."
        found.append(problem("No platform is enabled.", "Nobody can talk to the bot.", fix))
    if not settings.roles:
        fix = "Give roles under [roles] in copilot.toml, by account id."
        found.append(warning("Nobody has a role.", "People may ask, but not run or approve anything.", fix))
    given = {role for roles in settings.roles.values() for role in roles}
    if unknown := sorted(given - set(settings.permissions) - {"approver"}):
        fix = "Add them under [permissions], or mend the names under [roles]."
        found.append(warning(f"No permissions are set for: {', '.join(unknown)}.", "These roles allow nothing.", fix))
    if not settings.approval_channels:
        fix = "Set approval_channels, such as slack:T0123/C0456."
        found.append(warning("approval_channels is empty.", "Approvals are asked for where a run was started.", fix))
    return found or [ok("The settings are valid.")]


async def definitions(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The workflow definitions."""
    try:
        found = workflows(settings, settings.workflows)
    except DefinitionError as error:
        fix = "Mend the lines that are named; `copilot check` shows them again."
        yield problem(error.message, "The bot does not start with them.", fix)
    else:
        yield ok(f"The workflows are valid: {', '.join(found.names())}.")


async def starts(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What starts runs by itself: schedules and events."""
    try:
        found = workflows(settings, settings.workflows)
    except DefinitionError:
        return
    for finding in judge_starts(settings, found, datetime.now(UTC)):
        yield finding


def judge_starts(settings: Settings, catalogue: Catalogue, now: datetime) -> list[Finding]:
    """When schedules come next, where their runs are shown, and whether the events that workflows want can come in."""
    starting = Starting(catalogue, place(settings.run_channel) if settings.run_channel else None)
    found: list[Finding] = []
    for definition in catalogue:
        found += [_next(definition, schedule, now) for schedule in definition.schedules]
        found += _shown(settings, starting, definition)
        for kind in sorted(_kinds(definition)):
            name = kind.removeprefix(WEBHOOK)
            if kind.startswith(WEBHOOK) and name not in settings.hooks:
                what = f"{definition.name} wants the event {kind}, and that hook has no secret."
                fix = f"Set a secret for {name} under [hooks], and give it to the sender."
                found.append(problem(what, f"What is sent to /hooks/{name} is refused.", fix))
    return found or [ok("No workflow starts by itself.")]


def _next(definition: Definition, schedule: Schedule, now: datetime) -> Finding:
    times = upcoming(schedule, now, 1)
    if times:
        return ok(f"{definition.name} starts next at {times[0]} ({describe(schedule)}).")
    what = f"The {describe(schedule)} of {definition.name} never comes."
    return warning(what, "It starts nothing.", "Mend its day and month.")


def _shown(settings: Settings, starting: Starting, definition: Definition) -> Iterator[Finding]:
    somewhere = {trigger.event for trigger in definition.triggers} - {INCIDENT_OPENED, INCIDENT_RESOLVED}
    channel = starting.place(definition)
    connected = {Platform.SLACK: settings.slack.enabled, Platform.DISCORD: settings.discord.enabled}
    fix = f"Set run_channel, or `channel` in {definition.name}, such as slack:T0123/C0456."
    if channel is None and (definition.schedules or somewhere):
        what = f"Runs of {definition.name} that nobody asked for are shown nowhere."
        yield warning(what, "Nobody sees what they do, but for approvals.", fix)
    elif channel is not None and not connected.get(channel.platform, False):
        what = f"Runs of {definition.name} are to be shown in {channel}, and {channel.platform} is not enabled."
        yield problem(what, "Nobody sees what they do.", fix)


def _kinds(definition: Definition) -> set[str]:
    """The events that a workflow starts at or waits for."""
    awaited = {step.event for step in definition.steps if isinstance(step, WaitStep) and step.event}
    return awaited | {trigger.event for trigger in definition.triggers}
