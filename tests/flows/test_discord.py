"""What only Discord has: three seconds to answer, tokens that die, sessions that end. A10, A11."""

from pathlib import Path

import pytest

from tests.flows.process import bot_process, config_of, free_port
from tests.flows.world import World, until

QUESTION = "which version of checkout is in production?"


async def deferred(world: World, since: int) -> None:
    await world.control.wait_for(
        lambda event: event.type == "pending", since=since, what="the interaction to be deferred"
    )


async def held(world: World) -> bool:
    return world.delivery.waiting > 0


async def test_a10_an_interaction_is_deferred_while_its_handler_still_works(discord: World) -> None:
    discord.delivery.hold()
    since = await discord.command(discord.names.dana, discord.names.checkout, f"ask {QUESTION}")
    await deferred(discord, since)
    await until(lambda: held(discord), what="the handler to wait")
    discord.delivery.release()
    answer = await discord.reply_in(discord.names.checkout, contains="version", since=since)
    assert discord.delivery.version("checkout", "production") in answer.text


async def test_a11_an_answer_after_the_tokens_death_comes_as_an_ordinary_message(discord: World) -> None:
    discord.delivery.hold()
    since = await discord.command(discord.names.dana, discord.names.checkout, f"ask {QUESTION}")
    await deferred(discord, since)
    await discord.control.clock(20 * 60)
    discord.clock.advance(20 * 60)
    discord.delivery.release()
    answer = await discord.reply_in(discord.names.checkout, contains="version", since=since)
    assert discord.delivery.version("checkout", "production") in answer.text


async def test_a11_before_the_tokens_death_the_placeholder_says_where_the_result_comes(discord: World) -> None:
    discord.delivery.hold()
    since = await discord.command(discord.names.dana, discord.names.checkout, f"ask {QUESTION}")
    await deferred(discord, since)
    discord.clock.advance(14.2 * 60)
    told = await discord.reply_in(discord.names.checkout, contains="takes longer", since=since)
    discord.clock.advance(6 * 60)
    await discord.control.clock(20 * 60)
    discord.delivery.release()
    answer = await discord.reply_in(discord.names.checkout, contains="runs version", since=told.seq)
    assert answer.message["id"] != told.message["id"]


async def test_a11_a_placeholder_of_an_earlier_life_is_given_up_in_time(cold_discord: World, tmp_path: Path) -> None:
    world = cold_discord
    world.delivery.hold()
    port = free_port()
    async with bot_process(config_of(world, tmp_path, port), port) as bot:
        since = await world.command(world.names.dana, world.names.checkout, f"ask {QUESTION}")
        await until(lambda: held(world), what="the handler to wait")
        await deferred(world, since)
        await bot.kill()
    async with world.started():
        world.clock.advance(14.2 * 60)
        await world.reply_in(world.names.checkout, contains="takes longer", since=since)
        world.delivery.release()


async def test_a11_a_card_is_edited_after_the_tokens_death(discord: World) -> None:
    deploy = "run deploy service=checkout environment=production"
    since = await discord.command(discord.names.dana, discord.names.checkout, deploy)
    card = await discord.approval(since=since)
    await discord.control.clock(20 * 60)
    discord.clock.advance(20 * 60)
    await discord.control.click(discord.names.lee, card.message, card.buttons["Approve"])
    done = await discord.reply_in(discord.names.checkout, contains="completed", since=card.seq)
    assert done.message["edited"]


async def test_what_was_written_just_before_a_first_start_is_fetched(cold_discord: World) -> None:
    message, since = await cold_discord.say(
        cold_discord.names.dana, cold_discord.names.checkout, f"@copilot {QUESTION}"
    )
    async with cold_discord.started():
        await cold_discord.reply_in(cold_discord.names.checkout, thread=message, since=since)


async def test_what_was_written_while_the_bot_was_away_is_fetched(cold_discord: World) -> None:
    world = cold_discord
    async with world.started():
        message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot {QUESTION}")
        await world.reply_in(world.names.checkout, thread=message, since=since)
    missed, since = await world.say(world.names.lee, world.names.general, f"@copilot {QUESTION}")
    async with world.started():
        await world.reply_in(world.names.general, thread=missed, since=since)
    assert len([m for m in await world.messages() if "version" in str(m["raw"])]) == 2


async def test_a_lost_connection_is_resumed_and_nothing_is_lost(discord: World) -> None:
    await discord.control.fault("drop_sockets")
    message, since = await discord.say(discord.names.dana, discord.names.general, f"@copilot {QUESTION}")
    reply = await discord.reply_in(discord.names.general, thread=message, since=since)
    assert discord.delivery.version("checkout", "production") in reply.text


@pytest.mark.parametrize("verb", ["run", "runs plan"])
async def test_options_are_completed_from_memory(discord: World, verb: str) -> None:
    found = await discord.control.act(
        discord.names.dana,
        "complete",
        channel=discord.names.general,
        name="copilot",
        options={"subcommand": verb, "options": {"workflow": "dep"}},
        focused="workflow",
    )
    assert [choice["value"] for choice in found["choices"]] == ["deploy"]
