"""Alerts over HTTP: `POST /alerts/NAME`, by the token of `[alerts.NAME]` or signed with it, becomes a notification."""

import hmac
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import BasicAuth, web

from bot.hooks import signed, whole_body
from bot.sections import AlertSource
from core.alerts import alertmanager, mapped
from core.alerts.alert import Notification
from core.alerts.intake import Taken, take
from core.cleaning import clean
from core.conversation.alert_updates import AlertUpdates
from core.errors import AuthenticationError, TooManyRequests
from core.ports.cache import Cache
from core.ports.clock import Clock, Ids
from core.ports.records import Records, Transaction
from core.tracing import correlation, new_trace
from core.workflow.conflicts import write
from core.workflow.signals import Means
from core.workflow.starts import Starting
from core.workflow.triggers import deliver

PATH = "/alerts/{name}"
MOST_BYTES = 1024 * 1024
"""Some 1,700 alerts; `max_alerts` of Alertmanager keeps a notification smaller."""
_MOST_NAME = 100

Take = Callable[[Notification, AlertSource], Awaitable[None]]
"""Puts a notification on the record: when it returns, that is committed."""

log = structlog.get_logger()


def taker(
    records: Records, updates: AlertUpdates, wake: Callable[[str], None], *, ids: Ids, means: Means, starting: Starting
) -> Take:
    """Puts notifications on the record with all that follows from them. `wake`: sends what was put into a lane."""

    async def taken(told: Notification, source: AlertSource) -> None:
        trace = correlation(new_trace())

        def unit(tx: Transaction) -> Taken:
            return take(
                tx,
                told,
                new_id=ids.token(),
                service_label=source.service_label,
                shows=updates.follow,
                delivers=lambda tx, event: deliver(tx, means, starting, event, correlation=trace),
            )

        done = await write(records, unit)
        for lane in set(done.lanes):
            wake(lane)
        log.info("alerts.taken", group=done.stored.id, happened=done.happened, firing=done.stored.group.firing)

    return taken


class AlertDoor:
    """Takes alerts from other services."""

    def __init__(
        self, sources: Mapping[str, AlertSource], take: Take, *, cache: Cache, clock: Clock, per_minute: int
    ) -> None:
        """`sources`: by name; what is not there is refused. `per_minute`: requests taken from one source."""
        self._sources = sources
        self._take = take
        self._cache = cache
        self._clock = clock
        self._per_minute = per_minute

    def routes(self) -> list[web.AbstractRouteDef]:
        """The one route of all sources."""
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        """202 once the notification is on the record; 400 with the path of what does not fit."""
        name, body = request.match_info["name"], await whole_body(request, most=MOST_BYTES)
        source = self._authenticated(name, request, body)
        if delay := await self._cache.take(f"alerts:{name}", rate=self._per_minute / 60, burst=self._per_minute):
            raise TooManyRequests(f"More than {self._per_minute} notifications a minute.", delay=delay)
        now = self._clock.now()
        if source.mapping is None:
            told = alertmanager.notification(body, source=name, at=now)
        else:
            told = mapped.notification(body, source.mapping.values(), source=name, at=now)
        await self._take(told, source)
        log.info("alerts.received", source=name, alerts=len(told.alerts), cut=told.cut)
        return web.json_response({"group": told.key, "alerts": len(told.alerts)}, status=202)

    def _authenticated(self, name: str, request: web.Request, body: bytes) -> AlertSource:
        """The same refusal whatever is wrong: who has no token learns nothing of which sources there are."""
        source = self._sources.get(name)
        token = source.token.get_secret_value().encode() if source else b""
        right = hmac.compare_digest(token, _given(request)) | signed(request, body, token)
        if source is None or not token or not right:
            log.warning("alerts.refused", source=clean(name)[:_MOST_NAME])
            hint = "Send the token of [alerts.NAME] as a bearer token or as the password of basic authentication, or sign the body."
            raise AuthenticationError("The token does not fit.", hint=hint)
        return source


def _given(request: web.Request) -> bytes:
    """The token of a request: a bearer token, or the password whatever the user; b"" for none."""
    header = request.headers.get("Authorization", "")
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip().encode(errors="replace")
    try:
        password: str = BasicAuth.decode(header).password
    except ValueError:
        return b""
    return password.encode(errors="replace")
