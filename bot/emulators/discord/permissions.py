"""Permission bits."""

KICK_MEMBERS = 1 << 1
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
MANAGE_ROLES = 1 << 28
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
PIN_MESSAGES = 1 << 51

EVERYONE = (
    ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | SEND_MESSAGES_IN_THREADS
)
BOT = EVERYONE | MANAGE_CHANNELS | MANAGE_ROLES | MANAGE_MESSAGES | MENTION_EVERYONE | MANAGE_THREADS | PIN_MESSAGES
"""What the bot's invitation grants unless the emulator is told otherwise."""
ALL = (1 << 53) - 1


def name_of(bits: int) -> str:
    """The names of the bits, as a person knows them."""
    named = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}
    single = [name for name, value in named.items() if value & bits and value & (value - 1) == 0]
    return ", ".join(name.replace("_", " ").title() for name in single)
