"""The emulator, the bot and the bare bot as processes of their own, so that none slows the other's event loop."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.emulators.slack import acme
from tests.flows.process import BotProcess, bot_process, write_settings

COPILOT = Path(sys.executable).with_name("copilot")


@asynccontextmanager
async def emulator() -> AsyncIterator[str]:
    """The address of a Slack emulator without rate limits."""
    command = (COPILOT, "emulate", "slack", "--no-page", "--no-limits")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async for line in process.stdout:
        if found := re.search(rb"http://127\.0\.0\.1:\d+", line):
            try:
                yield found[0].decode()
            finally:
                process.terminate()
                await process.wait()
            return
    raise RuntimeError("the emulator ended without an address")


@asynccontextmanager
async def bare_bolt(api_url: str) -> AsyncIterator[None]:
    """A slack-bolt app as its documentation shows, which answers every mention with a constant."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.bare_bolt", api_url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await process.stdout.readline()
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def copilot(api_url: str, folder: Path, port: int, **more: object) -> AsyncIterator[tuple[BotProcess, float]]:
    """The bot on a fresh SQLite file, and how many seconds it took to be ready."""
    folder.mkdir(parents=True, exist_ok=True)
    roles = {f"slack:{acme.TEAM}/{acme.DANA}": ["operator"], f"slack:{acme.TEAM}/{acme.LEE}": ["approver"]}
    settings = {
        "database_url": f"sqlite:///{folder / 'copilot.db'}",
        "approval_channels": [f"slack:{acme.TEAM}/{acme.APPROVALS}"],
        "roles": roles,
        "slack": {"enabled": True, "bot_token": acme.BOT_TOKEN, "app_token": acme.APP_TOKEN, "api_url": api_url},
        "http": {"port": port},
        "limits": {"turns_per_minute_per_person": 1_000_000},
        "log": {"level": "error"},
        **more,
    }
    began = time.perf_counter()
    async with bot_process(write_settings(folder / "copilot.toml", settings), port) as bot:
        yield bot, time.perf_counter() - began


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout) / 1024
