"""Discord's limits, for the renderer and the sender. Source: discord.com/developers/docs (message, embed, component references). Characters unless named otherwise."""

CONTENT = 2_000
EMBEDS = 10
EMBED_TOTAL = 6_000
"""Over all embeds of a message."""
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4_096
EMBED_FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1_024
ROWS = 5
ROW_BUTTONS = 5
SELECT_OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150
BUTTON_LABEL = 80
CUSTOM_ID = 100
MODAL_TITLE = 45
MODAL_INPUTS = 5
INPUT_LABEL = 45
INPUT_PLACEHOLDER = 100
INPUT_VALUE = 4_000
FILES = 10
NONCE = 25
THREAD_NAME = 100
CHANNEL_NAME = 100
CHANNEL_TOPIC = 1_024
CHOICES = 25
CHOICE_TEXT = 100
COMMAND_DESCRIPTION = 100
TOKEN_SECONDS = 15 * 60.0

MESSAGES = 5
"""Ours: messages that one reply becomes before the rest goes into a file."""
