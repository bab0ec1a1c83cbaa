"""`kill -9` at the moments that matter: A18."""

from pathlib import Path

import pytest

from tests.flows.process import bot_process, config_of, free_port
from tests.flows.world import Card, World

DEPLOY = "run deploy service=checkout environment=production"


async def asked(world: World) -> Card:
    since = await world.command(world.names.dana, world.names.checkout, DEPLOY)
    return await world.approval(since=since)


@pytest.mark.parametrize("moment", ["between ask and click", "between click and resume"])
async def test_a18_the_decision_counts_once_and_the_run_goes_on(cold: World, tmp_path: Path, moment: str) -> None:
    port = free_port()
    config = config_of(cold, tmp_path, port)
    async with bot_process(config, port) as bot:
        card = await asked(cold)
        if moment == "between click and resume":
            cold.delivery.hold()
            await cold.control.click(cold.names.lee, card.message, card.buttons["Approve"])
            await cold.reply_in(cold.names.approvals, contains="pproved by", since=card.seq)
        await bot.kill()
    cold.delivery.release()
    async with bot_process(config, port):
        if moment == "between ask and click":
            await cold.control.click(cold.names.lee, card.message, card.buttons["Approve"])
        done = await cold.control.wait_message(
            channel=cold.names.checkout, contains="completed", since=card.seq, timeout=60
        )
    assert f"<@{cold.names.lee}>" in done.text
    assert cold.delivery.effects("deploy") == 1
