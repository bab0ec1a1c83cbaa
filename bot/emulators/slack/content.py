"""The content of a message as the app sends it: checked, and as it is stored."""

import json
from collections.abc import Callable
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.blocks import problems_of_blocks, with_ids
from bot.emulators.slack.errors import SlackError, invalid

Json = dict[str, Any]
Read = Callable[[str, str], Any]
"""Reads an argument by name as JSON; the second argument is the error code for malformed JSON."""


def content(args: Json, read: Read, *, text_limit: int = limits.MESSAGE_TEXT, cut: bool = True) -> Json:
    """The fields `text`, `blocks`, `attachments`, `metadata` of a message object, those that were given. Text over the limit
    is cut, or refused with msg_too_long. An empty list of blocks stays in, to remove what was there."""
    markdown = args.get("markdown_text")
    if markdown and (args.get("text") or args.get("blocks")):
        raise SlackError("markdown_text_conflict")
    fields: Json = {}
    if args.get("text") is not None:
        fields["text"] = _text(str(args["text"]), text_limit, cut=cut)
    if markdown:
        fields |= {"text": str(markdown), "blocks": [{"type": "markdown", "text": _markdown(str(markdown))}]}
    if (blocks := read("blocks", "invalid_blocks_format")) is not None:
        fields["blocks"] = _blocks(blocks)
    if (attachments := read("attachments", "invalid_attachments")) is not None:
        fields["attachments"] = _attachments(attachments)
    if (metadata := read("metadata", "invalid_metadata_format")) is not None:
        fields["metadata"] = _metadata(metadata)
    return fields


def require_some(fields: Json) -> Json:
    """The fields, with a text; SlackError (no_text) when a message of them would be empty."""
    if not (fields.get("text") or fields.get("blocks") or fields.get("attachments")):
        raise SlackError("no_text")
    return {"text": "", **fields}


def _text(text: str, limit: int, *, cut: bool) -> str:
    if len(text) > limit:
        if not cut:
            raise SlackError("msg_too_long")
        text = text[:limit]
    return text.replace("\0", "")


def _markdown(text: str) -> str:
    if len(text) > limits.MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return text


def _blocks(blocks: object) -> list[Json]:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := problems_of_blocks(blocks):
        raise invalid("invalid_blocks", problems)
    return with_ids(blocks)


def _attachments(attachments: object) -> list[Json]:
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > limits.ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for index, item in enumerate(attachments):
        blocks = item.get("blocks")
        if blocks is not None:
            problems = problems_of_blocks(blocks, path=f"/attachments/{index}/blocks")
            if problems:
                raise invalid("invalid_attachments", problems)
            with_ids(blocks)
        item.setdefault("id", index + 1)
        item.setdefault("fallback", item.get("text", "[no preview available]"))
    return attachments


def _metadata(metadata: object) -> Json | None:
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > limits.METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata
