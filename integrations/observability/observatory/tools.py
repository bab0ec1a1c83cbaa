"""Tools over LLM-Observatory's unified service: what workflows wait for or check, and what they tell it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.errors import UpstreamRejected
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult, ValueType
from integrations.observability.observatory.unified import SERVICE, UnifiedClient, Violation

_SERVICE = {"service": ToolParameter(description="whose objectives")}
_OBSERVED = {
    "event": ToolParameter(description="what kind of thing happened, such as deploy"),
    "text": ToolParameter(description="what happened"),
}

Given = Mapping[str, str | int | float | bool]


def tools(client: UnifiedClient) -> list[Tool]:
    """All tools of this integration."""
    return [
        FunctionTool(
            "observatory.violations",
            "Say which objectives a service does not meet",
            Risk.READ,
            lambda given, _context: _violations(client, given),
            parameters=_SERVICE,
            outputs={"count": ValueType.NUMBER, "names": ValueType.STRING},
        ),
        FunctionTool(
            "observatory.require_objectives",
            "Fail when a service does not meet its objectives",
            Risk.READ,
            lambda given, _context: _require(client, given),
            parameters=_SERVICE,
        ),
        FunctionTool(
            "observatory.observe",
            "Tell LLM-Observatory what happened",
            Risk.WRITE,
            lambda given, context: _observe(client, given, context),
            parameters=_OBSERVED,
            idempotent=False,
        ),
    ]


async def _violations(client: UnifiedClient, given: Given) -> ToolResult:
    found = await _of(client, str(given["service"]))
    names = ", ".join(one.slo or "an objective without a name" for one in found)
    return ToolResult(
        outputs={"count": len(found), "names": names}, text=f"not met: {names}" if found else "all objectives are met"
    )


async def _require(client: UnifiedClient, given: Given) -> ToolResult:
    found = await _violations(client, given)
    if found.outputs["count"]:
        raise UpstreamRejected(SERVICE, f"Of {given['service']} is {found.text}.", reason="violated")
    return ToolResult(text=found.text)


async def _of(client: UnifiedClient, service: str) -> list[Violation]:
    return [one for one in await client.violations() if one.service.lower() == service.lower()]


async def _observe(client: UnifiedClient, given: Given, context: ToolContext) -> ToolResult:
    payload = {"text": str(given["text"])}
    await client.observe("copilot", str(given["event"]), context.idempotency_key, datetime.now(UTC), payload)
    return ToolResult(text="told LLM-Observatory")
