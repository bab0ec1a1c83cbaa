"""One call of Slack's Web API, with its time limit and with our errors."""

import asyncio
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import mapped


class SlackCalls:
    """What the parts of the connector share."""

    def __init__(self, client: AsyncWebClient, *, team: str, me: str = "", timeout: float = 10.0) -> None:
        """`team`: the workspace that the bot is installed in; `me`: the bot's own user id, for who looks for its own messages;
        `timeout`: seconds for each call."""
        self._client = client
        self._team = team
        self._me = me
        self._timeout = timeout

    async def _call(self, method: str, **arguments: Any) -> Any:  # noqa: ANN401 -- Slack's JSON
        given = {name: value for name, value in arguments.items() if value is not None}
        with mapped():
            async with asyncio.timeout(self._timeout):
                return await getattr(self._client, method)(**given)
