"""Checks blocks against Slack's documented limits, and gives them the ids that Slack gives."""

import secrets
from collections.abc import Callable
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.check import Check
from bot.emulators.slack.elements import element, image

Json = dict[str, Any]
_RICH_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}


def problems_of_blocks(blocks: list[Any], *, surface: str = "message", path: str = "/blocks") -> list[str]:
    """What Slack would say about these blocks; empty when they are fine. `surface`: message, modal or home."""
    check = Check()
    most = limits.MESSAGE_BLOCKS if surface == "message" else limits.VIEW_BLOCKS
    for index, found in enumerate(check.items(blocks, path, most, least=0)):
        _block(check, found, f"{path}/{index}", surface)
    if check.markdown > limits.MARKDOWN_TEXT:
        check.fail(path, f"must be less than {limits.MARKDOWN_TEXT + 1} characters in all markdown blocks")
    return check.problems


def with_ids(blocks: list[Json]) -> list[Json]:
    """Give blocks and interactive elements that lack one a block_id and an action_id, in place."""
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = _new_id()
        inner = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for part in inner:
            if isinstance(part, dict) and "action_id" not in part and part.get("type") not in _PASSIVE:
                part["action_id"] = _new_id()
    return blocks


_PASSIVE = _RICH_PARTS | {"image", "mrkdwn", "plain_text"}


def _new_id() -> str:
    return secrets.token_urlsafe(4)[:5]


def _block(check: Check, found: object, path: str, surface: str) -> None:
    if not isinstance(found, dict):
        check.fail(path, "must provide an object")
        return
    kind = found.get("type")
    rule = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if rule is None:
        check.fail(f"{path}/type", f"unsupported type: {kind}")
        return
    surfaces, required, optional, more = rule
    if surface not in surfaces:
        check.fail(f"{path}/type", f"unsupported type: {kind}")
        return
    check.shape(found, path, required, ("block_id", *optional))
    check.block_id(found.get("block_id"), path)
    more(check, found, path)


def _header(check: Check, found: Json, path: str) -> None:
    check.text(found.get("text"), f"{path}/text", limits.HEADER_TEXT, plain=True)


def _section(check: Check, found: Json, path: str) -> None:
    if found.get("text") is None and found.get("fields") is None:
        check.fail(path, "missing required field: text")
    check.text(found.get("text"), f"{path}/text", limits.SECTION_TEXT)
    for index, field in enumerate(check.items(found.get("fields"), f"{path}/fields", limits.SECTION_FIELDS)):
        check.text(field if field is not None else "", f"{path}/fields/{index}", limits.FIELD_TEXT)
    if found.get("accessory") is not None:
        element(check, found["accessory"], f"{path}/accessory", "section")


def _context(check: Check, found: Json, path: str) -> None:
    for index, part in enumerate(check.items(found.get("elements"), f"{path}/elements", limits.CONTEXT_ELEMENTS)):
        place = f"{path}/elements/{index}"
        if isinstance(part, dict) and part.get("type") == "image":
            image(check, part, place)
        else:
            check.text(part if part is not None else "", place, limits.TEXT_OBJECT)


def _actions(check: Check, found: Json, path: str) -> None:
    parts = check.items(found.get("elements"), f"{path}/elements", limits.ACTIONS_ELEMENTS)
    for index, part in enumerate(parts):
        element(check, part, f"{path}/elements/{index}", "actions")
    check.unique_actions(parts, f"{path}/elements")


def _image(check: Check, found: Json, path: str) -> None:
    if found.get("image_url") is None and found.get("slack_file") is None:
        check.fail(path, "missing required field: image_url")
    check.string(found.get("image_url"), f"{path}/image_url", limits.IMAGE_URL)
    check.string(found.get("alt_text"), f"{path}/alt_text", limits.ALT_TEXT)
    check.text(found.get("title"), f"{path}/title", limits.TITLE_TEXT, plain=True)


def _input(check: Check, found: Json, path: str) -> None:
    check.text(found.get("label"), f"{path}/label", limits.LABEL_TEXT, plain=True)
    check.text(found.get("hint"), f"{path}/hint", limits.HINT_TEXT, plain=True)
    if found.get("element") is not None:
        element(check, found["element"], f"{path}/element", "input")


def _rich_text(check: Check, found: Json, path: str) -> None:
    for index, part in enumerate(check.items(found.get("elements"), f"{path}/elements", 1_000)):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in _RICH_PARTS:
            check.fail(f"{path}/elements/{index}/type", f"unsupported type: {kind}")


def _markdown(check: Check, found: Json, path: str) -> None:
    check.string(found.get("text"), f"{path}/text", limits.MARKDOWN_TEXT)
    if isinstance(found.get("text"), str):
        check.markdown += len(found["text"])


def _video(check: Check, found: Json, path: str) -> None:
    check.text(found.get("title"), f"{path}/title", limits.VIDEO_TITLE, plain=True)
    check.text(found.get("description"), f"{path}/description", limits.VIDEO_TITLE, plain=True)
    check.string(found.get("author_name"), f"{path}/author_name", limits.VIDEO_AUTHOR)


def _file(check: Check, found: Json, path: str) -> None:
    check.one_of(found.get("source"), f"{path}/source", ("remote",))


def _table(check: Check, found: Json, path: str) -> None:
    for index, row in enumerate(check.items(found.get("rows"), f"{path}/rows", limits.TABLE_ROWS)):
        check.items(row, f"{path}/rows/{index}", limits.TABLE_COLUMNS)


def _nothing_more(check: Check, found: Json, path: str) -> None:
    """A divider has no further fields."""


_ALL = frozenset({"message", "modal", "home"})
_MESSAGE = frozenset({"message"})
_VIDEO = ("author_name", "description", "provider_icon_url", "provider_name", "title_url")
_Rule = tuple[frozenset[str], tuple[str, ...], tuple[str, ...], Callable[[Check, Json, str], None]]
_BLOCKS: dict[str, _Rule] = {
    "actions": (_ALL, ("elements",), (), _actions),
    "context": (_ALL, ("elements",), (), _context),
    "divider": (_ALL, (), (), _nothing_more),
    "file": (_MESSAGE, ("external_id", "source"), (), _file),
    "header": (_ALL, ("text",), (), _header),
    "image": (_ALL, ("alt_text",), ("image_url", "slack_file", "title"), _image),
    "input": (_ALL, ("label", "element"), ("hint", "optional", "dispatch_action"), _input),
    "markdown": (_MESSAGE, ("text",), (), _markdown),
    "rich_text": (_ALL, ("elements",), (), _rich_text),
    "section": (_ALL, (), ("text", "fields", "accessory", "expand"), _section),
    "table": (_MESSAGE, ("rows",), ("column_settings",), _table),
    "video": (_ALL, ("alt_text", "title", "thumbnail_url", "video_url"), _VIDEO, _video),
}
