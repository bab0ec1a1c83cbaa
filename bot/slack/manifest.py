"""The manifest of the Slack app, made from the features that are enabled. Pure. Its schema and limits: slackapi/manifest-schema on GitHub,
and docs.slack.dev/reference/app-manifest."""

from collections.abc import Sequence
from typing import Any

from bot.features import Feature, events_for, scopes_for

Json = dict[str, Any]

NAME = "Copilot"
DESCRIPTION = "A chat-ops bot: questions about running systems, runs with approvals, incidents."
PATH = "/slack/events"
"""Where everything comes in over HTTP."""


def manifest(features: Sequence[Feature], *, url: str = "") -> Json:
    """What is pasted under "Create New App, From a manifest". `url`: the bot's public address; empty: Socket Mode."""
    address = f"{url.rstrip('/')}{PATH}" if url else ""
    there = {"request_url": address} if address else {}
    needs = [feature.slack for feature in features]
    shown: Json = {
        "app_home": {
            "home_tab_enabled": any(need.home for need in needs),
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
    }
    if commands := [command for need in needs for command in need.commands]:
        shown["slash_commands"] = [
            {
                "command": command.name,
                "description": command.summary,
                "usage_hint": command.usage,
                "should_escape": True,
            }
            | ({"url": address} if address else {})
            for command in commands
        ]
    if shortcuts := [shortcut for need in needs for shortcut in need.shortcuts]:
        shown["shortcuts"] = [
            {
                "name": shortcut.name,
                "type": "message",
                "callback_id": shortcut.callback_id,
                "description": shortcut.summary,
            }
            for shortcut in shortcuts
        ]
    return {
        "display_information": {"name": NAME, "description": DESCRIPTION},
        "features": shown,
        "oauth_config": {"scopes": {"bot": sorted(scopes_for(features))}},
        "settings": {
            "event_subscriptions": {**there, "bot_events": sorted(events_for(features))},
            "interactivity": {"is_enabled": any(need.interactivity for need in needs), **there},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }
