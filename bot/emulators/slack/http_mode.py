"""HTTP mode: signed requests to the bot's own addresses."""

import asyncio
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.emulators.common.background import Background
from bot.emulators.slack.app import App
from bot.emulators.slack.delivery import Delivery
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"


class Poster:
    """Posts deliveries to the app's request URLs, each verified by a challenge before its first event."""

    def __init__(self, workspace: Workspace, background: Background, session: aiohttp.ClientSession) -> None:
        self._workspace = workspace
        self._background = background
        self._session = session
        self._verified: set[str] = set()
        self._verifying = asyncio.Lock()

    def send(self, delivery: Delivery) -> None:
        """Start the request; the delivery is settled by its answer."""
        self._background.spawn(self._post(delivery))

    async def verify(self, url: str) -> bool:
        """Whether the address answers the url_verification challenge; asked once until it does."""
        async with self._verifying:
            if url in self._verified:
                return True
            challenge = self._workspace.ids.secret()
            token = self._workspace.app.verification_token
            body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"})
            async with self._session.post(url, data=body, headers=self._headers(body, "application/json")) as response:
                answer = await response.text()
            if response.status == 200 and challenge in answer:
                self._verified.add(url)
            return url in self._verified

    async def _post(self, delivery: Delivery) -> None:
        url, body, content_type = _request(self._workspace.app, delivery)
        if not url:
            delivery.fail("connection_failed")
            return
        try:
            if delivery.channel == "events_api" and not await self.verify(url):
                delivery.fail("url_not_verified")
                return
            headers = self._headers(body, content_type)
            if delivery.retry_attempt:
                headers |= {
                    "X-Slack-Retry-Num": str(delivery.retry_attempt),
                    "X-Slack-Retry-Reason": {"timeout": "http_timeout"}.get(
                        delivery.retry_reason, delivery.retry_reason
                    ),
                }
            await self._exchange(delivery, url, body, headers)
        except aiohttp.ClientError:
            delivery.fail("connection_failed")

    async def _exchange(self, delivery: Delivery, url: str, body: str, headers: dict[str, str]) -> None:
        async with self._session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as response:
            text = await response.text()
            if 200 <= response.status < 300:
                delivery.answer(_payload(text, response.content_type))
            else:
                delivery.fail("no_retry" if response.headers.get("X-Slack-No-Retry") == "1" else "http_error")

    def _headers(self, body: str, content_type: str) -> dict[str, str]:
        timestamp = str(int(self._workspace.clock.real_now()))
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._workspace.app.signing_secret, timestamp, body),
        }


def signature(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 signature of a request: HMAC-SHA256 over `v0:timestamp:body`."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def _request(app: App, delivery: Delivery) -> tuple[str, str, str]:
    match delivery.channel:
        case "events_api":
            return app.events_url, json.dumps(delivery.payload), "application/json"
        case "slash_commands":
            return app.commands_url, urlencode(delivery.payload), _FORM
        case "interactive":
            return app.interactivity_url, urlencode({"payload": json.dumps(delivery.payload)}), _FORM


def _payload(text: str, content_type: str) -> object:
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return None
    return {"text": text}
