"""`copilot demo`: the real bot between bundled emulators, with a chat page, on loopback only."""

import asyncio
import errno
from contextlib import AsyncExitStack
from pathlib import Path

from bot import logs
from bot.bootstrap import running
from bot.cli.serve import stop_event
from bot.emulators.discord import DiscordEmulator
from bot.emulators.discord import acme as guild
from bot.emulators.page.server import ChatPage
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack import acme as team
from bot.settings import Settings
from core.errors import UserInputError
from integrations.delivery.fake import DeliveryFake

_USUAL_PORT = 8090


def run(port: int | None, data: Path) -> None:
    """Run until Ctrl-C. A port that was asked for must be free; the usual one may be replaced."""
    data.mkdir(parents=True, exist_ok=True)
    asyncio.run(_demo(port, data))


async def _demo(port: int | None, data: Path) -> None:
    stop = stop_event()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackEmulator())
        discord = await stack.enter_async_context(DiscordEmulator())
        delivery = await stack.enter_async_context(DeliveryFake(seconds=3.0, data=data / "delivery.json"))
        settings = _settings(slack, discord, delivery, data)
        logs.configure(settings.log)
        bot = await stack.enter_async_context(running(settings))
        await bot.ready()
        page = await stack.enter_async_context(await _page(port, slack.url, discord.url))
        _welcome(page.url, data)
        await stop.wait()
        print("\nStopping … your runs are kept in", data)


async def _page(port: int | None, slack: str, discord: str) -> ChatPage:
    raise UserInputError(f"{port}{slack}{discord}")


def _welcome(url: str, data: Path) -> None:
    print(
        f"""
  Copilot is running between a Slack and a Discord workspace on this machine.

    {url}

  Three things to try there:
    1. In Slack, in #checkout:   @copilot which version of checkout is in production?
    2. In Slack or Discord:      /copilot run deploy service=checkout environment=production
    3. In #approvals:            press Approve as Dana (refused), then as Lee

  Records: {data / "copilot.db"}   Ctrl-C stops it.
""",
        flush=True,
    )


def _settings(slack: SlackEmulator, discord: DiscordEmulator, delivery: DeliveryFake, data: Path) -> Settings:
    people = {
        "dana": (f"slack:{team.TEAM}/{team.DANA}", f"discord:{guild.GUILD}/{guild.DANA}"),
        "lee": (f"slack:{team.TEAM}/{team.LEE}", f"discord:{guild.GUILD}/{guild.LEE}"),
        "sam": (f"slack:{team.TEAM}/{team.SAM}", f"discord:{guild.GUILD}/{guild.SAM}"),
    }
    roles = {"dana": ["operator"], "lee": ["operator", "approver"], "sam": ["approver"]}
    return Settings.model_validate(
        dict(
            database_url=f"sqlite:///{data / 'copilot.db'}",
            slack={
                "enabled": True,
                "bot_token": slack.bot_token,
                "app_token": slack.app_token,
                "api_url": slack.api_url,
            },
            discord={
                "enabled": True,
                "token": discord.bot_token,
                "api_url": discord.api_url,
                "guild_ids": [discord.guild_id],
            },
            http={"port": 0},
            roles={account: roles[name] for name, accounts in people.items() for account in accounts},
            same_person=[list(accounts) for accounts in people.values()],
            approval_channels=[f"slack:{team.TEAM}/{team.APPROVALS}", f"discord:{guild.GUILD}/{guild.APPROVALS}"],
            delivery={"url": delivery.url, "token": delivery.token},
            log={"level": "warning", "format": "console"},
        )
    )


_ = errno
