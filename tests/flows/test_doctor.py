"""`copilot doctor` against the platforms: each thing that can be wrong is seen wrong, and a running bot is not disturbed."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import features
from bot.doctor.examination import Result, examine, healthy
from bot.doctor.findings import Level
from bot.emulators.common.clock import PlatformClock
from bot.emulators.discord import DiscordEmulator
from bot.emulators.discord import acme as guild
from bot.emulators.discord import permissions as may
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack import acme as team
from bot.settings import Settings
from integrations.observability.alertmanager.fake import AlertmanagerFake
from tests.flows.process import write_settings
from tests.flows.world import World

SCOPES = frozenset(features.scopes_for(features.enabled(Settings())))


def slack_settings(folder: Path, emulator: SlackEmulator, **more: Any) -> Settings:  # noqa: ANN401 -- settings as they are written
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'copilot.db'}",
        "slack": {
            "enabled": True,
            "bot_token": emulator.bot_token,
            "app_token": emulator.app_token,
            "signing_secret": emulator.signing_secret,
            "api_url": emulator.api_url,
        },
        "roles": {f"slack:{team.TEAM}/{team.DANA}": ["operator"]},
        "approval_channels": [f"slack:{team.TEAM}/{team.APPROVALS}"],
        "http": {"port": 0},
    }
    slack = {**values["slack"], **more.pop("slack", {})}
    return Settings.model_validate({**values, "slack": slack, **more})


def discord_settings(folder: Path, emulator: DiscordEmulator, **more: Any) -> Settings:  # noqa: ANN401 -- settings as they are written
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'copilot.db'}",
        "discord": {
            "enabled": True,
            "token": emulator.bot_token,
            "api_url": emulator.api_url,
            "guild_ids": [emulator.guild_id],
        },
        "roles": {f"discord:{guild.GUILD}/{guild.DANA}": ["operator"]},
        "approval_channels": [f"discord:{guild.GUILD}/{guild.APPROVALS}"],
        "http": {"port": 0},
    }
    discord = {**values["discord"], **more.pop("discord", {})}
    return Settings.model_validate({**values, "discord": discord, **more})


def of(results: Sequence[Result], check: str, level: Level) -> list[str]:
    return [r.finding.what for r in results if r.check == check and r.finding.level is level]


def problems(results: Sequence[Result]) -> dict[str, str]:
    return {r.check: r.finding.what for r in results if r.finding.level is Level.PROBLEM}


# --- a bot that runs ---------------------------------------------------------------------------------------------------


async def test_a_running_bot_is_found_healthy_and_loses_no_event(world: World) -> None:
    settings = world.make_settings()
    since = await world.control.seq()
    results = await examine(settings)
    assert problems(results) == {}
    state = [e async for e in _connections(world, since)]
    assert state == []
    message, said = await world.say(world.names.dana, world.names.checkout, "@copilot help")
    await world.reply_in(world.names.checkout, thread=message, since=said)


async def _connections(world: World, since: int) -> Any:  # noqa: ANN401 -- an async generator of events
    """Sockets that were opened or closed since; the events that are there already."""
    end = await world.control.seq()
    if end == since:
        return
    async for event in world.control.events(since):
        if event.type == "connection":
            yield event
        if event.seq >= end:
            return


async def test_events_that_came_in_are_not_missed(slack: World) -> None:
    names = slack.names
    _, since = await slack.say(names.dana, names.checkout, "@copilot help")
    await slack.reply_in(names.checkout, since=since)
    missed = of(await examine(slack.make_settings()), "slack events", Level.WARNING)
    assert not any("app_mention" in what for what in missed)
    assert "No reaction_added event was ever received." in missed


# --- Slack ---------------------------------------------------------------------------------------------------------------


async def test_a_missing_scope_is_found(tmp_path: Path) -> None:
    async with SlackEmulator(scopes=SCOPES - {"pins:write"}) as emulator:
        results = await examine(slack_settings(tmp_path, emulator))
    assert problems(results) == {"slack token": "The scope pins:write is missing."}


async def test_the_scopes_of_the_manifest_are_enough(tmp_path: Path) -> None:
    async with SlackEmulator(scopes=SCOPES) as emulator:
        assert healthy(await examine(slack_settings(tmp_path, emulator)))


async def test_a_wrong_bot_token_is_one_problem(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        results = await examine(slack_settings(tmp_path, emulator, slack={"bot_token": "xoxb-wrong-0000"}))
    assert "invalid_auth" in problems(results)["slack token"]
    assert not any("xoxb-wrong-0000" in str(r.finding) for r in results)


async def test_a_revoked_installation_is_found(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        emulator.revoke_tokens()
        found = problems(await examine(slack_settings(tmp_path, emulator)))
    assert "token_revoked" in found["slack token"]
    assert "token_revoked" in found["slack socket"]


async def test_an_app_token_without_its_scope_is_found(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        emulator.workspace.app.app_scopes = frozenset({"authorizations:read"})
        results = await examine(slack_settings(tmp_path, emulator))
    (found,) = [r.finding for r in results if r.check == "slack socket"]
    assert "missing_scope" in found.what
    assert "connections:write" in found.fix


@pytest.mark.parametrize(("channel", "says"), [(team.SECURITY, "does not see"), ("C404", "does not see")])
async def test_a_channel_without_the_bot_is_found(tmp_path: Path, channel: str, says: str) -> None:
    async with SlackEmulator() as emulator:
        settings = slack_settings(tmp_path, emulator, approval_channels=[f"slack:{team.TEAM}/{channel}"])
        assert says in problems(await examine(settings))["slack channels"]


async def test_a_channel_that_the_bot_left_is_found(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        emulator.workspace.channels[team.APPROVALS].members.pop(team.BOT_USER)
        found = problems(await examine(slack_settings(tmp_path, emulator)))
    assert found["slack channels"] == f"The bot is not in #approvals ({team.APPROVALS}) of approval_channels."


async def test_people_and_groups_that_do_not_exist_are_found(tmp_path: Path) -> None:
    roles = {f"slack:{team.TEAM}/U404": ["operator"], f"slack:{team.TEAM}/group:S404": ["operator"]}
    async with SlackEmulator() as emulator:
        results = await examine(slack_settings(tmp_path, emulator, roles=roles))
    assert of(results, "slack people", Level.WARNING) == [
        f"slack:{team.TEAM}/U404 does not exist in Slack.",
        "There is no user group S404 in Slack.",
    ]


async def test_looking_people_up_stops_when_slack_asks_to(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        emulator.faults.add({"kind": "rate_limit", "match": "users.info", "retry_after": 30})
        results = await examine(slack_settings(tmp_path, emulator))
    assert of(results, "slack people", Level.OK) == ["0 of 1 people named in the settings were looked up in Slack."]


async def test_slack_out_of_reach_is_a_problem_and_the_rest_is_checked(tmp_path: Path) -> None:
    async with SlackEmulator() as emulator:
        settings = slack_settings(tmp_path, emulator)
    found = await examine(settings)
    assert "cannot be reached" in problems(found)["slack token"]
    assert of(found, "workflows", Level.OK)


# --- Slack over HTTP -----------------------------------------------------------------------------------------------------


async def test_the_public_address_is_asked_like_slack_asks_it(cold_slack: World) -> None:
    cold_slack.settings = {"slack": {**cold_slack.site.settings(), "mode": "http"}}
    async with cold_slack.started() as bot:
        over_http = {"slack": {**cold_slack.site.settings(), "mode": "http"}, "http": {"public_url": bot.address}}
        cold_slack.settings = over_http
        assert of(await examine(cold_slack.make_settings()), "slack address", Level.OK)
        wrong = {**cold_slack.site.settings(), "mode": "http", "signing_secret": "another"}
        cold_slack.settings = {**over_http, "slack": wrong}
        refused = problems(await examine(cold_slack.make_settings()))
        assert "refuses our signature" in refused["slack address"]
        cold_slack.settings = {**over_http, "http": {"public_url": f"{bot.address}/elsewhere"}}
        assert "answers 404" in problems(await examine(cold_slack.make_settings()))["slack address"]
    cold_slack.settings = over_http
    assert "does not answer" in problems(await examine(cold_slack.make_settings()))["slack address"]
    cold_slack.settings = {"slack": over_http["slack"]}
    unchecked = of(await examine(cold_slack.make_settings()), "slack address", Level.WARNING)
    assert unchecked == ["http.public_url is not set."]


# --- Discord ---------------------------------------------------------------------------------------------------------------


async def test_discord_is_healthy_but_for_commands_that_the_bot_uploads(tmp_path: Path) -> None:
    async with DiscordEmulator() as emulator:
        results = await examine(discord_settings(tmp_path, emulator))
    assert problems(results) == {}
    assert "does not have the command Declare incident, copilot." in of(results, "discord servers", Level.WARNING)[0]


async def test_a_wrong_discord_token_is_one_problem(tmp_path: Path) -> None:
    async with DiscordEmulator() as emulator:
        settings = discord_settings(tmp_path, emulator, discord={"token": "wrong-planted-0000"})
        results = await examine(settings)
    assert list(problems(results)) == ["discord token"]
    assert not any("wrong-planted-0000" in str(r.finding) for r in results)


async def test_a_disallowed_intent_is_found(tmp_path: Path) -> None:
    async with DiscordEmulator(privileged_intents=0) as emulator:
        found = problems(await examine(discord_settings(tmp_path, emulator)))
    assert found == {"discord token": "The Message Content Intent is off."}


async def test_a_missing_permission_is_found_in_the_server_and_in_the_channel(tmp_path: Path) -> None:
    async with DiscordEmulator(bot_permissions=may.BOT & ~may.PIN_MESSAGES & ~may.EMBED_LINKS) as emulator:
        results = await examine(discord_settings(tmp_path, emulator))
    assert of(results, "discord servers", Level.PROBLEM) == [
        "The permission Embed Links is missing in Acme.",
        "The permission Pin Messages is missing in Acme.",
    ]
    assert of(results, "discord channels", Level.PROBLEM) == [
        "The permission Embed Links is missing in #approvals of approval_channels."
    ]


async def test_a_channel_that_the_bot_cannot_see_is_found(tmp_path: Path) -> None:
    channel = f"discord:{guild.GUILD}/{guild.SECURITY}"
    async with DiscordEmulator() as emulator:
        results = await examine(discord_settings(tmp_path, emulator, approval_channels=[channel]))
    assert "does not see" in problems(results)["discord channels"]


async def test_a_server_without_the_bot_is_found(tmp_path: Path) -> None:
    async with DiscordEmulator() as emulator:
        results = await examine(discord_settings(tmp_path, emulator, discord={"guild_ids": ["404"]}))
    (found,) = [r.finding for r in results if r.finding.level is Level.PROBLEM]
    assert found.what == "The bot is not in the server 404."
    assert "oauth2/authorize" in found.fix


async def test_people_who_are_no_members_are_found(tmp_path: Path) -> None:
    roles = {f"discord:{guild.GUILD}/{guild.KIM}": ["operator"]}
    async with DiscordEmulator() as emulator:
        results = await examine(discord_settings(tmp_path, emulator, roles=roles))
    assert len(of(results, "discord people", Level.WARNING)) == 1


# --- clock, records, services ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "level"), [(20.0, Level.WARNING), (-400.0, Level.PROBLEM)])
async def test_a_wrong_clock_is_found_on_both_platforms(tmp_path: Path, off: float, level: Level) -> None:
    def skewed() -> PlatformClock:
        return PlatformClock(lambda: time.time() + off)

    async with SlackEmulator(clock=skewed()) as slack, DiscordEmulator(clock=skewed()) as discord:
        settings = slack_settings(tmp_path, slack, discord=discord_settings(tmp_path, discord).discord.model_dump())
        found = of(await examine(settings), "clock", level)
    assert len(found) == 2
    assert all(("behind" if off > 0 else "ahead of") in what for what in found)


async def test_a_broken_workflow_is_found_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\nsteps: 7\n", encoding="utf-8")
    settings = Settings.model_validate({"workflows": [str(tmp_path)], "http": {"port": 0}})
    assert "bad.yaml" in problems(await examine(settings))["workflows"]


async def test_a_delivery_service_is_found_healthy_refusing_and_away(cold_slack: World) -> None:
    service = {"url": cold_slack.delivery.url, "token": cold_slack.delivery.token}
    assert of(await examine(cold_slack.make_settings()), "delivery", Level.OK)
    cold_slack.settings = {"delivery": {**service, "token": "wrong"}}
    assert "delivery" in problems(await examine(cold_slack.make_settings()))
    cold_slack.settings = {"delivery": {**service, "url": "http://127.0.0.1:9"}}
    assert "cannot be reached" in problems(await examine(cold_slack.make_settings()))["delivery"]


async def test_an_alert_manager_is_found_healthy_refusing_and_away() -> None:
    assert of(await examine(Settings()), "alertmanager", Level.OK)
    async with AlertmanagerFake([], now=datetime.now(UTC), token="right") as manager:
        right, wrong = ({"url": manager.url, "token": token} for token in ("right", "wrong"))
        settings = Settings.model_validate({"alertmanager": right})
        assert of(await examine(settings), "alertmanager", Level.OK) == [
            "Alertmanager answers; it has 0 active alerts."
        ]
        assert "alertmanager" in problems(await examine(Settings.model_validate({"alertmanager": wrong})))
    assert "cannot be reached" in problems(await examine(settings))["alertmanager"]


async def test_the_running_bot_says_what_is_not_ready(cold_slack: World) -> None:
    async with cold_slack.started() as bot:
        port = int(bot.address.rpartition(":")[2])
        cold_slack.settings = {"http": {"port": port}}
        settings = cold_slack.make_settings()
        assert of(await examine(settings), "bot", Level.OK) == ["The bot runs and is ready."]

        async def ill() -> str:
            return "it coughs"

        bot.checks["cache"] = ill
        assert problems(await examine(settings))["bot"] == "The running bot is not ready: cache: it coughs."


# --- the command -----------------------------------------------------------------------------------------------------------


async def run_doctor(config: Path, *options: str) -> tuple[int, str]:
    copilot = Path(sys.executable).with_name("copilot")
    process = await asyncio.create_subprocess_exec(
        copilot, "doctor", "--config", config, *options, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_the_command_ends_with_1_when_there_is_a_problem(tmp_path: Path) -> None:
    async with SlackEmulator(scopes=SCOPES) as emulator:
        settings = {
            "database_url": f"sqlite:///{tmp_path / 'copilot.db'}",
            "http": {"port": 0},
            "slack": {
                "enabled": True,
                "bot_token": emulator.bot_token,
                "app_token": emulator.app_token,
                "api_url": emulator.api_url,
            },
        }
        config = write_settings(tmp_path / "copilot.toml", settings)
        code, out = await run_doctor(config, "--json")
        assert (code, json.loads(out)["healthy"]) == (0, True)
        emulator.workspace.app.scopes = SCOPES - {"chat:write"}
        code, out = await run_doctor(config)
    assert code == 1
    assert "problem: slack token: The scope chat:write is missing." in out
    assert emulator.bot_token not in out


async def test_wrong_settings_are_a_finding(tmp_path: Path) -> None:
    config = write_settings(tmp_path / "copilot.toml", {"http": {"prot": 1}})
    code, out = await run_doctor(config, "--json")
    (found,) = json.loads(out)["findings"]
    assert (code, found["check"], found["level"]) == (1, "settings", "problem")
    assert "http.port" in found["what"]
