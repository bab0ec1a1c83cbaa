"""HTTP mode: real bolt behind an aiohttp server gets signed requests; bad and stale signatures are its own to refuse."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck, AsyncRespond, AsyncSay

from bot.emulators.common.client import Event
from bot.emulators.common.server import serve
from bot.emulators.slack import acme
from bot.emulators.slack.http_mode import signature
from tests.contract.slack_emulator import Scene, scene

Json = dict[str, Any]
Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def listening(s: Scene, handler: Handler) -> AsyncIterator[str]:
    """Serve the bot's request URL and point the emulator to it."""
    app = web.Application()
    app.router.add_post("/slack/events", handler)
    async with serve(app, 0) as port:
        url = f"http://127.0.0.1:{port}/slack/events"
        s.slack.use_http(events_url=url)
        yield url


def bolt_handler(s: Scene, listen: Callable[[AsyncApp], None]) -> Handler:
    """Bolt's own request handler around an app with these listeners."""
    app = AsyncApp(client=s.client, signing_secret=s.slack.signing_secret, process_before_response=True)
    listen(app)

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


def failure(attempt: int) -> Callable[[Event], bool]:
    """Matches the event of this failed attempt."""
    return lambda event: event.type == "delivery_failed" and event.data["attempt"] == attempt


async def test_bolt_accepts_events_commands_and_clicks_over_http() -> None:
    def listen(app: AsyncApp) -> None:
        @app.event("app_mention")
        async def mention(say: AsyncSay) -> None:
            await say("mentioned")

        @app.command("/copilot")
        async def command(ack: AsyncAck) -> None:
            await ack("commanded")

        @app.action("go")
        async def action(ack: AsyncAck, respond: AsyncRespond) -> None:
            await ack()
            await respond("clicked")

    async with scene() as s, listening(s, bolt_handler(s, listen)):
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "@copilot hello")
        await s.ctl.wait_message(contains="mentioned", author=acme.BOT_USER)
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        await s.ctl.wait_message(contains="commanded")
        await s.ctl.click(acme.DANA, await s.button(), "go")
        await s.ctl.wait_message(contains="clicked")


async def test_bolt_refuses_bad_and_stale_signatures() -> None:
    async with scene() as s, listening(s, bolt_handler(s, lambda _: None)) as url, httpx.AsyncClient() as http:
        body = '{"type": "event_callback", "event": {"type": "app_mention"}}'
        now, old = str(int(time.time())), str(int(time.time()) - 301)
        signed = signature(s.slack.signing_secret, old, body)
        for timestamp, value in ((now, "v0=bad"), (old, signed)):
            headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": value}
            response = await http.post(url, content=body, headers={**headers, "Content-Type": "application/json"})
            assert response.status_code == 401


async def test_a_failed_event_is_sent_again_with_number_and_reason() -> None:
    seen: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.Response(text=body["challenge"])
        seen.append(request)
        return web.Response(status=500)

    async with scene(events=["message.channels"]) as s, listening(s, handle):
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello")
        for attempt, wait in enumerate((1, 60, 300, 0), start=1):
            await s.ctl.wait_for(failure(attempt))
            await s.ctl.clock(wait)
        numbers = [request.headers.get("X-Slack-Retry-Num") for request in seen]
        assert numbers == [None, "1", "2", "3"]
        assert {request.headers.get("X-Slack-Retry-Reason") for request in seen[1:]} == {"http_error"}


async def test_an_address_that_fails_the_challenge_gets_no_events() -> None:
    kinds: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        kinds.append((await request.json())["type"])
        return web.Response(text="what?")

    async with scene() as s, listening(s, handle):
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello")
        failed = await s.ctl.wait_for(lambda event: event.type == "delivery_failed")
        assert failed.data["reason"] == "url_not_verified"
        assert kinds == ["url_verification"]


async def test_a_bot_that_is_down_fails_the_command() -> None:
    async with scene() as s:
        s.slack.use_http(events_url="http://127.0.0.1:1/slack/events")
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        event = await s.ctl.wait_for(lambda event: event.type == "interaction_failed")
        assert "dispatch_failed" in event.data["text"]
