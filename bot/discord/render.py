"""A `Reply` → the messages that Discord takes. Pure; within every limit for any reply."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.discord import limits, markdown
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
    Tone,
)
from core.plain import plain_text

Json = dict[str, Any]

_COLOURS = {Tone.NEUTRAL: 0x5865F2, Tone.GOOD: 0x2ECC71, Tone.WARNING: 0xF1C40F, Tone.BAD: 0xE74C3C}
_ICONS = {
    StepState.PENDING: "⚪",
    StepState.RUNNING: "🔵",
    StepState.WAITING: "🟡",
    StepState.DONE: "✅",
    StepState.FAILED: "❌",
    StepState.SKIPPED: "⏭️",
    StepState.CANCELLED: "⏹️",
}
_STYLES = {ButtonStyle.PLAIN: 2, ButtonStyle.PRIMARY: 1, ButtonStyle.DANGER: 4}
_BAR = 10
_CUT = "…"
_CUT_NOTE = 25
"""Characters of the note that a menu was cut."""
_NUMBER_ROOM = 5
"""Characters of an id that are kept free for its number."""
NUMBERED = re.compile(r"#\d+$")
_CODE_PREVIEW = 1_800
_EMBED_DESCRIPTION = 3_500
"""Ours: below Discord's limit, so that a title and a field still fit into the same embed."""
NO_PINGS: Json = {"parse": []}
DETAILS = "details.txt"
"""Holds the whole text when the messages do not."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One Discord message."""

    content: str = ""
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()

    def json(self) -> Json:
        """As the API takes it. All three are always there, so that an edit removes what is no more."""
        return {
            "content": self.content,
            "embeds": list(self.embeds),
            "components": list(self.components),
            "allowed_mentions": NO_PINGS,
        }


@dataclass(frozen=True, slots=True)
class Rendered:
    """Everything that a reply becomes: messages in order, and files."""

    messages: tuple[Payload, ...]
    files: tuple[File, ...] = ()


@dataclass
class _Embed:
    """An embed that is being filled."""

    title: str = ""
    description: list[str] = field(default_factory=list)
    fields: list[Json] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.title or self.description or self.fields)

    @property
    def text_size(self) -> int:
        return sum(len(text) + 1 for text in self.description)

    def json(self, colour: int) -> Json:
        found: Json = {"color": colour}
        if self.title:
            found["title"] = self.title
        if self.description:
            found["description"] = "\n".join(self.description)
        if self.fields:
            found["fields"] = self.fields
        return found


def render(reply: Reply) -> Rendered:
    """Messages within every limit. What is too long for some messages goes into a file, whole."""
    files = [block for block in reply.blocks if isinstance(block, File) and block.content]
    rows = [row for block in reply.blocks if isinstance(block, Actions) for row in _rows(block.items)]
    if _is_card(reply):
        pages = [Payload(embeds=tuple(page)) for page in _embed_pages(list(_embeds(reply, files)))]
    else:
        pages = [Payload(content=text) for text in _texts(reply.blocks, files) if text.strip()]
    if len(pages) > limits.MESSAGES or _cut_somewhere(reply):
        files.insert(0, File(DETAILS, _whole(reply).encode("utf-8", "replace"), title="The whole text"))
    if len(pages) > limits.MESSAGES:
        pages = [*pages[: limits.MESSAGES - 1], Payload(content=f"-# The whole text is in the file {DETAILS}.")]
    if not pages:
        pages = [Payload(content=_cut(markdown.literal(markup.clean(reply.summary)), limits.CONTENT) or markdown.BREAK)]
    return Rendered(tuple(_with_rows(pages, rows)), tuple(_named_apart(files[: limits.FILES])))


def render_form(form: Form, *, token: str) -> Json:
    """A modal: each field in a label of its own."""
    custom_id = f"form:{form.name}" + (f":{token}" if token else "")
    return {
        "custom_id": custom_id[: limits.CUSTOM_ID],
        "title": _cut(form.title, limits.MODAL_TITLE),
        "components": [_labelled(f) for f in form.fields[: limits.MODAL_INPUTS]],
    }


