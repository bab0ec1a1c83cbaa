"""The bot as a process of its own, to be killed without a word."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.flows.world import World, until


def write_settings(path: Path, settings: dict[str, Any]) -> Path:
    """A copilot.toml with these settings."""
    path.write_text("".join(_table("", settings)), encoding="utf-8")
    return path


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_of(world: World, folder: Path, port: int) -> Path:
    """The settings of a world's bot as a file, for a process that serves on this port."""
    settings = world.make_settings().model_dump(mode="json", include={"database_url", "roles", "approval_channels"})
    settings |= {
        world.site.name: world.site.settings(),
        "http": {"port": port},
        "delivery": {"url": world.delivery.url, "token": world.delivery.token},
    }
    return write_settings(folder / "copilot.toml", settings)


def _table(prefix: str, values: dict[str, Any]) -> list[str]:
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    lines = [f"[{prefix}]\n"] if prefix else []
    # A JSON string, number, boolean or array of these is TOML, too.
    lines += [f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in plain.items()]
    for name, value in values.items():
        if isinstance(value, dict):
            lines += _table(f"{prefix}.{name}" if prefix else name, value)
    return lines


class BotProcess:
    """`copilot serve`, running."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    async def ready(self) -> None:
        """Return when /ready says so."""
        async with httpx.AsyncClient(trust_env=False) as http:

            async def answers() -> bool:
                assert self.process.returncode is None, "the bot ended"
                try:
                    return (await http.get(f"{self.url}/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, what="the bot to be ready", within=30)

    async def kill(self) -> None:
        """`kill -9`."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def bot_process(config: Path, port: int) -> AsyncIterator[BotProcess]:
    """One life of the bot; killed at the end if it lives still."""
    copilot = Path(sys.executable).with_name("copilot")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COPILOT_")}
    process = await asyncio.create_subprocess_exec(copilot, "serve", "--config", config, env=environment)
    bot = BotProcess(process, port)
    try:
        await bot.ready()
        yield bot
    finally:
        await bot.kill()
