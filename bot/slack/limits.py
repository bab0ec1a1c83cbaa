"""Slack's limits, for the renderer and the sender. Source: docs.slack.dev, Block Kit reference and method pages. Characters unless named otherwise."""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BLOCK_ID = 255
SECTION_TEXT = 3_000
HEADER_TEXT = 150
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
ACTIONS_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
TEXT_OBJECT = 3_000
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
PLACEHOLDER = 150
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
VIEW_TITLE = 24
VIEW_BUTTON = 24
CALLBACK_ID = 255
CHANNEL_NAME = 80
TOPIC = 250
INVITED = 1_000
LABEL_TEXT = 2_000
INPUT_LENGTH = 3_000
PRIVATE_METADATA = 3_000
VIEW_BYTES = 250_000
UPDATE_TEXT = 4_000
"""Of chat.update's `text`."""
RESPONSE_URL_LIFE = 30 * 60.0
"""Seconds."""
RESPONSE_URL_USES = 5

# --- ours, within Slack's --------------------------------------------------------------------------------

MESSAGE_TEXT = 9_000
"""JSON of the blocks of one message, below what Slack was seen to refuse (msg_blocks_too_long at about 13,000)."""
MESSAGES = 5
"""Messages that one reply becomes before the rest goes into a file."""
HOME_BYTES = 200_000
"""JSON of the blocks of a home page; the rest of VIEW_BYTES is for the view around them."""
FIELD_SHOWN = 700
"""A longer field stands below the others over the whole width; ten of this length still fit a message."""
CODE_SHOWN = 3_000
"""Code longer than this is shown in part and sent as a file."""
SUMMARY_TEXT = 3_000
"""Of the text beside the blocks; chat.update takes no more than UPDATE_TEXT."""
BUTTONS_A_ROW = 5
"""More would wrap anyhow; rows of five look alike on every screen."""
INVITED_AT_ONCE = 100
"""Pages of Slack's documentation differ: 100 people a call, or INVITED."""
FILE_NAME = 200
"""Of uploads; no file system and no reader wants longer ones."""
