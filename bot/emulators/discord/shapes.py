"""People, roles and channels as Discord's objects, and everything as objects of the control interface."""

import datetime as dt
from itertools import islice
from typing import Any

from bot.emulators.discord import acme, intents, permissions
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Channel, Form, Json, Message, Person, Role

TEXT, DIRECT, CATEGORY, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 4, 11, 12
_JOINED = "2024-01-15T09:00:00.000000+00:00"
_MEMBERS_SHOWN = 100


def iso(seconds: float) -> str:
    """A timestamp as Discord writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="microseconds")


# --- the platform ----------------------------------------------------------------------------------------------


def user(person: Person) -> Json:
    """A user object."""
    return {
        "id": person.id,
        "username": person.name,
        "global_name": person.display_name,
        "discriminator": "0000" if person.bot else "0",
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": int(person.colour, 16),
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def partial_member(person: Person) -> Json:
    """A member object without its user."""
    return {
        "roles": list(person.roles),
        "joined_at": _JOINED,
        "premium_since": None,
        "nick": None,
        "avatar": None,
        "banner": None,
        "pending": person.pending,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def member(person: Person) -> Json:
    """A member object."""
    return {**partial_member(person), "user": user(person)}


def roles(guild: Guild) -> list[Json]:
    """The server's roles."""
    return [role(guild, found) for found in guild.roles.values()]


def role(guild: Guild, found: Role) -> Json:
    """A role object."""
    return {
        "id": found.id,
        "name": found.name,
        "permissions": str(guild.bot_permissions if found.managed else found.permissions),
        "position": found.position,
        "color": found.colour,
        "colors": {"primary_color": found.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": found.hoist,
        "managed": found.managed,
        "mentionable": found.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
        **({"tags": {"bot_id": acme.BOT_USER}} if found.managed else {}),
    }


def channel(guild: Guild, found: Channel) -> Json:
    """A channel object of any kind."""
    last = str(found.message_ids[-1]) if found.message_ids else None
    if found.kind == "direct":
        others = [user(guild.people[id_]) for id_ in found.members if id_ != acme.BOT_USER]
        return {"id": found.id, "type": DIRECT, "last_message_id": last, "recipients": others, "flags": 0}
    if found.kind == "thread":
        return _thread(found, last)
    return {
        "id": found.id,
        "type": CATEGORY if found.kind == "category" else TEXT,
        "guild_id": acme.GUILD,
        "name": found.name,
        "topic": found.topic or None,
        "position": found.position,
        "permission_overwrites": _overwrites(found),
        "nsfw": False,
        "rate_limit_per_user": 0,
        "parent_id": found.category or None,
        "last_message_id": last,
        "last_pin_timestamp": iso(max(found.pins.values())) if found.pins else None,
        "default_auto_archive_duration": 1440,
        "flags": 0,
    }


def _thread(found: Channel, last: str | None) -> Json:
    return {
        "id": found.id,
        "type": PRIVATE_THREAD if found.private else PUBLIC_THREAD,
        "guild_id": acme.GUILD,
        "parent_id": found.parent,
        "owner_id": found.owner,
        "name": found.name,
        "last_message_id": last,
        "message_count": min(50, found.message_count),
        "total_message_sent": found.message_count,
        "member_count": min(50, len(found.members)),
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": found.archived,
            "locked": found.locked,
            "auto_archive_duration": found.auto_archive,
            "archive_timestamp": iso(found.opened_at),
            "create_timestamp": iso(found.opened_at),
            "invitable": True,
        },
        **({"member": thread_member(found, acme.BOT_USER)} if acme.BOT_USER in found.members else {}),
    }


def thread_member(found: Channel, person: str) -> Json:
    """Somebody's membership in a thread."""
    return {"id": found.id, "user_id": person, "join_timestamp": iso(found.opened_at), "flags": 0}


def _overwrites(found: Channel) -> list[Json]:
    return [
        {"id": one.id, "type": int(one.member), "allow": str(one.allow), "deny": str(one.deny)}
        for one in found.overwrites.values()
    ]


