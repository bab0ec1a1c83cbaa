"""`copilot serve` and `copilot work`."""

import asyncio
import signal
from pathlib import Path

import structlog

from bot import logs
from bot.bootstrap import running
from bot.settings import Settings, load
from core.errors import UserInputError

log = structlog.get_logger()


def serve(config: Path | None) -> None:
    """Run everything in this process until SIGTERM or SIGINT."""
    settings = load(config)
    if not (settings.slack.enabled or settings.discord.enabled):
        hint = "Set slack.enabled or discord.enabled with its tokens; `copilot demo` needs neither."
        raise UserInputError("No platform is enabled, so nobody could talk to the bot.", hint=hint)
    logs.configure(settings.log)
    asyncio.run(until_told(settings, platforms=True))


def work(config: Path | None) -> None:
    """Run workers only."""
    settings = load(config)
    logs.configure(settings.log)
    asyncio.run(until_told(settings, platforms=False))


async def until_told(settings: Settings, *, platforms: bool) -> None:
    """The bot, until the process is told to stop; then it finishes what it has begun."""
    stop = stop_event()
    async with running(settings, platforms=platforms, http=platforms) as bot:
        log.info("bot.listening", address=bot.address)
        await stop.wait()


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
