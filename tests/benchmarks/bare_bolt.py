"""The yardstick: a slack-bolt app as its documentation shows, with a constant reply and nothing kept."""

import asyncio
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack import acme


async def main(api_url: str) -> None:
    """Answer mentions until terminated."""
    app = AsyncApp(client=AsyncWebClient(token=acme.BOT_TOKEN, base_url=api_url))

    @app.event("app_mention")
    async def answer(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 -- bolt's utility
        await say(text="A constant reply.", thread_ts=event["ts"])

    @app.event("message")
    async def ignore() -> None:
        """The same message comes as a message event, too."""

    handler = AsyncSocketModeHandler(app, acme.APP_TOKEN)
    await handler.connect_async()
    print("connected", flush=True)  # noqa: T201 -- tells the parent
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
