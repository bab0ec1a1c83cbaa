"""The Slack emulator: one server on loopback for the Web API, Socket Mode, files and the control interface."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from aiohttp import web

from bot.emulators.common.background import Background
from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.control import add_control
from bot.emulators.common.faults import Deliveries, FaultBoard
from bot.emulators.common.log import EventLog
from bot.emulators.common.requests import AckLog, RequestLog
from bot.emulators.common.server import serve
from bot.emulators.slack import acme, gaps, seed, shapes
from bot.emulators.slack.acts import Acts
from bot.emulators.slack.app import App
from bot.emulators.slack.call import Platform
from bot.emulators.slack.chat import Chat
from bot.emulators.slack.delivery import Courier, Delivery
from bot.emulators.slack.forms import Forms
from bot.emulators.slack.http_mode import Poster
from bot.emulators.slack.interactions import Interactions
from bot.emulators.slack.model import Person
from bot.emulators.slack.rates import Limits, Rates
from bot.emulators.slack.responses import Responses
from bot.emulators.slack.sockets import Sockets
from bot.emulators.slack.triggers import Triggers
from bot.emulators.slack.webapi import WebApi
from bot.emulators.slack.workspace import Workspace, fill_with_acme

Json = dict[str, Any]
_MOST_BYTES = 64 * 1024 * 1024


class SlackEmulator:
    """A Slack workspace on 127.0.0.1 while its `async with` block runs."""

    def __init__(
        self,
        port: int = 0,
        *,
        clock: PlatformClock | None = None,
        limits: Limits = "real",
        people: Iterable[Person] = (),
        scopes: Iterable[str] | None = None,
        events: Iterable[str] | None = None,
        events_url: str = "",
        commands_url: str = "",
        interactivity_url: str = "",
        keep: int = 20_000,
    ) -> None:
        """`port`: 0 takes a free one. `limits`: Slack's own rate limits, or none. `people`: further people. `scopes`, `events`:
        what the app was granted and subscribed to (default: all, and what this bot needs). The three addresses switch from
        Socket Mode to HTTP; their challenge is sent before the first event. `keep`: how many messages are remembered."""
        app = App(events_url=events_url, commands_url=commands_url, interactivity_url=interactivity_url)
        if scopes is not None:
            app.scopes = frozenset(scopes)
        if events is not None:
            app.events = frozenset(events)
        self._port = port
        self._stack = AsyncExitStack()
        self.clock = clock or PlatformClock()
        self.log = EventLog(self.clock)
        self.faults = FaultBoard()
        self.requests = RequestLog()
        self.acks = AckLog()
        self.workspace = Workspace(app, self.clock, self.log, keep=keep)
        self._sockets = Sockets(self.workspace, self.faults)
        self._poster: Poster | None = None
        courier = Courier(self.clock, self.log, self.acks, Deliveries(self.faults, self.clock), self)
        chat = Chat(self.workspace, courier.event)
        triggers = Triggers(self.clock, self.workspace.ids, self.faults, acme.TEAM)
        platform = Platform(self.workspace, chat, triggers)
        self._api = WebApi(platform, self._sockets, Rates(self.clock, self.faults, limits), self.faults, self.requests)
        self._responses = Responses(platform)
        self._acts = Acts(platform, Forms(platform, courier), Interactions(platform, courier, self._responses))
        fill_with_acme(self.workspace)
        for person in people:
            self.workspace.add_person(person)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            background = await stack.enter_async_context(Background())
            connector = aiohttp.TCPConnector(limit=0)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=False))
            self._poster = Poster(self.workspace, background, session)
            stack.callback(self.clock.close)
            self._port = await stack.enter_async_context(serve(self._application(), self._port))
            stack.push_async_callback(self._sockets.close)
            stack.callback(self.log.close)
            self.workspace.base_url = self.url
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    # --- addresses and secrets -----------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The emulator's address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """`base_url` for slack_sdk's clients."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self.workspace.app.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode."""
        return self.workspace.app.app_token

    @property
    def signing_secret(self) -> str:
        """What requests in HTTP mode are signed with."""
        return self.workspace.app.signing_secret

    def use_http(self, *, events_url: str, commands_url: str = "", interactivity_url: str = "") -> None:
        """Switch to HTTP mode; commands and interactivity go to `events_url` when they have no address of their own."""
        app = self.workspace.app
        app.events_url = events_url
        app.commands_url = commands_url or events_url
        app.interactivity_url = interactivity_url or events_url

    def revoke_tokens(self) -> None:
        """As if the app was uninstalled: both tokens answer token_revoked."""
        self.workspace.app.revoked |= {self.bot_token, self.app_token}

    # --- transport -----------------------------------------------------------------------------------------

    def send(self, delivery: Delivery) -> None:
        """Send over HTTP when the app has an events address, else over Socket Mode."""
        if self.workspace.app.events_url and self._poster is not None:
            self._poster.send(delivery)
        else:
            self._sockets.send(delivery)

    # --- control interface ---------------------------------------------------------------------------------

    def snapshot(self) -> Json:
        """The whole workspace."""
        workspace, app = self.workspace, self.workspace.app
        return {
            "platform": "slack",
            "workspace": {"id": acme.TEAM, "name": acme.TEAM_NAME},
            "me": app.user,
            "people": [shapes.control_person(person, app) for person in workspace.people.values()],
            "channels": [shapes.control_channel(channel, app) for channel in workspace.channels.values()],
            "commands": list(acme.COMMANDS),
            "shortcuts": list(acme.SHORTCUTS),
            "messages": [shapes.control_message(message) for message in workspace.messages.values()],
            "views": [shapes.control_form(view) for view in (*workspace.views.values(), *workspace.homes.values())],
        }

    async def act(self, act: Json) -> Json:
        """Let a person do something."""
        return self._acts.act(act)

    def seed(self, wish: Json) -> Json:
        """Add people and channels."""
        return seed.grow(self.workspace, wish)

    def gaps(self) -> Json:
        """What real Slack has and this emulator lacks."""
        return gaps.report(self._api.unknown)

    # --- server --------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_MOST_BYTES)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self._api.handle),
                web.get("/link/", self._sockets.connect),
                web.post("/response/{team}/{key}", self._responses.handle),
                web.post("/upload/v1/{file}", self._upload),
                web.get("/files/{file}/{name}", self._download),
            ]
        )
        add_control(app, self)
        return app

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.completed:
            return web.Response(status=404, text="no such upload")
        content = await _uploaded_bytes(request)
        if len(content) != file.length:
            return web.Response(status=400, text=f"expected {file.length} bytes, got {len(content)}")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.content is None or not file.completed:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
        if "download" in request.query:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        mime = shapes.file(file, self.url)["mimetype"]
        return web.Response(body=file.content, content_type=str(mime), headers=headers)


async def _uploaded_bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    raise web.HTTPBadRequest(text="the upload holds no file")
