"""Discord: token, intents, servers, permissions, commands, and people that the settings name."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot import features
from bot.discord import commands
from bot.discord.manifest import manifest
from bot.discord.rights import Permission, in_channel, lacking, refused, title
from bot.doctor.channels import APPROVALS, Use, named
from bot.doctor.findings import Finding, ok, problem, warning
from bot.features import Feature
from bot.settings import Settings
from core.errors import RateLimited, UpstreamRejected, UpstreamTimeout, UpstreamUnavailable
from core.messages import Platform

Json = dict[str, Any]

API = "https://discord.com/api/v10"
_AGENT = "DiscordBot (copilot-chatops, 1)"
_PORTAL = "discord.com/developers/applications → your application"
_WITHIN = 5.0
_MOST_PEOPLE = 25
_MISSING_ACCESS = "50001"
_UNKNOWN_PERSON = ("10007", "10013")


class _Api:
    """Discord's REST API, a few reads of it. discord.py would take a second to import and keeps one address a process."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http = http
        self._base = base

    async def get(self, path: str) -> Any:  # noqa: ANN401 -- Discord's JSON
        """UpstreamRejected has Discord's code, or the status, as its reason."""
        try:
            async with self._http.get(f"{self._base}{path}") as response:
                body = await response.json(content_type=None)
        except TimeoutError as error:
            raise UpstreamTimeout("Discord", "Discord did not answer in time.") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise UpstreamUnavailable("Discord", "Discord cannot be reached.") from error
        said = body if isinstance(body, dict) else {}
        if response.status == 429:
            raise RateLimited("Discord", "Discord asks to slow down.", delay=float(said.get("retry_after") or 1.0))
        if response.status >= 500:
            raise UpstreamUnavailable("Discord", f"Discord has a problem ({response.status}).")
        if response.status >= 400:
            reason = str(said.get("code") or response.status)
            raise UpstreamRejected("Discord", f"Discord refused it: {said.get('message')}", reason=reason)
        return body


@asynccontextmanager
async def _api(settings: Settings) -> AsyncIterator[_Api]:
    headers = {"Authorization": f"Bot {settings.discord.token.get_secret_value()}", "User-Agent": _AGENT}
    limit = aiohttp.ClientTimeout(total=_WITHIN)
    async with aiohttp.ClientSession(headers=headers, timeout=limit) as http:
        yield _Api(http, (settings.discord.api_url or API).rstrip("/"))


