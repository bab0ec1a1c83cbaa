"""The whole bot against the emulators: real slack-bolt, real sockets, a real SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.bootstrap import Bot, running
from bot.clock import MovableClock
from bot.emulators.common.client import ControlClient, Event
from bot.emulators.slack import SlackEmulator, acme
from bot.settings import Settings
from integrations.delivery.fake import DeliveryFake

GENERAL, CHECKOUT, APPROVALS = acme.GENERAL, acme.CHECKOUT, acme.APPROVALS
DANA, LEE, SAM = acme.DANA, acme.LEE, acme.SAM


def slack_account(person: str) -> str:
    """The account as settings name it."""
    return f"slack:{acme.TEAM}/{person}"


def slack_place(channel: str) -> str:
    """The channel as settings name it."""
    return f"slack:{acme.TEAM}/{channel}"


ROLES = {
    slack_account(DANA): ["operator"],
    slack_account(LEE): ["operator", "approver"],
    slack_account(SAM): ["approver"],
}


@dataclass
class SlackWorld:
    """A Slack workspace with the bot in it."""

    emulator: SlackEmulator
    control: ControlClient
    delivery: DeliveryFake
    clock: MovableClock
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    bot: Bot | None = None

    def slack_settings(self) -> dict[str, Any]:
        """How to reach the emulator."""
        return {
            "enabled": True,
            "bot_token": self.emulator.bot_token,
            "app_token": self.emulator.app_token,
            "signing_secret": self.emulator.signing_secret,
            "api_url": self.emulator.api_url,
        }

    def make_settings(self) -> Settings:
        """Settings as the environment would give them."""
        values: dict[str, Any] = {
            "database_url": f"sqlite:///{self.folder / 'copilot.db'}",
            "slack": self.slack_settings(),
            "http": {"port": 0},
            "roles": ROLES,
            "approval_channels": [slack_place(APPROVALS)],
            "delivery": {"url": self.delivery.url, "token": self.delivery.token},
        }
        return Settings.model_validate({**values, **self.settings})

    @asynccontextmanager
    async def started(self) -> AsyncIterator[Bot]:
        """One life of the bot; start it again for a restart."""
        async with running(self.make_settings(), clock=self.clock) as bot:
            await bot.ready()
            self.bot = bot
            yield bot

    async def say(self, person: str, channel: str, text: str, thread: str | None = None) -> tuple[str, int]:
        """Post as a person; the message's id and the event number before it."""
        since = await self.control.seq()
        return await self.control.post(person, channel, text, thread=thread), since

    async def reply_in(self, channel: str, *, thread: str | None = None, contains: str = "", since: int = 0) -> Event:
        """The bot's next message (or edit) there that contains the text."""
        return await self.control.wait_message(
            channel=channel, thread=thread, author=acme.BOT_USER, contains=contains, since=since
        )

    async def whisper_to(self, person: str, *, contains: str = "", since: int = 0) -> Event:
        """The bot's next private message to the person that contains the text."""
        return await self.control.wait_message(private_to=person, contains=contains, since=since)

    async def messages(self, *, channel: str = "", author: str = acme.BOT_USER) -> list[dict[str, Any]]:
        """All messages of an author, oldest first."""
        state = await self.control.state()
        return [m for m in state["messages"] if m["author"] == author and channel in ("", m["channel"])]

    async def settled(self) -> None:
        """Return when everything that was delivered so far is acknowledged and handled."""

        async def done() -> bool:
            assert self.bot
            acked = all(ack["acked_at"] for ack in await self.control.acks())
            return acked and self.bot.turns.idle and not await self.bot.records.read(lambda tx: tx.inbox.ready(limit=1))

        await until(done, what="everything to be handled")

    async def approval(self, *, since: int = 0) -> "Card":
        """The request for approval that is shown next."""
        event = await self.reply_in(APPROVALS, contains="Approval needed", since=since)
        return Card.of(event)


@dataclass(frozen=True)
class Card:
    """A card with buttons, as it stands in a channel."""

    message: str
    buttons: Mapping[str, str]
    """Label → action id."""
    text: str
    seq: int

    @classmethod
    def of(cls, event: Event) -> "Card":
        blocks = event.message["raw"].get("blocks", [])
        elements = [e for block in blocks if block["type"] == "actions" for e in block["elements"]]
        buttons = {e["text"]["text"]: e["action_id"] for e in elements if e["type"] == "button"}
        return cls(event.message["id"], buttons, event.text, event.seq)


async def until(holds: Callable[[], Awaitable[object]], *, what: str, within: float = 10.0) -> None:
    """Return as soon as `holds` does; AssertionError after `within` seconds."""
    end = asyncio.get_running_loop().time() + within
    while not await holds():
        assert asyncio.get_running_loop().time() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def slack_world(folder: Path, **settings: Any) -> AsyncIterator[SlackWorld]:  # noqa: ANN401 -- any setting
    """A workspace, the delivery service and a clock; the bot itself is started by the test."""
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(SlackEmulator(limits="off"))
        control = await stack.enter_async_context(ControlClient(emulator.url))
        delivery = await stack.enter_async_context(DeliveryFake())
        yield SlackWorld(emulator, control, delivery, MovableClock(), folder, dict(settings))
