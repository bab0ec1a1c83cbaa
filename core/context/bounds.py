"""How much is remembered and how much of it is looked at, all in one place."""

STORED = 4_000
"""Characters kept of one message."""
KEPT = 200
"""Messages kept of one thread, direct message or channel, besides the roots of threads."""
MESSAGES = 50
"""Messages of a thread that one turn looks at, the root included."""
TURNS_BACK = 10
"""Messages of a direct message that one turn looks back over."""
OF_ONE = 2_000
"""Characters of one message that a turn looks at."""
CHARACTERS = 20_000
"""Characters that one turn looks at; the root counts first, then the newest."""
PAGE = 15
"""Messages that are asked of a platform when a thread began before the bot listened. Slack gives no more at once to apps
outside its marketplace, and only once a minute (docs.slack.dev, Rate limits for conversations.replies)."""
PAGES_A_MINUTE = 1
"""Such pages asked of one workspace."""