async def token(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The bot token, and the privileged intents of its application."""
    async with _api(settings) as api:
        try:
            application = await api.get("/applications/@me")
        except UpstreamRejected as error:
            fix = f"Reset it under {_PORTAL} → Bot → Reset Token, and set discord.token."
            yield problem(f"Discord refuses discord.token ({error.reason}).", "The bot cannot start in Discord.", fix)
            return
    yield ok(f"Discord takes the bot token: {application.get('name')} ({application.get('id')}).")
    for finding in judge_intents(int(application.get("flags") or 0), features.enabled(settings)):
        yield finding


def judge_intents(flags: int, wanted: Sequence[Feature]) -> list[Finding]:
    """The flags of the application against the intents that the features need."""
    needed = features.intents_for(wanted)
    return [
        problem(
            f"The {title(intent)} Intent is off.",
            f"Discord refuses the connection. It is needed for: {needed[intent]}.",
            f"Switch it on under {_PORTAL} → Bot → Privileged Gateway Intents.",
        )
        for intent in refused(needed, flags)
    ] or [ok("The privileged intents are on.")]


async def servers(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Whether the bot is in the servers it is to serve, with which rights, and its commands in them."""
    async with _api(settings) as api:
        application = str((await api.get("/applications/@me"))["id"])
        invite = manifest(features.enabled(settings), application=application).invite
        there = {str(guild["id"]): guild for guild in await api.get("/users/@me/guilds")}
        if not settings.discord.guild_ids:
            means = "Commands take up to an hour to appear, and nobody is a member in direct messages."
            fix = "Set discord.guild_ids to your server's id (right-click the server → Copy Server ID)."
            yield warning("discord.guild_ids is empty.", means, fix)
        for guild in settings.discord.guild_ids:
            if guild not in there:
                fix = f"Open {invite} and add the bot, or mend discord.guild_ids."
                yield problem(f"The bot is not in the server {guild}.", "Nobody there can use it.", fix)
                continue
            name = str(there[guild].get("name") or guild)
            for finding in judge_rights(name, int(there[guild].get("permissions") or 0), settings, invite):
                yield finding
            yield await _commands(api, application, guild, name, invite)


def judge_rights(server: str, bits: int, settings: Settings, invite: str) -> list[Finding]:
    """What the bot may do in a server, before its channels change that."""
    needed = features.permissions_for(features.enabled(settings))
    return [
        problem(
            f"The permission {title(permission)} is missing in {server}.",
            f"It is needed for: {needed[permission]}.",
            f"Grant it to the bot's role under Server Settings → Roles, or invite the bot again: {invite}",
        )
        for permission in lacking(needed, bits)
    ] or [ok(f"The bot has the permissions it needs in {server}.")]


async def _commands(api: _Api, application: str, guild: str, name: str, invite: str) -> Finding:
    try:
        registered = await api.get(f"/applications/{application}/guilds/{guild}/commands")
    except UpstreamRejected as error:
        if error.reason != _MISSING_ACCESS:
            raise
        fix = f"Invite the bot again with both scopes: {invite}"
        return problem(f"The bot may have no commands in {name}.", "/copilot does not appear there.", fix)
    return judge_commands(name, registered)


def judge_commands(server: str, registered: Sequence[Json]) -> Finding:
    """The commands in a server against those of this version."""
    there = {str(command["name"]): _outline(command) for command in registered}
    ours = {str(command["name"]): _outline(command) for command in commands.definition()}
    fix = "Start the bot (`copilot serve`): it uploads its commands when it connects."
    if missing := sorted(set(ours) - set(there)):
        return warning(f"{server} does not have the command {', '.join(missing)}.", "It cannot be typed there.", fix)
    if any(there[name] != outline for name, outline in ours.items()):
        return warning(f"The commands in {server} are those of another version.", "Verbs may be missing.", fix)
    return ok(f"The commands are registered in {server}.")


def _outline(command: Json) -> list[tuple[str, list[str]]]:
    options = command.get("options") or ()
    return [(str(o["name"]), [str(inner["name"]) for inner in o.get("options") or ()]) for o in options]


async def channels(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Whether the bot can post in the channels that the settings name."""
    channels = named(settings, Platform.DISCORD)
    if not channels:
        return
    async with _api(settings) as api:
        me = str((await api.get("/users/@me"))["id"])
        there = {str(guild["id"]): int(guild["permissions"]) for guild in await api.get("/users/@me/guilds")}
        for found, use in channels:
            try:
                channel = await api.get(f"/channels/{found.channel}")
                guild = str(channel.get("guild_id") or found.workspace)
                member = await api.get(f"/guilds/{guild}/members/{me}")
            except UpstreamRejected as error:
                fix = f"Give the bot View Channel there (Edit Channel → Permissions), or mend the id in {use.where}."
                yield problem(f"The bot does not see {found} of {use.where} ({error.reason}).", use.means, fix)
                continue
            overwrites = channel.get("permission_overwrites") or ()
            bits = in_channel(there.get(guild, 0), guild, member.get("roles") or (), me, overwrites)
            for finding in judge_channel(f"#{channel.get('name')}", bits, features.enabled(settings), use):
                yield finding


def judge_channel(name: str, bits: int, wanted: Sequence[Feature], use: Use = APPROVALS) -> list[Finding]:
    """What the bot may do in a channel that it posts to."""
    needed = features.permissions_for(wanted, in_channels=True)
    missing = lacking(needed, bits)
    if Permission.VIEW_CHANNEL in missing:
        missing = [Permission.VIEW_CHANNEL]
    return [
        problem(
            f"The permission {title(permission)} is missing in {name} of {use.where}.",
            f"It is needed for: {needed[permission]}.",
            f"Grant it to the bot in {name}: Edit Channel → Permissions.",
        )
        for permission in missing
    ] or [ok(f"The bot can post in {name}.")]


async def people(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Whether the people that roles name are members."""
    named = features.people(settings, Platform.DISCORD)
    known = 0
    async with _api(settings) as api:
        for account in named[:_MOST_PEOPLE]:
            try:
                await api.get(f"/guilds/{account.workspace}/members/{account.id}")
            except RateLimited:
                break
            except UpstreamRejected as error:
                if error.reason not in _UNKNOWN_PERSON:
                    raise
                fix = "Mend or remove it in roles and same_person."
                yield warning(f"{account} is no member of that server.", "Its roles have no effect.", fix)
            known += 1
    if named:
        yield ok(f"{known} of {len(named)} people named in the settings were looked up in Discord.")
