"""What a new gateway session is told: READY, GUILD_CREATE and the pages of members it asks for."""

from collections.abc import Iterator

from bot.emulators.discord import acme, intents, shapes
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Json
from bot.emulators.discord.sessions import Session

_LARGE = 250
"""Members that GUILD_CREATE lists at most; the others are asked for."""
_PAGE = 1000


def ready(guild: Guild, session: Session, url: str) -> Json:
    """READY. `url`: where to resume."""
    me = {**shapes.user(guild.people[acme.BOT_USER]), "verified": True, "mfa_enabled": False, "email": None}
    return {
        "v": 10,
        "user": me,
        "guilds": [{"id": acme.GUILD, "unavailable": True}] if session.holds(direct=False) else [],
        "session_id": session.id,
        "resume_gateway_url": url,
        "application": {"id": acme.APPLICATION, "flags": shapes.application(guild)["flags"]},
        "shard": list(session.shard),
        "private_channels": [],
        "_trace": [],
    }


def guild_create(guild: Guild, wanted: int) -> Json:
    """GUILD_CREATE for a session with these intents."""
    everybody = list(guild.members())
    listed = everybody if wanted & intents.GUILD_MEMBERS else [guild.people[acme.BOT_USER]]
    channels = list(guild.channels.values())
    threads = [one for one in channels if one.kind == "thread" and not one.archived]
    return {
        **shapes.guild_object(guild),
        "joined_at": "2024-01-15T09:00:00.000000+00:00",
        "large": len(everybody) > _LARGE,
        "unavailable": False,
        "member_count": len(everybody),
        "members": [shapes.member(person) for person in listed[:_LARGE]],
        "channels": [shapes.channel(guild, one) for one in channels if one.kind in {"channel", "private", "category"}],
        "threads": [shapes.channel(guild, one) for one in threads if guild.sees(acme.BOT_USER, one)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def member_pages(guild: Guild, wish: Json) -> Iterator[Json]:
    """The GUILD_MEMBERS_CHUNK events that a request for members is answered with."""
    found = list(guild.members())
    if wanted := wish.get("user_ids"):
        ids = {str(id_) for id_ in (wanted if isinstance(wanted, list) else [wanted])}
        found = [person for person in found if person.id in ids]
    elif query := str(wish.get("query") or "").lower():
        found = [person for person in found if person.name.startswith(query)]
    limit = wish.get("limit")
    if isinstance(limit, int) and limit > 0:
        found = found[:limit]
    pages = [found[at : at + _PAGE] for at in range(0, len(found), _PAGE)] or [[]]
    for index, page in enumerate(pages):
        yield {
            "guild_id": acme.GUILD,
            "members": [shapes.member(person) for person in page],
            "chunk_index": index,
            "chunk_count": len(pages),
            "not_found": [],
            "nonce": wish.get("nonce"),
        }
