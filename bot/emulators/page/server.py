"""Serves the page and passes its control requests on to the emulators, so that the browser talks to one origin only."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from bot.emulators.common.server import serve

_STATIC = Path(__file__).parent / "static"
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_FILE_POLICY = "default-src 'none'; sandbox"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PASSED_ON = ("Content-Type", "Last-Event-ID")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_QUIET = 15.0
"""Seconds without an event after which a comment is sent: a browser that went away is only noticed by writing to it."""


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
    """What is put into the composer; empty: only the place is opened, and a button that is pressed there completes it."""
    hint: str = ""
    """What to look at next."""


class ChatPage:
    """The page on 127.0.0.1 while its `async with` block runs. OSError when the port is taken."""

    def __init__(
        self,
        port: int = 0,
        *,
        slack_url: str = "",
        discord_url: str = "",
        suggestions: Sequence[Suggestion] = (),
        guide: str = "",
    ) -> None:
        """`port`: 0 takes a free one. Either workspace may be absent. `guide`: said above the workspaces until something was
        tried."""
        self._port = port
        self._targets = {name: url for name, url in (("slack", slack_url), ("discord", discord_url)) if url}
        self._suggestions = tuple(suggestions)
        self._guide = guide
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._session = await stack.enter_async_context(_client())
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
        app = web.Application(middlewares=[_loopback_only], client_max_size=64 * 1024 * 1024)
        app.on_response_prepare.append(_protect)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/config.json", self._config),
                web.route("*", "/{workspace:slack|discord}/{path:control/.+}", self._control),
                web.get("/{workspace:slack}/{path:files/.+}", self._file),
                web.get("/{workspace:discord}/{path:attachments/.+}", self._file),
                web.static("/static", _STATIC),
            ]
        )
        return app

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(_STATIC / "index.html")

    async def _config(self, _request: web.Request) -> web.Response:
        suggestions = [asdict(found) for found in self._suggestions]
        config = {"workspaces": list(self._targets), "suggestions": suggestions, "guide": self._guide}
        return web.json_response(config)

    async def _control(self, request: web.Request) -> web.StreamResponse:
        return await self._pass_on(
            request, lambda found: web.StreamResponse(status=found.status, headers=_typed(found))
        )

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """What people and bots uploaded is shown as a picture or saved; never as a page of this origin."""
        return await self._pass_on(request, _as_file)

    async def _pass_on(
        self, request: web.Request, answer: Callable[[aiohttp.ClientResponse], web.StreamResponse]
    ) -> web.StreamResponse:
        """To the emulator and back, streams as they come."""
        target = self._targets.get(request.match_info["workspace"])
        if target is None or self._session is None:
            raise web.HTTPNotFound
        body = await request.read() if request.can_read_body else None
        try:
            found = await self._session.request(
                request.method,
                f"{target}/{request.match_info['path']}",
                params=request.query,
                data=body,
                headers={name: request.headers[name] for name in _PASSED_ON if name in request.headers},
            )
        except aiohttp.ClientError:
            error = json.dumps({"error": "the emulator is not there; is the demo still running?"})
            return web.Response(status=502, text=error, content_type="application/json")
        async with found:
            response = answer(found)
            await response.prepare(request)
            await _copy(found, response)
            return response


def _client() -> aiohttp.ClientSession:
    # Event streams stay open: neither their number nor their time is limited.
    timeout = aiohttp.ClientTimeout(total=None, connect=5)
    return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0), trust_env=False)


async def _copy(found: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    """Pass the body on until either side ends."""
    events = found.content_type == "text/event-stream"
    try:
        while not found.content.at_eof():
            try:
                chunk = await asyncio.wait_for(found.content.readany(), _QUIET if events else None)
            except TimeoutError:
                chunk = b": still here\n\n"
            await response.write(chunk)
    except (aiohttp.ClientError, ConnectionError):
        # The browser or the emulator went away in the middle; the other one sees the stream end.
        return


def _typed(found: aiohttp.ClientResponse) -> dict[str, str]:
    return {"Content-Type": found.headers.get("Content-Type", "application/octet-stream")}


def _as_file(found: aiohttp.ClientResponse) -> web.StreamResponse:
    picture = found.content_type in _PICTURES
    headers = {"Content-Type": found.content_type if picture else "application/octet-stream"}
    if not picture:
        headers["Content-Disposition"] = "attachment"
    return web.StreamResponse(status=found.status, headers={**headers, "Content-Security-Policy": _FILE_POLICY})


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def _loopback_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer to loopback names and to our own page only: anything else is somebody else's page trying."""
    if urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
        raise web.HTTPForbidden(text="This page answers on 127.0.0.1 only.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="Only this page itself may send this.")
    return await handler(request)
