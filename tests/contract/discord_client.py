"""The cast of the Discord emulator's tests: a server, and a real discord.py client connected to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.emulators.common.client import ControlClient
from bot.emulators.common.clock import PlatformClock
from bot.emulators.discord import DiscordEmulator, acme, permissions
from bot.emulators.discord import intents as bits
from bot.emulators.discord.rates import Limits

Json = dict[str, Any]
WAIT = 10.0
"""Seconds until a test gives up."""


class Bot(discord.Client):
    """A client with a command tree and a record of the messages and events that it got."""

    def __init__(self, intents: discord.Intents, heartbeat_timeout: float) -> None:
        super().__init__(intents=intents, heartbeat_timeout=heartbeat_timeout, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.messages: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.resumes = asyncio.Event()
        self.logins = asyncio.Queue[None]()
        self.guild_object = discord.Object(int(acme.GUILD))

    async def on_message(self, message: discord.Message) -> None:
        """Record it, and answer a ping."""
        if message.author != self.user:
            self.messages.put_nowait(message)
            if message.content == "ping":
                await message.reply("pong")

    async def on_ready(self) -> None:
        """Record it."""
        self.logins.put_nowait(None)

    async def on_resumed(self) -> None:
        """Record it."""
        self.resumes.set()

    async def next_message(self) -> discord.Message:
        """The next message of somebody else."""
        async with asyncio.timeout(WAIT):
            return await self.messages.get()

    def room(self, id_: str = acme.CHECKOUT) -> discord.TextChannel:
        """A text channel."""
        found = self.get_channel(int(id_))
        assert isinstance(found, discord.TextChannel)
        return found


@dataclass
class Scene:
    """One emulator, its control client and the bot."""

    server: DiscordEmulator
    ctl: ControlClient
    bot: Bot

    async def error(self, method: str, path: str, **arguments: Any) -> discord.HTTPException:  # noqa: ANN401 -- passed on
        """The error that an API call ends with."""
        with pytest.raises(discord.HTTPException) as caught:
            await self.call(method, path, **arguments)
        return caught.value

    async def call(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 -- passed on, and JSON of any shape
        """One API call through discord.py's own HTTP client."""
        return await self.bot.http.request(Route(method, path), **arguments)

    async def say(self, **body: object) -> Json:
        """Send a message to #checkout; the message object."""
        found: Json = await self.call("POST", f"/channels/{acme.CHECKOUT}/messages", json=body)
        return found


@asynccontextmanager
async def scene(
    listen: Callable[[Bot], None] | None = None,
    *,
    limits: Limits = "off",
    intents: discord.Intents | None = None,
    token: str = acme.BOT_TOKEN,
    connected: bool = True,
    heartbeat_interval: float = 41.25,
    heartbeat_timeout: float = WAIT,
    privileged_intents: int = bits.PRIVILEGED,
    bot_permissions: int = permissions.BOT,
    clock: PlatformClock | None = None,
) -> AsyncIterator[Scene]:
    """A server and a bot that has logged in; unless `connected` is False it is on the gateway, too, with its commands synced
    to the server."""
    emulator = DiscordEmulator(
        limits=limits,
        heartbeat_interval=heartbeat_interval,
        privileged_intents=privileged_intents,
        bot_permissions=bot_permissions,
        clock=clock,
    )
    with pytest.MonkeyPatch.context() as patch:
        async with emulator as server, ControlClient(server.url) as ctl:
            patch.setattr(Route, "BASE", server.api_url)
            patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
            bot = Bot(intents or discord.Intents.all(), heartbeat_timeout)
            if listen is not None:
                listen(bot)
            async with bot:
                await bot.login(token)
                if connected:
                    async with _gateway(bot):
                        yield Scene(server, ctl, bot)
                else:
                    yield Scene(server, ctl, bot)


@asynccontextmanager
async def _gateway(bot: Bot) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(_run(bot))
        ready = group.create_task(bot.wait_until_ready())
        async with asyncio.timeout(WAIT):
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if running.done():
            running.result()
        if bot.tree.get_commands(guild=bot.guild_object):
            await bot.tree.sync(guild=bot.guild_object)
        try:
            yield
        finally:
            await bot.close()
            running.cancel()


async def _run(bot: Bot) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await bot.connect(reconnect=True)
