"""Pictures of workflows and runs for a terminal: looked up, laid out, drawn here and now."""

from bot.bootstrap import workflows
from bot.operating import recorded
from bot.settings import Settings
from core.workflow.history import fold
from core.workflow.layout import Picture, of_definition, of_run
from integrations.charts.graph import draw as draw


async def picture(settings: Settings, name: str) -> Picture:
    """Of the run with this id as it stands, or of the workflow of this name; NotFoundError when there is neither."""
    if name.upper().startswith("RUN-"):
        return of_run(fold((await recorded(settings, name)).history))
    return of_definition(workflows(settings, settings.workflows).get(name))
