"""One call of Discord's REST API, with its time limit and with our errors."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import discord
from discord.http import Route

from bot.discord.errors import mapped
from core.messages import File

TIME_LIMIT = 40.0
"""Seconds for one call; discord.py may wait for a rate limit within it."""


class DiscordCalls:
    """What the parts of the connector share."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def _call(
        self, method: str, path: str, body: object = None, files: Sequence[File] = (), **parameters: str
    ) -> Any:  # noqa: ANN401 -- Discord's JSON
        given: dict[str, Any] = {} if body is None else {"form": _form(body, files)} if files else {"json": body}
        with mapped():
            async with asyncio.timeout(TIME_LIMIT):
                return await self._client.http.request(Route(method, path, **parameters), **given)


def _form(body: object, files: Sequence[File]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps(body), "content_type": "application/json"}
    ]
    for n, file in enumerate(files):
        part = {"name": f"files[{n}]", "value": file.content, "filename": file.name, "content_type": file.media_type}
        parts.append(part)
    return parts
