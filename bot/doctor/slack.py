"""Slack: tokens, scopes, Socket Mode or the public address, events that never came, channels and people that the settings name."""

import json
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot import features
from bot.doctor import probes
from bot.doctor.channels import APPROVALS, Use, named
from bot.doctor.findings import Finding, ok, problem, warning
from bot.features import Feature
from bot.settings import Settings, place
from bot.slack.connector import web_client
from bot.slack.errors import mapped
from bot.slack.manifest import PATH
from core.errors import RateLimited, UpstreamRejected
from core.messages import PIN, Click, HomeOpened, Incoming, Joined, Marked, Platform, Turn, Via

_SCOPES = "api.slack.com/apps → your app → OAuth & Permissions → Bot Token Scopes"
_EVENTS = "api.slack.com/apps → your app → Event Subscriptions → Subscribe to bot events"
_PASTE = "or paste `copilot manifest slack` under App Manifest"
_MOST_PEOPLE = 25
"""Looked up one by one; Slack allows about a hundred such calls a minute."""
_UNKNOWN = ("user_not_found", "users_not_found", "user_not_visible")
_WITHIN = 5.0


async def token(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The bot token and what it was granted."""
    async with web_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url) as client:
        try:
            with mapped():
                me = await client.auth_test()
        except UpstreamRejected as error:
            fix = "Copy the Bot User OAuth Token from api.slack.com/apps → your app → OAuth & Permissions into slack.bot_token."
            yield problem(f"Slack refuses slack.bot_token ({error.reason}).", "The bot cannot start in Slack.", fix)
            return
    team = str(me.get("team_id", ""))
    yield ok(f"Slack takes the bot token: {me.get('user')} in {me.get('team')} ({team}).")
    for finding in judge_scopes(str(me.headers.get("x-oauth-scopes", "")), features.enabled(settings)):
        yield finding
    for finding in judge_team(team, settings):
        yield finding


def judge_scopes(header: str, wanted: Sequence[Feature]) -> list[Finding]:
    """What the token was granted, as Slack lists it with every answer, against what the features need."""
    granted = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not granted:
        fix = "Look under OAuth & Permissions whether all scopes of `copilot manifest slack` are there."
        return [
            warning(
                "Slack did not say which scopes the token has.", "A missing scope shows only when it is needed.", fix
            )
        ]
    missing = {scope: name for scope, name in features.scopes_for(wanted).items() if scope not in granted}
    return [
        problem(
            f"The scope {scope} is missing.",
            f"It is needed for: {name}.",
            f"Add it under {_SCOPES}, {_PASTE}; then install the app again (Install App → Reinstall to Workspace).",
        )
        for scope, name in missing.items()
    ] or [ok(f"All scopes are there for: {', '.join(feature.name for feature in wanted)}.")]


def judge_team(team: str, settings: Settings) -> list[Finding]:
    """Accounts and channels of another workspace than the token's."""
    channels = [place(text) for text in (*settings.approval_channels, settings.run_channel) if text]
    named = {(channel.platform, channel.workspace) for channel in channels}
    named |= {(account.platform, account.workspace) for account in features.people(settings, Platform.SLACK)}
    others = sorted(workspace for platform, workspace in named if platform is Platform.SLACK and workspace != team)
    return [
        warning(
            f"The settings name the workspace {other}, but the token belongs to {team}.",
            "Roles and channels of that workspace have no effect.",
            f"Write {team} in roles, same_person, approval_channels and run_channel, or use the token of {other}.",
        )
        for other in others
    ]


async def socket(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The app-level token. Slack only issues an address here: nothing connects to it, so a running bot loses no event."""
    if settings.slack.mode != "socket":
        return
    where = "api.slack.com/apps → your app → Basic Information → App-Level Tokens"
    async with web_client("", settings.slack.api_url) as client:
        try:
            with mapped():
                await client.apps_connections_open(app_token=settings.slack.app_token.get_secret_value())
        except UpstreamRejected as error:
            fix = {
                "missing_scope": f"Make one with the scope connections:write under {where}; set slack.app_token.",
                "not_allowed_token_type": f"That is no app-level token (xapp-…): copy one from {where}.",
            }.get(error.reason, f"Copy it again from {where}; under Socket Mode, *Enable Socket Mode* must be on.")
            yield problem(f"Slack refuses slack.app_token ({error.reason}).", "No event comes in.", fix)
        else:
            yield ok("Slack opens Socket Mode for the app token.")


async def address(settings: Settings) -> AsyncGenerator[Finding, None]:
    """HTTP mode: the public address answers Slack's own check."""
    if settings.slack.mode != "http":
        return
    if not settings.http.public_url:
        fix = "Set http.public_url to the address that Slack calls, without /slack/events."
        yield warning("http.public_url is not set.", "Whether Slack reaches the bot was not checked.", fix)
        return
    url = f"{settings.http.public_url.rstrip('/')}{PATH}"
    body = json.dumps({"type": "url_verification", "challenge": "doctor"})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(settings.slack.signing_secret.get_secret_value()).generate_signature(
        timestamp=stamp, body=body
    )
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature or "",
    }
    limit = aiohttp.ClientTimeout(total=_WITHIN)
    try:
        async with aiohttp.ClientSession(timeout=limit) as http, http.post(url, data=body, headers=headers) as response:
            status, answer = response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        fix = "Start the bot (`copilot serve`), and let a proxy with a certificate pass that path on to http.host:http.port."
        yield problem(f"{url} does not answer ({type(error).__name__}).", "Slack cannot reach the bot.", fix)
        return
    if status == 200 and "doctor" in answer:
        yield ok(f"{url} answers like a Slack app.")
    elif status == 401:
        fix = "Copy slack.signing_secret from Basic Information → App Credentials, and restart the bot."
        yield problem(f"{url} refuses our signature.", "The bot that answers has another signing secret or clock.", fix)
    else:
        fix = "Pass that path on to http.host:http.port of a bot with slack.mode = http."
        yield problem(f"{url} answers {status}, not Slack's challenge.", "Something else listens there.", fix)


async def events(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Events that never came in. No API tells a bot what its app is subscribed to; the records tell what was received."""
    on_disk = probes.disk(settings.database_url)
    if on_disk and not on_disk.exists:
        return
    for finding in judge_events(await probes.received(settings.database_url, "slack"), features.enabled(settings)):
        yield finding


def judge_events(items: Iterable[Incoming], wanted: Sequence[Feature]) -> list[Finding]:
    """What of all that was subscribed to is on the records."""
    seen = {kind for item in items for kind in _came_by(item)}
    if not seen:
        fix = f"Write `@Copilot help` in a channel with the bot. If nothing comes: {_EVENTS}, and Socket Mode or the request URL."
        return [warning("Nothing from Slack is on the records yet.", "Whether events come in was not checked.", fix)]
    judged = {event: name for event, name in features.events_for(wanted).items() if event in _JUDGED}
    found = [
        warning(
            f"No {event} event was ever received.",
            f"Either nobody did that yet, or it is not subscribed to. It is needed for: {name}.",
            f"See that {event} stands under {_EVENTS}, {_PASTE}. Then do it once and look again.",
        )
        for event, name in judged.items()
        if event not in seen
    ]
    if "command" not in seen:
        fix = "See that /copilot stands under Slash Commands; try `/copilot help`."
        found.append(warning("No /copilot command was ever received.", "Perhaps the command is not there.", fix))
    if "click" not in seen:
        fix = "See that Interactivity & Shortcuts is on; press a button of the bot."
        found.append(warning("No button was ever pressed.", "Perhaps interactivity is off: approvals need it.", fix))
    return found or [ok("Every kind of event has been received.")]


_JUDGED = frozenset(
    {
        "app_home_opened", "app_mention", "member_joined_channel", "message.channels", "message.im", "pin_added",
        "reaction_added",
    }
)  # fmt: skip
"""The others cannot be told apart on the records."""


def _came_by(item: Incoming) -> set[str]:
    match item:
        case Turn(via=Via.COMMAND):
            return {"command"}
        case Turn(via=Via.DIRECT):
            return {"message.im"}
        case Turn(via=Via.MENTION):
            return {"app_mention"}
        case Turn():
            return {"message.channels"}
        case Click():
            return {"click"}
        case Joined():
            return {"member_joined_channel"}
        case HomeOpened():
            return {"app_home_opened"}
        case Marked():
            return {"pin_added" if item.mark == PIN else "reaction_added"}
    return set()


async def channels(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Whether the bot is in the channels that the settings name."""
    async with web_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url) as client:
        for found, use in named(settings, Platform.SLACK):
            try:
                with mapped():
                    answer = await client.conversations_info(channel=found.channel)
            except UpstreamRejected as error:
                yield judge_channel(found.channel, {}, error.reason, use)
            else:
                yield judge_channel(found.channel, answer.get("channel") or {}, "", use)


def judge_channel(channel: str, info: Mapping[str, object], error: str, use: Use = APPROVALS) -> Finding:
    """One channel that the bot is to post in."""
    name = f"#{info.get('name')} ({channel})" if info else channel
    where, means = use.where, use.means
    if error == "missing_scope":
        return warning(f"{name} could not be looked up.", "A scope is missing, see there.", f"Add it under {_SCOPES}.")
    if not info:
        fix = f"Invite the bot there (`/invite @Copilot`) if the channel is private; else mend the id in {where}."
        return problem(f"The bot does not see the channel {name} of {where} ({error}).", means, fix)
    if info.get("is_archived"):
        return problem(f"{name} of {where} is archived.", means, f"Name another channel in {where}.")
    if not info.get("is_member"):
        return problem(f"The bot is not in {name} of {where}.", means, f"Write `/invite @Copilot` in {name}.")
    return ok(f"The bot is in {name}.")


async def people(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Whether the people and groups that roles name exist."""
    named = features.people(settings, Platform.SLACK)
    known = 0
    async with web_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url) as client:
        for account in named[:_MOST_PEOPLE]:
            try:
                with mapped():
                    user = (await client.users_info(user=account.id)).get("user") or {}
            except RateLimited:
                break
            except UpstreamRejected as error:
                if error.reason not in _UNKNOWN:
                    raise
                user = {}
            known += 1
            if not user or user.get("deleted"):
                what = f"{account} is deactivated." if user else f"{account} does not exist in Slack."
                yield warning(what, "Its roles have no effect.", "Mend or remove it in roles and same_person.")
        if groups := features.slack_groups(settings):
            with mapped():
                listed = await client.usergroups_list()
            there = {str(group["id"]) for group in listed.get("usergroups") or ()}
            for group in groups:
                if (group_id := group.id.removeprefix("role:")) not in there:
                    what, fix = f"There is no user group {group_id} in Slack.", "Mend or remove it in roles."
                    yield warning(what, "Its roles have no effect.", fix)
    if named:
        yield ok(f"{known} of {len(named)} people named in the settings were looked up in Slack.")
