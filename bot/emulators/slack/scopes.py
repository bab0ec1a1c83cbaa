"""Which scopes the methods need, and how often they may be called."""

from dataclasses import dataclass

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_MANAGE = ("channels:manage", "groups:write")
PREFIX = {"channel": "channels", "private": "groups", "direct": "im"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one method asks for."""

    tier: int | None
    """None: no tier (limited in its own way, or hardly)."""
    scopes: tuple[str, ...] = ()
    """Any one of them; none is needed when empty."""
    app_token: bool = False
    by_kind: str = ""
    """read or history: the kind of channel decides which of the scopes it must be."""


RULES = {
    "api.test": Rule(4),
    "apps.connections.open": Rule(1, ("connections:write",), app_token=True),
    "auth.test": Rule(None),
    "bookmarks.add": Rule(2, ("bookmarks:write",)),
    "bookmarks.edit": Rule(2, ("bookmarks:write",)),
    "bookmarks.list": Rule(3, ("bookmarks:read",)),
    "bookmarks.remove": Rule(2, ("bookmarks:write",)),
    "bots.info": Rule(3, ("users:read",)),
    "chat.appendStream": Rule(4, ("chat:write",)),
    "chat.delete": Rule(3, ("chat:write",)),
    "chat.getPermalink": Rule(None),
    "chat.postEphemeral": Rule(4, ("chat:write",)),
    "chat.postMessage": Rule(None, ("chat:write",)),
    "chat.startStream": Rule(2, ("chat:write",)),
    "chat.stopStream": Rule(2, ("chat:write",)),
    "chat.update": Rule(3, ("chat:write",)),
    "conversations.archive": Rule(2, _MANAGE),
    "conversations.create": Rule(2, _MANAGE),
    "conversations.history": Rule(3, _HISTORY, by_kind="history"),
    "conversations.info": Rule(3, _READ, by_kind="read"),
    "conversations.invite": Rule(3, (*_MANAGE, "channels:write.invites", "groups:write.invites")),
    "conversations.join": Rule(3, ("channels:join",)),
    "conversations.kick": Rule(3, _MANAGE),
    "conversations.leave": Rule(3, _MANAGE),
    "conversations.list": Rule(2, _READ),
    "conversations.mark": Rule(3, (*_MANAGE, "im:write")),
    "conversations.members": Rule(4, _READ, by_kind="read"),
    "conversations.open": Rule(3, ("im:write", "mpim:write")),
    "conversations.rename": Rule(2, _MANAGE),
    "conversations.replies": Rule(3, _HISTORY, by_kind="history"),
    "conversations.setPurpose": Rule(2, (*_MANAGE, "channels:write.topic", "groups:write.topic")),
    "conversations.setTopic": Rule(2, (*_MANAGE, "channels:write.topic", "groups:write.topic")),
    "files.completeUploadExternal": Rule(4, ("files:write",)),
    "files.getUploadURLExternal": Rule(4, ("files:write",)),
    "files.info": Rule(4, ("files:read",)),
    "pins.add": Rule(2, ("pins:write",)),
    "pins.list": Rule(2, ("pins:read",)),
    "pins.remove": Rule(2, ("pins:write",)),
    "reactions.add": Rule(3, ("reactions:write",)),
    "reactions.get": Rule(3, ("reactions:read",)),
    "reactions.remove": Rule(2, ("reactions:write",)),
    "team.info": Rule(3, ("team:read",)),
    "usergroups.list": Rule(2, ("usergroups:read",)),
    "usergroups.users.list": Rule(2, ("usergroups:read",)),
    "users.conversations": Rule(3, _READ),
    "users.info": Rule(4, ("users:read",)),
    "users.list": Rule(2, ("users:read",)),
    "users.lookupByEmail": Rule(3, ("users:read.email",)),
    "users.profile.get": Rule(4, ("users.profile:read",)),
    "views.open": Rule(4),
    "views.publish": Rule(4),
    "views.push": Rule(4),
    "views.update": Rule(4),
}

ALL_SCOPES = tuple(
    sorted(
        {scope for rule in RULES.values() if not rule.app_token for scope in rule.scopes}
        | {"commands", "app_mentions:read"}
    )
)
"""Every bot scope that some method here needs."""
DEFAULT_SCOPES = ALL_SCOPES
