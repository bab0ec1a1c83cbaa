"""What workflows may do to alerts."""

from collections.abc import Awaitable, Callable, Mapping

from core.actors import By
from core.alerts.silences import UNCONNECTED, begin, kept
from core.errors import NotFoundError, UpstreamRejected
from core.messages import Account, Platform
from core.ports.clock import Clock
from core.ports.records import Records, StoredGroup, Transaction
from core.ports.telemetry import AlertManager
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult, ValueType
from core.workflow.trail import SYSTEM

BeginsSilence = Callable[[str, ToolContext], Awaitable[ToolResult]]
"""Takes the id of a group."""
Shows = Callable[[Transaction, StoredGroup], object]
"""Brings the cards of a group up to date."""

_COPILOT = By(Account(Platform.API, "", SYSTEM), "Copilot")


def tools(begin_silence: BeginsSilence) -> list[Tool]:
    """All tools over alerts."""

    async def silence(given: Mapping[str, str | int | float | bool], context: ToolContext) -> ToolResult:
        return await begin_silence(str(given["group"]), context)

    return [
        FunctionTool(
            "alerts.silence",
            "Keep the alerts of a group silent for two hours",
            Risk.WRITE,
            silence,
            parameters={"group": ToolParameter(description="the id that stands in the buttons of its card")},
            outputs={"until": ValueType.STRING},
        )
    ]


def silencing(records: Records, clock: Clock, manager: AlertManager | None, show: Shows) -> BeginsSilence:
    """Silences on the record, with the cards that show them. Two calls for a group make one silence."""

    async def keep_silent(group_id: str, _context: ToolContext) -> ToolResult:
        stored = await records.read(lambda tx: tx.alerts.get(group_id))
        if stored is None:
            raise NotFoundError("These alerts are not known any more.", hint="Press the button on a newer card.")
        if manager is None:
            raise UpstreamRejected("alertmanager", UNCONNECTED)
        group = stored.group
        silence = group.silenced(clock.now()) or await begin(
            manager, group_id, group, _COPILOT, clock, "agreed to in chat"
        )

        def unit(tx: Transaction) -> None:
            if stored := kept(tx, group_id, silence):
                show(tx, stored)

        await records.write(unit)
        until = silence.until.isoformat(timespec="seconds")
        return ToolResult(outputs={"until": until}, text=f"silent until {silence.until:%H:%M} UTC")

    return keep_silent


async def unconnected(_group: str, _context: ToolContext) -> ToolResult:
    """For looking at workflows without records."""
    raise NotFoundError("There are no alerts here.")
