"""Worlds for the flow tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.world import SlackWorld, slack_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SlackWorld]:
    """A Slack workspace with the bot running in it."""
    async with slack_world(tmp_path) as world, world.started():
        yield world


@pytest.fixture
async def cold(tmp_path: Path) -> AsyncIterator[SlackWorld]:
    """A Slack workspace whose bot the test starts (and stops) itself."""
    async with slack_world(tmp_path) as world:
        yield world
