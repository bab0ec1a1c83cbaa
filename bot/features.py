"""What the bot can do, and what each platform must grant for it: manifests are made from this list, and the doctor checks against it.
Pure. Sources: docs.slack.dev (reference/scopes, reference/events, method pages), discord.com/developers/docs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.discord.rights import Intent, Permission
from bot.settings import Settings
from core.messages import Account, Platform

Need = TypeVar("Need")


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command in Slack."""

    name: str
    summary: str
    usage: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of a Slack message."""

    callback_id: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class SlackNeeds:
    """What a feature needs in Slack."""

    scopes: tuple[str, ...] = ()
    """Bot token scopes."""
    events: tuple[str, ...] = ()
    """Bot events."""
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    interactivity: bool = False
    home: bool = False
    """The home tab."""


@dataclass(frozen=True, slots=True)
class DiscordNeeds:
    """What a feature needs in Discord."""

    scopes: tuple[str, ...] = ()
    """Of the address that invites the bot."""
    intents: tuple[Intent, ...] = ()
    permissions: tuple[Permission, ...] = ()
    """In the server."""
    in_channels: bool = False
    """The permissions are needed in the channels that the bot posts to as well."""


def _always(_settings: Settings) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing the bot can do."""

    name: str
    slack: SlackNeeds = field(default_factory=SlackNeeds)
    discord: DiscordNeeds = field(default_factory=DiscordNeeds)
    wanted: Callable[[Settings], bool] = _always


def slack_groups(settings: Settings) -> list[Account]:
    """The Slack user groups that roles are given to."""
    return [account for account in _holders(settings, Platform.SLACK) if account.id.startswith("role:")]


def people(settings: Settings, platform: Platform) -> list[Account]:
    """The accounts of a platform that the settings name, each once."""
    named = [account for account in _holders(settings, platform) if not account.id.startswith("role:")]
    same = (Account.parse(text) for group in settings.same_person for text in group)
    return list(dict.fromkeys((*named, *(account for account in same if account.platform is platform))))


def _holders(settings: Settings, platform: Platform) -> list[Account]:
    accounts = (Account.parse(key) for key in settings.roles if not key.startswith("email:"))
    return [account for account in accounts if account.platform is platform]


FEATURES: Sequence[Feature] = (
    Feature(
        "talk",
        SlackNeeds(
            scopes=(
                "app_mentions:read", "channels:history", "channels:read", "chat:write", "groups:history", "groups:read",
                "im:history", "im:write",
            ),
            # member_joined_channel comes with channels:read and groups:read; app_home_opened needs no scope.
            events=(
                "app_home_opened", "app_mention", "member_joined_channel", "message.channels", "message.groups", "message.im",
            ),
            home=True,
        ),
        DiscordNeeds(
            scopes=("bot",),
            intents=(Intent.GUILDS, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES, Intent.MESSAGE_CONTENT),
            permissions=(
                Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS,
                Permission.CREATE_PUBLIC_THREADS, Permission.EMBED_LINKS, Permission.READ_MESSAGE_HISTORY,
            ),
            in_channels=True,
        ),
    ),
    Feature(
        "commands and buttons",
        SlackNeeds(
            scopes=("commands",),
            commands=(Command("/copilot", "Ask, run, approve", "help | status | run WORKFLOW name=value …"),),
            interactivity=True,
        ),
        DiscordNeeds(scopes=("applications.commands",)),
    ),
    Feature(
        "files",
        SlackNeeds(scopes=("files:write",)),
        DiscordNeeds(permissions=(Permission.ATTACH_FILES,), in_channels=True),
    ),
    Feature("people", SlackNeeds(scopes=("users:read", "users:read.email"))),
    Feature(
        "incidents",
        SlackNeeds(
            # channels:manage and groups:write also set topics and invite; channels:write.topic and .invites are parts of them.
            scopes=("channels:manage", "groups:write", "pins:read", "pins:write", "reactions:read"),
            events=("pin_added", "reaction_added"),
            shortcuts=(Shortcut("declare", "Declare incident", "Declare an incident from this message"),),
        ),
        DiscordNeeds(
            intents=(Intent.GUILD_MESSAGE_REACTIONS,),
            permissions=(
                Permission.MANAGE_CHANNELS, Permission.MANAGE_ROLES, Permission.PIN_MESSAGES, Permission.ADD_REACTIONS,
            ),
        ),
        wanted=lambda settings: settings.incidents.enabled,
    ),
    Feature("user groups", SlackNeeds(scopes=("usergroups:read",)), wanted=lambda settings: bool(slack_groups(settings))),
)  # fmt: skip
"""Everything; which of it is enabled follows from the settings."""


def enabled(settings: Settings) -> list[Feature]:
    """The features that these settings ask for."""
    return [feature for feature in FEATURES if feature.wanted(settings)]


def scopes_for(features: Iterable[Feature]) -> dict[str, str]:
    """Slack scope → the first feature that needs it."""
    return _first((scope, feature.name) for feature in features for scope in feature.slack.scopes)


def events_for(features: Iterable[Feature]) -> dict[str, str]:
    """Slack event → the first feature that needs it."""
    return _first((event, feature.name) for feature in features for event in feature.slack.events)


def permissions_for(features: Iterable[Feature], *, in_channels: bool = False) -> dict[Permission, str]:
    """Discord permission → the first feature that needs it; with `in_channels` only what is needed where the bot posts."""
    chosen = (feature for feature in features if feature.discord.in_channels or not in_channels)
    return _first((permission, feature.name) for feature in chosen for permission in feature.discord.permissions)


def intents_for(features: Iterable[Feature]) -> dict[Intent, str]:
    """Discord intent → the first feature that needs it."""
    return _first((intent, feature.name) for feature in features for intent in feature.discord.intents)


def _first(pairs: Iterable[tuple[Need, str]]) -> dict[Need, str]:
    found: dict[Need, str] = {}
    for need, name in pairs:
        found.setdefault(need, name)
    return found
