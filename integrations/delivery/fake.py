"""A delivery service on loopback that keeps its contract (README.md): for the demo and for tests."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from aiohttp import web

from integrations.delivery.fake_databases import FakeDatabases, error
from integrations.delivery.fake_service import ENVIRONMENTS, MESSAGES, FakeOperation, FakeService

_SHUTDOWN_SECONDS = 1.0
"""For requests that are held when the fake stops."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DeliveryFake:
    """The service, while its `async with` block runs. It can be told to fail, to hang and to break connections."""

    token = "demo-delivery-token"  # noqa: S105 -- opens nothing but this fake

    def __init__(
        self,
        *,
        seconds: float = 0.0,
        data: Path | None = None,
        now: Callable[[], datetime] = _utc_now,
        latest: Mapping[str, datetime] = MappingProxyType({}),
    ) -> None:
        """`seconds`: how long an operation takes. `data`: where versions and operations are kept over restarts. `latest`: service → when
        it was deployed to production last, where that matters."""
        self._service = FakeService(seconds=seconds, data=data, now=now, latest=latest)
        self._databases = FakeDatabases()
        self._failures: list[int] = []
        self._drops = 0
        self._down = False
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0
        """Requests that are held right now."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/v1/services", self._list),
                web.get("/v1/services/{service}/environments/{environment}", self._show),
                web.get("/v1/services/{service}/environments/{environment}/health", self._health),
                *self._databases.routes(),
                web.post("/v1/operations", self._begin),
                web.get("/v1/operations/{id}", self._look),
                web.post("/v1/operations/{id}/cancel", self._cancel),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        self._port = 0

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def effects(self, kind: str) -> int:
        """How often something of this kind really happened."""
        return self._service.effects(kind)

    def version(self, service: str, environment: str) -> str:
        """The version that runs there; KeyError when there is no such place."""
        found = self._service.deployed(service, environment)
        if found is None:
            raise KeyError(f"{service} in {environment}")
        return found["version"]

    @property
    def databases(self) -> FakeDatabases:
        """What it knows of databases."""
        return self._databases

    def break_version(self, version: str) -> None:
        """Wherever this version runs, many requests fail."""
        self._service.break_version(version)

    def ask_much(self, service: str, environment: str, replicas: int) -> None:
        """Many requests fail there while fewer replicas than these run."""
        self._service.ask_much(service, environment, replicas)

    def take(self, seconds: float) -> None:
        """How long an operation that begins from now on takes."""
        self._service.seconds = seconds

    def settle_for(self, seconds: float) -> None:
        """How long a version runs from now on before its health counts."""
        self._service.settling_seconds = seconds

    def fail_next(self, *statuses: int) -> None:
        """Answer the next requests with these statuses, doing nothing else."""
        self._failures += statuses

    def go_down(self) -> None:
        """Answer 503 to everything until `come_back`."""
        self._down = True

    def come_back(self) -> None:
        """Answer again as usual."""
        self._down = False

    def drop_next(self, times: int = 1) -> None:
        """Do what the next requests ask for, but break the connection instead of answering."""
        self._drops += times

    def fail_operation(self, message: str) -> None:
        """Let the next operation that begins fail with this message."""
        self._service.fail_operation(message)

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer again, what was held first."""
        self._open.set()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return error(401, "AUTH_FAILED", "The token is wrong.")
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1
        if self._down:
            return error(503, "DOWN", "Told to be away.")
        if self._failures:
            return error(self._failures.pop(0), "INJECTED", "Told to fail.")
        response = await handler(request)
        if self._drops and request.transport:
            self._drops -= 1
            request.transport.abort()
        return response

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response({"services": [{"name": name} for name in self._service.services()]})

    async def _show(self, request: web.Request) -> web.Response:
        found = self._service.deployed(request.match_info["service"], request.match_info["environment"])
        if found is None:
            return error(404, "NOT_FOUND", "There is no such service there.")
        return web.json_response({**found, "age_seconds": self._service.age_seconds(found)})

    async def _health(self, request: web.Request) -> web.Response:
        found = self._service.health(request.match_info["service"], request.match_info["environment"])
        return web.json_response(found) if found else error(404, "NOT_FOUND", "There is no such service there.")

    async def _begin(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key", "")
        asked = _read(await request.text())
        if not key or asked is None:
            return error(400, "BAD_REQUEST", "An Idempotency-Key and an object of texts with a known kind are needed.")
        kind, target = asked
        if refused := self._refusal(target):
            return refused
        operation = self._service.by_key(key)
        if operation and (operation.kind, operation.target) != (kind, target):
            return error(409, "KEY_REUSED", "This key belongs to another operation.")
        return self._answer(operation or self._service.begin(key, kind, target), status=202)

    def _refusal(self, target: dict[str, str]) -> web.Response | None:
        """What is wrong with a target that names a service; None when nothing is."""
        service, environment = target.get("service"), target.get("environment")
        known = self._service.services()
        if service is not None and service not in known:
            return error(422, "UNKNOWN_SERVICE", f"There is no service {service}; there are {', '.join(known)}.")
        if service is not None and environment not in ENVIRONMENTS:
            return error(422, "UNKNOWN_ENVIRONMENT", f"There is no environment {environment}.")
        return None

    async def _look(self, request: web.Request) -> web.Response:
        found = self._service.find(request.match_info["id"])
        return self._answer(found) if found else error(404, "NOT_FOUND", "There is no such operation.")

    async def _cancel(self, request: web.Request) -> web.Response:
        found = self._service.find(request.match_info["id"])
        if found is None:
            return error(404, "NOT_FOUND", "There is no such operation.")
        self._service.cancel(found)
        return self._answer(found)

    def _answer(self, operation: FakeOperation, *, status: int = 200) -> web.Response:
        return web.json_response(self._service.show(operation), status=status)


_NAMED = {
    "deploy": ("service", "environment", "version"),
    "rollback": ("service", "environment", "version"),
    "verify": ("service", "environment"),
    "scale": ("service", "environment", "replicas"),
}
"""What the target of a kind has to name."""


def _read(text: str) -> tuple[str, dict[str, str]] | None:
    """(kind, target) of a request for an operation; None when it is none."""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        return None
    kind = body.pop("kind", "")
    named = set(_NAMED.get(kind, ())) <= body.keys()
    counted = kind != "scale" or body.get("replicas", "").isdecimal()
    return (kind, body) if kind in MESSAGES and named and counted else None
