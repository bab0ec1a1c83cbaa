"""Buttons and menus as Slack's elements, each within its limits. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.slack import limits, mrkdwn
from core.markup import clean
from core.messages import Button, ButtonStyle, Option, Select

Json = dict[str, Any]

_CUT = "…"
_NUMBERED = re.compile(r"#\d+$")
_NUMBER_ROOM = 10
"""Characters of an action id that are kept free for its number."""


def plain(text: str, most: int) -> Json:
    """A plain text object within `most` characters; never empty, since Slack takes no empty text."""
    return {"type": "plain_text", "text": cut(clean(text), most) if text.strip() else mrkdwn.BREAK, "emoji": True}


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + _CUT


def rows(items: Iterable[Button | Select]) -> Iterator[list[Json]]:
    """The elements of one actions block each: some buttons, or one menu."""
    row: list[Json] = []
    for item in items:
        if isinstance(item, Button):
            row.append(_button(item))
        if row and (len(row) == limits.BUTTONS_A_ROW or isinstance(item, Select)):
            yield row
            row = []
        if isinstance(item, Select) and item.options:
            yield [_select(item)]
    if row:
        yield row


def texts(items: Iterable[Button | Select]) -> Iterator[tuple[str, int]]:
    """(text, its limit) of everything that people read in them."""
    for item in items:
        if isinstance(item, Button):
            yield from ((item.label, limits.BUTTON_TEXT), (item.confirm, limits.CONFIRM_TEXT))
        else:
            yield item.placeholder, limits.PLACEHOLDER
            for n, option in enumerate(item.options):
                shown = n < limits.OPTIONS
                yield option.label, limits.OPTION_TEXT if shown else 0
                yield option.description, limits.OPTION_DESCRIPTION if shown else 0


def number_repeated(blocks: Sequence[Json]) -> None:
    """Make the action ids of one message unique, in place: the second `x` becomes `x#2`. `action_of` reads them back."""
    seen: Counter[str] = Counter()
    for block in blocks:
        if block["type"] == "actions":
            for element in block["elements"]:
                action = element["action_id"]
                seen[action] += 1
                if seen[action] > 1 or _NUMBERED.search(action):
                    element["action_id"] = f"{action}#{seen[action]}"


def action_of(action_id: str) -> str:
    """The action that an element was made with."""
    return _NUMBERED.sub("", action_id)


def option(found: Option) -> Json:
    """One choice of a menu."""
    shown: Json = {
        "text": plain(found.label, limits.OPTION_TEXT),
        "value": clean(found.value)[: limits.OPTION_VALUE] or "-",
    }
    if found.description.strip():
        shown["description"] = plain(found.description, limits.OPTION_DESCRIPTION)
    return shown


def _button(button: Button) -> Json:
    element: Json = {
        "type": "button",
        "text": plain(button.label, limits.BUTTON_TEXT),
        "action_id": _action_id(button.action),
    }
    if button.style is not ButtonStyle.PLAIN:
        element["style"] = button.style.value
    if button.confirm.strip():
        element["confirm"] = {
            "title": plain("Are you sure?", limits.CONFIRM_TITLE),
            "text": plain(button.confirm, limits.CONFIRM_TEXT),
            "confirm": plain("Yes", limits.CONFIRM_BUTTON),
            "deny": plain("No", limits.CONFIRM_BUTTON),
        }
    return element


def _select(select: Select) -> Json:
    return {
        "type": "static_select",
        "placeholder": plain(select.placeholder, limits.PLACEHOLDER),
        "action_id": _action_id(select.action),
        "options": [option(found) for found in select.options[: limits.OPTIONS]],
    }


def _action_id(action: str) -> str:
    """Ours are short (Discord takes a hundred characters); a longer one is cut, and its click answered as an unknown one."""
    return clean(action)[: limits.ACTION_ID - _NUMBER_ROOM] or "-"