def guild_object(guild: Guild) -> Json:
    """The server as GET /guilds/{id} answers it."""
    count = sum(1 for _ in guild.members())
    owner = next((person.id for person in guild.members() if person.owner), acme.LEE)
    nothing: dict[str, Any] = dict.fromkeys(
        ("icon", "splash", "discovery_splash", "banner", "description", "vanity_url_code", "afk_channel_id"),
    )
    return {
        **nothing,
        "id": acme.GUILD,
        "name": acme.GUILD_NAME,
        "owner_id": owner,
        "roles": roles(guild),
        "emojis": [],
        "stickers": [],
        "features": ["COMMUNITY", "MEMBER_VERIFICATION_GATE_ENABLED"],
        "afk_timeout": 300,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 2,
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": acme.GENERAL,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "max_members": 500_000,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "region": "deprecated",
        "home_header": None,
        "widget_enabled": False,
        "widget_channel_id": None,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "safety_alerts_channel_id": None,
        "nsfw": False,
        "incidents_data": None,
        "approximate_member_count": count,
        "approximate_presence_count": count,
    }


def application(guild: Guild) -> Json:
    """The bot's application; its flags tell which privileged intents it was granted."""
    granted = (intents.GUILD_PRESENCES, 1 << 13), (intents.GUILD_MEMBERS, 1 << 15), (intents.MESSAGE_CONTENT, 1 << 19)
    return {
        "id": acme.APPLICATION,
        "name": "Copilot",
        "icon": None,
        "description": "Chat-ops",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": sum(flag for intent, flag in granted if guild.privileged_intents & intent),
        "owner": user(next(person for person in acme.PEOPLE if person.owner)),
        "team": None,
        "tags": [],
        "install_params": {"scopes": ["bot", "applications.commands"], "permissions": str(permissions.BOT)},
        "interactions_endpoint_url": None,
        "redirect_uris": [],
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "type": None,
    }


# --- the control interface ---------------------------------------------------------------------------------------


def control_person(guild: Guild, person: Person) -> Json:
    """A `Person` of the control interface."""
    return {
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
        "colour": f"#{person.colour}",
        "bot": person.bot,
        "guest": person.pending,
        "stranger": not person.member,
        "deactivated": person.deactivated,
        "roles": [guild.roles[id_].name if id_ in guild.roles else id_ for id_ in person.roles],
        "timezone": person.timezone,
        "me": person.id == acme.BOT_USER,
    }


def control_channel(guild: Guild, found: Channel) -> Json:
    """A `Channel` of the control interface; of one that everybody sees only some members are listed."""
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "topic": found.topic,
        "members": _who_sees(guild, found),
        "parent": found.parent or None,
        "bot_is_member": guild.sees(acme.BOT_USER, found),
        "archived": found.archived,
        "private": found.private or found.kind == "private",
        "read_only": _read_only(guild, found),
        "writers": _writers(guild, found),
    }


def _read_only(guild: Guild, found: Channel) -> bool:
    place = guild.channels.get(found.parent, found)
    everybody = place.overwrites.get(acme.ROLE_EVERYONE)
    return everybody is not None and bool(everybody.deny & _writing(found))


def _writing(found: Channel) -> int:
    return permissions.SEND_MESSAGES_IN_THREADS if found.kind == "thread" else permissions.SEND_MESSAGES


def _writers(guild: Guild, found: Channel) -> list[str]:
    """Who may write in a channel that everybody else only reads."""
    if not _read_only(guild, found):
        return []
    may = _writing(found)
    return list(islice((id_ for id_ in guild.people if guild.permissions(id_, found) & may), _MEMBERS_SHOWN))


def _who_sees(guild: Guild, found: Channel) -> list[str]:
    if found.private or found.kind == "direct":
        return [id_ for id_ in sorted(found.members, key=int) if guild.sees(id_, found)]
    # A public channel has as many members as the server: with thousands of both, the whole list would fill the memory.
    return list(islice((id_ for id_ in guild.people if guild.sees(id_, found)), _MEMBERS_SHOWN))


def control_message(guild: Guild, message: Message) -> Json:
    """A `Message` of the control interface."""
    place = guild.channels.get(message.channel)
    return {
        "id": message.id,
        "channel": message.channel,
        "thread": message.channel if place is not None and place.kind == "thread" else None,
        "author": message.author,
        "at": message.at,
        "edited": message.raw.get("edited_timestamp") is not None,
        "private_to": message.private_to,
        "pings": _pings(message.raw),
        "raw": message.raw,
    }


def _pings(raw: Json) -> list[str]:
    """Whom a message notifies: ids of people, `role:ID`, `everyone`. Discord says so itself, by `allowed_mentions` and rights;
    embeds and components mention nobody."""
    everyone = ["everyone"] if raw.get("mention_everyone") else []
    roles = [f"role:{id_}" for id_ in raw.get("mention_roles", ())]
    return [*everyone, *roles, *(user["id"] for user in raw.get("mentions", ()))]


def control_form(form: Form) -> Json:
    """An `OpenForm` of the control interface."""
    return {"id": form.id, "person": form.person, "raw": form.raw}
