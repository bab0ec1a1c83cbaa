"""The settings and the workflow definitions."""

from collections.abc import AsyncGenerator

from bot.bootstrap import workflows
from bot.doctor.findings import Finding, ok, problem, warning
from bot.settings import Settings
from core.errors import DefinitionError


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
