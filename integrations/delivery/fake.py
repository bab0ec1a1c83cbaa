"""A delivery service on loopback that keeps its contract (README.md): for the demo and for tests."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

SERVICES = ("checkout", "payments", "search", "auth", "catalog", "inventory", "web", "notifications")
ENVIRONMENTS = ("production", "staging", "development")
_MESSAGES = {
    "preflight": ("Comparing configuration", "Image found, configuration valid"),
    "deploy": ("Rolling out", "All replicas are up"),
    "verify": ("Watching error rate and latency", "Error rate and latency are as before"),
    "drain": ("Moving traffic away", "No traffic left"),
    "upgrade": ("Installing packages", "Upgraded and restarted"),
    "undrain": ("Moving traffic back", "Serving traffic"),
}
_EFFECTS = ("deploy", "drain", "upgrade", "undrain")


@dataclass
class _Operation:
    id: str
    kind: str
    target: dict[str, Any]
    began: float
    done: bool = False


class DeliveryFake:
    """The service, while its `async with` block runs."""

    token = "demo-delivery-token"  # noqa: S105 -- opens nothing but this fake

    def __init__(self, *, seconds: float = 0.0, data: Path | None = None) -> None:
        """`seconds`: how long an operation takes. `data`: where versions are kept over restarts."""
        self._seconds = seconds
        self._data = data
        self._operations: dict[str, _Operation] = {}
        self._by_key: dict[str, _Operation] = {}
        self._failures: list[int] = []
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0
        """Requests that are held right now."""
        self._effects: Counter[str] = Counter()
        self._versions = self._load()
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/v1/services", self._list),
                web.get("/v1/services/{service}/environments/{environment}", self._show),
                web.post("/v1/operations", self._begin),
                web.get("/v1/operations/{id}", self._look),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
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
        return self._effects[kind]

    def version(self, service: str, environment: str) -> str:
        """The version that runs there."""
        return str(self._versions[service][environment]["version"])

    def fail_next(self, *statuses: int) -> None:
        """Answer the next requests with these statuses."""
        self._failures += statuses

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
            return _error(401, "AUTH_FAILED", "The token is wrong.")
        self.waiting += 1
        await self._open.wait()
        self.waiting -= 1
        if self._failures:
            return _error(self._failures.pop(0), "INJECTED", "Told to fail.")
        return await handler(request)

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response({"services": [{"name": name} for name in self._versions]})

    async def _show(self, request: web.Request) -> web.Response:
        found = self._versions.get(request.match_info["service"], {}).get(request.match_info["environment"])
        return web.json_response(found) if found else _error(404, "NOT_FOUND", "There is no such service there.")

    async def _begin(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key", "")
        body = await request.json()
        kind = body.pop("kind", "")
        if not key or kind not in _MESSAGES:
            return _error(400, "BAD_REQUEST", "An Idempotency-Key and a known kind are needed.")
        if "service" in body and body["service"] not in self._versions:
            return _error(
                422, "UNKNOWN_SERVICE", f"There is no service {body['service']}; there are {', '.join(self._versions)}."
            )
        known = self._by_key.get(key)
        if known and (known.kind, known.target) != (kind, body):
            return _error(409, "KEY_REUSED", "This key belongs to another operation.")
        if known is None:
            known = _Operation(f"op-{len(self._operations) + 1}", kind, body, time.monotonic())
            self._operations[known.id] = self._by_key[key] = known
        return web.json_response(self._state(known), status=202)

    async def _look(self, request: web.Request) -> web.Response:
        found = self._operations.get(request.match_info["id"])
        return (
            web.json_response(self._state(found)) if found else _error(404, "NOT_FOUND", "There is no such operation.")
        )

    def _state(self, operation: _Operation) -> dict[str, Any]:
        passed = time.monotonic() - operation.began
        progress = 1.0 if passed >= self._seconds else passed / self._seconds
        if progress >= 1 and not operation.done:
            operation.done = True
            self._take_effect(operation)
        during, after = _MESSAGES[operation.kind]
        return {
            "id": operation.id,
            "state": "succeeded" if operation.done else "running",
            "progress": progress,
            "message": after if operation.done else during,
            "result": {"version": operation.target.get("version", "")},
        }

    def _take_effect(self, operation: _Operation) -> None:
        if operation.kind in _EFFECTS:
            self._effects[operation.kind] += 1
        if operation.kind == "deploy":
            target = operation.target
            version = self._latest(target["service"]) if target["version"] == "latest" else target["version"]
            entry = {"version": version, "deployed_at": datetime.now(UTC).isoformat(), "deployed_by": "copilot"}
            self._versions[target["service"]][target["environment"]] = entry
            if self._data:
                self._data.write_text(json.dumps(self._versions, indent=1))

    def _latest(self, service: str) -> str:
        return str(self._versions[service]["development"]["version"])

    def _load(self) -> dict[str, dict[str, dict[str, str]]]:
        if self._data and self._data.exists():
            kept: dict[str, dict[str, dict[str, str]]] = json.loads(self._data.read_text())
            return kept
        now = datetime.now(UTC)
        return {
            service: {
                environment: {
                    "version": f"2.{n}.{5 - m}" if m < 2 else f"2.{n + 1}.0",
                    "deployed_at": (now - timedelta(hours=7 * (n + 1) * (3 - m))).isoformat(),
                    "deployed_by": ("lee", "sam", "dana")[(n + m) % 3],
                }
                for m, environment in enumerate(ENVIRONMENTS)
            }
            for n, service in enumerate(SERVICES, 3)
        }


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
