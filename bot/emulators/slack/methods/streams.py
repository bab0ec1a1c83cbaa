"""chat.startStream, appendStream, stopStream: a message that grows."""

from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.call import Call
from bot.emulators.slack.content import content
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Message

Json = dict[str, Any]


def start(call: Call) -> Json:
    """Begin a streamed reply in a thread."""
    channel = call.joined_channel()
    thread = call.need("thread_ts")
    if channel.kind != "direct":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not call.text(name):
                raise SlackError(f"missing_{name}")
    text, tasks = _grown(call, "", [])
    root = channel.messages.get(thread)
    fields: Json = {"text": text, "blocks": _blocks(text, tasks), "thread_ts": (root and root.thread) or thread}
    message = call.chat.post_as_bot(channel, {**fields, "streaming_state": "in_progress"})
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """Add text or task updates to a stream."""
    message = _streaming(call)
    if not call.text("markdown_text") and not call.json("chunks", "invalid_chunks"):
        raise SlackError("no_text")
    text, tasks = _grown(call, str(message.raw["text"]), _tasks(message))
    call.chat.change(message, {"text": text, "blocks": _blocks(text, tasks)}, quietly=True)
    return {"channel": message.channel, "ts": message.ts}


def stop(call: Call) -> Json:
    """End a stream, with an optional last text and blocks below."""
    message = _streaming(call)
    text, tasks = _grown(call, str(message.raw["text"]), _tasks(message))
    fields = content({**call.args, "text": None, "markdown_text": None}, call.json)
    blocks = [*_blocks(text, tasks), *fields.pop("blocks", [])]
    call.chat.change(message, {**fields, "text": text, "blocks": blocks, "streaming_state": "completed"}, quietly=True)
    return {"channel": message.channel, "ts": message.ts, "message": message.raw}


def _streaming(call: Call) -> Message:
    message = call.message(call.channel())
    if message.author != call.app.user:
        raise SlackError("message_not_owned_by_app")
    if message.raw.get("streaming_state") != "in_progress":
        raise SlackError("message_not_in_streaming_state")
    return message


def _grown(call: Call, text: str, tasks: list[Json]) -> tuple[str, list[Json]]:
    added = call.text("markdown_text")
    known = {task["task_id"]: task for task in tasks}
    for chunk in call.json("chunks", "invalid_chunks") or []:
        match chunk.get("type") if isinstance(chunk, dict) else None:
            case "markdown_text":
                added += str(chunk.get("text", ""))
            case "task_update":
                known[str(chunk.get("id"))] = _task(chunk)
            case "plan_update":
                continue
            case _:
                raise SlackError("invalid_chunks")
    if len(added) > limits.MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return text + added, list(known.values())


def _task(chunk: Json) -> Json:
    card = {
        "type": "task_card",
        "task_id": str(chunk.get("id")),
        "title": chunk.get("title"),
        "status": chunk.get("status"),
    }
    return card | {name: chunk[name] for name in ("details", "output", "sources") if name in chunk}


def _tasks(message: Message) -> list[Json]:
    return [block for block in message.raw.get("blocks", ()) if block["type"] == "task_card"]


def _blocks(text: str, tasks: list[Json]) -> list[Json]:
    return [*tasks, *([{"type": "markdown", "text": text}] if text else [])]


METHODS = {"chat.appendStream": append, "chat.startStream": start, "chat.stopStream": stop}
