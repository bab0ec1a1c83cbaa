"""Checks interactive elements (buttons, menus, inputs) against Slack's documented limits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.check import Check

Json = dict[str, Any]
Rule = Callable[[Check, Json, str], None]

_COMMON = ("action_id", "confirm", "focus_on_load", "placeholder")


def element(check: Check, found: object, path: str, place: str) -> None:
    """Check an element of a block; `place`: section, actions, input, context."""
    kind = found.get("type") if isinstance(found, dict) else None
    rule = ELEMENTS.get(kind) if isinstance(kind, str) else None
    if not isinstance(found, dict) or rule is None:
        check.fail(f"{path}/type", f"unsupported type: {kind}")
        return
    if place not in rule.places:
        check.fail(path, f"unsupported type: {kind}")
        return
    check.shape(found, path, rule.required, (*_COMMON, *rule.optional))
    check.string(found.get("action_id"), f"{path}/action_id", limits.ACTION_ID)
    check.text(found.get("placeholder"), f"{path}/placeholder", limits.PLACEHOLDER, plain=True)
    if found.get("confirm") is not None:
        _confirm(check, found["confirm"], f"{path}/confirm")
    if rule.more is not None:
        rule.more(check, found, path)


def image(check: Check, found: Json, path: str) -> None:
    """Check an image element."""
    check.shape(found, path, ("alt_text",), ("image_url", "slack_file"))
    check.string(found.get("image_url"), f"{path}/image_url", limits.IMAGE_URL)
    check.string(found.get("alt_text"), f"{path}/alt_text", limits.ALT_TEXT)


def _confirm(check: Check, found: object, path: str) -> None:
    dialog = check.shape(found, path, ("title", "text", "confirm", "deny"), ("style",))
    if dialog is None:
        return
    check.text(dialog.get("title"), f"{path}/title", limits.CONFIRM_TITLE, plain=True)
    check.text(dialog.get("text"), f"{path}/text", limits.CONFIRM_TEXT)
    check.text(dialog.get("confirm"), f"{path}/confirm", limits.CONFIRM_BUTTON, plain=True)
    check.text(dialog.get("deny"), f"{path}/deny", limits.CONFIRM_BUTTON, plain=True)
    check.one_of(dialog.get("style"), f"{path}/style", ("primary", "danger"))


def _option(check: Check, found: object, path: str, *, plain: bool = True) -> None:
    option = check.shape(found, path, ("text", "value"), ("description", "url"))
    if option is not None:
        check.text(option.get("text"), f"{path}/text", limits.OPTION_TEXT, plain=plain)
        check.string(option.get("value"), f"{path}/value", limits.OPTION_VALUE)
        check.text(option.get("description"), f"{path}/description", limits.OPTION_DESCRIPTION, plain=plain)


def _options(check: Check, found: object, path: str, most: int = limits.OPTIONS, *, plain: bool = True) -> None:
    for index, option in enumerate(check.items(found, path, most)):
        _option(check, option, f"{path}/{index}", plain=plain)


def _static_select(check: Check, found: Json, path: str) -> None:
    if found.get("options") is None and found.get("option_groups") is None:
        check.fail(path, "missing required field: options")
    _options(check, found.get("options"), f"{path}/options")
    for index, group in enumerate(
        check.items(found.get("option_groups"), f"{path}/option_groups", limits.OPTION_GROUPS)
    ):
        place = f"{path}/option_groups/{index}"
        if check.shape(group, place, ("label", "options")) is not None:
            check.text(group.get("label"), f"{place}/label", limits.GROUP_LABEL, plain=True)
            _options(check, group.get("options"), f"{place}/options")
    initial = found.get("initial_option")
    for index, option in enumerate(found.get("initial_options") or ([initial] if initial is not None else [])):
        _option(check, option, f"{path}/initial_options/{index}")


def _button(check: Check, found: Json, path: str) -> None:
    check.text(found.get("text"), f"{path}/text", limits.BUTTON_TEXT, plain=True)
    check.string(found.get("value"), f"{path}/value", limits.BUTTON_VALUE, least=0)
    check.string(found.get("url"), f"{path}/url", limits.BUTTON_URL)
    check.string(found.get("accessibility_label"), f"{path}/accessibility_label", limits.ACCESSIBILITY_LABEL)
    check.one_of(found.get("style"), f"{path}/style", ("primary", "danger"))


def _overflow(check: Check, found: Json, path: str) -> None:
    _options(check, found.get("options"), f"{path}/options", limits.OVERFLOW_OPTIONS)


def _choices(check: Check, found: Json, path: str) -> None:
    _options(check, found.get("options"), f"{path}/options", limits.CHOICE_OPTIONS, plain=False)


def _text_input(check: Check, found: Json, path: str) -> None:
    check.string(found.get("initial_value"), f"{path}/initial_value", limits.INPUT_LENGTH, least=0)
    for name in ("min_length", "max_length"):
        value = found.get(name)
        if value is not None and (not isinstance(value, int) or not 0 <= value <= limits.INPUT_LENGTH):
            check.fail(f"{path}/{name}", f"must be a whole number up to {limits.INPUT_LENGTH}")


@dataclass(frozen=True, slots=True)
class _Element:
    places: frozenset[str]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    more: Rule | None = None


_SECTION, _ANYWHERE = frozenset({"section"}), frozenset({"section", "actions", "input"})
_BUTTONS, _INPUT = frozenset({"section", "actions"}), frozenset({"input"})
_PICK = ("response_url_enabled", "default_to_current_conversation", "filter", "max_selected_items")
_LISTS = ("options", "option_groups", "initial_option", "initial_options", "max_selected_items")
_TEXT = ("initial_value", "dispatch_action_config")

ELEMENTS = {
    "button": _Element(_BUTTONS, ("text",), ("value", "url", "style", "accessibility_label"), _button),
    "checkboxes": _Element(_ANYWHERE, ("options",), ("initial_options",), _choices),
    "datepicker": _Element(_ANYWHERE, (), ("initial_date",)),
    "datetimepicker": _Element(frozenset({"actions", "input"}), (), ("initial_date_time",)),
    "email_text_input": _Element(_INPUT, (), _TEXT),
    "external_select": _Element(_ANYWHERE, (), ("initial_option", "min_query_length")),
    "file_input": _Element(_INPUT, (), ("filetypes", "max_files")),
    "image": _Element(_SECTION | {"context"}, ("alt_text",), ("image_url", "slack_file"), image),
    "multi_channels_select": _Element(frozenset({"section", "input"}), (), ("initial_channels", *_PICK)),
    "multi_conversations_select": _Element(frozenset({"section", "input"}), (), ("initial_conversations", *_PICK)),
    "multi_external_select": _Element(
        frozenset({"section", "input"}), (), ("initial_options", "min_query_length", *_PICK)
    ),
    "multi_static_select": _Element(frozenset({"section", "input"}), (), _LISTS, _static_select),
    "multi_users_select": _Element(frozenset({"section", "input"}), (), ("initial_users", "max_selected_items")),
    "channels_select": _Element(_ANYWHERE, (), ("initial_channel", *_PICK)),
    "conversations_select": _Element(_ANYWHERE, (), ("initial_conversation", *_PICK)),
    "number_input": _Element(_INPUT, ("is_decimal_allowed",), ("min_value", "max_value", *_TEXT)),
    "overflow": _Element(_BUTTONS, ("options",), (), _overflow),
    "plain_text_input": _Element(_INPUT, (), ("multiline", "min_length", "max_length", *_TEXT), _text_input),
    "radio_buttons": _Element(_ANYWHERE, ("options",), ("initial_option",), _choices),
    "rich_text_input": _Element(_INPUT, (), _TEXT),
    "static_select": _Element(_ANYWHERE, (), _LISTS, _static_select),
    "timepicker": _Element(_ANYWHERE, (), ("initial_time", "timezone")),
    "url_text_input": _Element(_INPUT, (), _TEXT),
    "users_select": _Element(_ANYWHERE, (), ("initial_user",)),
    "workflow_button": _Element(_BUTTONS, ("text", "workflow"), ("style", "accessibility_label"), _button),
}
