"""The Discord emulator: one server on loopback for the REST API, the gateway, files and the control interface."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.control import add_control
from bot.emulators.common.faults import Deliveries, FaultBoard
from bot.emulators.common.log import EventLog
from bot.emulators.common.requests import AckLog, RequestLog
from bot.emulators.common.server import serve
from bot.emulators.discord import acme, gaps, intents, permissions, seed, shapes
from bot.emulators.discord.acts import Acts
from bot.emulators.discord.api import Api
from bot.emulators.discord.call import Platform
from bot.emulators.discord.chat import Chat
from bot.emulators.discord.check_commands import CHAT_INPUT, MESSAGE
from bot.emulators.discord.gateway import Gateway
from bot.emulators.discord.guild import Guild, fill_with_acme
from bot.emulators.discord.interactions import Interactions
from bot.emulators.discord.model import Channel, Person
from bot.emulators.discord.rates import Limits, Rates
from bot.emulators.discord.rooms import Rooms
from bot.emulators.discord.sessions import Sessions

Json = dict[str, Any]
_MOST_BYTES = 128 * 1024 * 1024


class DiscordEmulator:
    """A Discord server on 127.0.0.1 while its `async with` block runs."""

    def __init__(
        self,
        port: int = 0,
        *,
        clock: PlatformClock | None = None,
        limits: Limits = "real",
        heartbeat_interval: float = 41.25,
        privileged_intents: int = intents.PRIVILEGED,
        bot_permissions: int = permissions.BOT,
        people: Iterable[Person] = (),
        keep: int = 20_000,
    ) -> None:
        """`port`: 0 takes a free one. `limits`: Discord's own rate limits, or none. `heartbeat_interval`: seconds.
        `privileged_intents`: those that the application was granted. `bot_permissions`: what the bot's role grants.
        `people`: further people. `keep`: how many messages are remembered."""
        self._port = port
        self._stack = AsyncExitStack()
        self.clock = clock or PlatformClock()
        self.log = EventLog(self.clock)
        self.faults = FaultBoard()
        self.requests = RequestLog()
        self.acks = AckLog()
        self.guild = Guild(
            self.clock, bot_permissions=bot_permissions, privileged_intents=privileged_intents, keep=keep
        )
        sessions = Sessions(self.clock, self.acks, Deliveries(self.faults, self.clock))
        self._gateway = Gateway(self.guild, self.log, self.faults, sessions, interval=heartbeat_interval)
        chat = Chat(self.guild, self.log, sessions)
        interactions = Interactions(self.guild, self.log, sessions, self.faults)
        self._rooms = Rooms(self.guild, chat, self.log, sessions)
        platform = Platform(self.guild, self.log, sessions, chat, self._rooms, interactions)
        self._api = Api(platform, Rates(self.clock, self.faults, limits), self.faults, self.requests)
        self._acts = Acts(platform)
        self.guild.person_added = self._on_person
        self.guild.channel_added = self._on_channel
        fill_with_acme(self.guild)
        for person in people:
            self.guild.add_person(person)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self.clock.close)
            self._port = await stack.enter_async_context(serve(self._application(), self._port))
            stack.callback(self._gateway.close)
            stack.callback(self.log.close)
            self.guild.base_url = self.url
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
        """What discord.py's `Route.BASE` is set to."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The gateway's address, as GET /gateway/bot answers it."""
        return self._gateway.url

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return acme.BOT_TOKEN

    @property
    def application_id(self) -> str:
        """The application's id."""
        return acme.APPLICATION

    @property
    def guild_id(self) -> str:
        """The server's id."""
        return acme.GUILD

    # --- the gateway's moods -------------------------------------------------------------------------------

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT to all sockets, as Discord does before it restarts a machine."""
        self._gateway.ask_to_reconnect()

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION to all sockets; unless `resumable`, they must identify anew."""
        self._gateway.invalidate_sessions(resumable=resumable)

    # --- control interface ---------------------------------------------------------------------------------

    def snapshot(self) -> Json:
        """The whole server."""
        guild = self.guild
        commands = [command for scope in guild.commands.values() for command in scope.values()]
        return {
            "platform": "discord",
            "workspace": {"id": acme.GUILD, "name": acme.GUILD_NAME},
            "me": acme.BOT_USER,
            "people": [shapes.control_person(self.guild, person) for person in guild.people.values()],
            "channels": [shapes.control_channel(guild, channel) for channel in guild.channels.values()],
            "commands": list({one["name"]: one for one in commands if one["type"] == CHAT_INPUT}.values()),
            "shortcuts": [{"name": one["name"], "callback": one["name"]} for one in commands if one["type"] == MESSAGE],
            "messages": [shapes.control_message(guild, message) for message in guild.messages.values()],
            "views": [shapes.control_form(form) for form in guild.forms.values()],
        }

    async def act(self, act: Json) -> Json:
        """Let a person do something."""
        return await self._acts.act(act)

    def seed(self, wish: Json) -> Json:
        """Add people and channels."""
        return seed.grow(self.guild, wish)

    def gaps(self) -> Json:
        """What real Discord has and this emulator lacks."""
        return gaps.report(self._api.unknown)

    # --- server --------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_MOST_BYTES)
        app.add_routes([web.get("/gateway", self._gateway.connect), web.get("/gateway/", self._gateway.connect)])
        app.add_routes([web.get("/attachments/{channel}/{file}/{name}", self._download), *self._api.routes()])
        add_control(app, self)
        return app

    def _on_person(self, person: Person) -> None:
        if person.member:
            self._rooms.tell_arrival(person)
        self.log.append("person", person=shapes.control_person(self.guild, person))

    def _on_channel(self, channel: Channel) -> None:
        if channel.kind in {"channel", "private", "category"}:
            self._rooms.tell_channel("CHANNEL_CREATE", channel)
        self.log.append("channel", channel=shapes.control_channel(self.guild, channel))

    async def _download(self, request: web.Request) -> web.Response:
        file = self.guild.attachments.get(request.match_info["file"])
        if file is None or file.channel != request.match_info["channel"]:
            raise web.HTTPNotFound
        headers = {
            "Content-Type": file.content_type,
            "X-Content-Type-Options": "nosniff",
            # An uploaded page must not drive the control interface, whose origin it would share.
            "Content-Security-Policy": "sandbox",
            "Access-Control-Allow-Origin": "*",
        }
        return web.Response(body=file.content, headers=headers)
