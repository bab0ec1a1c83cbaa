"""conversations.history and conversations.replies."""

import itertools
from collections.abc import Iterable
from typing import Any

from bot.emulators.slack.call import Call, decode_cursor, encode_cursor
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Message

Json = dict[str, Any]
_MOST = 999


def history(call: Call) -> Json:
    """The channel's messages, newest first; of threads only the first messages and broadcasts."""
    channel = call.channel()
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    newest_first = reversed(channel.messages.values())
    tops = (message for message in newest_first if message.thread in {None, message.ts} or _broadcast(message))
    latest = decode_cursor(call.text("cursor"), "next_ts") if call.text("cursor") else ""
    return {**_window(call, tops, before=latest), "pin_count": len(channel.pins)}


def replies(call: Call) -> Json:
    """A thread: its first message, then the replies, oldest first."""
    channel = call.channel()
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    root = channel.messages.get(call.need("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    if root.thread not in {None, root.ts}:
        return {"messages": [_shown(call, root)], "has_more": False}
    found = (channel.messages[ts] for ts in channel.threads.get(root.ts, ()) if ts in channel.messages)
    after = decode_cursor(call.text("cursor"), "next_ts") if call.text("cursor") else ""
    page = _window(call, found, after=after)
    return {**page, "messages": [_shown(call, root), *page["messages"]]}


def _window(call: Call, messages: Iterable[Message], *, before: str = "", after: str = "") -> Json:
    oldest, latest, inclusive = call.text("oldest"), call.text("latest"), call.flag("inclusive")

    def fits(ts: str) -> bool:
        at = float(ts)
        if (before and at >= float(before)) or (after and at <= float(after)):
            return False
        if inclusive:
            return (not oldest or at >= float(oldest)) and (not latest or at <= float(latest))
        return (not oldest or at > float(oldest)) and (not latest or at < float(latest))

    size = max(1, min(_MOST, call.number("limit", 100)))
    found = list(itertools.islice((message for message in messages if fits(message.ts)), size + 1))
    result: Json = {"messages": [_shown(call, message) for message in found[:size]], "has_more": len(found) > size}
    if result["has_more"]:
        result["response_metadata"] = {"next_cursor": encode_cursor("next_ts", found[size - 1].ts)}
    return result


def _shown(call: Call, message: Message) -> Json:
    if "metadata" in message.raw and not call.flag("include_all_metadata"):
        return {name: value for name, value in message.raw.items() if name != "metadata"}
    return message.raw


def _broadcast(message: Message) -> bool:
    return bool(message.raw.get("subtype") == "thread_broadcast")


METHODS = {"conversations.history": history, "conversations.replies": replies}
