"""What the features need, and the manifests made of it, against what the platforms document."""

import json
from typing import Any

import pytest
import yaml

from bot import features
from bot.cli.manifest import application_of
from bot.discord import manifest as discord
from bot.discord.rights import ALL, Intent, Permission, in_channel, lacking, refused, title
from bot.emulators.discord import intents as emulated_intents
from bot.emulators.discord import permissions as emulated_permissions
from bot.emulators.slack import acme, scopes
from bot.settings import Settings
from bot.slack import manifest as slack
from core.intents.verbs import VERBS

Json = dict[str, Any]
PLAIN = Settings()
WITHOUT_INCIDENTS = Settings.model_validate({"incidents": {"enabled": False}})
WITH_GROUPS = Settings.model_validate({"roles": {"slack:T1/group:S1": ["operator"]}})


def manifest(settings: Settings = PLAIN, url: str = "") -> Json:
    return slack.manifest(features.enabled(settings), url=url)


def names(settings: Settings) -> set[str]:
    return {feature.name for feature in features.enabled(settings)}


def test_the_settings_decide_what_is_enabled() -> None:
    assert names(WITHOUT_INCIDENTS) == names(PLAIN) - {"incidents"}
    assert names(WITH_GROUPS) == names(PLAIN) | {"user groups"}
    assert "usergroups:read" in features.scopes_for(features.enabled(WITH_GROUPS))
    assert "usergroups:read" not in features.scopes_for(features.enabled(PLAIN))


def test_without_incidents_nothing_of_theirs_is_asked_for() -> None:
    wanted = features.enabled(WITHOUT_INCIDENTS)
    assert not {"channels:manage", "pins:write", "reactions:read"} & set(features.scopes_for(wanted))
    assert "reaction_added" not in features.events_for(wanted)
    assert Permission.MANAGE_CHANNELS not in features.permissions_for(wanted)
    assert "shortcuts" not in slack.manifest(wanted)["features"]


def test_everything_asked_for_exists() -> None:
    wanted = features.FEATURES
    assert set(features.scopes_for(wanted)) <= set(scopes.ALL_SCOPES)
    assert set(features.events_for(wanted)) <= set(acme.EVENTS)
    for permission in Permission:
        assert getattr(emulated_permissions, permission.name or "") == permission
    for intent in Intent:
        assert getattr(emulated_intents, intent.name or "") == intent


@pytest.mark.parametrize("url", ["", "https://copilot.acme.example"])
def test_slacks_manifest_keeps_to_its_schema(url: str) -> None:
    """The limits of slackapi/manifest-schema, manifest.schema.1.0.0.json."""
    found = manifest(WITH_GROUPS, url)
    assert set(found) == {"display_information", "features", "oauth_config", "settings"}
    shown = found["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert 1 <= len(shown["description"]) <= 140
    parts = found["features"]
    assert set(parts) == {"app_home", "bot_user", "slash_commands", "shortcuts"}
    assert set(parts["app_home"]) <= {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"}
    assert len(parts["bot_user"]["display_name"]) <= 80
    for command in parts["slash_commands"]:
        assert set(command) <= {"command", "url", "description", "usage_hint", "should_escape"}
        assert command["command"].startswith("/")
        assert 2 <= len(command["command"]) <= 32
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command["usage_hint"]) <= 1000
    for shortcut in parts["shortcuts"]:
        assert set(shortcut) == {"name", "type", "callback_id", "description"}
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["callback_id"]) <= 255
        assert len(shortcut["description"]) <= 150
    events = found["settings"]["event_subscriptions"]["bot_events"]
    assert len(set(events)) == len(events) <= 100
    assert all(len(scope) <= 50 for scope in found["oauth_config"]["scopes"]["bot"])


def test_socket_mode_names_no_address_and_http_names_one_everywhere() -> None:
    assert "http" not in json.dumps(manifest())
    assert manifest()["settings"]["socket_mode_enabled"]
    over_http = manifest(url="https://copilot.acme.example/")
    address = "https://copilot.acme.example/slack/events"
    assert not over_http["settings"]["socket_mode_enabled"]
    assert over_http["settings"]["event_subscriptions"]["request_url"] == address
    assert over_http["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    assert [command["url"] for command in over_http["features"]["slash_commands"]] == [address]


def test_an_incident_is_declared_from_a_message() -> None:
    (shortcut,) = manifest()["features"]["shortcuts"]
    assert (shortcut["callback_id"], shortcut["name"], shortcut["type"]) == ("declare", "Declare incident", "message")


def test_the_manifest_survives_yaml() -> None:
    assert yaml.safe_load(yaml.safe_dump(manifest())) == manifest()


def test_discords_invitation_asks_for_what_the_features_need() -> None:
    found = discord.manifest(features.enabled(PLAIN), application="123")
    assert found.invite == (
        "https://discord.com/oauth2/authorize?client_id=123&scope=bot+applications.commands&permissions=2252109319883856"
    )
    assert not lacking(features.permissions_for(features.enabled(PLAIN)), found.bits)
    assert not found.bits & Permission.ADMINISTRATOR
    assert found.switches == ("Message Content Intent",)
    shown = {verb["name"] for verb in found.commands[0]["options"]}
    assert shown == {verb.group or verb.name for verb in VERBS if verb.listed}
    assert len(shown) == 25, "more make Discord refuse the command; as long as there is room, every verb is listed"
    assert json.loads(json.dumps(found.json()))["permissions"] == "2252109319883856"


def test_a_token_names_its_application() -> None:
    assert application_of("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y") == "123456789012345678"
    assert application_of("no token") == application_of("") == ""


def test_a_right_is_called_as_discord_calls_it() -> None:
    assert title(Permission.SEND_MESSAGES_IN_THREADS) == "Send Messages in Threads"
    assert title(Intent.MESSAGE_CONTENT) == "Message Content"


@pytest.mark.parametrize("flags", [1 << 18, 1 << 19])
def test_an_intent_is_granted_to_large_and_small_bots(flags: int) -> None:
    assert refused([Intent.GUILDS, Intent.MESSAGE_CONTENT], flags) == []


def test_an_intent_without_its_flag_is_refused() -> None:
    assert refused([Intent.GUILDS, Intent.MESSAGE_CONTENT], 1 << 15) == [Intent.MESSAGE_CONTENT]


def overwrite(id_: str, *, allow: int = 0, deny: int = 0) -> Json:
    return {"id": id_, "allow": str(allow), "deny": str(deny)}


def test_overwrites_count_from_everybody_over_roles_to_the_member() -> None:
    see, send = int(Permission.VIEW_CHANNEL), int(Permission.SEND_MESSAGES)
    hidden = overwrite("G", deny=see)
    assert in_channel(see | send, "G", ["R"], "me", [hidden]) == send
    assert in_channel(see | send, "G", ["R"], "me", [overwrite("R", allow=see), hidden]) == see | send
    assert in_channel(see | send, "G", ["R"], "me", [overwrite("R", allow=see), overwrite("me", deny=see)]) == send
    # Of two roles, one allowing and one denying, the allowing one wins.
    both = [overwrite("R", allow=see), overwrite("Q", deny=see)]
    assert in_channel(see, "G", ["R", "Q"], "me", both) == see


def test_an_administrator_lacks_nothing() -> None:
    admin = int(Permission.ADMINISTRATOR)
    assert in_channel(admin, "G", [], "me", [overwrite("G", deny=ALL)]) == ALL
    assert lacking(Permission, admin) == []