def _labels(items: Sequence[Button | Select]) -> Iterator[tuple[str, int]]:
    """Every text of buttons and menus, and how much of it is shown."""
    for item in items:
        if isinstance(item, Button):
            yield item.label, limits.BUTTON_LABEL
            continue
        yield item.placeholder, limits.PLACEHOLDER - _CUT_NOTE
        offered = _offered(item)
        for option in item.options:
            shown = limits.OPTION_TEXT if any(option is one for one in offered) else 0
            yield option.label, shown
            yield option.description, shown


def _cut_somewhere(reply: Reply) -> bool:
    pairs = (pair for block in reply.blocks if isinstance(block, Actions) for pair in _labels(block.items))
    return any(len(text) > most for text, most in pairs)


def _whole(reply: Reply) -> str:
    """Everything that the reply says, labels of buttons and menus included."""
    labels = [text for b in reply.blocks if isinstance(b, Actions) for text, _ in _labels(b.items) if text.strip()]
    return "\n\n".join(part for part in (plain_text(reply), "\n".join(labels)) if part)


def _named_apart(files: Sequence[File]) -> Iterator[File]:
    """The same files under different names: two of one name would be taken for one."""
    seen: set[str] = set()
    for n, file in enumerate(files, 1):
        name = re.sub(r"[^\w.-]", "_", file.name, flags=re.ASCII)[-80:] or "file"
        name = f"{n}-{name}" if name in seen else name
        seen.add(name)
        yield replace(file, name=name)


# --- plain messages --------------------------------------------------------------------------------------


def _is_card(reply: Reply) -> bool:
    return reply.tone is not Tone.NEUTRAL or any(isinstance(b, Heading | Fields | Steps) for b in reply.blocks)


def _texts(blocks: Sequence[Block], files: list[File]) -> Iterator[str]:
    """Contents of messages: paragraphs joined as long as they fit."""
    page: list[str] = []
    for text in (text for block in blocks for text in _pieces(block, files, limits.CONTENT)):
        if page and sum(len(part) + 1 for part in page) + len(text) > limits.CONTENT:
            yield "\n".join(page)
            page = []
        page.append(text)
    if page:
        yield "\n".join(page)


def _pieces(block: Block, files: list[File], most: int) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield from _chunks(f"**{markup.literal(text)}**", most)
        case Text(text=text):
            yield from _chunks(text, most)
        case Note(text=text):
            yield from (f"-# {line}" for chunk in _chunks(text, most - 200) for line in chunk.split("\n") if line)
        case Code():
            yield from _code(block, files)
        case Steps(items=items):
            yield from _chunks("\n".join(map(_step, items)), most)
        case Fields() | Actions() | File():
            return


def _code(block: Code, files: list[File]) -> Iterator[str]:
    text = markdown.code(markup.clean(block.text))
    shown = text[:_CODE_PREVIEW]
    if shown.strip():
        yield f"```{block.language}\n{shown}\n```"
    if len(shown) < len(text):
        name = f"code.{block.language or 'txt'}"
        files.append(File(name, block.text.encode("utf-8", "replace"), title="The whole code"))
        yield f"-# Cut; the whole is in the file {name}."


def _step(step: StepLine) -> str:
    bar = ""
    if step.progress is not None and step.state is StepState.RUNNING:
        share = 0.0 if math.isnan(step.progress) else max(0.0, min(1.0, step.progress))
        filled = round(share * _BAR)
        bar = f" {'▰' * filled}{'▱' * (_BAR - filled)} {round(share * 100)} %"
    return f"{_ICONS[step.state]} **{markup.literal(step.title)}**{bar}" + (f": {step.detail}" if step.detail else "")


# --- cards -----------------------------------------------------------------------------------------------


def _embeds(reply: Reply, files: list[File]) -> Iterator[Json]:
    """One box as far as it goes: title, fields and text in their order."""
    colour = _COLOURS[reply.tone]
    embed = _Embed()
    for block in reply.blocks:
        for put in _steps_of_embed(block, files):
            if not put(embed):
                yield embed.json(colour)
                embed = _Embed()
                put(embed)
    if not embed.empty:
        yield embed.json(colour)


