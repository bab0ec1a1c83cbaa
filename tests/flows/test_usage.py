"""Questions about calls of language models, on both platforms: what they cost by model, single ones, and what is left of that as shipped."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.doctor.examination import CHECKS, examine
from bot.doctor.findings import Level
from bot.settings import Settings
from integrations.observability.observatory.engine.calls import RecordedCalls
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.unified_fake import UnifiedFake
from tests.contract.observatory_calls import ANSWER, KEY, ORG, PROMPT, SECRET, call
from tests.flows.test_language import edit, press, query, say
from tests.flows.test_traces import plain
from tests.flows.world import World

_SETTINGS = {"secret": SECRET, "org": ORG, "projects": ["p"]}


def recent() -> RecordedCalls:
    """Twelve calls of the last hour, two of which failed, and two of the day before."""
    now = int(time.time())
    models = ("openai/gpt-4o", "anthropic/claude-haiku", "openai/gpt-4o")
    calls = [call(n, 0, models[n % 3], ts=(now - 3000 + 200 * n) * 10**9) for n in range(10)]
    failed = [
        call(n, 0, "openai/gpt-4o", ts=(now - 600) * 10**9, error_message=f"upstream timed out\nwith key {KEY}")
        for n in (10, 11)
    ]
    before = [call(n, 0, "openai/gpt-4o", ts=(now - 100_000) * 10**9) for n in (20, 21)]
    return RecordedCalls([*calls, *failed, *before])


@asynccontextmanager
async def observed(world: World, *, shipped: bool = False) -> AsyncIterator[ObservatoryFake]:
    """With an LLM-Observatory, and the bot."""
    async with ObservatoryFake(recent(), secret=SECRET, shipped=shipped) as store:
        world.settings["observatory"] = {"url": store.url, "read_seconds": 2.0, **_SETTINGS}
        async with world.started():
            yield store


async def test_what_models_cost_is_told_by_model_with_a_chart_and_looked_at_again(cold: World) -> None:
    async with observed(cold):
        answer = await say(cold, "llm cost by model last 24h")
        said = plain(answer)
        assert query(answer) == "metrics?metrics=total_cost&group_by=model"
        # 0.001 $ times the number and one more for the prompt, 0.002 $ for the completion, of each that did not fail.
        assert "0.075 $ in all" in said
        assert "gpt-4o        0.054 $  72 %   0.047 $ (+15 %)" in said
        assert "claude-haiku  0.021 $  28 %   –" in said
        assert "chart.png" in (await cold.control.wait_message(author=cold.names.bot, contains="chart.png")).text
        wider = plain(await press(cold, answer, "Wider", contains="last 2d"))
        assert "0.122 $ in all" in wider
        edited = plain(
            await edit(cold, answer, "metrics?metrics=error_count", expect="total_cost", shows="Failed calls")
        )
        assert "Failed calls of language models." in edited
        refused = await edit(cold, answer, "metrics?metrics=input_text", expect="total_cost", shows="I did not run")
        assert "“input_text” is nothing that" in plain(refused)


async def test_single_calls_are_told_without_what_was_said_in_them(cold: World) -> None:
    async with observed(cold):
        answer = await say(cold, "which llm calls failed in the last 2h")
        said = plain(answer)
        assert "2 calls" in said
        assert "upstream timed out" in said
        slowest = await say(cold, "slowest llm calls last 2h")
        assert query(slowest) == "traces?sort_by=duration_ms"
        whole = await press(cold, slowest, "Call 1", contains="llm.chat")
        assert "chat · llm.chat · 1.6 s" in plain(whole)
        everything = "".join(event.text for event in (answer, slowest, whole))
        for hidden in (PROMPT, ANSWER, KEY, SECRET):
            assert hidden not in everything


async def test_a_model_that_had_no_calls_is_told_with_those_that_had(cold: World) -> None:
    async with observed(cold):
        said = plain(await say(cold, "how much did gpt-9 cost in the last 6h"))
        assert "no such calls in this time" in said
        assert "There were calls of claude-haiku, gpt-4o" in said.replace("`", "")


async def test_as_shipped_what_is_public_is_told_and_the_rest_refused_with_the_reason(cold: World) -> None:
    async with observed(cold, shipped=True):
        said = plain(await say(cold, "how many llm calls in the last 6h"))
        assert "12" in said
        assert "public analytics" in said
        refused = plain(await say(cold, "llm cost by model last 24h"))
        assert "as shipped cannot serve costs" in refused


async def test_without_it_the_last_answer_is_told_with_its_age_and_it_recovers(cold: World) -> None:
    async with observed(cold) as store:
        assert "0.075 $" in plain(await say(cold, "llm cost last 24h"))
        store.broken = 503
        cold.clock.advance(120)
        old = plain(await say(cold, "llm cost last 24h"))
        assert "2 min old" in old
        assert "0.075 $" in old


async def test_objectives_that_are_not_met_are_told_of_their_service(cold: World) -> None:
    violations = [
        {"slo_id": "checkout-availability", "service": "checkout", "severity": "high"},
        {"slo_id": "search-latency", "service": "search"},
    ]
    async with UnifiedFake(violations) as service:
        cold.settings["observatory_unified"] = {"url": service.url}
        async with cold.started():
            said = plain(await say(cold, "is checkout in production ok?"))
            assert "Objectives not met: checkout-availability" in said
            assert "search-latency" not in said
            assert "worth a look" in said


@pytest.mark.parametrize(
    ("shipped", "secret", "level", "said"),
    [
        (False, SECRET, Level.OK, "Its metrics, costs among them, and single calls can be asked."),
        (True, SECRET, Level.WARNING, "Only its public analytics can be asked"),
        (False, "another-secret-of-the-tests-that-is-wrong", Level.WARNING, "Only its public analytics can be asked"),
        (False, "brief", Level.PROBLEM, "shorter than 32 bytes"),
    ],
)
async def test_the_doctor_says_what_can_be_asked(
    tmp_path: Path, *, shipped: bool, secret: str, level: Level, said: str
) -> None:
    async with ObservatoryFake(recent(), secret=SECRET, shipped=shipped) as store:
        given = {"url": store.url, **_SETTINGS, "secret": secret}
        settings = Settings.model_validate({"database_url": f"sqlite:///{tmp_path / 'x.db'}", "observatory": given})
        checks = [check for check in CHECKS if check.name == "observatory"]
        (found,) = await examine(settings, checks=checks)
    assert found.finding.level is level
    assert said in found.finding.what
    assert secret not in found.finding.what + found.finding.fix + found.finding.means
