"""Tools over the delivery service."""

import asyncio
from collections.abc import Mapping

from core.errors import UpstreamRejected
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult, ValueType
from integrations.delivery.client import SERVICE, DeliveryClient, Operation

_POLL = 0.2
"""Seconds between looks at an operation."""
_ON_SERVICE = {
    "service": ToolParameter(description="which service"),
    "environment": ToolParameter(description="production, staging or development"),
}
_VERSION = {"version": ToolParameter(description="which version")}
_ON_HOST = {"host": ToolParameter(description="which host")}

Given = Mapping[str, str | int | float | bool]


def tools(client: DeliveryClient) -> list[Tool]:
    """All tools of this integration."""
    return [
        FunctionTool(
            "delivery.services",
            "List the services",
            Risk.READ,
            lambda _given, _context: _services(client),
            outputs={"services": ValueType.STRING},
        ),
        FunctionTool(
            "delivery.status",
            "Say which version of a service runs in an environment",
            Risk.READ,
            lambda given, _context: _status(client, given),
            parameters=_ON_SERVICE,
            outputs=dict.fromkeys(("version", "deployed_at", "deployed_by"), ValueType.STRING),
        ),
        _operation(client, "preflight", "Check that a version can be deployed", Risk.READ, _ON_SERVICE | _VERSION),
        _operation(client, "deploy", "Deploy a version of a service", Risk.WRITE, _ON_SERVICE | _VERSION),
        _operation(client, "verify", "Check that a service is healthy after a deploy", Risk.READ, _ON_SERVICE),
        _operation(client, "drain", "Take a host out of service", Risk.WRITE, _ON_HOST),
        _operation(client, "upgrade", "Upgrade the software of a host", Risk.DESTRUCTIVE, _ON_HOST),
        _operation(client, "undrain", "Put a host back into service", Risk.WRITE, _ON_HOST),
    ]


async def _services(client: DeliveryClient) -> ToolResult:
    names = await client.services()
    return ToolResult(outputs={"services": ",".join(names)}, text=f"{len(names)} services")


async def _status(client: DeliveryClient, given: Given) -> ToolResult:
    found = await client.deployed(str(given["service"]), str(given["environment"]))
    outputs = {name: str(found.get(name) or "") for name in ("version", "deployed_at", "deployed_by")}
    return ToolResult(outputs=dict(outputs), text=f"version {outputs['version']}")


def _operation(
    client: DeliveryClient, kind: str, summary: str, risk: Risk, parameters: Mapping[str, ToolParameter]
) -> FunctionTool:
    async def run(given: Given, context: ToolContext) -> ToolResult:
        return await _follow(client, kind, given, context)

    return FunctionTool(
        f"delivery.{kind}", summary, risk, run, parameters=parameters, outputs={"version": ValueType.STRING}
    )


async def _follow(client: DeliveryClient, kind: str, given: Given, context: ToolContext) -> ToolResult:
    """Begin the operation (or find it again by its key) and report its progress until it is over."""
    operation = await client.begin(kind, dict(given), key=context.idempotency_key)
    while not operation.over:
        await context.progress(operation.progress, operation.message)
        await asyncio.sleep(_POLL)
        operation = await client.operation(operation.id)
    return _result(operation)


def _result(operation: Operation) -> ToolResult:
    if operation.state != "succeeded":
        raise UpstreamRejected(
            SERVICE, operation.message or f"The operation {operation.state}.", reason=operation.state
        )
    return ToolResult(outputs={"version": str(operation.result.get("version", ""))}, text=operation.message)
