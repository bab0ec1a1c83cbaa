"""Receives from Slack through slack-bolt, over Socket Mode or HTTP, and acknowledges by the rules of the design."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.ingress import Ingress, Opening
from bot.slack.connector import SlackConnector, web_client
from bot.slack.errors import mapped
from bot.slack.inbound import Ignored, Me, understand
from core.conversation import replies
from core.errors import AuthenticationError, BotError, UnavailableError, UpstreamRejected
from core.messages import Click, HomeOpened, Incoming, Joined, Reply, Turn, Via
from core.ports.clock import Clock
from core.tracing import new_trace

log = structlog.get_logger()

PATH = "/slack/events"
"""Where events, commands and interactivity come in over HTTP."""
_DEAF = 2.5
"""Pings without an answer from which the socket counts as deaf in `/ready`, before slack_sdk gives it up."""


class SlackTransport:
    """Connected to Slack while its `async with` block runs."""

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str,
        ingress: Ingress,
        clock: Clock,
        ping: float = 2.0,
    ) -> None:
        """With an `app_token` over Socket Mode, else over HTTP with the `signing_secret`; then mount `routes()`. `ping`: seconds
        between pings of a socket; slack_sdk takes it for dead after four without an answer and connects anew."""
        self._tokens = (bot_token, app_token, signing_secret)
        self._api_url = api_url
        self._ingress = ingress
        self._clock = clock
        self._ping = ping
        self._me = Me("", "")
        self._stack = AsyncExitStack()
        self._handler: AsyncSocketModeHandler | None = None
        self._bolt: AsyncApp | None = None
        self._connector: SlackConnector | None = None
        self._greeted = False
        self.ignored: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        """Two calls, whatever the size of the workspace: auth.test, and apps.connections.open for Socket Mode."""
        bot_token, app_token, signing_secret = self._tokens
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(web_client(bot_token, self._api_url))
            self._connector = SlackConnector(client)
            self._bolt = AsyncApp(
                client=client,
                signing_secret=signing_secret or None,
                # Socket Mode has no signatures; over HTTP bolt checks signature and age.
                request_verification_enabled=not app_token,
                # `inbound` tells our own messages and other bots' apart; bolt would look at our own only.
                ignoring_self_events_enabled=False,
                ssl_check_enabled=False,
                attaching_function_token_enabled=False,
                attaching_conversation_kwargs_enabled=False,
            )
            # A middleware, not listeners: a listener's acknowledgement is polled every 10 ms, an event's is sent before the
            # listener runs, and ours has to wait for the commit.
            self._bolt.use(self._take_in)
            await self._who_am_i(client)
            if app_token:
                await self._open_socket(stack, app_token)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def connector(self) -> SlackConnector:
        """Sends as the same bot."""
        if self._connector is None:
            raise UnavailableError("Slack is not connected yet.")
        return self._connector

    def healthy(self) -> str:
        """Empty when events can come in, else why not."""
        if self._handler is None:
            return "" if self._me.user else "not started"
        socket = self._handler.client
        if not self._greeted or socket.current_session is None or socket.current_session.closed:
            return "the socket is not connected"
        answered = socket.last_ping_pong_time
        if answered is not None and time.time() - answered > _DEAF * self._ping:
            return "the socket does not answer; connecting anew"
        return ""

    def routes(self) -> list[web.AbstractRouteDef]:
        """The route of HTTP mode; none in Socket Mode."""
        return [] if self._tokens[1] else [web.post(PATH, self._over_http)]

    # --- connecting ------------------------------------------------------------------------------------

    async def _who_am_i(self, client: Any) -> None:  # noqa: ANN401 -- slack_sdk's client
        try:
            with mapped():
                me = await client.auth_test()
        except UpstreamRejected as error:
            hint = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions."
            raise AuthenticationError(f"Slack does not accept slack.bot_token: {error.reason}.", hint=hint) from error
        self._me = Me(me["team_id"], me["user_id"])

    async def _open_socket(self, stack: AsyncExitStack, app_token: str) -> None:
        assert self._bolt  # noqa: S101 -- made two lines before
        self._handler = AsyncSocketModeHandler(self._bolt, app_token, ping_interval=self._ping)
        self._handler.client.message_listeners.append(self._heard)
        stack.push_async_callback(self._handler.close_async)
        try:
            with mapped():
                await self._handler.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it without annotations
        except UpstreamRejected as error:
            hint = "Make an app-level token (xapp-…) with connections:write, and switch Socket Mode on."
            raise AuthenticationError(f"Slack does not accept slack.app_token: {error.reason}.", hint=hint) from error

    async def _heard(self, _client: object, message: dict[str, Any], _raw: str | None = None) -> None:
        if message.get("type") == "hello":
            self._greeted = True

    async def _over_http(self, request: web.Request) -> web.Response:
        assert self._bolt  # noqa: S101 -- routes are served after the start
        return await to_aiohttp_response(await self._bolt.async_dispatch(await to_bolt_request(request)))

    # --- taking in -------------------------------------------------------------------------------------

    async def _take_in(self, req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:  # noqa: A002 -- bolt passes arguments by these names
        """Everything that passed bolt's checks. Status 200 acknowledges; anything else withholds, and Slack sends events again."""
        payload: dict[str, Any] = req.body
        item = understand(payload, self._me, now=self._clock.now().timestamp(), traceparent=new_trace())
        if isinstance(item, Ignored):
            self.ignored[item.reason] += 1
            return BoltResponse(status=200, body="")
        if payload.get("type") == "event_callback":
            return await self._event(item)
        if opening := self._opening(item):
            await self._open(opening, item, str(payload.get("trigger_id", "")))
            return BoltResponse(status=200, body="")
        await self._ingress.interaction(item, lost=lambda: self._tell_lost(item))
        return BoltResponse(status=200, body="")

    async def _event(self, item: Incoming) -> BoltResponse:
        try:
            await self._ingress.event(item)
        except UnavailableError as error:
            log.warning("slack.withheld", claim=item.claim, error=error.message)
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    def _opening(self, item: Incoming) -> Opening | None:
        """The form to open at once, before any I/O."""
        if isinstance(item, Turn) and item.via is Via.COMMAND:
            return self._ingress.opening_for_command(item.text)
        return self._ingress.opening_for_action(item.action) if isinstance(item, Click) else None

    async def _open(self, opening: Opening, item: Incoming, trigger: str) -> None:
        """Open a form; when its trigger is too old, offer a button that has a fresh one."""
        place = f"{item.place.channel}/{item.place.thread or ''}"
        try:
            await self.connector.open_form(trigger, opening.form, token=opening.token, place=place)
        except BotError as error:
            log.info("slack.form_not_opened", form=opening.form.name, error=error.message)
            action = f"form:{opening.form.name}" + (f":{opening.token}" if opening.token else "")
            await self._tell(item, replies.open_again("Open again", action))

    async def _tell_lost(self, item: Incoming) -> None:
        await self._tell(item, replies.not_recorded())

    async def _tell(self, item: Incoming, reply: Reply) -> None:
        handle = None if isinstance(item, Joined | HomeOpened) else item.handle
        place = item.place
        try:
            if handle:
                await self.connector.answer(handle, place, reply, private=True, key=item.claim)
            else:
                await self.connector.whisper(place, item.person.account, reply, key=item.claim)
        except BotError as error:
            log.warning("slack.untold", claim=item.claim, error=error.message)
