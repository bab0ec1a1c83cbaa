"""What calls of language models cost, how many tokens they took, how long they lasted and how they failed. Every call raises UpstreamError
and its kin only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from core.ports.telemetry import Measured, Trace


class UsageMetric(StrEnum):
    """What is counted; the values are the names that LLM-Observatory knows them by."""

    REQUESTS = "request_count"
    DURATION = "duration"
    COST = "total_cost"
    PROMPT_COST = "prompt_cost"
    COMPLETION_COST = "completion_cost"
    TOKENS = "total_tokens"
    PROMPT_TOKENS = "prompt_tokens"
    COMPLETION_TOKENS = "completion_tokens"
    ERRORS = "error_count"
    SUCCESSES = "success_count"
    ERROR_RATE = "error_rate"
    SUCCESS_RATE = "success_rate"
    TTFT = "time_to_first_token"
    USERS = "unique_users"
    SESSIONS = "unique_sessions"


class UsageDimension(StrEnum):
    """What calls can be told apart by."""

    PROVIDER = "provider"
    MODEL = "model"
    ENVIRONMENT = "environment"
    STATUS = "status_code"


@dataclass(frozen=True, slots=True)
class Usage:
    """What is asked: one metric, over whole intervals."""

    metric: UsageMetric
    interval: timedelta
    """One minute, five minutes, one hour or one day."""
    where: Mapping[UsageDimension, str] = field(default_factory=dict)
    """Provider, model and environment can be named."""
    by: tuple[UsageDimension, ...] = ()


class CallOrder(StrEnum):
    """Which calls come first."""

    NEWEST = "newest"
    SLOWEST = "slowest"
    DEAREST = "dearest"
    MOST_TOKENS = "most tokens"


@dataclass(frozen=True, slots=True)
class CallsAsked:
    """Which calls are wanted."""

    where: Mapping[UsageDimension, str] = field(default_factory=dict)
    """A status is `OK`, `ERROR` or `UNSET`."""
    longer_than: timedelta | None = None
    dearer_than: float | None = None
    """US dollars."""
    order: CallOrder = CallOrder.NEWEST


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a language model. What was asked and answered is never read: it is nobody's business here."""

    at: datetime
    trace: str
    span: str
    provider: str
    model: str
    service: str = ""
    name: str = ""
    environment: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    """US dollars."""
    duration: float | None = None
    """Seconds."""
    ttft: float | None = None
    """Seconds to the first token."""
    failed: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """Calls that were found, in the order that was asked for."""

    calls: tuple[ModelCall, ...]
    truncated: bool = False
    """There are more."""
    known_since: datetime | None = None
    """As in `Measured`."""


class UsageStore(Protocol):
    """A store of what language models were used for."""

    async def over(self, usage: Usage, start: datetime, end: datetime) -> Measured:
        """Values from `start` to `end`, one an interval, at the interval's beginning, oldest first; sums of counts, costs and tokens,
        means of durations and shares within each interval. Intervals without calls have no point. Units: US dollars, tokens,
        seconds, shares from 0 to 1. One series for each combination of `usage.by`."""
        ...

    async def calls(self, asked: CallsAsked, start: datetime, end: datetime, *, limit: int = 20) -> ModelCalls:
        """The first calls from `start` to `end`."""
        ...

    async def trace(self, id_: str) -> Trace | None:
        """All calls of one trace, as spans; None where there is no such trace."""
        ...
