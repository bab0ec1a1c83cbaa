"""The gateway's address, the application, users and the server."""

from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json


def gateway(call: Call) -> Json:
    """The gateway's address."""
    return {"url": call.guild.base_url.replace("http://", "ws://", 1) + "/gateway"}


def bot_gateway(call: Call) -> Json:
    """The gateway's address, shards and starts left."""
    left = {
        "total": limits.IDENTIFIES_PER_DAY,
        "remaining": limits.IDENTIFIES_PER_DAY,
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return {**gateway(call), "shards": 1, "session_start_limit": left}


def application(call: Call) -> Json:
    """The bot's application."""
    return shapes.application(call.guild)


def user(call: Call) -> Json:
    """A user."""
    found = shapes.user(call.person(call.params["user"]))
    if call.params["user"] == "@me":
        found |= {"verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}
    return found


def open_direct(call: Call) -> Json:
    """Open the direct message with somebody."""
    wanted = call.object().get("recipient_id")
    if wanted is None:
        check = Check()
        check.required(("recipient_id",))
        check.finish()
    person = call.person(str(wanted))
    if person.bot:
        raise DiscordError(50007)
    return shapes.channel(call.guild, call.guild.direct_with(person.id))


def my_guilds(call: Call) -> list[Json]:
    """The servers that the bot is in."""
    owned = {"owner": False, "permissions": str(call.guild.bot_permissions), "features": [], "icon": None}
    return [{"id": acme.GUILD, "name": acme.GUILD_NAME, **owned}]


def guild(call: Call) -> Json:
    """The server."""
    call.own_guild()
    return shapes.guild_object(call.guild)


def guild_channels(call: Call) -> list[Json]:
    """The server's channels, without threads."""
    call.own_guild()
    kinds = {"channel", "private", "category"}
    return [shapes.channel(call.guild, found) for found in call.guild.channels.values() if found.kind in kinds]


ROUTES: list[Route] = [
    ("GET", "/gateway", gateway),
    ("GET", "/gateway/bot", bot_gateway),
    ("GET", "/oauth2/applications/@me", application),
    ("GET", "/applications/@me", application),
    ("GET", "/users/@me/guilds", my_guilds),
    ("POST", "/users/@me/channels", open_direct),
    ("GET", "/users/{user}", user),
    ("GET", "/guilds/{guild}", guild),
    ("GET", "/guilds/{guild}/channels", guild_channels),
]
