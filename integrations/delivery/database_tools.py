"""Tools over the databases of the delivery service: look, rehearse, back up, migrate, check, restore."""

from collections.abc import Awaitable, Callable, Mapping

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.tools import FunctionTool, Risk, Tool, ToolContext, ToolParameter, ToolResult, ValueType
from integrations.delivery.client import SERVICE, DeliveryClient

_ON_DATABASE = {
    "database": ToolParameter(description="which database"),
    "environment": ToolParameter(description="production, staging or development"),
}
_BACKUP = {"backup": ToolParameter(description="id of the backup")}

Given = Mapping[str, str | int | float | bool]
Does = Callable[[DeliveryClient, str, str, Given, ToolContext], Awaitable[ToolResult]]


def database_tools(client: DeliveryClient) -> list[Tool]:
    """All tools over databases. `database.migrate` is the one whose second call would migrate again."""
    numbers = {"schema": ValueType.NUMBER, "latest": ValueType.NUMBER, "pending": ValueType.NUMBER}
    return [
        _tool(client, "plan", "Say which migrations a database lacks", Risk.READ, _plan, outputs=numbers),
        _tool(client, "rehearse", "Migrate a copy of a database", Risk.READ, _rehearse),
        _tool(client, "backup", "Back a database up", Risk.WRITE, _back_up, outputs={"backup": ValueType.STRING}),
        _tool(client, "migrate", "Migrate a database", Risk.DESTRUCTIVE, _migrate, idempotent=False),
        _tool(client, "verify", "Fail when a database lacks migrations or its checks", Risk.READ, _verify),
        _tool(client, "restore", "Put a backup of a database back", Risk.DESTRUCTIVE, _restore, extra=_BACKUP),
    ]


def _tool(
    client: DeliveryClient,
    name: str,
    summary: str,
    risk: Risk,
    does: Does,
    *,
    extra: Mapping[str, ToolParameter] | None = None,
    outputs: Mapping[str, ValueType] | None = None,
    idempotent: bool = True,
) -> FunctionTool:
    async def run(given: Given, context: ToolContext) -> ToolResult:
        try:
            return await does(client, str(given["database"]), str(given["environment"]), given, context)
        except (KeyError, TypeError, ValueError) as error:
            raise UpstreamProtocolError(SERVICE, "delivery answered about a database in another form.") from error

    return FunctionTool(
        f"database.{name}",
        summary,
        risk,
        run,
        parameters=_ON_DATABASE | dict(extra or {}),
        outputs=outputs or {},
        idempotent=idempotent,
    )


async def _plan(client: DeliveryClient, database: str, where: str, _given: Given, _context: ToolContext) -> ToolResult:
    found = await client.database(database, where)
    outputs: dict[str, str | int | float | bool] = {name: int(found[name]) for name in ("schema", "latest", "pending")}
    return ToolResult(
        outputs=outputs, text=f"{outputs['pending']} migrations from schema {outputs['schema']} to {outputs['latest']}"
    )


async def _rehearse(
    client: DeliveryClient, database: str, where: str, _given: Given, context: ToolContext
) -> ToolResult:
    found = await client.rehearse(database, where, key=context.idempotency_key)
    return ToolResult(text=f"schema {found['schema']} after {found['seconds']} s, on a copy")


async def _back_up(
    client: DeliveryClient, database: str, where: str, _given: Given, context: ToolContext
) -> ToolResult:
    backup = await client.back_up(database, where, key=context.idempotency_key)
    return ToolResult(outputs={"backup": backup}, text=f"backup {backup}")


async def _migrate(
    client: DeliveryClient, database: str, where: str, _given: Given, _context: ToolContext
) -> ToolResult:
    found = await client.migrate(database, where)
    return ToolResult(text=f"schema {found['schema']}")


async def _verify(
    client: DeliveryClient, database: str, where: str, _given: Given, _context: ToolContext
) -> ToolResult:
    found = await client.database(database, where)
    if found["pending"]:
        raise UpstreamRejected(SERVICE, f"{database} lacks {found['pending']} migrations.", reason="pending")
    if not found["sound"]:
        raise UpstreamRejected(SERVICE, f"{database}: {found['message']}.", reason="unsound")
    return ToolResult(text=str(found["message"]))


async def _restore(client: DeliveryClient, database: str, where: str, given: Given, context: ToolContext) -> ToolResult:
    found = await client.restore(database, where, str(given["backup"]), key=context.idempotency_key)
    return ToolResult(text=f"schema {found['schema']}")
