"""A `Reply` → the messages that Slack takes. Pure; within every limit for any reply."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import limits, mrkdwn
from core import markup
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Code,
    FieldKind,
    Fields,
    File,
    Form,
    FormField,
    Heading,
    Note,
    Option,
    Reply,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
)
from core.plain import plain_text

Json = dict[str, Any]

_ICONS = {
    StepState.PENDING: "⚪",
    StepState.RUNNING: "🔵",
    StepState.WAITING: "🟡",
    StepState.DONE: "✅",
    StepState.FAILED: "❌",
    StepState.SKIPPED: "⏭️",
    StepState.CANCELLED: "⏹️",
}
_BAR = 10
_BUTTONS_A_ROW = 5
_FENCE = "```"
_CODE_PREVIEW = 2_900
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Payload:
    """One Slack message."""

    text: str
    """For notifications and readers without blocks."""
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Everything that a reply becomes: messages in order, and files."""

    messages: tuple[Payload, ...]
    files: tuple[File, ...] = ()


def render(reply: Reply) -> Rendered:
    """Messages within every limit. What is too long for some messages goes into a file, whole."""
    files: list[File] = [block for block in reply.blocks if isinstance(block, File)]
    blocks = [piece for block in reply.blocks for piece in _block(block, files)]
    if not blocks:
        blocks = [_section(mrkdwn.escape(markup.clean(reply.summary)) or mrkdwn.BREAK)]
    pages = list(_pages(blocks))
    if len(pages) > limits.MESSAGES:
        files.append(File("details.txt", plain_text(reply).encode(), title="The whole text"))
        rest = _context("The whole text is in the file details.txt.")
        pages = [
            *pages[: limits.MESSAGES - 1],
            [rest, *_interactive(pages[limits.MESSAGES - 1 :])][: limits.MESSAGE_BLOCKS],
        ]
    summary = _cut(mrkdwn.escape(markup.clean(reply.summary)), limits.SECTION_TEXT) or mrkdwn.BREAK
    return Rendered(tuple(Payload(summary, tuple(page)) for page in pages), tuple(files))


def render_form(form: Form, *, token: str, place: str) -> Json:
    """A modal view. `place` comes back with it, so that the answer goes where the form was asked for."""
    blocks = [_section(mrkdwn.convert(form.intro)[: limits.SECTION_TEXT])] if form.intro else []
    blocks += [_input(field) for field in form.fields]
    return {
        "type": "modal",
        "callback_id": form.name,
        "title": _plain(form.title, limits.VIEW_TITLE),
        "submit": _plain(form.submit, limits.VIEW_BUTTON),
        "close": _plain("Cancel", limits.VIEW_BUTTON),
        "private_metadata": json.dumps({"token": token, "place": place}),
        "blocks": blocks[: limits.VIEW_BLOCKS],
    }


def render_home(reply: Reply) -> Json:
    """The home page of the app."""
    blocks = [piece for block in reply.blocks for piece in _block(block, [])]
    return {"type": "home", "blocks": blocks[: limits.VIEW_BLOCKS]}


# --- blocks ----------------------------------------------------------------------------------------------


def _block(block: Block, files: list[File]) -> Iterator[Json]:
    match block:
        case Heading(text=text):
            yield from _heading(markup.clean(text))
        case Text(text=text):
            yield from map(_section, _chunks(text))
        case Note(text=text):
            yield from map(_context, _chunks(text, limits.CONTEXT_TEXT))
        case Code():
            yield from _code(block, files)
        case Fields(items=items):
            yield from _fields([(field.name, field.value) for field in items])
        case Steps(items=items):
            yield from map(_section, _chunks("\n".join(map(_step, items))))
        case Actions(items=items):
            yield from _actions(items)
        case File():
            return


def _heading(text: str) -> Iterator[Json]:
    if text.strip() and len(text) <= limits.HEADER_TEXT:
        yield {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}
    else:
        yield from map(_section, _chunks(markup.literal(text)))


