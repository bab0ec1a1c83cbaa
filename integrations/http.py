"""The HTTP client that integrations share: time limits, an error map, retries of what is safe to repeat, and a breaker and a bulkhead
for each service."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
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
    UserInputError,
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


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a service is, and how it is talked to."""

    url: str
    """Root of its API; empty: not configured, and every call is refused."""
    token: str = field(default="", repr=False)
    """Sent as a bearer token where given."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request: tenants (`X-Scope-OrgID`), keys of gateways."""
    ca_file: Path | None = None
    """Certificates (PEM) that are trusted instead of the usual ones."""
    connect: float = 3.0
    """Seconds for a connection."""
    read: float = 20.0
    """Seconds for each read."""
    link_local: bool = False
    """Whether it may be at a link-local address (169.254.0.0/16, fe80::/10), where clouds keep the credentials of their machines."""


@contextmanager
def reading(service: str, what: str) -> Iterator[None]:
    """What a service answered is read in here: where it is not of the shape that its contract says, that is its fault. `what`: "lines"."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        message = f"{service} answered {what} that cannot be read."
        raise UpstreamProtocolError(service, message) from error


class ServiceClient:
    """Talks JSON to one service. Redirects are refused, TLS is verified."""

    def __init__(
        self,
        service: str,
        reach: Reach,
        *,
        watch: Watch | None = None,
        clock: Callable[[], float] = time.monotonic,
        sign: Callable[[], str] | None = None,
    ) -> None:
        """`service`: its name in errors. `watch`: told when its breaker changes. `clock`: of its breaker. `sign`: the bearer
        token of each request, for those that do not last; "" for none."""
        headers = {**reach.headers, **({"Authorization": f"Bearer {reach.token}"} if reach.token else {})}
        self._service = service
        self._reach = reach
        self._vetted = reach.link_local
        self._sign = sign
        self._breaker = Breaker(clock)
        self._watch = watch
        self._shown = State.CLOSED
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._http = httpx.AsyncClient(
            base_url=reach.url,
            headers=headers,
            timeout=httpx.Timeout(reach.read, connect=reach.connect),
            verify=_trusting(service, reach.ca_file),
            follow_redirects=False,
            trust_env=httpx.URL(reach.url).host not in _LOOPBACK,
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

    async def get_json(self, path: str, params: Mapping[str, str | int | Sequence[str]] | None = None) -> object:
        """Read what need not be an object: some services answer lists. Otherwise as `get`. `params`: of the query string; a list is
        a parameter that is given several times."""
        self._require_address()
        asked = f"{path}?{urlencode(params, doseq=True)}" if params else path
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
        if not self._reach.url:
            hint = f"Set {self._service}.url in the settings."
            raise UpstreamRejected(self._service, f"The {self._service} service is not configured.", hint=hint)

    async def _once(self, method: str, path: str, body: Json | None, key: str) -> object:
        async with self._bulkhead(), self._tried():
            if not self._vetted:
                await self._vet()
            return await self._send(method, path, body, key)

    async def _vet(self) -> None:
        """Refuse a service that turns out to be at a link-local address."""
        host = self._http.base_url.host
        try:
            async with asyncio.timeout(self._reach.connect):
                found = await asyncio.get_running_loop().getaddrinfo(host, None) if host else []
        except (OSError, TimeoutError):
            return  # a proxy may know the name
        for *_, address in found:
            if ip_address(str(address[0]).partition("%")[0]).is_link_local:
                message = f"{self._service} is at a link-local address, which is refused."
                hint = f"Set {self._service}.link_local = true if that is meant."
                raise UpstreamRejected(self._service, message, hint=hint)
        self._vetted = True

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
        if self._sign and (token := self._sign()):
            headers["Authorization"] = f"Bearer {token}"
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


def _trusting(service: str, ca_file: Path | None) -> ssl.SSLContext | bool:
    """Whose certificates are trusted."""
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        message = f"{service}.ca_file ({ca_file}) holds no certificates that can be read."
        raise UserInputError(message, hint="It must be a file of certificates in PEM.") from error


def from_httpx(service: str, error: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError) -> UpstreamError:
    """Our error for one of httpx's; a test shows the map to be total."""
    if isinstance(error, httpx.TimeoutException):
        return UpstreamTimeout(service, f"{service} did not answer in time.")
    if isinstance(error, httpx.NetworkError | httpx.ProxyError | httpx.RemoteProtocolError):
        return UpstreamUnavailable(service, f"{service} cannot be reached.", hint="Is it up, and its address right?")
    return UpstreamProtocolError(service, f"{service} broke the protocol ({type(error).__name__}).")


def from_status(service: str, response: httpx.Response, found: object) -> UpstreamError:
    """Our error for an answer that is none of success. `found`: its JSON; `{"error": {"code", "message"}}` is understood,
    LLM-Observatory's `{"error": code, "message": message}`, Prometheus' `{"error": message, "errorType": code}`, and Jaeger's
    `{"errors": [{"code", "msg"}]}`."""
    status = response.status_code
    problem = found.get("error") if isinstance(found, dict) else None
    if isinstance(found, dict) and isinstance(problem, str):
        words, type_ = found.get("message"), found.get("errorType")
        named = isinstance(words, str) and words and type_ is None
        problem = {"message": words, "code": problem} if named else {"message": problem, "code": type_}
    errors = found.get("errors") if isinstance(found, dict) else None
    if problem is None and isinstance(errors, list) and errors and isinstance(errors[0], dict):
        problem = {"message": errors[0].get("msg"), "code": errors[0].get("code")}
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
    """Seconds of Retry-After, given as such or as a date (RFC 9110, 10.2.3); None without one that can be read."""
    given = response.headers.get("Retry-After", "")
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        until = parsedate_to_datetime(given).timestamp()
        # By the service's own clock, where it shows it.
        now = parsedate_to_datetime(response.headers["Date"]).timestamp() if "Date" in response.headers else time.time()
    except (ValueError, OverflowError):
        return None
    return max(0.0, until - now)


def _worth_repeating(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds when the service said so."""
    if not isinstance(error, UpstreamError) or isinstance(error, NotAsked) or not error.retryable:
        return False
    if error.delay is None:
        return True
    return error.delay if error.delay <= _MOST_PATIENCE else False
