"""LLM-Observatory's unified service on loopback: violations that its owner gives, and what it was told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from integrations.loopback import Loopback

_VERSION = "1.0.0"
_AGENTS = ("telemetry", "usage", "failure", "health-check", "slo", "postmortem", "visualization")


class UnifiedFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(self, violations: Sequence[object] = ()) -> None:
        """`violations`: as the service behind it gives them, of any shape."""
        self.violations = list(violations)
        self.degraded = False
        """The service behind it does not answer: what is asked fails, what is told is accepted and lost."""
        self.observed: list[Any] = []
        """What it was told, and did not lose."""
        routes = [
            web.get("/health", self._health),
            web.get("/ready", self._ready),
            web.get("/api/v1/slo/violations", self._violations),
            web.post("/api/v1/health-check/evaluate", self._evaluate),
            web.post("/api/v1/observations", self._observe),
            web.route("*", "/{path:.*}", self._nowhere),
        ]
        super().__init__(routes)

    async def _health(self, _request: web.Request) -> web.Response:
        behind = {"healthy": not self.degraded, "latencyMs": 3, "endpoint": "http://ruvector.example"}
        body = {
            "status": "degraded" if self.degraded else "healthy",
            "service": "llm-observatory",
            "version": _VERSION,
            "environment": "dev",
            "classification": "layer1",
            "components": {"ruvector": behind | ({"error": "fetch failed"} if self.degraded else {})},
            "agents": [{"id": agent, "status": "ready"} for agent in _AGENTS],
            "timestamp": _now(),
        }
        return web.json_response(body, status=503 if self.degraded else 200)

    async def _ready(self, _request: web.Request) -> web.Response:
        check = {"name": "ruvector", "passed": not self.degraded}
        checks = [check | ({"error": "fetch failed"} if self.degraded else {})]
        body = {"ready": not self.degraded, "checks": checks, "timestamp": _now()}
        return web.json_response(body, status=503 if self.degraded else 200)

    async def _violations(self, _request: web.Request) -> web.Response:
        if self.degraded:
            return _failed(500, "INTERNAL_ERROR", "fetch failed")
        return web.json_response({"success": True, "violations": self.violations, "count": len(self.violations)})

    async def _evaluate(self, request: web.Request) -> web.Response:
        """Every target is well while the service behind it is."""
        try:
            targets = (await request.json()).get("targets") or []
        except (ValueError, AttributeError):
            return _failed(500, "INTERNAL_ERROR", "Unexpected token in JSON")
        if self.degraded:
            return _failed(500, "INTERNAL_ERROR", "fetch failed")
        found = [{"target": target, "status": "healthy"} for target in targets]
        told = {"execution_ref": str(uuid4()), "processing_time_ms": 1}
        return web.json_response({"success": True, "evaluations": found, **told})

    async def _observe(self, request: web.Request) -> web.Response:
        """It looks at nothing that it is told."""
        try:
            body = await request.json()
        except json.JSONDecodeError:
            return _failed(500, "INTERNAL_ERROR", "Unexpected token in JSON")
        if not self.degraded:
            self.observed.append(body)
        id_ = body.get("execution_id") if isinstance(body, dict) else None
        return web.json_response({"status": "accepted", **({"execution_id": id_} if id_ else {})}, status=202)

    async def _nowhere(self, request: web.Request) -> web.Response:
        return _failed(404, "NOT_FOUND", f"Route {request.method} {request.path} not found")


def _failed(status: int, code: str, message: str) -> web.Response:
    error = {"code": code, "message": message, "timestamp": _now()}
    return web.json_response({"success": False, "error": error}, status=status)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
