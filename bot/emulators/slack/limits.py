"""Slack's published limits, transcribed from its documentation. Lengths are in characters unless said otherwise."""

# Messages
MESSAGE_TEXT = 40_000
"""chat.postMessage cuts longer text off."""
UPDATE_TEXT = 4_000
"""chat.update refuses longer text."""
MARKDOWN_TEXT = 12_000
"""`markdown_text` of one call, and all markdown blocks of a message together."""
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ATTACHMENTS = 100
METADATA_BYTES = 16 * 1024

# Blocks
BLOCK_ID = 255
HEADER_TEXT = 150
SECTION_TEXT = 3_000
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
IMAGE_URL = 3_000
ALT_TEXT = 2_000
TITLE_TEXT = 2_000
LABEL_TEXT = 2_000
HINT_TEXT = 2_000
TEXT_OBJECT = 3_000
VIDEO_TITLE = 200
VIDEO_AUTHOR = 50
TABLE_ROWS = 100
TABLE_COLUMNS = 20
CONTEXT_ACTIONS_ELEMENTS = 5

# Elements
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
BUTTON_URL = 3_000
ACCESSIBILITY_LABEL = 75
PLACEHOLDER = 150
OPTIONS = 100
OPTION_GROUPS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
GROUP_LABEL = 75
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10
"""Checkboxes and radio buttons."""
INPUT_LENGTH = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

# Views
VIEW_TITLE = 24
VIEW_BUTTON = 24
PRIVATE_METADATA = 3_000
CALLBACK_ID = 255
EXTERNAL_ID = 255
VIEW_BYTES = 250_000
VIEW_STACK = 3

# Time, in seconds of the platform's clock
ACKNOWLEDGE_WITHIN = 3.0
TRIGGER_LIFE = 3.0
EVENT_RETRIES = (1.0, 60.0, 300.0)
"""Waits before the first, second and third retry. Slack says "nearly immediately" for the first."""
RESPONSE_URL_LIFE = 30 * 60.0
RESPONSE_URL_USES = 5
TICKET_LIFE = 30.0
SOCKET_LIFE = 18_060.0
"""approx_connection_time of Socket Mode's hello."""
SOCKET_WARNING = 10.0
"""How long before the end of a socket its warning comes."""
SOCKETS = 10

INVITED = 1_000
"""People in one conversations.invite."""

# Rates, in calls a minute
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
POSTS_PER_SECOND = 1.0
"""To one channel."""
POST_BURST = 10
"""Slack tolerates short bursts without naming a figure."""

# Lists
PAGE_DEFAULT = 100
PAGE_MOST = 1_000
LIST_WITHOUT_PAGES = 10_000
"""users.list answers `limit_required` beyond."""
CHANNEL_NAME = 80
TOPIC = 250
