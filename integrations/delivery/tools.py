"""Tools over the delivery service."""

import asyncio
from collections.abc import Mapping

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.times import ago
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult, ValueType
from integrations.delivery.client import SERVICE, DeliveryClient, Operation
from integrations.delivery.database_tools import database_tools

_POLL = 0.2
"""Seconds between looks at an operation."""
_ON_SERVICE = {
    "service": ToolParameter(description="which service"),
    "environment": ToolParameter(description="production, staging or development"),
}
_VERSION = {"version": ToolParameter(description="which version")}
_REPLICAS = {"replicas": ToolParameter(ValueType.NUMBER, description="how many")}
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
        FunctionTool(
            "delivery.health",
            "Say how a service does",
            Risk.READ,
            lambda given, _context: _health(client, given),
            parameters=_ON_SERVICE,
            outputs={
                "state": ValueType.STRING,
                "error_percent": ValueType.NUMBER,
                "replicas": ValueType.NUMBER,
            },
        ),
        FunctionTool(
            "delivery.require_health",
            "Fail when a service is degraded",
            Risk.READ,
            lambda given, _context: _require_health(client, given),
            parameters=_ON_SERVICE,
            outputs={"state": ValueType.STRING},
        ),
        FunctionTool(
            "delivery.last_change",
            "Say what was deployed last, what ran before, and how long ago that was",
            Risk.READ,
            lambda given, _context: _last_change(client, given),
            parameters=_ON_SERVICE,
            outputs={
                "version": ValueType.STRING,
                "previous": ValueType.STRING,
                "minutes_ago": ValueType.NUMBER,
            },
        ),
        _operation(client, "rollback", "Put an earlier version of a service back", Risk.WRITE, _ON_SERVICE | _VERSION),
        _operation(client, "scale", "Run a number of replicas of a service", Risk.WRITE, _ON_SERVICE | _REPLICAS),
        _operation(client, "preflight", "Check that a version can be deployed", Risk.READ, _ON_SERVICE | _VERSION),
        _operation(client, "deploy", "Deploy a version of a service", Risk.WRITE, _ON_SERVICE | _VERSION),
        _operation(client, "verify", "Check that a service is healthy after a deploy", Risk.READ, _ON_SERVICE),
        _operation(client, "drain", "Take a host out of service", Risk.WRITE, _ON_HOST),
        _operation(client, "upgrade", "Upgrade the software of a host", Risk.DESTRUCTIVE, _ON_HOST),
        _operation(client, "undrain", "Put a host back into service", Risk.WRITE, _ON_HOST),
        *database_tools(client),
    ]


async def _services(client: DeliveryClient) -> ToolResult:
    names = await client.services()
    return ToolResult(outputs={"services": ",".join(names)}, text=f"{len(names)} services")


async def _status(client: DeliveryClient, given: Given) -> ToolResult:
    found = await client.deployed(str(given["service"]), str(given["environment"]))
    outputs = {name: str(found.get(name) or "") for name in ("version", "deployed_at", "deployed_by")}
    return ToolResult(outputs=dict(outputs), text=f"version {outputs['version']}")


async def _health(client: DeliveryClient, given: Given) -> ToolResult:
    found = await client.health(str(given["service"]), str(given["environment"]))
    try:
        outputs: dict[str, str | int | float | bool] = {
            "state": str(found["state"]),
            "error_percent": float(found["error_percent"]),
            "replicas": int(found["replicas"]),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UpstreamProtocolError(SERVICE, "delivery answered a health that is none.") from error
    return ToolResult(outputs=outputs, text=f"{outputs['state']}: {found.get('message', '')}")


async def _require_health(client: DeliveryClient, given: Given) -> ToolResult:
    found = await _health(client, given)
    if found.outputs["state"] == "degraded":
        raise UpstreamRejected(SERVICE, f"{given['service']} is {found.text}.", reason="degraded")
    return ToolResult(outputs={"state": found.outputs["state"]}, text=found.text)


async def _last_change(client: DeliveryClient, given: Given) -> ToolResult:
    found = await client.deployed(str(given["service"]), str(given["environment"]))
    try:
        version, previous = str(found["version"]), str(found["previous"])
        minutes = float(found["age_seconds"]) / 60
    except (KeyError, TypeError, ValueError) as error:
        raise UpstreamProtocolError(SERVICE, "delivery answered a deploy that is none.") from error
    return ToolResult(
        outputs={"version": version, "previous": previous, "minutes_ago": minutes},
        text=f"version {version} for {ago(minutes * 60)}, {previous} before it",
    )


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
    target = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in given.items()}
    operation = await client.begin(kind, target, key=context.idempotency_key)
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
