"""The cast of the Slack emulator's tests: a workspace, a bolt app connected to it, and a bare websocket."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import SlackEmulator, acme
from bot.emulators.slack.rates import Limits

Json = dict[str, Any]
BUTTON = {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}
BUTTONS = [{"type": "actions", "block_id": "row", "elements": [BUTTON]}]
NOTE_INPUT = {
    "type": "input",
    "block_id": "note",
    "label": {"type": "plain_text", "text": "Note"},
    "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
}
MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [NOTE_INPUT],
}


@dataclass
class Scene:
    """One emulator, its control client and the bot's Web API client."""

    slack: SlackEmulator
    ctl: ControlClient
    client: AsyncWebClient

    async def button(self, channel: str = acme.CHECKOUT) -> str:
        """Post a message with one button; its id."""
        return str((await self.client.chat_postMessage(channel=channel, text="?", blocks=BUTTONS))["ts"])

    async def error(self, method: str, **arguments: object) -> str:
        """The error code that an API call ends with."""
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=arguments)
        return str(caught.value.response["error"])


@asynccontextmanager
async def scene(
    listen: Callable[[AsyncApp], None] | None = None,
    *,
    limits: Limits = "off",
    scopes: Iterable[str] | None = None,
    events: Iterable[str] | None = None,
    keep: int = 20_000,
) -> AsyncIterator[Scene]:
    """A workspace; with `listen` a bolt app with those listeners is connected over Socket Mode."""
    emulator = SlackEmulator(limits=limits, scopes=scopes, events=events, keep=keep)
    async with emulator as slack, ControlClient(slack.url) as ctl:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        if listen is None:
            yield Scene(slack, ctl, client)
            return
        app = AsyncApp(client=client, signing_secret=slack.signing_secret)
        listen(app)
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
        await handler.connect_async()
        try:
            yield Scene(slack, ctl, client)
        finally:
            await handler.close_async()


class BareSocket:
    """A websocket whose owner decides what to acknowledge."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self) -> Json:
        """The next frame; AssertionError after five seconds or when the socket is closed."""
        message = await self.ws.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame: Json = json.loads(message.data)
        return frame

    async def event(self, type_: str) -> Json:
        """The next envelope with an event of this type; others are acknowledged."""
        while True:
            frame = await self.next()
            if frame.get("payload", {}).get("event", {}).get("type") == type_:
                return frame
            await self.ack(frame)

    async def ack(self, frame: Json, payload: Json | None = None) -> None:
        """Acknowledge an envelope."""
        answer = {"envelope_id": frame["envelope_id"]}
        await self.ws.send_json(answer if payload is None else {**answer, "payload": payload})


async def open_connection(slack: SlackEmulator) -> str:
    """A fresh websocket address."""
    app_client = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    return str((await app_client.apps_connections_open(app_token=slack.app_token))["url"])


@asynccontextmanager
async def bare_socket(slack: SlackEmulator) -> AsyncIterator[BareSocket]:
    """A connected socket, past its hello."""
    async with aiohttp.ClientSession() as session, session.ws_connect(await open_connection(slack)) as ws:
        socket = BareSocket(ws)
        assert (await socket.next())["type"] == "hello"
        yield socket
