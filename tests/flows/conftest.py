"""Worlds for the flow tests: `world` with the bot running, `cold` without; both on Slack and on Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.world import World, workspace


@pytest.fixture(params=["slack", "discord"])
def platform(request: pytest.FixtureRequest) -> str:
    """Which platform the test plays on."""
    return str(request.param)


@pytest.fixture
async def cold(platform: str, tmp_path: Path) -> AsyncIterator[World]:
    """A workspace whose bot the test starts (and stops) itself."""
    async with workspace(platform, tmp_path) as world:
        yield world


@pytest.fixture
async def world(cold: World) -> AsyncIterator[World]:
    """A workspace with the bot running in it."""
    async with cold.started():
        yield cold


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[World]:
    """Slack alone, with the bot running in it."""
    async with workspace("slack", tmp_path) as world, world.started():
        yield world


@pytest.fixture
async def cold_slack(tmp_path: Path) -> AsyncIterator[World]:
    """Slack alone; the test starts the bot."""
    async with workspace("slack", tmp_path) as world:
        yield world


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[World]:
    """Discord alone, with the bot running in it."""
    async with workspace("discord", tmp_path) as world, world.started():
        yield world


@pytest.fixture
async def cold_discord(tmp_path: Path) -> AsyncIterator[World]:
    """Discord alone; the test starts the bot."""
    async with workspace("discord", tmp_path) as world:
        yield world
