"""The language models that the shop's services ask: `search` puts a question into words that can be looked up and answers it,
`notifications` writes mails. Since some hours `search` has asked a dearer model for its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from integrations.observability.observatory.engine.calls import SECOND, Calls, Column, Derived
from integrations.observability.shop.world import BY_NAME, DAY, ENVIRONMENTS, HOUR, MINUTE, Shop

ORG = PROJECT = "shop"
"""Whose the calls are."""
DEARER = 2 * HOUR
"""Seconds before the shop was opened, since when `search` has asked the dearer model."""
_MILLION = 1e6
_FAILING = 0.012
"""Share of the calls."""
_USERS = 400
_LONGEST = 30_000.0
"""Milliseconds, after which a service waits no longer."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model and what it takes."""

    provider: str
    name: str
    prompt: float
    """US dollars for a million tokens."""
    completion: float
    """The same."""
    ttft: float
    """Milliseconds until half of the calls have their first token."""
    speed: float
    """Tokens a second."""


MODELS: tuple[Model, ...] = (
    Model("openai", "gpt-4o", 2.50, 10.00, 520, 85),
    Model("openai", "gpt-4o-mini", 0.15, 0.60, 330, 120),
    Model("anthropic", "claude-sonnet-4", 3.00, 15.00, 780, 70),
    Model("anthropic", "claude-haiku", 0.80, 4.00, 360, 130),
)


@dataclass(frozen=True, slots=True)
class _Work:
    """Something that a service asks models for."""

    span: str
    prompt: float
    """Tokens, of half of the calls."""
    completion: float
    """The same."""
    asked: Mapping[str, Sequence[float]]
    """Environment → share of each of MODELS."""
    dearer: Sequence[float] = ()
    """The same in production, since it has asked the dearer one; empty: it has not."""


def _everywhere(*shares: float) -> Mapping[str, Sequence[float]]:
    return MappingProxyType(dict.fromkeys(ENVIRONMENTS, shares))


_ASKING: Mapping[str, tuple[float, tuple[_Work, ...]]] = MappingProxyType({
    "search": (
        0.0011,
        (
            _Work("rewrite query", 380, 40, _everywhere(0, 0, 0, 1)),
            _Work(
                "answer question", 1800, 260,
                {"production": (0.04, 0.96, 0, 0), "staging": (0, 0.85, 0.15, 0)}, (0.92, 0.08, 0, 0),
            ),
        ),
    ),
    "notifications": (0.0040, (_Work("write mail", 900, 210, _everywhere(0, 0, 0.15, 0.85)),)),
})  # fmt: skip
"""Service → share of its requests that ask models, and what for, one after the other."""
_FAILURES: tuple[tuple[float, str, float], ...] = (
    (0.6, "rate limit exceeded", 240.0),
    (0.25, "context length exceeded", 130.0),
    (0.15, "upstream timed out", _LONGEST),
)
"""Share, message, and milliseconds until it is known."""
_TEXTS = (
    ("Which of these boots are waterproof?", "The first and the third are."),
    ("Where is my parcel?", "It left the depot this morning."),
    ("Is there a kettle for induction hobs?", "Yes: two of them."),
)
Numbers = npt.NDArray[np.float64]


