"""Stopping cleanly: what was taken in is answered here or by the next process, once; what was begun is handed over at once."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bot.bootstrap import running
from tests.conftest import Databases
from tests.flows.process import bot_process
from tests.flows.test_crash import asked, config_of, free_port
from tests.flows.world import World, until, workspace

_BURST = 30
_AT_ONCE = 2.0
"""Seconds; a lease is thirty."""


async def answers(world: World) -> Counter[str]:
    """How often each message was answered: by its thread in Slack and Discord alike."""
    return Counter(message["thread"] for message in await world.messages())


async def test_sigterm_under_load_loses_and_doubles_nothing(cold: World, tmp_path: Path) -> None:
    port = free_port()
    config = config_of(cold, tmp_path, port)
    sent: list[str] = []

    async def load() -> None:
        for n in range(_BURST):
            message, _ = await cold.say(cold.names.dana, cold.names.checkout, f"@copilot status {n}")
            sent.append(message)

    async with bot_process(config, port) as bot, asyncio.TaskGroup() as group:
        loading = group.create_task(load())
        await until(lambda: _true_when(len(sent) >= _BURST // 3), what="load")
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(bot.process.wait(), 20)
        await loading
    assert bot.process.returncode == 0
    async with bot_process(config, port):

        async def all_answered() -> bool:
            return set(await answers(cold)) >= set(sent)

        # Slack sends again at once what was not acknowledged, then after a minute and after five.
        await cold.control.clock(60.0)
        await cold.control.clock(300.0)
        await until(all_answered, what="every message to be answered", within=30)
    assert max((await answers(cold)).values()) == 1


async def _true_when(holds: bool) -> bool:
    return holds


async def test_a_run_in_the_middle_of_a_step_passes_to_the_other_replica_at_once(
    tmp_path: Path, postgres: Databases
) -> None:
    async with workspace("slack", tmp_path) as world:
        world.settings |= {"database_url": await postgres.migrated()}
        first = world.started()
        bot = await first.__aenter__()
        card = await asked(world)
        world.delivery.hold()
        await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
        await until(lambda: _true_when(world.delivery.waiting > 0), what="the step to be in its call")
        async with running(world.make_settings(), clock=world.clock) as second:
            await second.ready()
            await first.__aexit__(None, None, None)
            world.delivery.release()
            await world.control.wait_message(
                channel=world.names.checkout, contains="completed", since=card.seq, timeout=_AT_ONCE
            )
        assert bot.turns.idle
        assert world.delivery.effects("deploy") == 1


async def test_a_message_that_is_being_handled_when_its_replica_stops_is_answered_once(
    tmp_path: Path, postgres: Databases
) -> None:
    async with workspace("slack", tmp_path) as world:
        world.settings |= {"database_url": await postgres.migrated()}
        first = world.started()
        await first.__aenter__()
        world.delivery.hold()
        question = "@copilot which version of checkout is in production?"
        message, since = await world.say(world.names.dana, world.names.checkout, question)
        await until(lambda: _true_when(world.delivery.waiting > 0), what="the question to be asked")
        async with running(world.make_settings(), clock=world.clock) as second:
            await second.ready()
            await first.__aexit__(None, None, None)
            world.delivery.release()
            await world.control.wait_message(
                channel=world.names.checkout, thread=message, author=world.names.bot, since=since, timeout=_AT_ONCE
            )
            await until(lambda: _true_when(second.turns.idle), what="the second replica to be done")
        assert await answers(world) == {message: 1}


async def test_ready_turns_red_before_the_server_stops(cold_slack: World) -> None:
    cold_slack.delivery.hold()
    life = cold_slack.started()
    bot = await life.__aenter__()
    question = "@copilot which version of checkout is in production?"
    await cold_slack.say(cold_slack.names.dana, cold_slack.names.checkout, question)
    await until(lambda: _true_when(cold_slack.delivery.waiting > 0), what="the question to be asked")
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.TaskGroup() as group:
        stopping = group.create_task(life.__aexit__(None, None, None))

        async def red() -> bool:
            response = await http.get(f"{bot.address}/ready")
            return response.status_code == 503 and "stopping" in response.text

        await until(red, what="/ready to say so")
        assert (await http.get(f"{bot.address}/health")).status_code == 200
        cold_slack.delivery.release()
        await stopping
        with pytest.raises(httpx.TransportError):
            await http.get(f"{bot.address}/health")
