"""Client of the delivery service; its contract stands in README.md."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from core.errors import UpstreamProtocolError
from integrations.http import Reach, ServiceClient, Watch

SERVICE = "delivery"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the service does: a deploy, a drain, an upgrade."""

    id: str
    state: str
    """queued, running, succeeded, failed or cancelled"""
    progress: float
    """0 to 1"""
    message: str
    result: dict[str, Any]

    @property
    def over(self) -> bool:
        """True when it will not change any more."""
        return self.state in ("succeeded", "failed", "cancelled")


class DeliveryClient:
    """Typed calls. Raises `core.errors` only."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`watch`: told when it is left alone because it fails, and when it is asked again."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def services(self) -> list[str]:
        """Names of all services."""
        found = await self._http.get("/v1/services")
        return [str(service["name"]) for service in found.get("services", [])]

    async def deployed(self, service: str, environment: str) -> dict[str, Any]:
        """`{version, previous, deployed_at, deployed_by, age_seconds}` of a service in an environment."""
        return await self._http.get(_place("services", service, environment))

    async def health(self, service: str, environment: str) -> dict[str, Any]:
        """`{state, error_percent, replicas, message}` of a service in an environment."""
        return await self._http.get(f"{_place('services', service, environment)}/health")

    async def database(self, database: str, environment: str) -> dict[str, Any]:
        """`{schema, latest, pending, sound, message}` of a database in an environment."""
        return await self._http.get(_place("databases", database, environment))

    async def rehearse(self, database: str, environment: str, *, key: str) -> dict[str, Any]:
        """Migrate a copy: `{schema, seconds}`. Changes nothing."""
        return await self._http.post(f"{_place('databases', database, environment)}/rehearsals", {}, key=key)

    async def back_up(self, database: str, environment: str, *, key: str) -> str:
        """The id of a backup; the same key gives the same one."""
        made = await self._http.post(f"{_place('databases', database, environment)}/backups", {}, key=key)
        return str(made["backup"])

    async def migrate(self, database: str, environment: str) -> dict[str, Any]:
        """Migrate to the latest schema: `{schema}`. The service knows no keys here: sent once, never repeated."""
        return await self._http.post_once(f"{_place('databases', database, environment)}/migrations", {})

    async def restore(self, database: str, environment: str, backup: str, *, key: str) -> dict[str, Any]:
        """Put a backup back, unless the schema is still that of the backup: `{schema}`."""
        path = f"{_place('databases', database, environment)}/restores"
        return await self._http.post(path, {"backup": backup}, key=key)

    async def begin(self, kind: str, target: dict[str, Any], *, key: str) -> Operation:
        """Begin an operation; the same key gives the same operation, never a second one."""
        return _operation(await self._http.post("/v1/operations", {"kind": kind, **target}, key=key))

    async def operation(self, id_: str) -> Operation:
        """How an operation stands."""
        return _operation(await self._http.get(f"/v1/operations/{quote(id_, safe='')}"))


def _place(kind: str, name: str, environment: str) -> str:
    return f"/v1/{kind}/{quote(name, safe='')}/environments/{quote(environment, safe='')}"


def _operation(data: dict[str, Any]) -> Operation:
    try:
        return Operation(
            str(data["id"]),
            str(data["state"]),
            float(data["progress"]),
            str(data.get("message", "")),
            dict(data.get("result") or {}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UpstreamProtocolError(SERVICE, "delivery answered an operation that is none.") from error
