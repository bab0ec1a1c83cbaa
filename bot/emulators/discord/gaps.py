"""What real Discord has and this emulator lacks."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

_METHODS = (
    "GET /guilds/{guild}/audit-logs",
    "GET /invites/{code}",
    "GET /oauth2/@me",
    "GET /sticker-packs",
    "GET /voice/regions",
    "PATCH /applications/@me",
    "PATCH /guilds/{guild}",
    "PATCH /guilds/{guild}/members/{user}",
    "PATCH /users/@me",
    "POST /channels/{channel}/invites",
    "POST /channels/{channel}/messages/{message}/crosspost",
    "POST /channels/{channel}/webhooks",
    "PUT /applications/{application}/guilds/{guild}/commands/{command}/permissions",
    "PUT /guilds/{guild}/bans/{user}",
)
_NOTES = (
    "One server, one application; no OAuth, no user accounts, no interactions over HTTP.",
    "Channels are text channels and categories: no voice, stages, forums, events, stickers, polls, soundboards, custom emoji or webhooks of channels.",
    "Components of the second version are refused; modals take text inputs, menus in labels, and text displays.",
    "Threads have no starter message of their own (type 21) and their channels no notice of them (type 18).",
    "User commands cannot be invoked, and attachments cannot be given as options.",
    "Presence and voice state updates of the bot are accepted and ignored.",
    "Heartbeats do not count as gateway sends, and identifications are not counted. The gateway speaks JSON alone.",
    "The hierarchy of roles is not looked at, nor what a permission implies beside its own bit. Names of channels lose capitals and spaces alone.",
    "Threads are archived by people and bots alone, not by time; slow mode is not enforced.",
    "The state that the control interface shows lists at most 100 members of a public channel.",
    "Link previews are not made. Direct messages with several people do not exist.",
    "Limits of buckets are plausible ones: Discord does not publish them.",
)


def report(asked: Iterable[str]) -> Json:
    """Methods and notes; `asked`: unknown methods and paths that were called."""
    return {"methods": sorted({*_METHODS, *asked}), "notes": list(_NOTES), "asked": sorted(asked)}
