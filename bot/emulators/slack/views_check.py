"""Checks modals and homes against Slack's documented limits."""

import json
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.blocks import problems_of_blocks
from bot.emulators.slack.check import Check
from bot.emulators.slack.errors import SlackError

Json = dict[str, Any]
_COMMON = ("private_metadata", "callback_id", "external_id")
_MODAL = (*_COMMON, "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")


def check_view(view: object, *, kinds: tuple[str, ...]) -> Json:
    """The view when Slack would take it; SlackError (invalid_arguments, view_too_large) when not."""
    if not isinstance(view, dict):
        raise _invalid(["invalid `view`"])
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    check = Check()
    kind = view.get("type")
    if kind not in kinds:
        check.fail("/view/type", "must be a valid enum value")
    elif kind == "modal":
        _modal(check, view)
    else:
        check.shape(view, "/view", ("blocks",), _COMMON)
    _common(check, view)
    blocks = view.get("blocks")
    if isinstance(blocks, list) and not check.problems:
        check.problems += problems_of_blocks(blocks, surface=str(kind), path="/view/blocks")
    if check.problems:
        raise _invalid(check.problems)
    return view


def _modal(check: Check, view: Json) -> None:
    check.shape(view, "/view", ("title", "blocks"), _MODAL)
    check.text(view.get("title"), "/view/title", limits.VIEW_TITLE, plain=True)
    check.text(view.get("submit"), "/view/submit", limits.VIEW_BUTTON, plain=True)
    check.text(view.get("close"), "/view/close", limits.VIEW_BUTTON, plain=True)
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if has_input and view.get("submit") is None:
        check.fail("/view", "missing required field: submit")


def _common(check: Check, view: Json) -> None:
    check.string(view.get("private_metadata"), "/view/private_metadata", limits.PRIVATE_METADATA, least=0)
    check.string(view.get("callback_id"), "/view/callback_id", limits.CALLBACK_ID, least=0)
    check.string(view.get("external_id"), "/view/external_id", limits.EXTERNAL_ID, least=0)


def _invalid(problems: list[str]) -> SlackError:
    return SlackError(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]}
    )
