"""Reads what LLM-Observatory answers, and writes what it is asked. Whatever cannot be read is a ValueError or its like, for
`integrations.http.reading`. The texts that went to models and came back are never looked at."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.ports.telemetry import Span
from core.ports.usage import ModelCall
from core.redaction import redact

SERVICE = "observatory"
_MOST_SAID = 300
"""Characters of an error's own words that are kept."""
_MOST_NAME = 200
"""Characters of a name."""


def number(found: object) -> float | None:
    """None where it is left out. Sums of exact decimals may come as text."""
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise ValueError("no number")
    try:
        value = float(found)
    except OverflowError as error:
        raise ValueError("too large") from error
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def whole(found: object) -> int | None:
    """The same of what is counted."""
    value = number(found)
    return None if value is None else round(value)


def moment(found: object) -> datetime:
    """Of RFC 3339, with up to nine digits after the second; those beyond the sixth are dropped."""
    at = datetime.fromisoformat(found) if isinstance(found, str) else None
    if at is None or at.tzinfo is None:
        raise ValueError("no moment")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def written(at: datetime, nanoseconds: int = 0) -> str:
    """RFC 3339, in UTC; `nanoseconds`: less than a microsecond, besides."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}{nanoseconds:03d}Z"


def text(found: object, most: int = _MOST_NAME) -> str:
    """One line; "" where it is left out."""
    if found is None:
        return ""
    if not isinstance(found, str | int | float):
        raise ValueError("no text")
    return " ".join(str(found).split())[:most]


def listed(found: object) -> Sequence[Mapping[str, Any]]:
    """A list of objects."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("no list of objects")
    return found


def call(found: Mapping[str, Any]) -> ModelCall:
    """Of its `Trace`, which is one call; what is null is left out of it."""
    return ModelCall(
        moment(found["ts"]),
        text(found["trace_id"]),
        text(found["span_id"]),
        text(found["provider"]),
        text(found["model"]),
        text(found.get("service_name")),
        text(found.get("span_name")),
        text(found.get("environment")),
        whole(found.get("prompt_tokens")),
        whole(found.get("completion_tokens")),
        number(found.get("total_cost_usd")),
        seconds(found.get("duration_ms")),
        seconds(found.get("ttft_ms")),
        found.get("status_code") == "ERROR",
        said(found.get("error_message")),
    )


def seconds(milliseconds: object) -> float | None:
    """Of milliseconds; None where they are left out."""
    value = number(milliseconds)
    return None if value is None else value / 1e3


def said(found: object) -> str:
    """Words of another service, without secrets: before they are cut, lest half a secret is left over."""
    whole_text = text(found, 20 * _MOST_SAID)
    return redact(whole_text)[:_MOST_SAID]


def span(found: Mapping[str, Any]) -> tuple[Span, str]:
    """The call as a span, with the id of its parent, which may be of another store. Attributes are named after OpenTelemetry's
    conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/), which know no costs and no time to the
    first token."""
    one = call(found)
    attributes = {
        "gen_ai.provider.name": one.provider,
        "gen_ai.request.model": one.model,
        "gen_ai.usage.input_tokens": one.prompt_tokens,
        "gen_ai.usage.output_tokens": one.completion_tokens,
        "cost_usd": one.cost,
        "time_to_first_token_seconds": one.ttft,
        "deployment.environment": one.environment or None,
        "exception.message": one.error or None,
    }
    made = Span(
        one.span,
        "",
        one.service,
        one.name or f"{one.provider} {one.model}",
        one.at.timestamp(),
        max(0.0, one.duration or 0.0),
        one.failed,
        {
            name: f"{value:g}" if isinstance(value, float) else str(value)
            for name, value in attributes.items()
            if value is not None
        },
    )
    return made, text(found.get("parent_span_id"))
