"""What workflows may do to incidents."""

from collections.abc import Awaitable, Callable, Mapping

from core.actors import Actor, Standing
from core.errors import NotFoundError
from core.incidents import service
from core.incidents.lifecycle import Obstacle
from core.incidents.service import Done, Means, NotDone, Seen
from core.messages import Account, Platform
from core.ports.clock import Clock
from core.ports.records import Records, Transaction
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult
from core.workflow.signals import Origin
from core.workflow.trail import SYSTEM

PostsUpdate = Callable[[str, str, ToolContext], Awaitable[ToolResult]]
"""Takes the incident's id and the text."""

_COPILOT = Actor(Account(Platform.API, "", SYSTEM), "Copilot", Standing.MEMBER)


def tools(post_update: PostsUpdate) -> list[Tool]:
    """All tools over incidents."""

    async def update(given: Mapping[str, str | int | float | bool], context: ToolContext) -> ToolResult:
        return await post_update(str(given["incident"]), str(given["text"]), context)

    return [
        FunctionTool(
            "incident.update",
            "Write an update for everybody who follows an incident",
            Risk.WRITE,
            update,
            parameters={
                "incident": ToolParameter(description="such as INC-42"),
                "text": ToolParameter(description="what to say"),
            },
        )
    ]


def updates(records: Records, clock: Clock, means: Means) -> PostsUpdate:
    """Updates on the record, one for each idempotency key. A private incident is not found: a run is seen by others than its members."""

    async def post(incident: str, text: str, context: ToolContext) -> ToolResult:
        def unit(tx: Transaction) -> Done | NotDone:
            origin = Origin(clock.now(), correlation=context.correlation)
            seen, key = Seen(frozenset()), context.idempotency_key
            return service.post_update(tx, means, incident, text, _COPILOT, seen, origin=origin, source=key)

        done = await records.write(unit)
        if isinstance(done, NotDone) and done.obstacle is not Obstacle.SAME:
            raise NotFoundError(f"There is no incident {incident} that a workflow may know of.")
        return ToolResult(text=f"{incident} updated")

    return post


async def unposted(_incident: str, _text: str, _context: ToolContext) -> ToolResult:
    """For looking at workflows without records."""
    raise NotFoundError("There are no incidents here.")
