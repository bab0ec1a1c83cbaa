"""Builds message objects: mentions, embeds and components as Discord stores them."""

import re

from bot.emulators.discord import acme, permissions, shapes
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Attachment, Channel, Json, Person

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_NAME = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")


def typed(text: str, guild: Guild) -> str:
    """What a person typed, as the client sends it: `@name` and `#channel` become ids."""

    def mark(match: re.Match[str]) -> str:
        sign, word = match.groups()
        id_ = guild.person_named(word) if sign == "@" else guild.channel_named(word)
        if id_ is None and sign == "@":
            role = guild.role_named(word)
            id_ = None if role is None else f"&{role}"
        return match.group() if id_ is None else f"<{sign}{id_}>"

    return _NAME.sub(mark, text)


def mentions(
    guild: Guild, author: Person, channel: Channel, text: str, allowed: Json | None, replied: str = ""
) -> Json:
    """Who and what a text mentions, after `allowed_mentions`; `replied`: the author of the message that it answers."""
    plain = _CODE.sub(" ", text)
    users = [
        id_ for id_ in dict.fromkeys(_USER.findall(plain)) if id_ in guild.people and _permits(allowed, "users", id_)
    ]
    roles = [id_ for id_ in dict.fromkeys(_ROLE.findall(plain)) if _permits(allowed, "roles", id_)]
    if replied and replied not in users and (allowed is None or allowed.get("replied_user")):
        users.append(replied)
    may = bool(guild.permissions(author.id, channel) & permissions.MENTION_EVERYONE)
    everyone = may and _permits(allowed, "everyone", "") and bool(re.search(r"@(everyone|here)\b", plain))
    return {
        "mentions": [shapes.user(guild.people[id_]) for id_ in users],
        "mention_roles": [id_ for id_ in roles if id_ in guild.roles],
        "mention_everyone": everyone,
    }


def _permits(allowed: Json | None, kind: str, id_: str) -> bool:
    if allowed is None:
        return True
    return kind in (allowed.get("parse") or ()) or id_ in map(str, allowed.get(kind) or ())


def embeds(found: list[Json] | None) -> list[Json]:
    """Embeds as stored."""
    return [{"type": "rich", **embed} for embed in found or []]


def components(found: list[Json] | None) -> list[Json]:
    """Components as stored: every one has a number."""
    count = 0
    stored: list[Json] = []
    for row in found or []:
        count += 1
        number, items = count, []
        for item in row.get("components") or []:
            count += 1
            items.append({**item, "id": item.get("id") or count})
        stored.append({**row, "id": row.get("id") or number, "components": items})
    return stored


def attachment(guild: Guild, file: Attachment) -> Json:
    """An attachment object."""
    url = f"{guild.base_url}/attachments/{file.channel}/{file.id}/{file.name}"
    described = {"description": file.description} if file.description else {}
    return {
        "id": file.id,
        "filename": file.name,
        "size": len(file.content),
        "url": url,
        "proxy_url": url,
        "content_type": file.content_type,
        **described,
    }


def reactions(found: dict[str, dict[str, None]]) -> list[Json]:
    """Reaction objects, as the bot sees them."""
    return [
        {
            "emoji": {"id": None, "name": emoji},
            "count": len(people),
            "count_details": {"burst": 0, "normal": len(people)},
            "burst_colors": [],
            "me": acme.BOT_USER in people,
            "me_burst": False,
        }
        for emoji, people in found.items()
    ]
