"""Checks components: buttons and menus of a message, and modals."""

from typing import Any

from bot.emulators.discord import limits
from bot.emulators.discord.check import Check, Path
from bot.emulators.discord.model import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 2, 3, 4, 10, 18
SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6


def check_rows(check: Check, found: object) -> None:
    """The components of a message: rows of buttons or of one menu."""
    seen: set[str] = set()
    for index, row in enumerate(check.items(found, ("components",), limits.ROWS)):
        path: Path = ("components", index)
        shape = check.mapping(row, path)
        check.one_of(shape.get("type"), (*path, "type"), (ROW,))
        _check_row(
            check,
            check.items(shape.get("components") or [], (*path, "components"), limits.BUTTONS, least=1),
            path,
            seen,
        )


def _check_row(check: Check, items: list[Any], path: Path, seen: set[str]) -> None:
    menus = 0
    for index, item in enumerate(items):
        at = (*path, "components", index)
        shape = check.mapping(item, at)
        kind = shape.get("type")
        check.one_of(kind, (*at, "type"), (BUTTON, *SELECTS))
        if kind == BUTTON:
            _check_button(check, shape, at, seen)
        elif kind in SELECTS:
            menus += 1
            check_select(check, shape, at, seen)
    if menus and len(items) > 1:
        check.fail(
            (*path, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _check_button(check: Check, button: Json, path: Path, seen: set[str]) -> None:
    style = button.get("style")
    check.one_of(style, (*path, "style"), (1, 2, 3, 4, LINK, PREMIUM))
    check.text(button.get("label"), (*path, "label"), limits.BUTTON_LABEL)
    if style == LINK:
        check.url(check.text(button.get("url"), (*path, "url"), limits.BUTTON_URL, needed=True) or None, (*path, "url"))
        if button.get("custom_id"):
            check.fail(
                path,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )
    elif style != PREMIUM:
        custom_id(check, button.get("custom_id"), path, seen)
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        check.fail((*path, "label"), "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji")


def check_select(check: Check, menu: Json, path: Path, seen: set[str]) -> None:
    """A menu of any kind."""
    custom_id(check, menu.get("custom_id"), path, seen)
    check.text(menu.get("placeholder"), (*path, "placeholder"), limits.PLACEHOLDER)
    least = check.number(menu.get("min_values"), (*path, "min_values"), 0, limits.SELECT_OPTIONS, 1)
    most = check.number(menu.get("max_values"), (*path, "max_values"), 1, limits.SELECT_OPTIONS, 1)
    if least > most:
        check.fail((*path, "min_values"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
    if menu.get("type") != STRING_SELECT:
        return
    values: set[str] = set()
    if menu.get("options") is None:
        check.required((*path, "options"))
    for index, item in enumerate(check.items(menu.get("options"), (*path, "options"), limits.SELECT_OPTIONS, least=1)):
        _check_option(check, check.mapping(item, (*path, "options", index)), (*path, "options", index), values)


def _check_option(check: Check, option: Json, path: Path, values: set[str]) -> None:
    check.text(option.get("label"), (*path, "label"), limits.OPTION_TEXT, needed=True)
    check.text(option.get("description"), (*path, "description"), limits.OPTION_TEXT)
    value = check.text(option.get("value"), (*path, "value"), limits.OPTION_TEXT, needed=True)
    if value and value in values:
        check.fail(
            (*path, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
        )
    values.add(value)


def custom_id(check: Check, found: object, path: Path, seen: set[str]) -> None:
    """A custom_id within its limit, unique in its message or modal."""
    value = check.text(found, (*path, "custom_id"), limits.CUSTOM_ID, least=1, needed=True)
    if value and value in seen:
        check.fail((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    seen.add(value)


# --- modals ----------------------------------------------------------------------------------------------------


def check_modal(data: Json) -> None:
    """Refuse a modal that Discord would refuse."""
    check = Check()
    seen: set[str] = set()
    check.text(data.get("title"), ("data", "title"), limits.MODAL_TITLE, least=1, needed=True)
    check.text(data.get("custom_id"), ("data", "custom_id"), limits.CUSTOM_ID, least=1, needed=True)
    path: Path = ("data", "components")
    if not data.get("components"):
        check.required(path)
    for index, item in enumerate(check.items(data.get("components"), path, limits.MODAL_COMPONENTS)):
        at = (*path, index)
        shape = check.mapping(item, at)
        check.one_of(shape.get("type"), (*at, "type"), (ROW, TEXT_DISPLAY, LABEL))
        if shape.get("type") == ROW:
            for inner, field in enumerate(check.items(shape.get("components"), (*at, "components"), 1, least=1)):
                _check_input(check, check.mapping(field, at), (*at, "components", inner), seen, labelled=False)
        elif shape.get("type") == LABEL:
            check.text(shape.get("label"), (*at, "label"), limits.INPUT_LABEL, least=1, needed=True)
            check.text(shape.get("description"), (*at, "description"), limits.OPTION_TEXT)
            _check_input(check, check.mapping(shape.get("component"), at), (*at, "component"), seen, labelled=True)
    check.finish()


def _check_input(check: Check, field: Json, path: Path, seen: set[str], *, labelled: bool) -> None:
    allowed = (TEXT_INPUT, *SELECTS) if labelled else (TEXT_INPUT,)
    check.one_of(field.get("type"), (*path, "type"), allowed)
    if field.get("type") in SELECTS:
        check_select(check, field, path, seen)
        return
    custom_id(check, field.get("custom_id"), path, seen)
    check.one_of(field.get("style"), (*path, "style"), (1, 2))
    if not labelled:
        check.text(field.get("label"), (*path, "label"), limits.INPUT_LABEL, least=1, needed=True)
    check.text(field.get("placeholder"), (*path, "placeholder"), limits.INPUT_PLACEHOLDER)
    check.text(field.get("value"), (*path, "value"), limits.INPUT_VALUE)
    least = check.number(field.get("min_length"), (*path, "min_length"), 0, limits.INPUT_VALUE, 0)
    most = check.number(field.get("max_length"), (*path, "max_length"), 1, limits.INPUT_VALUE, limits.INPUT_VALUE)
    if least > most:
        check.fail((*path, "min_length"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")


def inputs(modal: Json) -> list[Json]:
    """The input components of a modal, in order."""
    found: list[Json] = []
    for item in modal.get("components") or []:
        found += item.get("components") or ([item["component"]] if item.get("component") else [])
    return found


def by_custom_id(rows: list[Json], wanted: str) -> Json | None:
    """The component of a message with that custom_id."""
    for row in rows:
        for item in row.get("components") or []:
            if item.get("custom_id") == wanted:
                found: Json = item
                return found
    return None