def _code(block: Code, files: list[File]) -> Iterator[Json]:
    text = markup.clean(block.text).replace(_FENCE, f"`{mrkdwn.BREAK}``")
    shown = text
    while len(mrkdwn.escape(shown)) > _CODE_PREVIEW:
        shown = shown[: len(shown) * 9 // 10]
    if shown.strip():
        yield _section(f"{_FENCE}\n{mrkdwn.escape(shown)}\n{_FENCE}")
    if len(shown) < len(text):
        name = f"code.{block.language or 'txt'}"
        files.append(File(name, block.text.encode("utf-8", "replace"), title="The whole code"))
        yield _context(f"Cut; the whole is in the file {name}.")


def _fields(items: Sequence[tuple[str, str]]) -> Iterator[Json]:
    """Ten a section; what is too long for a field stands below as a text."""
    short: list[Json] = []
    long: list[str] = []
    for name, value in items:
        text = f"*{mrkdwn.escape(markup.clean(name)) or mrkdwn.BREAK}*\n{mrkdwn.convert(value)}"
        if len(text) <= limits.FIELD_TEXT:
            short.append({"type": "mrkdwn", "text": text})
        else:
            long.append(f"**{markup.literal(name)}**\n{value}")
    for start in range(0, len(short), limits.SECTION_FIELDS):
        yield {"type": "section", "fields": short[start : start + limits.SECTION_FIELDS]}
    for text in long:
        yield from map(_section, _chunks(text))


def _step(step: StepLine) -> str:
    bar = ""
    if step.progress is not None and step.state is StepState.RUNNING:
        filled = round(max(0.0, min(1.0, step.progress)) * _BAR)
        bar = f" {'▰' * filled}{'▱' * (_BAR - filled)} {round(step.progress * 100)} %"
    return f"{_ICONS[step.state]} **{markup.literal(step.title)}**{bar}" + (f": {step.detail}" if step.detail else "")


def _actions(items: Sequence[Button | Select]) -> Iterator[Json]:
    buttons = [_button(item) for item in items if isinstance(item, Button)]
    for start in range(0, len(buttons), _BUTTONS_A_ROW):
        yield {"type": "actions", "elements": buttons[start : start + _BUTTONS_A_ROW]}
    for item in items:
        if isinstance(item, Select) and item.options:
            yield {"type": "actions", "elements": [_select(item)]}
            if len(item.options) > limits.SELECT_OPTIONS:
                yield _context(f"The first {limits.SELECT_OPTIONS} of {len(item.options)} choices.")


def _button(button: Button) -> Json:
    element: Json = {
        "type": "button",
        "text": _plain(button.label, limits.BUTTON_TEXT),
        "action_id": button.action[: limits.ACTION_ID],
    }
    if button.style is not ButtonStyle.PLAIN:
        element["style"] = button.style.value
    if button.confirm:
        element["confirm"] = {
            "title": _plain("Are you sure?", limits.CONFIRM_TITLE),
            "text": _plain(button.confirm, limits.CONFIRM_TEXT),
            "confirm": _plain("Yes", 30),
            "deny": _plain("No", 30),
        }
    return element


def _select(select: Select) -> Json:
    return {
        "type": "static_select",
        "placeholder": _plain(select.placeholder, limits.PLACEHOLDER),
        "action_id": select.action[: limits.ACTION_ID],
        "options": [_option(option) for option in select.options[: limits.SELECT_OPTIONS]],
    }


def _option(option: Option) -> Json:
    found: Json = {
        "text": _plain(option.label, limits.OPTION_TEXT),
        "value": option.value[: limits.OPTION_VALUE] or "-",
    }
    if option.description:
        found["description"] = _plain(option.description, limits.OPTION_DESCRIPTION)
    return found


def _input(field: FormField) -> Json:
    if field.kind is FieldKind.CHOICE and field.choices:
        options = [_option(option) for option in field.choices[: limits.SELECT_OPTIONS]]
        element: Json = {"type": "static_select", "options": options}
        if chosen := next((o for o in options if o["value"] == field.value), None):
            element["initial_option"] = chosen
    else:
        element = {
            "type": "plain_text_input",
            "multiline": field.kind is FieldKind.TEXT,
            "max_length": min(field.max_length, limits.INPUT_VALUE),
        }
        if field.value:
            element["initial_value"] = field.value[: element["max_length"]]
    element["action_id"] = "value"
    if field.placeholder:
        element["placeholder"] = _plain(field.placeholder, limits.PLACEHOLDER)
    return {
        "type": "input",
        "block_id": field.id,
        "label": _plain(field.label, limits.INPUT_LABEL),
        "element": element,
        "optional": not field.required,
    }


# --- pieces ----------------------------------------------------------------------------------------------


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": _cut(markup.clean(text), most) or mrkdwn.BREAK, "emoji": True}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + _CUT


def _chunks(text: str, most: int = limits.SECTION_TEXT) -> Iterator[str]:
    """The text as mrkdwn in pieces within the limit, cut between lines, else between words, else anywhere."""
    rest = text
    while rest.strip():
        size = markup.fitting(rest, most, mrkdwn.convert)
        yield mrkdwn.convert(rest[:size])
        rest = rest[size:]


def _pages(blocks: Sequence[Json]) -> Iterator[list[Json]]:
    page: list[Json] = []
    size = 0
    for block in blocks:
        length = len(json.dumps(block, ensure_ascii=False))
        if page and (len(page) >= limits.MESSAGE_BLOCKS or size + length > limits.MESSAGE_TEXT):
            yield page
            page, size = [], 0
        page.append(block)
        size += length
    if page:
        yield page


def _interactive(pages: Sequence[Sequence[Json]]) -> list[Json]:
    """Buttons and menus are never cut away with the text around them."""
    return [block for page in pages for block in page if block["type"] == "actions"]
