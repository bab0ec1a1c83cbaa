"""`copilot emulate`: an emulator for any bot."""

import asyncio
from contextlib import AsyncExitStack
from typing import Literal

from bot.cli.serve import stop_event
from core.errors import UserInputError


def run(platform: str, port: int, page: bool, limits: bool) -> None:
    """Serve until Ctrl-C."""
    if platform not in ("slack", "discord"):
        raise UserInputError(f"There is no emulator for {platform!r}.", hint="There are: slack, discord.")
    asyncio.run(_serve(platform, port, page, "real" if limits else "off"))


async def _serve(platform: str, port: int, page: bool, limits: Literal["real", "off"]) -> None:
    stop = stop_event()
    async with AsyncExitStack() as stack:
        if platform == "slack":
            from bot.emulators.slack import SlackEmulator

            slack = await stack.enter_async_context(SlackEmulator(port, limits=limits))
            url = slack.url
            print(
                f"Slack emulator on {slack.url}\n  Web API         {slack.api_url}\n  bot token       {slack.bot_token}"
            )
            print(f"  app token       {slack.app_token}\n  signing secret  {slack.signing_secret}")
        else:
            from bot.emulators.discord import DiscordEmulator

            discord = await stack.enter_async_context(DiscordEmulator(port, limits=limits))
            url = discord.url
            print(
                f"Discord emulator on {discord.url}\n  API             {discord.api_url}\n  bot token       {discord.bot_token}"
            )
            print(f"  application id  {discord.application_id}\n  guild id        {discord.guild_id}")
        print(f"  control         {url}/control/state")
        if page:
            from bot.emulators.page.server import ChatPage

            shown = await stack.enter_async_context(
                ChatPage(
                    0, slack_url=url if platform == "slack" else "", discord_url=url if platform == "discord" else ""
                )
            )
            print(f"  chat page       {shown.url}")
        print("Ctrl-C stops it; its state is in memory.", flush=True)
        await stop.wait()
