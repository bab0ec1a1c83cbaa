"""What Slack sends: the envelopes of events and the payloads of commands and interactions."""

import base64
import json
from typing import Any

from bot.emulators.slack import acme, shapes
from bot.emulators.slack.model import Channel, Message, Person, View
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]
_SUBSCRIPTION = {"channel": "message.channels", "private": "message.groups", "direct": "message.im"}
CHANNEL_TYPE = {"channel": "channel", "private": "group", "direct": "im"}
_EVENT_FIELDS = (
    "subtype", "user", "ts", "client_msg_id", "text", "team", "thread_ts", "parent_user_id", "blocks", "attachments", "files",
    "upload", "bot_id", "app_id", "bot_profile", "username", "icons", "metadata", "edited", "user_team", "source_team",
    "user_profile", "inviter", "streaming_state",
)  # fmt: skip


def event_callback(workspace: Workspace, event: Json, channel: Channel | None = None) -> Json:
    """The outer object of an Events API delivery."""
    app = workspace.app
    context = json.dumps({"et": event["type"], "tid": acme.TEAM, "aid": app.id, "cid": channel.id if channel else ""})
    return {
        "token": app.verification_token,
        "team_id": acme.TEAM,
        "context_team_id": acme.TEAM,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.ids.new("Ev"),
        "event_time": int(workspace.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": acme.TEAM,
                "user_id": app.user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.shared_with),
        "event_context": "4-" + base64.urlsafe_b64encode(context.encode()).decode().rstrip("="),
    }


def subscription(channel: Channel) -> str:
    """The event type that an app subscribes to for messages of such a channel."""
    return _SUBSCRIPTION[channel.kind]


def message_event(channel: Channel, message: Message) -> Json:
    """The `message` event of a new message."""
    raw = message.raw
    event = {"type": "message", **{name: raw[name] for name in _EVENT_FIELDS if name in raw}}
    return {**event, "channel": channel.id, "event_ts": message.ts, "channel_type": CHANNEL_TYPE[channel.kind]}


def mention_event(channel: Channel, message: Message) -> Json:
    """The `app_mention` event of a message."""
    event = message_event(channel, message)
    del event["channel_type"]
    return {**event, "type": "app_mention"}


def changed_event(channel: Channel, message: Message, before: Json, ts: str) -> Json:
    """The `message_changed` event."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": {**message.raw, "source_team": acme.TEAM, "user_team": acme.TEAM},
        "previous_message": before,
        "channel": channel.id,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "channel_type": CHANNEL_TYPE[channel.kind],
    }


def deleted_event(channel: Channel, message: Message, ts: str) -> Json:
    """The `message_deleted` event."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": message.raw,
        "channel": channel.id,
        "hidden": True,
        "deleted_ts": message.ts,
        "ts": ts,
        "event_ts": ts,
        "channel_type": CHANNEL_TYPE[channel.kind],
    }


def command(workspace: Workspace, person: Person, channel: Channel, name: str, text: str) -> Json:
    """A slash command, without trigger and response address."""
    return {
        "token": workspace.app.verification_token,
        "team_id": acme.TEAM,
        "team_domain": acme.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
    }


def interaction(workspace: Workspace, person: Person, kind: str) -> Json:
    """What all interactions have in common."""
    return {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
        "team": {"id": acme.TEAM, "domain": acme.TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(workspace: Workspace, person: Person, message: Message, action: Json) -> Json:
    """A `block_actions` payload from a message, without trigger and response address."""
    channel = workspace.channels[message.channel]
    ephemeral = message.private_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread is not None:
        container["thread_ts"] = message.thread
    payload = interaction(workspace, person, "block_actions")
    payload |= {
        "container": container,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": {}},
        "actions": [action],
    }
    # Slack sends no message object for ephemeral messages.
    return payload if ephemeral else {**payload, "message": message.raw}


def view_action(workspace: Workspace, person: Person, view: View, action: Json) -> Json:
    """A `block_actions` payload from a view, without trigger."""
    payload = interaction(workspace, person, "block_actions")
    return {**payload, "container": {"type": "view", "view_id": view.id}, "view": view.raw, "actions": [action]}


def shortcut(workspace: Workspace, person: Person, message: Message, callback_id: str) -> Json:
    """A `message_action` payload (message shortcut), without trigger and response address."""
    channel = workspace.channels[message.channel]
    payload = interaction(workspace, person, "message_action")
    payload |= {"callback_id": callback_id, "message_ts": message.ts, "message": message.raw}
    payload["action_ts"] = workspace.ids.ts()
    return {**payload, "channel": {"id": channel.id, "name": _channel_name(channel)}}


def reaction_event(kind: str, person: str, name: str, message: Message, ts: str) -> Json:
    """`reaction_added` or `reaction_removed`."""
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    return {"type": kind, "user": person, "reaction": name, "item": item, "item_user": message.author, "event_ts": ts}


def joined_event(channel: Channel, person: Person, inviter: str, ts: str) -> Json:
    """`member_joined_channel`."""
    event: Json = {
        "type": "member_joined_channel",
        "user": person.id,
        "channel": channel.id,
        "channel_type": "C" if channel.kind == "channel" else "G",
        "team": person.team,
        "event_ts": ts,
    }
    return {**event, "inviter": inviter} if inviter else event


def home_event(person: str, direct: Channel, view: View | None, ts: str) -> Json:
    """`app_home_opened`, with the published home if there is one."""
    event: Json = {"type": "app_home_opened", "user": person, "channel": direct.id, "tab": "home", "event_ts": ts}
    return {**event, "view": view.raw} if view is not None else event


def stranger_fields(person: Person) -> Json:
    """What messages of people from another workspace carry."""
    return {"user_team": person.team, "source_team": person.team, "user_profile": shapes.user_profile(person)}


def _channel_name(channel: Channel) -> str:
    return {"channel": channel.name, "private": "privategroup", "direct": "directmessage"}[channel.kind]
