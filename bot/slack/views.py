"""Forms and home pages as Slack's views. Pure; within every limit."""

import json
from collections.abc import Iterator
from typing import Any

from bot.slack import blocks, elements, limits
from core.markup import clean
from core.messages import FieldKind, Form, FormField, Reply

Json = dict[str, Any]

VALUE = "value"
"""Action id of the one element in each input."""


def render_form(form: Form, *, token: str, place: str) -> Json:
    """A modal view. `token` and `place` come back with it, so that the answer goes where the form was asked for."""
    intro = list(map(blocks.section, blocks.chunks(form.intro)))
    room = limits.VIEW_BLOCKS - len(form.fields)
    return {
        "type": "modal",
        "callback_id": form.name[: limits.CALLBACK_ID],
        "title": elements.plain(form.title, limits.VIEW_TITLE),
        "submit": elements.plain(form.submit, limits.VIEW_BUTTON),
        "close": elements.plain("Cancel", limits.VIEW_BUTTON),
        "private_metadata": json.dumps({"token": token, "place": place}),
        "blocks": [*intro[:room], *map(_input, form.fields)],
    }


def render_home(reply: Reply) -> Json:
    """The home page of the app. What is too much for one page is left out, and the page says so."""
    found = [piece for block in reply.blocks for piece in blocks.convert(block)]
    shown = list(_within(found))
    if len(shown) < len(found):
        shown = [*shown[: limits.VIEW_BLOCKS - 1], blocks.context("There is more than this page can show.")]
    elements.number_repeated(shown)
    return {"type": "home", "blocks": shown}


def _within(found: list[Json]) -> Iterator[Json]:
    """As many blocks as one view may have, by number and by size."""
    size = 0
    for block in found[: limits.VIEW_BLOCKS]:
        size += len(json.dumps(block))
        if size > limits.HOME_BYTES:
            return
        yield block


def _input(field: FormField) -> Json:
    if field.kind is FieldKind.PERSON:
        element: Json = {"type": "users_select"}
    elif field.kind is FieldKind.CHOICE and field.choices:
        element = _menu(field)
    else:
        element = _line(field)
    element["action_id"] = VALUE
    if field.placeholder.strip():
        element["placeholder"] = elements.plain(field.placeholder, limits.PLACEHOLDER)
    return {
        "type": "input",
        "block_id": field.id[: limits.BLOCK_ID],
        "label": elements.plain(field.label, limits.LABEL_TEXT),
        "element": element,
        "optional": not field.required,
    }


def _menu(field: FormField) -> Json:
    options = [elements.option(option) for option in field.choices[: limits.OPTIONS]]
    element: Json = {"type": "static_select", "options": options}
    if chosen := next((option for option in options if option["value"] == field.value), None):
        element["initial_option"] = chosen
    return element


def _line(field: FormField) -> Json:
    longest = max(1, min(field.max_length, limits.INPUT_LENGTH))
    element: Json = {
        "type": "plain_text_input",
        "multiline": field.kind is FieldKind.TEXT,
        "max_length": longest,
    }
    if field.value:
        element["initial_value"] = clean(field.value)[:longest]
    return element
