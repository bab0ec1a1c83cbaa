"""Blocks of a reply → Slack's blocks. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.slack import elements, limits, mrkdwn
from core import markup
from core.messages import (
    Actions,
    Block,
    Button,
    Code,
    Field,
    Fields,
    File,
    Heading,
    Note,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
)

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
"""Characters of a progress bar."""


def convert(block: Block) -> Iterator[Json]:
    """The blocks that show it. A File shows as itself, beside the message; long Code is shown in part."""
    match block:
        case Heading(text=text):
            yield from _heading(text)
        case Text(text=text):
            yield from map(section, chunks(text))
        case Note(text=text):
            yield from map(context, chunks(text))
        case Code(text=text):
            yield from _code(text)
        case Fields(items=items):
            yield from _fields(items)
        case Steps(items=items):
            yield from map(section, chunks("\n".join(map(_step, items))))
        case Actions(items=items):
            yield from _actions(items)
        case File(content=content, name=name):
            if not content:
                yield context(f"{mrkdwn.literal(elements.cut(name, limits.FILE_NAME)) or 'A file'} is empty.")


def section(text: str) -> Json:
    """A paragraph of mrkdwn. Verbatim: Slack makes no mentions or links of plain words in it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Json:
    """Small print of mrkdwn."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def chunks(text: str, most: int = limits.SECTION_TEXT) -> Iterator[str]:
    """Our Markdown as mrkdwn in pieces within the limit, cut between lines, else between words, else anywhere."""
    while text.strip():
        size = markup.fitting(text, most, mrkdwn.convert)
        piece = mrkdwn.convert(text[:size])
        if piece.strip():
            yield piece
        text = text[size:]


def _heading(text: str) -> Iterator[Json]:
    shown = " ".join(markup.clean(text).split())
    if len(shown) > limits.HEADER_TEXT:
        yield from map(section, chunks(f"**{markup.literal(shown)}**"))
    elif shown:
        yield {"type": "header", "text": elements.plain(shown, limits.HEADER_TEXT)}


def _code(text: str) -> Iterator[Json]:
    """Rich text shows what it is given, letter by letter: no fence to break out of, no mention, nothing to escape."""
    shown = markup.clean(text)[: limits.CODE_SHOWN]
    if shown.strip():
        yield {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown}]}],
        }


def _fields(items: Sequence[Field]) -> Iterator[Json]:
    """Ten a section; what is too long for a field stands below over the whole width."""
    short: list[Json] = []
    long: list[str] = []
    for field in items:
        text = f"*{mrkdwn.literal(field.name) or mrkdwn.BREAK}*\n{mrkdwn.convert(field.value)}"
        if len(text) <= limits.FIELD_SHOWN:
            short.append({"type": "mrkdwn", "text": text, "verbatim": True})
        else:
            long.append(f"**{_one_line(field.name)}**\n{field.value}")
    for start in range(0, len(short), limits.SECTION_FIELDS):
        yield {"type": "section", "fields": short[start : start + limits.SECTION_FIELDS]}
    for text in long:
        yield from map(section, chunks(text))


def _step(step: StepLine) -> str:
    bar = ""
    if step.progress is not None and step.state in (StepState.RUNNING, StepState.WAITING):
        done = max(0.0, min(1.0, step.progress))
        filled = round(done * _BAR)
        bar = f" {'▰' * filled}{'▱' * (_BAR - filled)} {round(done * 100)} %"
    return f"{_ICONS[step.state]} **{_one_line(step.title)}**{bar}" + (f": {step.detail}" if step.detail else "")


def _one_line(text: str) -> str:
    return markup.literal(" ".join(text.split("\n"))) or mrkdwn.BREAK


def _actions(items: Iterable[Button | Select]) -> Iterator[Json]:
    items = tuple(items)
    for row in elements.rows(items):
        yield {"type": "actions", "elements": row}
    for item in items:
        if isinstance(item, Select) and len(item.options) > limits.OPTIONS:
            yield context(f"The menu shows the first {limits.OPTIONS} of {len(item.options)} choices.")
