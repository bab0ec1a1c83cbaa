"""The HTTP client that integrations share: time limits, an error map, retries of what is safe to repeat, and a breaker and a bulkhead
for each service."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import stamina

from core.errors import (
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from core.redaction import redact
from integrations.breaker import Breaker, State

Watch = Callable[[str, State], None]
"""Told of a service whose breaker has changed."""
Json = dict[str, Any]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Reached without the proxy that the environment names: it would look for the service on its own machine."""
_MOST_BYTES = 4 * 1024 * 1024
_MOST_SAID = 300
"""Characters of a service's own words that go into an error."""
_RETRYING = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.2, wait_jitter=0.2)
_MOST_PATIENCE = 5.0
"""Seconds; a service that asks for more is left alone, and the caller told when to come back."""
_AT_ONCE, _WAITING = 20, 200
"""Requests to one service under way, and those that wait for one of them to end: a slow service takes no more of the bot with it."""
_WHOLE_ANSWER = 30.0
"""Seconds for one attempt in all: a service that drips its answer passes every limit of a single read."""


class NotAsked(UpstreamUnavailable):
    """The service was not asked: it certainly did nothing."""


class ServiceClient:
    """Talks JSON to one service. Redirects are refused, TLS is verified."""

    def __init__(
        self,
        service: str,
        url: str,
        *,
        token: str = "",
        timeout: float = 5.0,
        watch: Watch | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`service`: its name in errors. `timeout`: seconds for connecting and for each read. `clock`: of its breaker."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._service = service
        self._configured = bool(url)
        self._breaker = Breaker(clock)
        self._watch = watch
        self._shown = State.CLOSED
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=timeout,
            follow_redirects=False,
            trust_env=httpx.URL(url).host not in _LOOPBACK,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Json:
        """Read; repeated when that may help. Raises UpstreamError only."""
        return await self._repeat("GET", path, None, "")

    async def get_json(self, path: str, params: Mapping[str, str | int] | None = None) -> object:
        """Read what need not be an object: some services answer lists. Otherwise as `get`. `params`: of the query string."""
        self._require_address()
        asked = f"{path}?{urlencode(params)}" if params else path
        return await _RETRYING(_worth_repeating, self._once, "GET", asked, None, "")

    async def delete(self, path: str) -> None:
        """Remove, or end; repeated when that may help: the second time changes nothing. Raises UpstreamError only."""
        self._require_address()
        await _RETRYING(_worth_repeating, self._once, "DELETE", path, None, "")

    async def post(self, path: str, body: Json, *, key: str) -> Json:
        """Write with an idempotency key, which makes repeating safe. Raises UpstreamError only."""
        return await self._repeat("POST", path, body, key)

    async def post_once(self, path: str, body: Json) -> Json:
        """Write what a second request would do a second time: it is sent once. Raises UpstreamError only; one without a kind of
        its own when it may have been done all the same: anything but a refusal, or a connection that never was."""
        self._require_address()
        try:
            return self._object(await self._once("POST", path, body, ""))
        except (UpstreamRejected, RateLimited, NotAsked):
            raise
        except UpstreamError as error:
            if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
                raise
            raise UpstreamError(self._service, error.message) from error

    async def _repeat(self, method: str, path: str, body: Json | None, key: str) -> Json:
        self._require_address()
        return self._object(await _RETRYING(_worth_repeating, self._once, method, path, body, key))

    def _require_address(self) -> None:
        if not self._configured:
            hint = f"Set {self._service}.url in the settings."
            raise UpstreamRejected(self._service, f"The {self._service} service is not configured.", hint=hint)

    async def _once(self, method: str, path: str, body: Json | None, key: str) -> object:
        async with self._bulkhead(), self._tried():
            return await self._send(method, path, body, key)

    @asynccontextmanager
    async def _bulkhead(self) -> AsyncIterator[None]:
        if self._waiting >= _WAITING:
            message = f"{self._service} is slow, and {_WAITING} requests wait for it already."
            raise NotAsked(self._service, message, delay=1.0)
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._room.release()

    @asynccontextmanager
    async def _tried(self) -> AsyncIterator[None]:
        """With the breaker's leave; it learns how the call ends."""
        call = self._breaker.enter()
        if call is None:
            delay = max(1.0, self._breaker.wait())
            message = f"{self._service} has failed again and again, so it is left alone for {delay:.0f} s."
            raise NotAsked(self._service, message, hint="Is it up, and its address right?", delay=delay)
        self._show()
        try:
            yield
        except (UpstreamRejected, RateLimited):
            call.succeeded()
            raise
        except UpstreamError:
            call.failed()
            raise
        except BaseException:
            call.left()
            raise
        else:
            call.succeeded()
        finally:
            self._show()

    def _show(self) -> None:
        if self._watch and self._breaker.state is not self._shown:
            self._shown = self._breaker.state
            self._watch(self._service, self._shown)

    async def _send(self, method: str, path: str, body: Json | None, key: str) -> object:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            async with (
                asyncio.timeout(_WHOLE_ANSWER),
                self._http.stream(method, path, json=body, headers=headers) as response,
            ):
                content = await self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise from_httpx(self._service, error) from error
        except TimeoutError as error:
            raise UpstreamTimeout(self._service, f"{self._service} did not answer in time.") from error
        return self._parse(response, content)

    async def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise UpstreamProtocolError(self._service, f"{self._service} answered more than {_MOST_BYTES} bytes.")
        return bytes(content)

    def _parse(self, response: httpx.Response, content: bytes) -> object:
        try:
            found = json.loads(content) if content else {}
        except (ValueError, RecursionError) as error:
            if response.is_success:
                message = f"{self._service} answered something that is no JSON."
                raise UpstreamProtocolError(self._service, message) from error
            found = _said_plainly(response, content)
        if not response.is_success:
            raise from_status(self._service, response, found)
        return found

    def _object(self, found: object) -> Json:
        if not isinstance(found, dict):
            raise UpstreamProtocolError(self._service, f"{self._service} answered something that is no JSON object.")
        return found


def _said_plainly(response: httpx.Response, content: bytes) -> object:
    """What a service says in plain text, as Loki and Tempo do, in the shape of the others."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return None
    return {"error": " ".join(content[: 4 * _MOST_SAID].decode(errors="replace").split())}


def from_httpx(service: str, error: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError) -> UpstreamError:
    """Our error for one of httpx's; a test shows the map to be total."""
    if isinstance(error, httpx.TimeoutException):
        return UpstreamTimeout(service, f"{service} did not answer in time.")
    if isinstance(error, httpx.NetworkError | httpx.ProxyError | httpx.RemoteProtocolError):
        return UpstreamUnavailable(service, f"{service} cannot be reached.", hint="Is it up, and its address right?")
    return UpstreamProtocolError(service, f"{service} broke the protocol ({type(error).__name__}).")


def from_status(service: str, response: httpx.Response, found: object) -> UpstreamError:
    """Our error for an answer that is none of success. `found`: its JSON; `{"error": {"code", "message"}}` is understood, and
    Prometheus' `{"error": message, "errorType": code}`."""
    status = response.status_code
    problem = found.get("error") if isinstance(found, dict) else None
    if isinstance(found, dict) and isinstance(problem, str):
        problem = {"message": problem, "code": found.get("errorType")}
    problem = problem if isinstance(problem, dict) else {}
    said = redact(str(problem.get("message") or ""))[:_MOST_SAID]
    message = f"{service} says: {said}" if said else f"{service} answered {status}."
    delay = _delay(response)
    if status == 429:
        return RateLimited(service, message, delay=1.0 if delay is None else delay)
    if status in (408, 504):
        return UpstreamTimeout(service, message, delay=delay)
    if status >= 500:
        return UpstreamUnavailable(service, message, delay=delay)
    if status < 400:
        return UpstreamProtocolError(service, f"{service} answered {status}: redirects are refused.")
    return UpstreamRejected(service, message, reason=str(problem.get("code") or status))


def _delay(response: httpx.Response) -> float | None:
    """Seconds of Retry-After; None without one, or when it is a date."""
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isascii() and given.isdigit() else None


def _worth_repeating(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds when the service said so."""
    if not isinstance(error, UpstreamError) or isinstance(error, NotAsked) or not error.retryable:
        return False
    if error.delay is None:
        return True
    return error.delay if error.delay <= _MOST_PATIENCE else False
