"""Serves the page and passes its control requests on to the emulators, so that the browser talks to one origin only."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from bot.emulators.common.server import serve

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to try, offered above the workspaces."""

    label: str
    workspace: str
    """slack or discord"""
    person: str
    """Id of whom to speak as."""
    channel: str
    """Id of where."""
    text: str
    """What is put into the composer; empty: only the place is opened."""
    hint: str = ""
    """What to look at next."""


class ChatPage:
    """The page on 127.0.0.1 while its `async with` block runs. OSError when the port is taken."""

    def __init__(
        self, port: int = 0, *, slack_url: str = "", discord_url: str = "", suggestions: Sequence[Suggestion] = ()
    ) -> None:
        """`port`: 0 takes a free one. Either workspace may be absent."""
        self._port = port
        self._targets = {name: url for name, url in (("slack", slack_url), ("discord", discord_url)) if url}
        self._suggestions = tuple(suggestions)
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            timeout = aiohttp.ClientTimeout(total=None, connect=5)
            self._session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout, trust_env=False))
            self._port = await stack.enter_async_context(serve(self._application(), self._port))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """Where to look at it."""
        return f"http://127.0.0.1:{self._port}/"

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[_guard], client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/config.json", self._config),
                web.route("*", "/{workspace:slack|discord}/{path:.*}", self._pass_on),
                web.static("/static", _STATIC),
            ]
        )
        return app

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(_STATIC / "index.html")

    async def _config(self, _request: web.Request) -> web.Response:
        config = {"workspaces": list(self._targets), "suggestions": [asdict(found) for found in self._suggestions]}
        return web.json_response(config)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        """To the emulator and back, streams as they come."""
        target = self._targets.get(request.match_info["workspace"])
        if target is None or self._session is None:
            raise web.HTTPNotFound
        url = f"{target}/{request.match_info['path']}"
        body = await request.read() if request.can_read_body else None
        headers = {"Content-Type": request.content_type} if body else {}
        try:
            async with self._session.request(
                request.method, url, params=request.query, data=body, headers=headers
            ) as found:
                response = web.StreamResponse(status=found.status, headers={"Content-Type": found.content_type})
                await response.prepare(request)
                async for chunk in found.content.iter_any():
                    await response.write(chunk)
                return response
        except aiohttp.ClientConnectionError:
            error = json.dumps({"error": "the emulator is not there; is the demo still running?"})
            return web.Response(status=502, text=error, content_type="application/json")


@web.middleware
async def _guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer to loopback names only: another name that points here is somebody else's page trying."""
    if request.host.rpartition(":")[0] not in _LOOPBACK and request.host not in _LOOPBACK:
        raise web.HTTPForbidden(text="This page answers on 127.0.0.1 only.")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response
