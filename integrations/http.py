"""The HTTP client that integrations share: time limits, an error map, and retries of what is safe to repeat."""

import asyncio
import random
from types import TracebackType
from typing import Any, Self

import httpx

from core.errors import (
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

Json = dict[str, Any]
_MOST_BYTES = 4 * 1024 * 1024
_ATTEMPTS = 3
_BACKOFF = 0.2


class ServiceClient:
    """Talks JSON to one service. Redirects are refused, TLS is verified."""

    def __init__(self, service: str, url: str, *, token: str = "", timeout: float = 5.0) -> None:
        """`service`: its name in errors. `timeout`: seconds for connecting and for each read."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._service = service
        self._configured = bool(url)
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Json:
        """Read; repeated when that may help."""
        return await self._repeat("GET", path, None, "")

    async def post(self, path: str, body: Json, *, key: str) -> Json:
        """Write with an idempotency key, which makes repeating safe."""
        return await self._repeat("POST", path, body, key)

    async def _repeat(self, method: str, path: str, body: Json | None, key: str) -> Json:
        for attempt in range(1, _ATTEMPTS):
            try:
                return await self._once(method, path, body, key)
            except UpstreamError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(error.delay or _BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
        return await self._once(method, path, body, key)

    async def _once(self, method: str, path: str, body: Json | None, key: str) -> Json:
        if not self._configured:
            hint = f"Set {self._service}.url in the settings."
            raise UpstreamRejected(self._service, f"The {self._service} service is not configured.", hint=hint)
        headers = {"Idempotency-Key": key} if key else {}
        try:
            async with self._http.stream(method, path, json=body, headers=headers) as response:
                content = await self._read(response)
        except httpx.HTTPError as error:
            raise from_httpx(self._service, error) from error
        return self._parse(response, content)

    async def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise UpstreamProtocolError(self._service, f"{self._service} answered more than {_MOST_BYTES} bytes.")
        return bytes(content)

    def _parse(self, response: httpx.Response, content: bytes) -> Json:
        request = httpx.Response(response.status_code, content=content)
        try:
            found = request.json() if content else {}
        except ValueError:
            found = None
        if response.status_code >= 300:
            raise self._from_status(response, found)
        if not isinstance(found, dict):
            raise UpstreamProtocolError(self._service, f"{self._service} answered something that is no JSON object.")
        return found

    def _from_status(self, response: httpx.Response, found: object) -> UpstreamError:
        status = response.status_code
        problem = found.get("error", {}) if isinstance(found, dict) else {}
        said = problem.get("message", "") if isinstance(problem, dict) else ""
        message = f"{self._service} says: {said}" if said else f"{self._service} answered {status}."
        if status == 429:
            delay = response.headers.get("Retry-After", "1")
            return RateLimited(self._service, message, delay=float(delay) if delay.isdigit() else 1.0)
        if status >= 500:
            return UpstreamUnavailable(self._service, message)
        if 300 <= status < 400:
            return UpstreamProtocolError(self._service, f"{self._service} redirects, which is refused.")
        return UpstreamRejected(
            self._service, message, reason=str(problem.get("code", status) if isinstance(problem, dict) else status)
        )


def from_httpx(service: str, error: httpx.HTTPError) -> UpstreamError:
    """Our error for one of httpx's; a test shows the map to be total."""
    if isinstance(error, httpx.TimeoutException):
        return UpstreamTimeout(service, f"{service} did not answer in time.")
    if isinstance(error, httpx.NetworkError | httpx.ProxyError | httpx.RemoteProtocolError):
        return UpstreamUnavailable(service, f"{service} cannot be reached.", hint="Is it up, and its address right?")
    return UpstreamProtocolError(service, f"{service} broke the protocol ({type(error).__name__}).")
