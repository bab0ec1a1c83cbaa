"""Receives from Slack through slack-bolt, over Socket Mode or HTTP, and acknowledges by the rules of the design."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.ingress import Ingress, Opening
from bot.slack.connector import SlackConnector, web_client
from bot.slack.errors import mapped
from bot.slack.http_body import fault
from bot.slack.inbound import Ignored, Me, understand
from bot.slack.overheard import overhear
from bot.slack.socket import SlackSocket
from core.conversation import replies
from core.errors import AuthenticationError, BotError, UnavailableError, UpstreamRejected
from core.messages import Click, Incoming, Overheard, Reply, Submission, Turn, Via
from core.ports.clock import Clock
from core.tracing import new_trace

log = structlog.get_logger()

Json = dict[str, Any]

PATH = "/slack/events"
"""Where events, commands and interactivity come in over HTTP."""


class _TakeIn(AsyncMiddleware):
    """Stands in bolt's chain right behind its check of signature and age. No listeners: bolt polls a listener's
    acknowledgement every 10 ms, and sends an event's before the listener runs, where ours has to wait for the commit. In front
    of the authorization: with one workspace it would only ask auth.test once more, during the first event."""

    def __init__(self, take_in: Callable[[Json], Awaitable[BoltResponse]]) -> None:
        self._take_in = take_in

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 -- bolt passes it by this name
    ) -> BoltResponse | None:
        """Answer the request; Slack's check of our address is left to bolt."""
        if req.body.get("type") == "url_verification":
            return await next()
        return await self._take_in(req.body)


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
        self._bot_token, self._app_token = bot_token, app_token
        self._signing_secret = signing_secret
        self._api_url = api_url
        self._ingress = ingress
        self._clock = clock
        self._ping = ping
        self._me = Me("", "")
        self._stack = AsyncExitStack()
        self._tasks = asyncio.TaskGroup()
        self._socket: SlackSocket | None = None
        self._bolt: AsyncApp | None = None
        self._connector: SlackConnector | None = None
        self.ignored: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        """Two calls, whatever the size of the workspace: auth.test, and apps.connections.open for Socket Mode."""
        if not self._app_token and not self._signing_secret:
            raise AuthenticationError(
                "Slack over HTTP needs slack.signing_secret.", hint="Copy it from Basic Information of the app."
            )
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(web_client(self._bot_token, self._api_url))
            self._me = await _who_am_i(client)
            self._connector = SlackConnector(client, team=self._me.team, me=self._me.user)
            self._bolt = self._make_bolt(client)
            await self._tasks.__aenter__()
            # Without the error of a failed start: the group would wrap it.
            stack.push_async_callback(self._tasks.__aexit__, None, None, None)
            if self._app_token:
                self._socket = await _open_socket(stack, SlackSocket(self._bolt, self._app_token, ping=self._ping))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was taken in is acknowledged, and forms on the way are opened."""
        await self._stack.aclose()

    @property
    def connector(self) -> SlackConnector:
        """Sends as the same bot."""
        if self._connector is None:
            raise UnavailableError("Slack is not connected yet.")
        return self._connector

    def healthy(self) -> str:
        """Empty when events can come in, else why not."""
        if self._bolt is None:
            return "not started"
        return self._socket.problem() if self._socket else ""

    def routes(self) -> list[web.AbstractRouteDef]:
        """The route of HTTP mode; none in Socket Mode."""
        return [] if self._app_token else [web.post(PATH, self._over_http)]

    def _make_bolt(self, client: AsyncWebClient) -> AsyncApp:
        return AsyncApp(
            name="copilot",
            client=client,
            signing_secret=self._signing_secret,
            # Socket Mode has no signatures; over HTTP bolt checks signature and age.
            request_verification_enabled=not self._app_token,
            before_authorize=_TakeIn(self._take_in),
            # What stands behind `_TakeIn` sees Slack's check of our address only. `inbound` tells our own messages and other
            # bots' apart; bolt would look at our own only.
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    async def _over_http(self, request: web.Request) -> web.Response:
        if self._bolt is None:
            return web.Response(status=503)
        signature, stamp = (request.headers.get(f"X-Slack-{name}", "") for name in ("Signature", "Request-Timestamp"))
        status, reason = fault(request.content_type, signature, stamp, await request.read())
        if status:
            self.ignored[f"http {status}"] += 1
            return web.Response(status=status, text=reason)
        return await to_aiohttp_response(await self._bolt.async_dispatch(await to_bolt_request(request)))

    # --- taking in -------------------------------------------------------------------------------------

    async def _take_in(self, payload: Json) -> BoltResponse:
        """Status 200 acknowledges; anything else withholds, and Slack sends events again."""
        item = understand(payload, self._me, now=self._clock.now().timestamp(), traceparent=new_trace())
        if isinstance(item, Ignored):
            if heard := overhear(payload, self._me):
                return await self._event(heard)
            self.ignored[item.reason] += 1
        elif payload.get("type") == "event_callback":
            return await self._event(item)
        elif opening := self._opening(item):
            # Beside the acknowledgement, not before it: both have three seconds, and views.open may take longer.
            self._tasks.create_task(self._open(opening, item, str(payload.get("trigger_id", ""))))
        else:
            await self._ingress.interaction(item, lost=lambda: self._tell_lost(item))
        return BoltResponse(status=200, body="")

    async def _event(self, item: Incoming | Overheard) -> BoltResponse:
        try:
            await self._ingress.event(item)
        except UnavailableError as error:
            log.warning("slack.withheld", claim=item.claim, error=error.message)
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    def _opening(self, item: Incoming) -> Opening | None:
        """The form to open at once, before any I/O; filled with the message whose menu was used, or with the code in it."""
        if isinstance(item, Turn) and item.via is Via.COMMAND:
            return self._ingress.opening_for_command(item.text)
        if not isinstance(item, Click):
            return None
        return self._ingress.opening_for_action(item.action, text=item.values[0] if item.values else "")

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
        handle = item.handle if isinstance(item, Turn | Click | Submission) else None
        place = item.place
        try:
            if handle:
                await self.connector.answer(handle, place, reply, private=True, key=item.claim)
            else:
                await self.connector.whisper(place, item.person.account, reply, key=item.claim)
        except BotError as error:
            log.warning("slack.untold", claim=item.claim, error=error.message)


async def _who_am_i(client: AsyncWebClient) -> Me:
    try:
        with mapped():
            me = await client.auth_test()
    except UpstreamRejected as error:
        hint = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions."
        raise AuthenticationError(f"Slack does not accept slack.bot_token: {error.reason}.", hint=hint) from error
    return Me(str(me["team_id"]), str(me["user_id"]))


async def _open_socket(stack: AsyncExitStack, socket: SlackSocket) -> SlackSocket:
    try:
        return await stack.enter_async_context(socket)
    except UpstreamRejected as error:
        hint = "Make an app-level token (xapp-…) with connections:write, and switch Socket Mode on."
        raise AuthenticationError(f"Slack does not accept slack.app_token: {error.reason}.", hint=hint) from error
