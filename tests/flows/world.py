"""The whole bot against the emulators: real slack-bolt, real discord.py, real sockets, a real SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.bootstrap import Bot, running
from bot.clock import MovableClock
from bot.emulators.common.client import ControlClient, Event
from bot.emulators.discord import DiscordEmulator
from bot.emulators.slack import SlackEmulator
from bot.leases import Leases
from bot.settings import Settings
from core.messages import Place, Platform
from integrations.delivery.fake import DeliveryFake
from tests.flows.sites import DiscordSite, Names, Site, SlackSite

ROLES = {"dana": ["operator"], "lee": ["operator", "approver"], "sam": ["approver"]}
_ALERT = {"title": "HighErrorRate", "text": "5xx of checkout above 5 % in production", "color": "danger"}


@dataclass(frozen=True)
class Card:
    """A card with buttons, as it stands in a channel."""

    message: str
    buttons: Mapping[str, str]
    """Label → action."""
    text: str
    seq: int


@dataclass
class World:
    """One workspace with the bot in it."""

    site: Site
    control: ControlClient
    delivery: DeliveryFake
    clock: MovableClock
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    bot: Bot | None = None

    @property
    def names(self) -> Names:
        """Ids of people and channels."""
        return self.site.names

    def account(self, person: str) -> str:
        """The account as settings name it."""
        return f"{self.site.name}:{self.site.workspace}/{person}"

    def place(self, channel: str, thread: str | None = None) -> Place:
        """The channel, or a thread in it, as the bot names it."""
        return Place(Platform(self.site.name), self.site.workspace, channel, thread)

    def make_settings(self) -> Settings:
        """Settings as the environment would give them."""
        values: dict[str, Any] = {
            "database_url": f"sqlite:///{self.folder / 'copilot.db'}",
            self.site.name: self.site.settings(),
            "http": {"port": 0},
            "roles": {self.account(getattr(self.names, name)): roles for name, roles in ROLES.items()},
            "approval_channels": [self.account(self.names.approvals)],
            "delivery": {"url": self.delivery.url, "token": self.delivery.token},
            "unattended": ["mitigate"],
        }
        return Settings.model_validate({**values, **self.settings})

    @asynccontextmanager
    async def started(self, *, leases: Leases | None = None) -> AsyncIterator[Bot]:
        """One life of the bot; start it again for a restart."""
        async with running(self.make_settings(), clock=self.clock, leases=leases) as bot:
            await bot.ready()
            self.bot = bot
            yield bot

    async def say(self, person: str, channel: str, text: str, thread: str | None = None) -> tuple[str, int]:
        """Post as a person; the message's id and the event number before it."""
        since = await self.control.seq()
        in_thread = self.site.name == "discord" and thread
        where = {"channel": thread} if in_thread else {"channel": channel, "thread": thread}
        return str((await self.control.act(person, "post", text=text, **where))["message"]), since

    async def thread(self, person: str, channel: str, text: str) -> str:
        """A thread that people opened, without the bot."""
        message, _ = await self.say(person, channel, text)
        if self.site.name == "discord":
            await self.control.act(person, "open_thread", message=message)
        return message

    async def alert(self, channel: str, *, thread: str | None = None, text: str = "", **more: str) -> str:
        """An alert as tools post them, without text of its own unless given; the message's id."""
        told = {**_ALERT, **more}
        where: dict[str, Any] = {"channel": channel, "thread": thread}
        shown: dict[str, Any] = {"attachments": [told]}
        if self.site.name == "discord":
            where = {"channel": thread or channel}
            shown = {"embeds": [{"title": told["title"], "description": told["text"]}]}
        return str((await self.control.act(self.names.deploybot, "post", text=text, **where, **shown))["message"])

    async def command(self, person: str, channel: str, text: str) -> int:
        """`/copilot text`; the event number before it."""
        since = await self.control.seq()
        await self.site.command(self.control, person, channel, text)
        return since

    async def reply_in(self, channel: str, *, thread: str | None = None, contains: str = "", since: int = 0) -> Event:
        """The bot's next message (or edit) there that contains the text."""
        if thread and self.site.name == "discord":
            channel, thread = thread, None
        return await self.control.wait_message(
            channel=channel, thread=thread, author=self.names.bot, contains=contains, since=since
        )

    async def whisper_to(self, person: str, *, contains: str = "", since: int = 0) -> Event:
        """The bot's next private message to the person that contains the text."""
        return await self.control.wait_message(private_to=person, contains=contains, since=since)

    async def messages(self, *, channel: str = "", author: str = "") -> list[dict[str, Any]]:
        """All messages of an author (the bot), oldest first."""
        state = await self.control.state()
        author = author or self.names.bot
        return [m for m in state["messages"] if m["author"] == author and channel in ("", m["channel"])]

    async def settled(self) -> None:
        """Return when everything that was delivered so far is acknowledged and handled."""

        async def done() -> bool:
            assert self.bot
            acked = all(ack["acked_at"] for ack in await self.control.acks())
            ready = await self.bot.records.read(lambda tx: tx.inbox.ready(platforms=[self.site.name], limit=1))
            return acked and self.bot.turns.idle and not ready

        await until(done, what="everything to be handled")

    async def approval(self, *, since: int = 0) -> Card:
        """The request for approval that is shown next."""
        return self.card(await self.reply_in(self.names.approvals, contains="Approval needed", since=since))

    def card(self, event: Event) -> Card:
        """The card that an event shows."""
        return Card(event.message["id"], self.site.buttons(event), event.text, event.seq)


async def until(holds: Callable[[], Awaitable[object]], *, what: str, within: float = 10.0) -> None:
    """Return as soon as `holds` does; AssertionError after `within` seconds."""
    end = asyncio.get_running_loop().time() + within
    while not await holds():
        assert asyncio.get_running_loop().time() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def workspace(platform: str, folder: Path, *, timeout: float = 10.0) -> AsyncIterator[World]:
    """A workspace, the delivery service and a clock; the bot itself is started by the test. `timeout`: seconds to wait for anything."""
    async with AsyncExitStack() as stack:
        site: Site
        if platform == "slack":
            site = SlackSite(await stack.enter_async_context(SlackEmulator(limits="off")))
            url = site.emulator.url
        else:
            site = DiscordSite(await stack.enter_async_context(DiscordEmulator(limits="off")))
            url = site.emulator.url
        control = await stack.enter_async_context(ControlClient(url, timeout=timeout))
        delivery = await stack.enter_async_context(DeliveryFake())
        yield World(site, control, delivery, MovableClock(), folder)
