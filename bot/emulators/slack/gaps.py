"""What real Slack has and this emulator lacks."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

_METHODS = (
    "admin.*", "apps.event.authorizations.list", "apps.manifest.*", "assistant.threads.*", "calls.*", "canvases.*",
    "chat.deleteScheduledMessage", "chat.meMessage", "chat.scheduleMessage", "chat.scheduledMessages.list", "chat.unfurl",
    "conversations.acceptSharedInvite", "conversations.close", "conversations.inviteShared", "conversations.unarchive",
    "dialog.open", "dnd.*", "emoji.list", "files.delete", "files.list", "files.remote.*", "functions.*", "migration.exchange",
    "oauth.*", "openid.*", "reactions.list", "reminders.*", "search.*", "slackLists.*", "stars.*", "usergroups.create",
    "usergroups.disable", "usergroups.enable", "usergroups.update", "usergroups.users.update", "users.getPresence",
    "users.profile.set", "users.setPresence", "workflows.*",
)  # fmt: skip
_NOTES = (
    "Group direct messages (mpim) do not exist.",
    "One workspace, one app and one bot token; no OAuth, no user tokens, no Enterprise Grid.",
    "external_select does not ask the app for options (block_suggestion).",
    "Global shortcuts, link unfurling, workflow steps and the assistant pane do not exist.",
    "Channels say nothing of their own pins and archiving: there are no messages pinned_item and channel_archive, nor their events.",
    "Link previews and mention notifications are not computed; text and blocks are stored as sent.",
    "Inside rich_text and table blocks only the outer structure is checked.",
    "The texts shown for buttons and modals that were not acknowledged are close to Slack's, not letter by letter.",
    "Answers to a malformed POST to a response_url carry a plausible status; Slack does not document it.",
)


def report(asked: Iterable[str]) -> Json:
    """Methods and notes; `asked`: unknown methods that were called."""
    return {"methods": sorted({*_METHODS, *asked}), "notes": list(_NOTES), "asked": sorted(asked)}
