"""The doctor's judgements, and that no check hides another or shows a secret."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import features
from bot.cli.doctor import lines
from bot.doctor import channels, clock, configuration, discord, records, slack
from bot.doctor.examination import Check, Result, examine, healthy
from bot.doctor.findings import Finding, Level, ok, problem
from bot.doctor.probes import Disk, Inspection, Parked
from bot.features import Feature, SlackNeeds
from bot.settings import Settings
from core.errors import RateLimited, UnavailableError, UpstreamRejected
from core.messages import PIN, Account, Click, HomeOpened, Incoming, Joined, Marked, Person, Place, Platform, Turn, Via
from core.tools import Toolbox
from core.workflow.catalogue import Catalogue
from core.workflow.reading import parse

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GB = 1024**3
ALL = features.enabled(Settings())
PLACE = Place(Platform.SLACK, "T1", "C1")
DANA = Person(Account(Platform.SLACK, "T1", "U1"), "Dana")


def levels(findings: list[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


# --- Slack -----------------------------------------------------------------------------------------------------------


def test_each_missing_scope_is_named_with_its_feature_and_its_place() -> None:
    granted = set(features.scopes_for(ALL)) - {"pins:write", "files:write"}
    found = slack.judge_scopes(", ".join(granted), ALL)
    assert levels(found) == [Level.PROBLEM, Level.PROBLEM]
    assert [(f.what, f.means) for f in found] == [
        ("The scope files:write is missing.", "It is needed for: files."),
        ("The scope pins:write is missing.", "It is needed for: incidents."),
    ]
    assert "Reinstall to Workspace" in found[0].fix


def test_all_scopes_are_ok_and_none_told_is_not() -> None:
    assert levels(slack.judge_scopes(",".join(features.scopes_for(ALL)), ALL)) == [Level.OK]
    assert levels(slack.judge_scopes("", ALL)) == [Level.WARNING]


def test_another_workspace_in_the_settings_is_noticed() -> None:
    settings = Settings.model_validate({"roles": {"slack:T2/U1": ["operator"]}, "approval_channels": ["slack:T1/C1"]})
    (found,) = slack.judge_team("T1", settings)
    assert "T2" in found.what
    assert slack.judge_team("T2", settings)[0].what.startswith("The settings name the workspace T1")


def received() -> dict[str, Incoming]:
    def turn(via: Via) -> Turn:
        return Turn("claim", PLACE, DANA, "status", 1.0, via)

    return {
        "app_mention": turn(Via.MENTION),
        "message.im": turn(Via.DIRECT),
        "message.channels": turn(Via.THREAD),
        "member_joined_channel": Joined("claim", PLACE, DANA, 1.0),
        "app_home_opened": HomeOpened("claim", PLACE, DANA, 1.0),
        "reaction_added": Marked("claim", PLACE, DANA, "1.0", "eyes", 1.0),
        "pin_added": Marked("claim", PLACE, DANA, "1.0", PIN, 1.0),
        "/copilot command": turn(Via.COMMAND),
        "button": Click("claim", PLACE, DANA, "a", 1.0),
    }


@pytest.mark.parametrize("missing", list(received()))
def test_what_never_came_is_named(missing: str) -> None:
    items = [item for kind, item in received().items() if kind != missing]
    (found,) = slack.judge_events(items, ALL)
    assert found.level is Level.WARNING
    assert missing in found.what


def test_everything_received_is_ok_and_nothing_at_all_is_one_warning() -> None:
    assert levels(slack.judge_events(received().values(), ALL)) == [Level.OK]
    (found,) = slack.judge_events([], ALL)
    assert "@Copilot help" in found.fix


def test_events_of_what_is_switched_off_are_not_missed() -> None:
    items = [item for kind, item in received().items() if kind not in ("pin_added", "reaction_added")]
    without = features.enabled(Settings.model_validate({"incidents": {"enabled": False}}))
    assert levels(slack.judge_events(items, without)) == [Level.OK]


@pytest.mark.parametrize(
    ("info", "error", "level", "says"),
    [
        ({"name": "ops", "is_member": True}, "", Level.OK, "in #ops"),
        ({"name": "ops", "is_member": False}, "", Level.PROBLEM, "not in #ops"),
        ({"name": "ops", "is_archived": True, "is_member": True}, "", Level.PROBLEM, "archived"),
        ({}, "channel_not_found", Level.PROBLEM, "does not see"),
        ({}, "missing_scope", Level.WARNING, "could not be looked up"),
    ],
)
def test_a_channel_is_judged(info: dict[str, object], error: str, level: Level, says: str) -> None:
    found = slack.judge_channel("C1", info, error)
    assert found.level is level
    assert says in found.what


# --- Discord ---------------------------------------------------------------------------------------------------------


def test_a_refused_intent_names_its_switch() -> None:
    (found,) = discord.judge_intents(0, ALL)
    assert found.level is Level.PROBLEM
    assert found.what == "The Message Content Intent is off."
    assert "Privileged Gateway Intents" in found.fix
    assert levels(discord.judge_intents(1 << 19, ALL)) == [Level.OK]


def test_a_channel_that_cannot_be_seen_has_one_finding() -> None:
    (found,) = discord.judge_channel("#ops", 0, ALL)
    assert "View Channel is missing in #ops" in found.what


def test_commands_of_another_version_are_told_from_missing_ones() -> None:
    current = discord.commands.definition()
    assert discord.judge_commands("Acme", current).level is Level.OK
    assert "another version" in discord.judge_commands("Acme", [{**current[0], "options": []}, *current[1:]]).what
    assert "does not have the command Declare incident." in discord.judge_commands("Acme", current[:1]).what
    assert "does not have the command Declare incident, copilot." in discord.judge_commands("Acme", []).what


# --- clock, database, settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [
        (0.5, Level.OK, "agrees"),
        (-4.9, Level.OK, "agrees"),
        (6.0, Level.WARNING, "6 s ahead of Slack's"),
        (-59.0, Level.WARNING, "59 s behind Slack's"),
        (-301.0, Level.PROBLEM, "301 s behind Slack's"),
    ],
)
def test_a_clock_is_judged_by_how_far_it_is_off(ahead: float, level: Level, says: str) -> None:
    found = clock.judge_clock("Slack", ahead)
    assert found.level is level
    assert says in found.what


def test_room_and_log_of_the_file_are_judged() -> None:
    assert records.judge_disk(Disk(exists=True, free=50 * GB, wal=0)) == []
    assert levels(records.judge_disk(Disk(exists=True, free=GB // 2, wal=0))) == [Level.WARNING]
    assert levels(records.judge_disk(Disk(exists=True, free=GB // 20, wal=0))) == [Level.PROBLEM]
    assert levels(records.judge_disk(Disk(exists=True, free=50 * GB, wal=GB))) == [Level.WARNING]
    assert levels(records.judge_disk(Disk(exists=False, free=50 * GB, wal=0))) == [Level.WARNING]


@pytest.mark.parametrize(
    ("found", "level", "says"),
    [
        (Inspection(), Level.OK, "writable"),
        (Inspection(schema="it has no schema yet"), Level.PROBLEM, "no schema"),
        (Inspection(unwritable="read-only transaction"), Level.PROBLEM, "read-only"),
        (Inspection(waits_since=NOW - timedelta(minutes=7)), Level.WARNING, "7 minutes"),
        (Inspection(waits_since=NOW - timedelta(minutes=1)), Level.OK, "stuck"),
        (Inspection(posts_parked=2, parked=(Parked("slack:T1/C1", "not_a_member"),)), Level.WARNING, "2 messages"),
        (Inspection(work_parked=1, parked=(Parked("RUN-1", "given up"),)), Level.WARNING, "1 pieces"),
    ],
)
def test_what_the_database_holds_is_judged(found: Inspection, level: Level, says: str) -> None:
    (finding,) = records.judge(found, NOW)
    assert finding.level is level
    assert says in finding.what


def test_parked_rows_come_with_their_reasons() -> None:
    found = Inspection(posts_parked=1, parked=(Parked("slack:T1/C1", "not_a_member: not there"),))
    assert records.judge(found, NOW)[0].means == "slack:T1/C1: not_a_member: not there"


def test_settings_that_are_hardly_meant_are_noticed() -> None:
    found = configuration.judge_settings(Settings.model_validate({"roles": {"slack:T1/U1": ["wizard"]}}))
    assert [finding.what.split(":")[0].split(".")[0] for finding in found] == [
        "No platform is enabled",
        "No permissions are set for",
        "approval_channels is empty",
    ]


# --- the examination -----------------------------------------------------------------------------------------------------


async def good(_settings: Settings) -> AsyncGenerator[Finding, None]:
    yield ok("fine")


async def broken(_settings: Settings) -> AsyncGenerator[Finding, None]:
    yield ok("so far")
    raise ZeroDivisionError


async def hanging(_settings: Settings) -> AsyncGenerator[Finding, None]:
    yield ok("so far")
    await asyncio.Event().wait()


async def refused(_settings: Settings) -> AsyncGenerator[Finding, None]:
    raise UpstreamRejected("Slack", "Slack refused it: missing_scope.", reason="missing_scope")
    yield ok("never")


async def away(_settings: Settings) -> AsyncGenerator[Finding, None]:
    raise UnavailableError("Slack cannot be reached.")
    yield ok("never")


async def slowed(_settings: Settings) -> AsyncGenerator[Finding, None]:
    raise RateLimited("Slack", "Slack asks to slow down.", delay=30.0)
    yield ok("never")


async def test_what_one_check_breaks_on_hides_nothing() -> None:
    examines = {"broken": broken, "hanging": hanging, "refused": refused, "away": away, "slowed": slowed, "good": good}
    found = await examine(Settings(), checks=[Check(name, run) for name, run in examines.items()], within=0.05)
    assert [(result.check, result.finding.level) for result in found] == [
        ("broken", Level.OK),
        ("broken", Level.PROBLEM),
        ("hanging", Level.OK),
        ("hanging", Level.PROBLEM),
        ("refused", Level.WARNING),
        ("away", Level.PROBLEM),
        ("slowed", Level.WARNING),
        ("good", Level.OK),
    ]
    assert not healthy(found)
    assert all(result.finding.fix for result in found if result.finding.level is not Level.OK)


async def test_no_secret_of_the_settings_is_shown() -> None:
    settings = Settings.model_validate(
        {
            "database_url": "postgresql://lee:planted-1111@db/app",
            "redis_url": "redis://:planted%2D2222@cache",
            "delivery": {"url": "http://d.example", "token": "planted-3333"},
            "discord": {"token": "planted-4444"},
        }
    )

    async def telling(_settings: Settings) -> AsyncGenerator[Finding, None]:
        yield problem("planted-1111 planted-2222", "planted%2D2222 planted-3333", "planted-4444")

    (found,) = await examine(settings, checks=[Check("telling", telling)])
    assert "planted" not in "".join(lines(found))


def test_a_finding_in_a_pipe_is_one_block_of_plain_lines() -> None:
    assert lines(Result("clock", problem("It is late.", "Buttons expire.", "Set it."))) == [
        "problem: clock: It is late.",
        "  Buttons expire.",
        "  Fix: Set it.",
    ]


def test_a_feature_that_needs_nothing_is_no_finding() -> None:
    assert slack.judge_scopes("chat:write", [Feature("nothing", SlackNeeds())])[0].level is Level.OK


# --- what starts by itself ---------------------------------------------------------------------------------------------

NIGHTLY = """
name: nightly
version: 1.0.0
title: Nightly
channel: {channel}
schedules: [{{cron: "{cron}", timezone: Europe/Berlin}}]
triggers: [{{event: webhook.build}}]
steps: [{{id: soak, type: wait, event: webhook.green}}]
"""


def nightly(channel: str = "''", cron: str = "0 3 * * *") -> Catalogue:
    return Catalogue([parse(NIGHTLY.format(channel=channel, cron=cron), "nightly.yaml", Toolbox(()))])


def judged(catalogue: Catalogue, **settings: object) -> list[tuple[Level, str]]:
    hooks = {"build": "x" * 16, "green": "x" * 16}
    given = Settings.model_validate({"hooks": hooks, "slack": {"enabled": True, **SLACK}, **settings})
    return [(finding.level, finding.what) for finding in configuration.judge_starts(given, catalogue, NOW)]


SLACK = {"bot_token": "xoxb-1", "app_token": "xapp-1"}
NEXT = (Level.OK, "nightly starts next at 2026-03-01 03:00 CET (schedule “0 3 * * *” Europe/Berlin).")


def test_the_next_time_of_each_schedule_is_told() -> None:
    assert judged(nightly(), run_channel="slack:T1/C1") == [NEXT]
    assert judged(Catalogue([])) == [(Level.OK, "No workflow starts by itself.")]


def test_a_schedule_that_never_comes_is_noticed() -> None:
    found = judged(nightly(cron="0 3 30 2 *"), run_channel="slack:T1/C1")
    assert found == [(Level.WARNING, "The schedule “0 3 30 2 *” Europe/Berlin of nightly never comes.")]


def test_runs_that_are_shown_nowhere_are_noticed() -> None:
    assert judged(nightly()) == [NEXT, (Level.WARNING, "Runs of nightly that nobody asked for are shown nowhere.")]
    elsewhere = "Runs of nightly are to be shown in discord:G1/7, and discord is not enabled."
    assert judged(nightly("discord:G1/7")) == [NEXT, (Level.PROBLEM, elsewhere)]


def test_a_hook_without_a_secret_is_noticed_where_a_workflow_wants_it() -> None:
    found = judged(nightly(), run_channel="slack:T1/C1", hooks={})
    assert found == [
        NEXT,
        (Level.PROBLEM, "nightly wants the event webhook.build, and that hook has no secret."),
        (Level.PROBLEM, "nightly wants the event webhook.green, and that hook has no secret."),
    ]


def test_every_channel_that_is_named_is_looked_at_once(tmp_path: Path) -> None:
    text = NIGHTLY.format(channel="slack:T1/C3", cron="0 3 * * *")
    (tmp_path / "nightly.yaml").write_text(text, encoding="utf-8")
    settings = Settings.model_validate(
        {"approval_channels": ["slack:T1/C1", "discord:G1/7"], "run_channel": "slack:T1/C2", "workflows": [tmp_path]}
    )
    assert [(place.channel, use.where) for place, use in channels.named(settings, Platform.SLACK)] == [
        ("C1", "approval_channels"),
        ("C2", "run_channel"),
        ("C3", "the workflow nightly"),
    ]
    finding = slack.judge_channel("C3", {"name": "ops"}, "", channels.named(settings, Platform.SLACK)[2][1])
    assert finding.what == "The bot is not in #ops (C3) of the workflow nightly."
    assert finding.means == "Runs that a schedule or an event starts are not shown there."