def _steps_of_embed(block: Block, files: list[File]) -> Iterator[Callable[[_Embed], bool]]:
    """What to put into an embed, one thing at a time; each says whether it fitted."""
    if isinstance(block, Heading) and block.text.strip() and len(block.text) <= limits.EMBED_TITLE:
        title = markdown.literal(markup.clean(block.text))
        if len(title) <= limits.EMBED_TITLE:
            yield lambda embed: _put_title(embed, title)
            return
    if isinstance(block, Fields):
        for item in block.items:
            yield from _field(item.name, item.value)
        return
    for text in _pieces(block, files, _EMBED_DESCRIPTION):
        yield lambda embed, text=text: _put_text(embed, text)  # type: ignore[misc]  # bound now, called later


def _field(name: str, value: str) -> Iterator[Callable[[_Embed], bool]]:
    label = _cut(markdown.literal(markup.clean(name)), limits.FIELD_NAME) or markdown.BREAK
    shown = markdown.convert(value) or markdown.BREAK
    if len(shown) <= limits.FIELD_VALUE and len(markdown.literal(name)) <= limits.FIELD_NAME:
        yield lambda embed: _put_field(embed, {"name": label, "value": shown, "inline": len(shown) < 60})
        return
    for text in _chunks(f"**{markup.literal(name)}**\n{value}", _EMBED_DESCRIPTION):
        yield lambda embed, text=text: _put_text(embed, text)  # type: ignore[misc]  # bound now, called later


def _put_title(embed: _Embed, title: str) -> bool:
    if not embed.empty:
        return False
    embed.title = title
    return True


def _put_text(embed: _Embed, text: str) -> bool:
    """Below fields a text stands as a wide field, where it is short enough, so that the box stays one."""
    if embed.fields:
        fits = len(text) <= limits.FIELD_VALUE and len(embed.fields) < limits.EMBED_FIELDS
        if fits:
            embed.fields.append({"name": markdown.BREAK, "value": text, "inline": False})
        return fits
    if embed.text_size + len(text) > limits.EMBED_DESCRIPTION:
        return False
    embed.description.append(text)
    return True


def _put_field(embed: _Embed, found: Json) -> bool:
    if len(embed.fields) >= limits.EMBED_FIELDS or embed_size(embed.json(0)) + 1_300 > limits.EMBED_TOTAL:
        return False
    embed.fields.append(found)
    return True


def embed_size(embed: Json) -> int:
    """What counts towards the limit over all embeds."""
    fields = sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields", ()))
    return len(embed.get("title", "")) + len(embed.get("description", "")) + fields


def _embed_pages(embeds: Sequence[Json]) -> Iterator[list[Json]]:
    page: list[Json] = []
    for embed in embeds:
        if page and (len(page) >= limits.EMBEDS or sum(map(embed_size, page)) + embed_size(embed) > limits.EMBED_TOTAL):
            yield page
            page = []
        page.append(embed)
    if page:
        yield page


# --- components ------------------------------------------------------------------------------------------


def _rows(items: Sequence[Button | Select]) -> Iterator[Json]:
    buttons = [_button(item) for item in items if isinstance(item, Button)]
    for start in range(0, len(buttons), limits.ROW_BUTTONS):
        yield {"type": 1, "components": buttons[start : start + limits.ROW_BUTTONS]}
    for item in items:
        if isinstance(item, Select) and item.options:
            yield {"type": 1, "components": [_select(item)]}


def _action(action: str) -> str:
    return action[: limits.CUSTOM_ID - _NUMBER_ROOM] or "-"


def _button(button: Button) -> Json:
    return {
        "type": 2,
        "style": _STYLES[button.style],
        "label": _label(button.label, limits.BUTTON_LABEL),
        "custom_id": _action(button.action),
    }


