"""What `/metrics` shows after people worked with the bot."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.flows.world import World, until

DEPLOY = "run deploy service=checkout environment=production"
QUESTION = "which version of checkout is in production?"


async def figures(world: World) -> dict[str, float]:
    """Sum over all labels, by name of the sample."""
    assert world.bot
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{world.bot.address}/metrics")).text
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


async def test_a_question_and_a_deploy_show_in_the_figures(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot {QUESTION}")
    await world.reply_in(world.names.checkout, thread=message, since=since)
    since = await world.command(world.names.dana, world.names.checkout, DEPLOY)
    card = await world.approval(since=since)
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
    await world.reply_in(world.names.checkout, contains="completed", since=card.seq)

    async def counted() -> bool:
        shown = await figures(world)
        return shown.get("copilot_workflows_total") == 1 and shown["copilot_messages_total"] == 3

    await until(counted, what="the work to be counted")
    shown = await figures(world)
    assert shown["copilot_turn_duration_seconds_count"] == 3
    assert shown["copilot_ack_duration_seconds_count"] >= 3
    assert shown["copilot_approvals_total"] == 1
    assert shown["copilot_sessions_active"] >= 1
    assert min(shown["cache_hits_total"], shown["cache_misses_total"]) >= 1


async def test_what_cannot_be_sent_shows_in_depth_and_lag(slack: World) -> None:
    await slack.control.fault("error", match="chat.postMessage", times=1_000, status=503)
    await slack.say(slack.names.dana, slack.names.checkout, f"@copilot {QUESTION}")

    async def moved() -> bool:
        shown = await figures(slack)
        return shown["copilot_queue_depth"] >= 1 and shown["copilot_outbox_lag_seconds"] > 0

    await until(moved, what="depth and lag to move")
