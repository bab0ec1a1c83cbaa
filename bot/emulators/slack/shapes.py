"""Slack's objects for users, channels and apps, and the control interface's views of them."""

import datetime as dt
import zoneinfo
from functools import lru_cache
from typing import Any

from bot.emulators.slack import acme
from bot.emulators.slack.app import App
from bot.emulators.slack.model import Channel, File, Message, Person, View
from bot.emulators.slack.pings import pings

Json = dict[str, Any]


# --- control interface -----------------------------------------------------------------------------------


def control_person(person: Person, app: App) -> Json:
    """A `Person` of the control interface."""
    return {
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
        "colour": f"#{person.colour}",
        "bot": person.bot,
        "guest": person.guest,
        "stranger": person.team != acme.TEAM,
        "deactivated": person.deactivated,
        "roles": list(person.roles),
        "timezone": person.timezone,
        "title": person.title,
        "me": person.id == app.user,
    }


def control_channel(channel: Channel, app: App) -> Json:
    """A `Channel` of the control interface."""
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "members": list(channel.members),
        "parent": None,
        "bot_is_member": app.user in channel.members,
        "archived": channel.archived,
        "private": channel.kind == "private",
        "read_only": channel.archived,
        "writers": [],
    }


def control_message(message: Message) -> Json:
    """A `Message` of the control interface."""
    return {
        "id": message.ts,
        "channel": message.channel,
        "thread": message.thread if message.thread != message.ts else None,
        "author": message.author,
        "at": message.at,
        "edited": "edited" in message.raw,
        "private_to": message.private_to,
        "pings": pings(message.raw),
        "raw": message.raw,
    }


def control_form(view: View) -> Json:
    """An `OpenForm` of the control interface."""
    return {"id": view.id, "person": view.person, "raw": view.raw, "errors": view.errors}


# --- the platform ----------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _offset(timezone: str) -> int:
    try:
        zone = zoneinfo.ZoneInfo(timezone)
    except zoneinfo.ZoneInfoNotFoundError:  # a machine without time zone data
        return 0
    moment = dt.datetime(2024, 1, 15, tzinfo=zone)
    delta = moment.utcoffset()
    return int(delta.total_seconds()) if delta else 0


def profile(person: Person, *, email: bool) -> Json:
    """A user's profile; the e-mail address only when the scope for it was granted."""
    first, _, last = person.display_name.partition(" ")
    found: Json = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "real_name": person.display_name,
        "real_name_normalized": person.display_name,
        "display_name": person.display_name,
        "display_name_normalized": person.display_name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": f"g{person.id.lower()}",
        "first_name": first,
        "last_name": last,
        "team": person.team,
    }
    if person.bot:
        found |= {"bot_id": person.bot_id, "api_app_id": person.app_id, "always_active": True}
    if email and person.email:
        found["email"] = person.email
    return found


def user(person: Person, *, email: bool) -> Json:
    """Slack's user object."""
    return {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deactivated,
        "color": person.colour,
        "real_name": person.display_name,
        "tz": person.timezone,
        "tz_label": person.timezone,
        "tz_offset": _offset(person.timezone),
        "profile": profile(person, email=email),
        "is_admin": person.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "is_bot": person.bot,
        "is_app_user": False,
        "is_stranger": person.team != acme.TEAM,
        "updated": 1_700_000_000,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }


def user_profile(person: Person) -> Json:
    """The short profile in messages of people from other workspaces."""
    return {
        "name": person.name,
        "first_name": person.display_name.partition(" ")[0],
        "real_name": person.display_name,
        "display_name": person.display_name,
        "team": person.team,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "avatar_hash": f"g{person.id.lower()}",
        "image_72": "",
    }


def channel(found: Channel, app: App, *, members: bool = False) -> Json:
    """Slack's conversation object."""
    common: Json = {
        "id": found.id,
        "created": found.created,
        "is_archived": found.archived,
        "context_team_id": acme.TEAM,
    }
    if found.kind == "direct":
        other = next((member for member in found.members if member != app.user), app.user)
        return {**common, "is_im": True, "is_org_shared": False, "user": other, "is_user_deleted": False, "priority": 0}
    shared = bool(found.shared_with)
    teams = [acme.TEAM, *found.shared_with]
    result: Json = {
        **common,
        "name": found.name,
        "name_normalized": found.name,
        "is_channel": found.kind == "channel",
        "is_group": found.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": found.kind == "private",
        "is_general": found.general,
        "is_member": app.user in found.members,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": teams,
        "creator": found.creator,
        "unlinked": 0,
        "updated": found.created * 1000,
        "topic": {"value": found.topic, "creator": found.creator if found.topic else "", "last_set": 0},
        "purpose": {"value": found.purpose, "creator": found.creator if found.purpose else "", "last_set": 0},
        "previous_names": found.previous_names,
    }
    if members:
        result["num_members"] = len(found.members)
    return result


def bot_profile(person: Person) -> Json:
    """The profile of an app in its messages."""
    icons = {f"image_{size}": f"https://avatars.example/{person.bot_id}_{size}.png" for size in (36, 48, 72)}
    return {
        "id": person.bot_id,
        "app_id": person.app_id,
        "name": person.name,
        "icons": icons,
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": person.team,
    }


def file(found: File, base_url: str) -> Json:
    """Slack's file object."""
    kind = found.name.rpartition(".")[2].lower() if "." in found.name else "text"
    image = kind in {"png", "jpg", "jpeg", "gif", "webp", "svg"}
    address = f"{base_url}/files/{found.id}/{found.name}"
    return {
        "id": found.id,
        "created": int(found.created),
        "timestamp": int(found.created),
        "name": found.name,
        "title": found.title or found.name,
        "mimetype": f"image/{'jpeg' if kind == 'jpg' else kind}" if image else "text/plain",
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": found.author,
        "user_team": acme.TEAM,
        "editable": False,
        "size": found.length,
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": False,
        "alt_txt": found.alt_text,
        "url_private": address,
        "url_private_download": f"{address}?download=1",
        "permalink": address,
        "channels": list(found.channels),
        "groups": [],
        "ims": [],
        "has_rich_preview": False,
        "file_access": "visible",
    }
