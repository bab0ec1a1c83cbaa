"""Finds and starts Chromium, and takes pictures of what it shows."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str:
    """The browser's path. Without one the test is skipped, loudly; under CI=true it fails."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium here: the page is not tested (apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return str(found)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser while the block runs."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def opened(page: Page, url: str) -> tuple[Locator, Locator]:
    """Open the chat page; its Slack and its Discord workspace."""
    await page.goto(url)
    await page.wait_for_selector("body[data-ready]")
    return page.get_by_role("region", name="Slack"), page.get_by_role("region", name="Discord")


async def screenshot(page: Page, name: str) -> Path:
    """Put a picture of the page into build/screenshots/; its path."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    await page.screenshot(path=path, animations="disabled")
    return path
