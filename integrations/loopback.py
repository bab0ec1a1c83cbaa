"""What the fakes of services share: HTTP on loopback, a door that asks for tokens, and faults that their owner switches on."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class Loopback:
    """A service, while its `async with` block runs."""

    def __init__(self, routes: Iterable[web.AbstractRouteDef], *, token: str = "", tenant: str = "") -> None:
        """`token`, `tenant`: whoever does not send them is refused."""
        self.broken: web.Response | int | None = None
        """Answered to everything while it is set: a status, or a whole answer."""
        self.open = asyncio.Event()
        """Requests wait while it is not set."""
        self.open.set()
        self._token, self._tenant = token, tenant
        app = web.Application(middlewares=[self._door])
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open.set()
        await asyncio.shield(self._runner.cleanup())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def refusal(self, error: Exception) -> web.Response | None:
        """How the service says what a handler raised; None for what is a bug."""
        return None

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 -- aiohttp's own type
        await self.open.wait()
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401, text="Unauthorized\n")
        if self._tenant and request.headers.get("X-Scope-OrgID") != self._tenant:
            return web.Response(status=401, text="no org id\n")
        if isinstance(self.broken, int):
            return web.Response(status=self.broken, text="broken\n")
        if self.broken is not None:
            return web.Response(status=self.broken.status, body=self.broken.body, content_type="application/json")
        try:
            answer: web.StreamResponse = await handler(request)
        except Exception as error:  # what is no refusal goes on
            if refused := self.refusal(error):
                return refused
            raise
        return answer
