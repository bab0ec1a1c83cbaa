"""`copilot check`: settings and workflow definitions, before they are used."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.bootstrap import toolbox, workflows
from bot.roles import read
from bot.settings import describe_options, load
from core.errors import NotFoundError
from core.workflow.definition import Definition
from core.workflow.scheduler import describe, upcoming
from core.workflow.schema import schema
from core.workflow.steps.approval import ApprovalStep

_SHOWN = 3
"""Times of each schedule."""


def run(paths: list[Path], config: Path | None, options: bool, as_schema: bool) -> None:
    """Check what is configured, or the paths that are named; or print what there is to write."""
    if options:
        _list_options()
        return
    if as_schema:
        print(json.dumps(schema(toolbox(load(config))), indent=1, ensure_ascii=False))
        return
    settings = load(config)
    roles = read(settings)
    if missing := [path for path in paths if not path.exists()]:
        raise NotFoundError(f"There is no {missing[0]}.")
    found = workflows(settings, paths or settings.workflows)
    print(f"Settings are valid. Workflows: {', '.join(found.names())}. Roles: {', '.join(sorted(roles.grants))}.")
    now = datetime.now(UTC)
    for definition in found:
        print("\n".join(_about(definition, now)))


def _about(definition: Definition, now: datetime) -> Iterator[str]:
    """What whoever reviews a workflow wants to know at a glance."""
    steps, gates = definition.steps, [step for step in definition.steps if isinstance(step, ApprovalStep)]
    yield f"{definition.name} {definition.version}: {definition.title}"
    yield f"  {len(steps)} {'step' if len(steps) == 1 else 'steps'}, risk {definition.risk}"
    for gate in gates:
        quorums = {"": gate.quorum, **gate.environments}
        said = (f"{name}{': ' if name else ''}{one}" for name, one in quorums.items())
        yield f"  {gate.id}: {'; '.join(said)}"
    for schedule in definition.schedules:
        yield f"  {describe(schedule)}: {', '.join(upcoming(schedule, now, _SHOWN)) or 'never'}"
    for trigger in definition.triggers:
        match = f" where {trigger.match.text}" if trigger.match else ""
        yield f"  on {trigger.event}{match}, {trigger.at_most} times in {trigger.per_seconds:.0f} s at most"


def _list_options() -> None:
    table = Table("setting", "default", "what it is")
    for name, default, text in describe_options():
        table.add_row(name, default, text)
    Console().print(table)
