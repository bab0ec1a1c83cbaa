"""The machine's clock against those of the platforms and the database."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from email.utils import parsedate_to_datetime

import aiohttp

from bot.doctor import discord, probes
from bot.doctor.findings import Finding, ok, problem, warning
from bot.settings import Settings
from core.errors import BotError

_WITHIN = 5.0
_SLACK_PROBE, _DISCORD_PROBE = "api.test", "/gateway"
"""Need no token, and answer with the time like everything else."""
WARN, FAIL = 5.0, 60.0
"""Seconds. Slack's signatures are refused after five minutes, triggers live three seconds; a minute is far from normal."""

Reading = Callable[[], Awaitable[float | None]]


async def clock(settings: Settings) -> AsyncGenerator[Finding, None]:
    """One reading for each clock that can be asked."""
    if settings.clock_offset:
        what = f"clock_offset is {settings.clock_offset:g} s."
        yield warning(what, "The bot's times are wrong on purpose; that is for drills.", "Remove clock_offset.")
    readings: dict[str, Reading] = {}
    if settings.slack.enabled:
        readings["Slack"] = lambda: _http(f"{settings.slack.api_url.rstrip('/')}/{_SLACK_PROBE}")
    if settings.discord.enabled:
        base = (settings.discord.api_url or discord.API).rstrip("/")
        readings["Discord"] = lambda: _http(f"{base}{_DISCORD_PROBE}")
    if not settings.database_url.startswith("sqlite"):
        readings["the database"] = lambda: _database(settings.database_url)
    for name, read in readings.items():
        began = time.time()
        theirs = await read()
        if theirs is not None:
            # Theirs was read somewhere between our question and the answer.
            yield judge_clock(name, (began + time.time()) / 2 - theirs)


def judge_clock(other: str, ahead: float) -> Finding:
    """How far this machine's clock is ahead of another one; behind when negative."""
    off = abs(ahead)
    if off <= WARN:
        return ok(f"The clock agrees with {other}'s.")
    what = f"The clock of this machine is {off:.0f} s {'ahead of' if ahead > 0 else 'behind'} {other}'s."
    fix = "Let the machine keep time: `timedatectl set-ntp true`, or chrony; `chronyc tracking` shows the offset."
    if off > FAIL:
        return problem(what, "Signed requests are refused, buttons expire at once, reminders come at wrong times.", fix)
    return warning(what, "Reminders and expiries are off by that much.", fix)


async def _http(url: str) -> float | None:
    """The time an HTTP server says it is; None when it does not answer, which other checks report."""
    limit = aiohttp.ClientTimeout(total=_WITHIN)
    try:
        async with aiohttp.ClientSession(timeout=limit) as http, http.get(url) as response:
            return parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return None


async def _database(url: str) -> float | None:
    try:
        found = (await probes.inspect(url)).now
    except BotError:
        return None
    return found.timestamp() if found else None
