"""The bot under test, as the workspace knows it."""

from dataclasses import dataclass, field

from bot.emulators.slack import acme, scopes


@dataclass(slots=True)
class App:
    """An installed app: who it is, what it may do, and where it listens."""

    id: str = acme.APP
    user: str = acme.BOT_USER
    bot: str = acme.BOT
    bot_token: str = acme.BOT_TOKEN
    app_token: str = acme.APP_TOKEN
    signing_secret: str = acme.SIGNING_SECRET
    verification_token: str = acme.VERIFICATION_TOKEN
    scopes: frozenset[str] = frozenset(scopes.DEFAULT_SCOPES)
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    events: frozenset[str] = frozenset(acme.EVENTS)
    """Subscribed event types, as in the app's configuration (`message.channels`, `app_mention` …)."""
    events_url: str = ""
    """Without these three the app is in Socket Mode."""
    commands_url: str = ""
    interactivity_url: str = ""
    revoked: set[str] = field(default_factory=set)
    """Tokens that answer token_revoked."""
