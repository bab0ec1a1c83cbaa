"""The demo as a process, and a real browser. Without Chromium these tests are skipped, loudly; under CI=true that is an error."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page

from bot.emulators.page import ChatPage
from tests.browser.browser import WIDE, launched, opened
from tests.contract.slack_emulator import Scene, scene


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a running demo's page."""
    copilot = Path(sys.executable).with_name("copilot")
    command = (copilot, "demo", "--port", "0", "--data", tmp_path / "demo")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        async with asyncio.timeout(30):
            async for line in process.stdout:
                if found := re.search(rb"http://127\.0\.0\.1:\d+/", line):
                    yield found[0].decode()
                    break
            else:
                pytest.fail("the demo ended without an address")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser page whose errors fail the test."""
    errors: list[str] = []
    async with launched() as browser:
        opened = await browser.new_page(viewport=WIDE)
        opened.set_default_timeout(15_000)
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
    assert not errors


@pytest.fixture
async def slack() -> AsyncIterator[Scene]:
    """A Slack workspace without a bot's listeners: the test itself calls the API as the bot."""
    async with scene() as found:
        yield found


@pytest.fixture
async def site(slack: Scene, page: Page) -> AsyncIterator[Locator]:
    """The Slack workspace in the browser, in #checkout, with Dana speaking."""
    async with ChatPage(slack_url=slack.slack.url) as chat:
        yield (await opened(page, chat.url))[0]
        await page.close()
