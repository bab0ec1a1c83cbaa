"""The channels that settings and workflows name, and what for."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.bootstrap import workflows
from bot.settings import Settings, place
from core.errors import DefinitionError
from core.messages import Place, Platform
from core.workflow.starts import channel_of


@dataclass(frozen=True, slots=True)
class Use:
    """Why a channel matters."""

    where: str
    """It is named."""
    means: str
    """What follows when it cannot be used."""


APPROVALS = Use("approval_channels", "Approvals are not asked for there.")
_RUNS = "Runs that a schedule or an event starts are not shown there."


def named(settings: Settings, platform: Platform) -> list[tuple[Place, Use]]:
    """All of this platform, each once."""
    found: dict[Place, Use] = {}
    for where, use in _all(settings):
        if where.platform is platform:
            found.setdefault(where, use)
    return list(found.items())


def _all(settings: Settings) -> Iterator[tuple[Place, Use]]:
    for text in settings.approval_channels:
        yield place(text), APPROVALS
    if settings.run_channel:
        yield place(settings.run_channel), Use("run_channel", _RUNS)
    try:
        catalogue = workflows(settings, settings.workflows)
    except DefinitionError:
        # The check of the definitions tells of it.
        return
    for definition in catalogue:
        if channel := channel_of(definition):
            yield channel, Use(f"the workflow {definition.name}", _RUNS)
