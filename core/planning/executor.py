"""Carries out reads: calls read tools within a time limit and words their results."""

import asyncio
import json
from collections.abc import Mapping

import structlog

from core.conversation import replies
from core.errors import BotError, UpstreamError, UpstreamTimeout
from core.messages import Reply
from core.planning.plan import Ask
from core.ports.cache import Cache
from core.ports.clock import Clock, Ids
from core.tools import Risk, Toolbox, ToolContext, ToolResult
from core.tracing import correlation
from core.workflow.steps.common import Scalar

log = structlog.get_logger()

_TIME_LIMIT = 10.0
"""Seconds for one read."""
_SERVICES_KEPT = 60.0
"""Seconds that the list of services is believed."""
_SERVICES = "delivery.services"
_VIOLATIONS = "observatory.violations"


class Executor:
    """Calls read tools. What writes goes through runs instead."""

    def __init__(self, toolbox: Toolbox, *, cache: Cache, clock: Clock, ids: Ids) -> None:
        self._toolbox = toolbox
        self._cache = cache
        self._clock = clock
        self._ids = ids

    async def ask(self, question: Ask, traceparent: str) -> Reply:
        """Answer a question; UpstreamError and its kin when the service could not be asked."""
        result = await self._read(question.tool, question.parameters, traceparent)
        return replies.version_answer(question.understood, question.parameters, result.outputs, self._clock.now())

    async def deployed(self, service: str, environment: str, traceparent: str) -> Mapping[str, Scalar]:
        """What the delivery service says of a service; UpstreamError and its kin when it could not be asked."""
        asked = {"service": service, "environment": environment}
        return (await self._read("delivery.status", asked, traceparent)).outputs

    async def broken(self, service: str, traceparent: str) -> str:
        """Objectives that the service does not meet, by name; "" for none, and where nobody knows. UpstreamError and its kin when
        they could not be asked for."""
        if self._toolbox.find(_VIOLATIONS) is None:
            return ""
        return str((await self._read(_VIOLATIONS, {"service": service}, traceparent)).outputs["names"])

    async def services(self) -> tuple[str, ...]:
        """The services that can be named in a sentence; empty when nobody knows them now."""
        if kept := await self._cache.get(_SERVICES):
            return tuple(json.loads(kept))
        if self._toolbox.find(_SERVICES) is None:
            return ()
        try:
            result = await self._read(_SERVICES, {}, "")
        except BotError as error:
            log.warning("services.unknown", error=error.message)
            return ()
        names = [name for name in str(result.outputs.get("services", "")).split(",") if name]
        await self._cache.set(_SERVICES, json.dumps(names).encode(), ttl=_SERVICES_KEPT)
        return tuple(names)

    async def _read(self, name: str, parameters: dict[str, str], traceparent: str) -> ToolResult:
        tool = self._toolbox.get(name)
        if tool.risk is not Risk.READ:
            raise ValueError(f"{name} writes: it belongs into a run")
        context = ToolContext(self._ids.token(), correlation=correlation(traceparent), traceparent=traceparent)
        try:
            async with asyncio.timeout(_TIME_LIMIT):
                result = await tool.call(parameters, context)
        except TimeoutError:
            service = name.partition(".")[0]
            raise UpstreamTimeout(service, f"{service} did not answer within {_TIME_LIMIT:.0f} s.") from None
        if not result.ok and result.failure:
            raise UpstreamError(result.failure.service or name, result.failure.message, hint=result.failure.hint)
        return result
