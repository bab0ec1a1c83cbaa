"""A dozen calls of language models, made by hand, and what they come to, counted in plain Python."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stamina

from core.ports.usage import UsageDimension, UsageMetric
from integrations.observability.observatory.engine.calls import RecordedCalls
from integrations.observability.observatory.tokens import Access

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(hours=3)
NOW = (END + timedelta(minutes=30)).timestamp()
SECRET = "a-secret-of-the-tests-with-enough-bytes"
ORG = "acme"
ACCESS = Access(SECRET, ORG, projects=("p",))
PROMPT, ANSWER = "what-was-asked-of-the-model", "what-the-model-answered"
KEY = "sk-ant-api03-PLANTEDplantedPLANTEDplanted00112233445566778899"
"""In the words of an error."""


TRUST = ssl.create_default_context()
"""Read once: for every client anew it would take longer than all the rest."""


@contextmanager
def quickly(attempts: int = 3) -> Iterator[None]:
    """Without waiting between attempts, and without reading certificates that nobody shows on loopback."""
    with stamina.set_testing(True, attempts=attempts, cap=True), pytest.MonkeyPatch.context() as patch:
        patch.setattr("integrations.http._trusting", lambda *_: TRUST)
        yield


def nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000


def call(number: int, minute: float, model: str, **others: object) -> dict[str, Any]:
    """`model`: "openai/gpt-4o"."""
    provider, name = model.split("/")
    failing = "error_message" in others
    tokens = None if failing else 100 * (number + 1)
    cost = None if failing else 0.001 * (number + 1)
    return {
        "ts": nanoseconds(START) + int(minute * 60) * 1_000_000_000,
        "trace_id": f"t-{number}",
        "span_id": f"s-{number}",
        "service_name": "chat",
        "span_name": "llm.chat",
        "provider": provider,
        "model": name,
        "input_text": PROMPT,
        "output_text": ANSWER,
        "prompt_tokens": tokens,
        "completion_tokens": None if failing else 50,
        "total_tokens": None if tokens is None else tokens + 50,
        "prompt_cost_usd": cost,
        "completion_cost_usd": None if failing else 0.002,
        "total_cost_usd": None if cost is None else cost + 0.002,
        "duration_ms": 500 + 100 * number,
        "ttft_ms": None if failing else 100 + 10 * number,
        "status_code": "ERROR" if failing else "OK",
        "user_id": f"u-{number % 3}",
        "session_id": f"session-{number % 2}",
        "environment": "production",
        "project_id": "p",
        "org_id": ORG,
        **others,
    }


CALLS: tuple[Mapping[str, Any], ...] = (
    call(0, 0, "openai/gpt-4o"),
    call(1, 1, "openai/gpt-4o", trace_id="t-0", parent_span_id="s-0"),
    call(2, 2.5, "openai/gpt-4o-mini", trace_id="t-0", parent_span_id="a-span-of-another-store"),
    call(3, 2.5, "anthropic/claude-haiku"),
    call(4, 7, "openai/gpt-4o", error_message=f"upstream timed out\nwith key {KEY}", duration_ms=30_000),
    call(5, 20, "openai/gpt-4o", environment="staging"),
    call(6, 61, "openai/gpt-4o"),
    call(7, 64, "openai/gpt-4o", error_message="rate limit exceeded"),
    call(8, 66, "anthropic/claude-haiku"),
    call(9, 130, "anthropic/claude-haiku", status_code="UNSET"),
    call(10, 131, "openai/gpt-4o-mini", environment="staging", error_message="context length exceeded"),
    call(11, 150, "openai/gpt-4o", total_cost_usd=None, prompt_cost_usd=None, completion_cost_usd=None),
)
FOREIGN = call(99, 30, "openai/gpt-4o", org_id="others", project_id="theirs", trace_id="t-99")
"""Of another organisation."""


def source() -> RecordedCalls:
    """What the fakes hold."""
    return RecordedCalls([*CALLS, FOREIGN])


def alone() -> RecordedCalls:
    """Without the other organisation, whose calls public analytics tell as well."""
    return RecordedCalls(CALLS)


_Of = Callable[[list[Mapping[str, Any]]], float | None]


def _sum(name: str) -> _Of:
    def summed(calls: list[Mapping[str, Any]]) -> float | None:
        known = [one[name] for one in calls if one[name] is not None]
        return sum(known) if known else None

    return summed


def _mean(name: str) -> _Of:
    def mean(calls: list[Mapping[str, Any]]) -> float | None:
        known = [one[name] for one in calls if one[name] is not None]
        return sum(known) / len(known) / 1000 if known else None

    return mean


def _failed(calls: list[Mapping[str, Any]]) -> int:
    return sum(one["status_code"] == "ERROR" for one in calls)


MEANT: Mapping[UsageMetric, _Of] = {
    UsageMetric.REQUESTS: lambda calls: len(calls),
    UsageMetric.DURATION: _mean("duration_ms"),
    UsageMetric.COST: _sum("total_cost_usd"),
    UsageMetric.PROMPT_COST: _sum("prompt_cost_usd"),
    UsageMetric.COMPLETION_COST: _sum("completion_cost_usd"),
    UsageMetric.TOKENS: _sum("total_tokens"),
    UsageMetric.PROMPT_TOKENS: _sum("prompt_tokens"),
    UsageMetric.COMPLETION_TOKENS: _sum("completion_tokens"),
    UsageMetric.ERRORS: _failed,
    UsageMetric.SUCCESSES: lambda calls: len(calls) - _failed(calls),
    UsageMetric.ERROR_RATE: lambda calls: _failed(calls) / len(calls),
    UsageMetric.SUCCESS_RATE: lambda calls: 1 - _failed(calls) / len(calls),
    UsageMetric.TTFT: _mean("ttft_ms"),
}
"""What each metric is, of the calls of one interval, in the units of the port."""


def meant(
    metric: UsageMetric,
    interval: timedelta,
    by: Iterable[UsageDimension] = (),
    where: Mapping[UsageDimension, str] | None = None,
    start: datetime = START,
    nothing: float | None = None,
) -> dict[tuple[str, ...], dict[float, float]]:
    """Labels → moment → value, of CALLS. `nothing`: of calls that have no value; None: there is no point."""
    step = interval.total_seconds()
    groups: dict[tuple[str, ...], dict[float, list[Mapping[str, Any]]]] = {}
    for one in CALLS:
        at = one["ts"] / 1e9 // step * step
        if at >= start.timestamp() and all(one[name] == value for name, value in (where or {}).items()):
            groups.setdefault(tuple(one[name] for name in by), {}).setdefault(at, []).append(one)
    found = {
        key: {at: nothing if (value := MEANT[metric](calls)) is None else value for at, calls in of.items()}
        for key, of in groups.items()
    }
    told = {key: {at: value for at, value in of.items() if value is not None} for key, of in found.items()}
    return {key: of for key, of in told.items() if of}
