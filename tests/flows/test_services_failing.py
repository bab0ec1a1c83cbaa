"""Each service that answers questions down, slow, lying and unauthorised, in turn and all at once: every question gets an answer that
says what is missing, the others go on, and all of it recovers without a restart."""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from aiohttp import web

from integrations.loopback import Loopback
from integrations.observability.loki.engine.entries import Entry, RecordedLogs
from integrations.observability.loki.fake import LokiFake
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.tempo.engine.spans import RecordedTraces
from integrations.observability.tempo.fake import TempoFake
from tests.flows.test_figures import figures
from tests.flows.test_language import requests, say
from tests.flows.test_traces import plain, recent
from tests.flows.world import World, until

QUESTIONS = {
    "prometheus": "error rate of checkout in production",
    "loki": "error logs of checkout in production",
    "tempo": "slowest traces of checkout in production",
}
ANSWERS = {"prometheus": "10 %", "loki": "order 1 lost", "tempo": "1.62 s"}
_HUGE = b'{"status": "success", "data": "' + b"x" * 5_000_000 + b'"}'
_WRONG = {"status": "success", "data": {"resultType": "matrix", "result": "none"}, "traces": 7, "scopes": 3}


def _slow(service: Loopback) -> None:
    service.open.clear()


FAULTS: Mapping[str, Callable[[Loopback], None]] = {
    "down": lambda service: setattr(service, "broken", 503),
    "slow": _slow,
    "malformed": lambda service: setattr(service, "broken", web.Response(body=b'{"status":')),
    "huge": lambda service: setattr(service, "broken", web.Response(body=_HUGE)),
    "of wrong types": lambda service: setattr(service, "broken", web.Response(body=json.dumps(_WRONG).encode())),
    "unauthorised": lambda service: setattr(service, "broken", 401),
}


def _mend(service: Loopback) -> None:
    service.broken = None
    service.open.set()


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[Mapping[str, Loopback]]:
    """Three services, short limits, and the bot."""
    now = int(time.time())
    labels = {"service": "checkout", "environment": "production"}
    line = json.dumps({"level": "error", "msg": "order 1 lost"})
    async with AsyncExitStack() as stack:
        services: dict[str, Loopback] = {
            "prometheus": await stack.enter_async_context(PrometheusFake(requests(errors=0.1))),
            "loki": await stack.enter_async_context(LokiFake(RecordedLogs([Entry((now - 60) * 10**9, line, labels)]))),
            "tempo": await stack.enter_async_context(TempoFake(RecordedTraces(recent()))),
        }
        for name, service in services.items():
            world.settings[name] = {"url": service.url, "read_seconds": 0.4, "connect_seconds": 0.4}
        # Looking for services asks, too: the breakers would count more failures than there were questions.
        world.settings["answers"] = {"discover": False}
        await stack.enter_async_context(world.started())
        yield services


async def later(world: World, text: str) -> str:
    """Asked when no answer is fresh any more."""
    world.clock.advance(90)
    return plain(await say(world, text))


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_service_that_fails_is_named_and_the_others_go_on(cold: World, fault: str) -> None:
    async with connected(cold) as services:
        for name, service in services.items():
            FAULTS[fault](service)
            answer = await later(cold, QUESTIONS[name])
            # The first of them has never answered; the others have, and that is told with its age.
            assert "min old" in answer or (name in answer.lower() and ANSWERS[name] not in answer), answer
            for other in QUESTIONS:
                if other != name:
                    assert ANSWERS[other] in await later(cold, QUESTIONS[other]), f"{other} while {name} is {fault}"
            _mend(service)

            async def recovered(name: str = name) -> bool:
                return ANSWERS[name] in await later(cold, QUESTIONS[name])

            await until(recovered, what=f"{name} after it was {fault}", within=60)


async def test_all_of_them_at_once(cold: World) -> None:
    async with connected(cold) as services:
        for name, question in QUESTIONS.items():
            assert ANSWERS[name] in await later(cold, question)
        for service, fault in zip(services.values(), ("down", "slow", "malformed"), strict=True):
            FAULTS[fault](service)
        for name, question in QUESTIONS.items():
            assert "min old" in await later(cold, question), f"the last answer of {name}, with its age"
        for _ in range(4):
            for question in QUESTIONS.values():
                await later(cold, question)
        shown = await figures(cold)
        assert shown["copilot_circuit_state"] >= 2, "at least one is left alone by now"
        assert cold.bot
        async with httpx.AsyncClient(trust_env=False) as http:
            ready = await http.get(f"{cold.bot.address}/ready")
        assert ready.status_code == 200, "what it can do without them it goes on doing"
        assert "left alone because they fail" in ready.text
        assert "version" in (await say(cold, "which version of checkout is in production?")).text
        for service in services.values():
            _mend(service)

        async def recovered() -> bool:
            found = [await later(cold, question) for question in QUESTIONS.values()]
            return not any("min old" in answer for answer in found)

        await until(recovered, what="all of them again", within=90)
