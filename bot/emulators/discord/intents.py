"""Gateway intents: which events a session gets."""

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
GUILD_MESSAGE_TYPING = 1 << 11
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
DIRECT_MESSAGE_TYPING = 1 << 14
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25

_FAMILIES = (
    ("MESSAGE_REACTION_", GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_", GUILD_MESSAGES, DIRECT_MESSAGES),
    ("TYPING_", GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING),
    ("GUILD_MEMBER_", GUILD_MEMBERS, GUILD_MEMBERS),
    ("CHANNEL_PINS_", GUILDS, DIRECT_MESSAGES),
    ("CHANNEL_", GUILDS, GUILDS),
    ("THREAD_", GUILDS, GUILDS),
    ("GUILD_", GUILDS, GUILDS),
)


def needed(event: str, *, direct: bool) -> int:
    """The intent for an event; 0 when it goes to every session. `direct`: it happened in a direct message."""
    if event == "GUILD_MEMBERS_CHUNK":
        return 0
    for prefix, in_guild, in_direct in _FAMILIES:
        if event.startswith(prefix):
            return in_direct if direct else in_guild
    return 0
