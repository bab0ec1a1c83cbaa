"""files.getUploadURLExternal, completeUploadExternal, info."""

from typing import Any

from bot.emulators.slack import shapes
from bot.emulators.slack.call import Call
from bot.emulators.slack.content import content
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import File

Json = dict[str, Any]


def get_upload_url(call: Call) -> Json:
    """An address to send a file's bytes to."""
    name, length = call.need("filename"), call.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] must be greater than 0"]})
    file = File(
        call.workspace.ids.new("F"),
        name,
        length,
        call.app.user,
        call.workspace.clock.now(),
        alt_text=call.text("alt_txt"),
    )
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Share uploaded files in one message per channel; without a channel they stay private."""
    files = [_uploaded(call, wish) for wish in call.json("files", "invalid_arguments") or []]
    if not files:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: files"]})
    for id_ in [call.text("channel_id")] if call.text("channel_id") else call.words("channels"):
        _share(call, id_, files)
    for file in files:
        file.completed = True
    return {"files": [shapes.file(file, call.workspace.base_url) for file in files]}


def info(call: Call) -> Json:
    """One file."""
    file = call.workspace.files.get(call.text("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": shapes.file(file, call.workspace.base_url), "comments": []}


def _uploaded(call: Call, wish: object) -> File:
    file = call.workspace.files.get(str(wish.get("id"))) if isinstance(wish, dict) else None
    if file is None or not isinstance(wish, dict) or file.content is None:
        raise SlackError("file_not_found")
    if file.completed:
        raise SlackError("file_already_completed")
    file.title = str(wish.get("title") or file.name)
    return file


def _share(call: Call, id_: str, files: list[File]) -> None:
    channel = call.workspace.channels.get(id_)
    if channel is None or (channel.kind != "channel" and not call.workspace.is_member(channel)):
        raise SlackError("channel_not_found")
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    for file in files:
        file.channels.append(channel.id)
    fields = content({**call.args, "text": call.text("initial_comment")}, call.json)
    if call.text("thread_ts"):
        fields["thread_ts"] = call.text("thread_ts")
    shown = [shapes.file(file, call.workspace.base_url) for file in files]
    call.chat.post_as_bot(channel, {**fields, "subtype": "file_share", "files": shown, "upload": False})


METHODS = {
    "files.completeUploadExternal": complete_upload,
    "files.getUploadURLExternal": get_upload_url,
    "files.info": info,
}
