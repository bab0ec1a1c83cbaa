"""The door before what LLM-Observatory tells only those with a token: who is turned away there, and that a door that is stuck is
not tried with every question."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.errors import UpstreamError, UpstreamRejected, UpstreamUnavailable
from integrations.observability.observatory.answers import SERVICE

T = TypeVar("T")
_LEFT_ALONE = 60.0
"""Seconds."""
_STUCK = "Auth context not found"
"""As shipped, its rate limiter asks who calls before anybody has looked at the token: every protected route answers 500."""
_TURNED_AWAY = frozenset(
    ("401", "403", "unauthorized", "forbidden", "MISSING_AUTHORIZATION", "INVALID_AUTHORIZATION", "INVALID_TOKEN",
     "INSUFFICIENT_PERMISSIONS", "PROJECT_ACCESS_DENIED", "FORBIDDEN")
)  # fmt: skip
_HINT = (
    "LLM-Observatory as shipped cannot serve costs, single calls or anything told apart by model: ask for requests, tokens, durations or failures "
    "in all, or run a build in which the token is checked before the rate limit."
)
_TOKEN_HINT = "Set observatory.secret to its JWT_SECRET and observatory.org, or observatory.token to a token."  # noqa: S105


class Refused(Exception):
    """Nothing protected can be had now. `error`: what to tell whoever asked for it."""

    def __init__(self, error: UpstreamError) -> None:
        super().__init__(error.message)
        self.error = error


class Door:
    """Asks for what is protected."""

    def __init__(self, clock: Callable[[], float], *, key: bool) -> None:
        """`clock`: seconds. `key`: whether there is any token to show."""
        self._clock = clock
        self._key = key
        self._stuck = ""
        self._until = -math.inf
        self._works = False
        self._first = asyncio.Lock()

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer. Raises Refused where nobody, or not this caller, is let in; other errors as they come."""
        if self._works:
            return await self._ask(question)
        # One tries; the others need not: their failures would make the service seem down, and what is public with it.
        async with self._first:
            return await self._ask(question)

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        if not self._key:
            message = "LLM-Observatory tells that only to those with a token, and none is set."
            raise Refused(UpstreamRejected(SERVICE, message, reason="MISSING_AUTHORIZATION", hint=_TOKEN_HINT))
        if self._clock() < self._until:
            raise Refused(UpstreamUnavailable(SERVICE, self._stuck, hint=_HINT))
        try:
            answer = await question()
        except UpstreamUnavailable as error:
            if _STUCK not in error.message:
                raise
            self._works, self._stuck, self._until = False, error.message, self._clock() + _LEFT_ALONE
            raise Refused(UpstreamUnavailable(SERVICE, error.message, hint=_HINT)) from error
        except UpstreamRejected as error:
            self._works = True
            if error.reason == "PROJECT_REQUIRED":
                hint = "Set observatory.projects: only the role admin may ask for the calls of all of them."
                raise UpstreamRejected(SERVICE, error.message, reason=error.reason, hint=hint) from error
            if error.reason not in _TURNED_AWAY:
                raise
            hint = (
                error.hint
                or "Is observatory.secret its JWT_SECRET, and may observatory.org and observatory.projects be read?"
            )
            raise Refused(UpstreamRejected(SERVICE, error.message, reason=error.reason, hint=hint)) from error
        self._works = True
        return answer
