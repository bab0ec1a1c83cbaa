"""`copilot ask`: a turn from a terminal, through the same inbox, engine and outbox."""

import asyncio
import getpass
import time
from pathlib import Path

from rich.console import Console

from bot import logs
from bot.bootstrap import Bot, running
from bot.cli.terminal import TerminalConnector, as_json, show
from bot.settings import Settings, load
from core.errors import UnavailableError
from core.messages import Account, Person, Place, Platform, Reply, Turn, Via
from core.tracing import new_trace

_WITHIN = 30.0
"""Seconds to wait for the answer."""


def run(text: str, config: Path | None, as_program: bool) -> None:
    """Ask and print the answer."""
    settings = load(config)
    logs.configure(settings.log.model_copy(update={"level": "error"}))
    reply = asyncio.run(_ask(settings, text))
    if as_program:
        print(as_json(reply))
    else:
        show(reply, Console())


async def _ask(settings: Settings, text: str) -> Reply:
    terminal = TerminalConnector()
    async with running(
        settings, platforms=False, http=False, workers=False, connectors={Platform.CONSOLE: terminal}
    ) as bot:
        await bot.gateway.event(_turn(bot, text))
        try:
            async with asyncio.timeout(_WITHIN):
                return await terminal.replies.get()
        except TimeoutError:
            raise UnavailableError(f"No answer within {_WITHIN:.0f} s.", hint="Look at the log of the bot.") from None


def _turn(bot: Bot, text: str) -> Turn:
    user = getpass.getuser()
    place = Place(Platform.CONSOLE, "local", user, direct=True)
    person = Person(Account(Platform.CONSOLE, "local", user), user)
    return Turn(f"console:{bot.ids.token()}", place, person, text, time.time(), Via.TERMINAL, traceparent=new_trace())