class ShopModels:
    """Implements `integrations.observability.observatory.engine.calls.CallSource`. Every call is known: what is summed up and what
    is told one by one agree. Days are made when they are first asked for, and kept."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._days: dict[int, Calls] = {}

    def calls(self, start: int, end: int) -> Calls:
        """See `CallSource.calls`."""
        first = max(start, int(self._shop.start * SECOND))
        last = max(first, min(end, int(self._shop.now() * SECOND)))
        days = range(int(first // SECOND // DAY), int(last // SECOND // DAY) + 1)
        one, *others = [self._day(day).between(first, last) for day in days]
        return one.joined(others)

    def _day(self, day: int) -> Calls:
        if day not in self._days:
            one, *others = [
                self._made(service, environment, day) for service in _ASKING for environment in ENVIRONMENTS
            ]
            self._days[day] = one.joined(others)
        return self._days[day]

    def _made(self, service: str, environment: str, day: int) -> Calls:
        key = crc32(f"{service}/{environment}/{day}/models".encode())
        draw = np.random.default_rng(key)
        begins = self._begins(service, environment, day, draw)
        order = np.argsort(begins)
        begins = begins[order]
        users = draw.integers(_USERS, size=len(begins))
        parts = []
        for number, work in enumerate(_ASKING[service][1]):
            asked = _Asked(service, environment, key, number, begins, users)
            calls, begins = self._asked(work, asked, draw)
            parts.append(calls)
        return parts[0].joined(parts[1:])

    def _begins(self, service: str, environment: str, day: int, draw: np.random.Generator) -> Numbers:
        """Moments of one day, seconds since the epoch: as many as the service has requests just then."""
        minutes = self._shop.minutes(BY_NAME[service], environment, (day + 1) * DAY)
        first = int((day * DAY - minutes.times[0]) // MINUTE)
        requests = minutes.requests[first : first + int(DAY // MINUTE)]
        counted = draw.poisson(requests * MINUTE * _ASKING[service][0])
        within = draw.random(int(counted.sum()))
        return np.asarray(np.repeat(day * DAY + np.arange(len(requests)) * MINUTE, counted) + within * MINUTE)

    def _asked(self, work: _Work, asked: "_Asked", draw: np.random.Generator) -> tuple[Calls, Numbers]:
        """The calls, and when each of them ends."""
        count = len(asked.begins)
        models = self._models(work, asked, draw)
        fails = draw.random(count) < _FAILING
        failure = draw.choice(len(_FAILURES), size=count, p=[share for share, *_ in _FAILURES])
        prompt = np.ceil(work.prompt * draw.lognormal(0, 0.45, count))
        completion = np.ceil(work.completion * draw.lognormal(0, 0.4, count))
        ttft = np.round(_of("ttft", models) * draw.lognormal(0, 0.25, count))
        duration = ttft + np.ceil(completion / _of("speed", models) * 1000)
        failed = np.array([ms for *_, ms in _FAILURES])[failure] * draw.uniform(0.8, 1.0, count)
        duration = np.where(fails, np.round(failed), np.minimum(duration, _LONGEST + ttft))
        prompt, completion, ttft = (np.where(fails, np.nan, one) for one in (prompt, completion, ttft))
        prompt_cost = np.round(prompt * _of("prompt", models) / _MILLION, 9)
        completion_cost = np.round(completion * _of("completion", models) / _MILLION, 9)
        said = draw.integers(len(_TEXTS), size=count)
        columns: dict[str, Column] = {
            "ts": (asked.begins * 1e6).astype(np.int64) * 1000,
            **asked.known(),
            "service_name": _same(asked.service, count),
            "span_name": _same(work.span, count),
            "provider": _chosen([model.provider for model in MODELS], models),
            "model": _chosen([model.name for model in MODELS], models),
            "input_text": _chosen([question for question, _ in _TEXTS], said),
            "output_text": _unless(fails, _chosen([answer for _, answer in _TEXTS], said)),
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_cost_usd": prompt_cost,
            "completion_cost_usd": completion_cost,
            "total_cost_usd": prompt_cost + completion_cost,
            "duration_ms": duration,
            "ttft_ms": ttft,
            "status_code": _chosen(["OK", "ERROR"], fails.astype(np.int64)),
            "error_message": _unless(~fails, _chosen([message for _, message, _ in _FAILURES], failure)),
            "environment": _same(asked.environment, count),
            "project_id": _same(PROJECT, count),
            "org_id": _same(ORG, count),
        }
        return Calls(columns, _IDS), asked.begins + duration / 1000

    def _models(self, work: _Work, asked: "_Asked", draw: np.random.Generator) -> npt.NDArray[np.int64]:
        """Places in MODELS."""
        drawn = draw.random(len(asked.begins))
        usual = np.searchsorted(np.cumsum(work.asked[asked.environment]), drawn, side="right")
        if work.dearer and asked.environment == "production":
            dearer = np.searchsorted(np.cumsum(work.dearer), drawn, side="right")
            usual = np.where(asked.begins >= self._shop.opened - DEARER, dearer, usual)
        return np.minimum(usual, len(MODELS) - 1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Calls of one day that are being made."""

    service: str
    environment: str
    key: int
    """Of the service, the environment and the day."""
    number: int
    """Which of the service's calls for one request."""
    begins: Numbers
    users: npt.NDArray[np.int64]

    def known(self) -> dict[str, Column]:
        """What is known before any model is asked."""
        count = len(self.begins)
        sessions = [f"s-{self.key:08x}-{user}" for user in range(_USERS)]
        return {
            "user_id": _chosen([f"u-{user}" for user in range(_USERS)], self.users),
            "session_id": _chosen(sessions, self.users),
            "key": np.full(count, self.key, dtype=np.int64),
            "place": np.arange(count),
            "number": np.full(count, self.number, dtype=np.int64),
        }


def _ids(form: str) -> Derived:
    def made(calls: Calls) -> Column:
        numbers = zip(*(calls.column(name).tolist() for name in ("key", "place", "number")), strict=True)
        return np.array([form.format(key, place, number + 1) for key, place, number in numbers], dtype=object)

    return made


_IDS: Mapping[str, Derived] = MappingProxyType({
    "trace_id": _ids("{0:08x}{1:024x}"),
    "span_id": _ids("{0:08x}{1:06x}{2:02x}"),
    "parent_span_id": _ids("{0:08x}{1:06x}00"),
})  # fmt: skip
"""Calls for one request are of one trace; their parent, the request's own span, is kept elsewhere."""


def _of(what: str, models: npt.NDArray[np.int64]) -> Numbers:
    return np.asarray(np.array([getattr(model, what) for model in MODELS], dtype=np.float64)[models])


def _chosen(vocabulary: Sequence[str], places: npt.NDArray[Any]) -> Column:
    return np.asarray(np.array(vocabulary, dtype=object)[places])


def _unless(marks: npt.NDArray[np.bool_], column: Column) -> Column:
    """Null where it is marked."""
    column[marks] = None
    return column


def _same(value: str, count: int) -> Column:
    return np.full(count, value, dtype=object)