def _offered(select: Select) -> list[Option]:
    """The choices that fit; Discord takes each value once."""
    by_value: dict[str, Option] = {}
    for option in select.options:
        by_value.setdefault(option.value[: limits.OPTION_TEXT] or "-", option)
    return list(by_value.values())[: limits.SELECT_OPTIONS]


def _select(select: Select) -> Json:
    cut = len(select.options) - limits.SELECT_OPTIONS
    placeholder = (
        f"{select.placeholder} (first {limits.SELECT_OPTIONS} of {len(select.options)})"
        if cut > 0
        else select.placeholder
    )
    options = []
    for option in _offered(select):
        found = {
            "label": _label(option.label, limits.OPTION_TEXT),
            "value": option.value[: limits.OPTION_TEXT] or "-",
        }
        if option.description:
            found["description"] = _label(option.description, limits.OPTION_TEXT)
        options.append(found)
    return {
        "type": 3,
        "custom_id": _action(select.action),
        "placeholder": _label(placeholder, limits.PLACEHOLDER),
        "options": options,
    }


def _with_rows(pages: Sequence[Payload], rows: Sequence[Json]) -> Iterator[Payload]:
    """The last message carries the buttons; more than five rows go on below it."""
    _number_repeated(rows)
    yield from pages[:-1]
    last = pages[-1]
    yield Payload(last.content, last.embeds, tuple(rows[: limits.ROWS]))
    for start in range(limits.ROWS, len(rows), limits.ROWS):
        yield Payload(content=markdown.BREAK, components=tuple(rows[start : start + limits.ROWS]))


def _number_repeated(rows: Sequence[Json]) -> None:
    """Make the ids of one reply unique, in place: the second `x` becomes `x#2`; `inbound.action_of` reads them back."""
    seen: Counter[str] = Counter()
    for control in (control for row in rows for control in row["components"]):
        action = control["custom_id"]
        seen[action] += 1
        if seen[action] > 1 or NUMBERED.search(action):
            control["custom_id"] = f"{action}#{seen[action]}"


def _labelled(found: FormField) -> Json:
    if found.kind is FieldKind.PERSON:
        element: Json = {"type": 5, "min_values": 1 if found.required else 0}
    elif found.kind is FieldKind.CHOICE and found.choices:
        element = _choice(found)
    else:
        element = _input(found)
    shown = {"custom_id": found.id[: limits.CUSTOM_ID], "required": found.required, **element}
    return {"type": 18, "label": _label(found.label, limits.INPUT_LABEL), "component": shown}


def _choice(found: FormField) -> Json:
    options = []
    for option in found.choices[: limits.SELECT_OPTIONS]:
        shown: Json = {
            "label": _label(option.label, limits.OPTION_TEXT),
            "value": option.value[: limits.OPTION_TEXT] or "-",
        }
        if option.description:
            shown["description"] = _label(option.description, limits.OPTION_TEXT)
        options.append(shown | ({"default": True} if option.value == found.value else {}))
    element: Json = {"type": 3, "options": options, "min_values": 1 if found.required else 0}
    if found.placeholder.strip():
        element["placeholder"] = _label(found.placeholder, limits.PLACEHOLDER)
    return element


def _input(found: FormField) -> Json:
    element: Json = {
        "type": 4,
        "style": 2 if found.kind is FieldKind.TEXT else 1,
        "max_length": max(1, min(found.max_length, limits.INPUT_VALUE)),
    }
    if found.placeholder:
        element["placeholder"] = _cut(found.placeholder, limits.INPUT_PLACEHOLDER)
    if found.value:
        element["value"] = found.value[: element["max_length"]]
    return element


# --- pieces ----------------------------------------------------------------------------------------------


def _label(text: str, most: int) -> str:
    shown = _cut(markup.clean(text), most)
    return shown if shown.strip() else markdown.BREAK


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + _CUT


def _chunks(text: str, most: int) -> Iterator[str]:
    """The text as Discord's Markdown in pieces within the limit, cut between lines, else between words, else anywhere."""
    rest = text
    while rest.strip():
        size = markup.fitting(rest, most, markdown.convert)
        yield markdown.convert(rest[:size]) or markdown.BREAK
        rest = rest[size:]
