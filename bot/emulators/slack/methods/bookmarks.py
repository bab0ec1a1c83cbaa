"""bookmarks.add, edit, list, remove."""

from typing import Any

from bot.emulators.slack import acme
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Bookmark, Channel

Json = dict[str, Any]


def add(call: Call) -> Json:
    """A link at the top of a channel."""
    channel = _channel(call)
    if call.need("type") != "link":
        raise SlackError("invalid_bookmark_type")
    now = int(call.workspace.clock.now())
    bookmark = Bookmark(call.workspace.ids.new("Bk"), channel.id, {})
    bookmark.raw = {
        "id": bookmark.id,
        "channel_id": channel.id,
        "title": call.need("title"),
        "link": _link(call),
        "emoji": call.text("emoji"),
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": now,
        "date_updated": 0,
        "rank": "0",
        "last_updated_by_user_id": call.app.user,
        "last_updated_by_team_id": acme.TEAM,
        "app_id": call.app.id,
    }
    channel.bookmarks[bookmark.id] = bookmark
    return {"bookmark": bookmark.raw}


def edit(call: Call) -> Json:
    """Another title, link or emoji."""
    bookmark = _bookmark(call, _channel(call))
    given = {name: call.text(name) for name in ("title", "emoji") if call.text(name)}
    link = {"link": _link(call)} if call.text("link") else {}
    bookmark.raw = {**bookmark.raw, **given, **link, "date_updated": int(call.workspace.clock.now())}
    return {"bookmark": bookmark.raw}


def list_(call: Call) -> Json:
    """A channel's bookmarks."""
    return {"bookmarks": [bookmark.raw for bookmark in _channel(call).bookmarks.values()]}


def remove(call: Call) -> Json:
    """Take a bookmark away."""
    channel = _channel(call)
    del channel.bookmarks[_bookmark(call, channel).id]
    return {}


def _channel(call: Call) -> Channel:
    channel = call.channel("channel_id")
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    return channel


def _bookmark(call: Call, channel: Channel) -> Bookmark:
    bookmark = channel.bookmarks.get(call.need("bookmark_id"))
    if bookmark is None:
        raise SlackError("bookmark_not_found")
    return bookmark


def _link(call: Call) -> str:
    link = call.need("link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    return link


METHODS = {"bookmarks.add": add, "bookmarks.edit": edit, "bookmarks.list": list_, "bookmarks.remove": remove}
