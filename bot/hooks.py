"""Webhooks: `POST /hooks/NAME`, signed with the hook's secret, becomes the event `webhook.NAME`."""

import hashlib
import hmac
from collections.abc import Mapping

import structlog
from aiohttp import web
from pydantic import SecretStr

from bot.hook_body import fields_of
from core.cleaning import clean
from core.errors import AuthenticationError, TooManyRequests, UserInputError
from core.ports.cache import Cache
from core.ports.clock import Clock
from core.ports.records import Records
from core.redaction import redact
from core.tracing import correlation, new_trace
from core.workflow.conflicts import write
from core.workflow.happenings import WEBHOOK, Happening
from core.workflow.signals import Means
from core.workflow.starts import Starting
from core.workflow.triggers import deliver

PATH = "/hooks/{name}"
MOST_BYTES = 256 * 1024
_SIGNATURES = ("X-Signature-256", "X-Hub-Signature-256")
"""Ours, and GitHub's, whose signature is the same."""
_IDS = ("X-Event-Id", "X-GitHub-Delivery")
_MOST_ID = 100
_TITLES = ("text", "title", "message", "summary", "action", "status")
"""Fields that say what happened, the most telling first."""

log = structlog.get_logger()


class Hooks:
    """Takes events from other services."""

    def __init__(
        self,
        records: Records,
        secrets: Mapping[str, SecretStr],
        *,
        cache: Cache,
        clock: Clock,
        means: Means,
        starting: Starting,
        per_minute: int,
    ) -> None:
        """`secrets`: by name of the hook; what has none is refused. `per_minute`: events taken from one hook."""
        self._records = records
        self._secrets = {name: secret.get_secret_value().encode() for name, secret in secrets.items()}
        self._cache = cache
        self._clock = clock
        self._means = means
        self._starting = starting
        self._per_minute = per_minute

    def routes(self) -> list[web.AbstractRouteDef]:
        """The one route of all hooks."""
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        """202 once the event is on the record; the same event again is acknowledged, and nothing happens."""
        name, body = request.match_info["name"], await whole_body(request, most=MOST_BYTES)
        self._authenticate(name, request, body)
        if delay := await self._cache.take(f"hook:{name}", rate=self._per_minute / 60, burst=self._per_minute):
            raise TooManyRequests(f"More than {self._per_minute} events a minute.", delay=delay)
        try:
            fields = fields_of(body)
        except UserInputError as error:
            raise web.HTTPUnprocessableEntity(reason=error.message) from error
        happening = Happening(f"{WEBHOOK}{name}", _event_id(request, body), fields, _told(fields), self._clock.now())
        trace = correlation(new_trace())
        delivered = await write(
            self._records, lambda tx: deliver(tx, self._means, self._starting, happening, correlation=trace)
        )
        runs = [run.id for run in (*delivered.started, *delivered.woken)]
        log.info("hook.received", hook=name, event_id=happening.id, fresh=delivered.fresh, runs=runs, correlation=trace)
        answer = {"event": happening.id, "duplicate": not delivered.fresh, "started": [r.id for r in delivered.started]}
        return web.json_response({**answer, "woken": [r.id for r in delivered.woken]}, status=202)

    def _authenticate(self, name: str, request: web.Request, body: bytes) -> None:
        """The same refusal whatever is wrong: who has no secret learns nothing of which hooks there are."""
        secret = self._secrets.get(name, b"")
        if not (signed(request, body, secret) and secret):
            log.warning("hook.refused", hook=clean(name)[:_MOST_ID])
            hint = "Sign the body: X-Signature-256 is sha256= and the HMAC-SHA256 in hexadecimal, with the secret of [hooks]."
            raise AuthenticationError("The signature does not fit.", hint=hint)


async def whole_body(request: web.Request, *, most: int) -> bytes:
    """The body of a request, of at most so many bytes; one that tells a greater length is refused unread."""
    body = b"" if (request.content_length or 0) > most else await request.read()
    size = max(request.content_length or 0, len(body))
    if size > most:
        raise web.HTTPRequestEntityTooLarge(most, size, reason=f"At most {most // 1024} KiB are taken.")
    return body


def signed(request: web.Request, body: bytes, secret: bytes) -> bool:
    """Whether the body is signed with this secret; takes as long whatever is wrong."""
    given = _header(request, _SIGNATURES).removeprefix("sha256=")
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def _event_id(request: web.Request, body: bytes) -> str:
    """The sender's own id; without one the same body is the same event."""
    return clean(_header(request, _IDS))[:_MOST_ID] or hashlib.sha256(body).hexdigest()


def _header(request: web.Request, names: tuple[str, ...]) -> str:
    return next((request.headers[name].strip() for name in names if name in request.headers), "")


def _told(fields: Mapping[str, object]) -> str:
    """The event in a line."""
    return next((" ".join(redact(str(fields[name])).split()) for name in _TITLES if fields.get(name)), "")
