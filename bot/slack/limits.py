"""Slack's limits, for the renderer and the sender. Source: docs.slack.dev, Block Kit reference and method pages. Characters unless named otherwise."""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
SECTION_TEXT = 3_000
HEADER_TEXT = 150
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
ACTIONS_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT = 2_000
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACTION_ID = 255
SELECT_OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
PLACEHOLDER = 150
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
VIEW_TITLE = 24
VIEW_BUTTON = 24
INPUT_LABEL = 2_000
INPUT_VALUE = 3_000
PRIVATE_METADATA = 3_000
UPDATE_TEXT = 4_000
"""Of chat.update's `text`."""
RESPONSE_URL_SECONDS = 30 * 60.0

MESSAGE_TEXT = 9_000
"""Ours: text in the blocks of one message, below what Slack was seen to refuse (msg_blocks_too_long at about 13,000)."""
MESSAGES = 5
"""Ours: messages that one reply becomes before the rest goes into a file."""
