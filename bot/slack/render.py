"""A `Reply` → the messages that Slack takes. Pure; within every limit for any reply."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.slack import blocks, elements, limits, mrkdwn
from core import markup
from core.messages import Actions, Code, File, Reply
from core.plain import plain_text

Json = dict[str, Any]

DETAILS = "details.txt"


@dataclass(frozen=True, slots=True)
class Payload:
    """One Slack message."""

    text: str
    """For notifications and readers without blocks."""
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Everything that a reply becomes: messages in order, and files. Together they hold the whole text."""

    messages: tuple[Payload, ...]
    files: tuple[File, ...] = ()


def render(reply: Reply) -> Rendered:
    """Messages within every limit. What is too long for some messages, or for a label, is whole in a file."""
    pages = list(_pages([piece for block in reply.blocks for piece in blocks.convert(block)]))
    files = [*_code_files(reply), *_own_files(reply)]
    if not pages:
        pages = list(_pages(map(blocks.section, blocks.chunks(markup.literal(reply.summary)))))
    if len(pages) > limits.MESSAGES or _cut_somewhere(reply):
        files.insert(0, File(DETAILS, _encoded(_whole(reply)), title="The whole text"))
        pages = _shortened(pages) if len(pages) > limits.MESSAGES else pages
    summary = _summary(reply.summary)
    for page in pages:
        elements.number_repeated(page)
    return Rendered(tuple(Payload(summary, tuple(page)) for page in pages or [[]]), tuple(_named_apart(files)))


def _pages(found: Iterable[Json], most: int = limits.MESSAGE_TEXT) -> Iterator[list[Json]]:
    page: list[Json] = []
    size = 0
    for block in found:
        length = len(json.dumps(block, ensure_ascii=False))
        if page and (len(page) >= limits.MESSAGE_BLOCKS or size + length > most):
            yield page
            page, size = [], 0
        page.append(block)
        size += length
    if page:
        yield page


def _shortened(pages: Sequence[list[Json]]) -> list[list[Json]]:
    """The first pages, then where the rest is. Buttons and menus are never cut away with the text around them."""
    kept, rest = pages[: limits.MESSAGES - 1], pages[limits.MESSAGES - 1 :]
    interactive = [block for page in rest for block in page if block["type"] == "actions"]
    return [*kept, *_pages([blocks.context(f"The whole text is in the file {DETAILS}."), *interactive])]


def _cut_somewhere(reply: Reply) -> bool:
    labels = (pair for block in reply.blocks if isinstance(block, Actions) for pair in elements.texts(block.items))
    if any(len(text) > most for text, most in labels):
        return True
    # A summary says again what the blocks say: it is missed only when it does not.
    return _summary_fits(reply.summary) < len(reply.summary) and _bare(reply.summary) not in _bare(plain_text(reply))


def _whole(reply: Reply) -> str:
    """Everything that the reply says, labels of buttons and menus included."""
    labels = [
        text
        for block in reply.blocks
        if isinstance(block, Actions)
        for text, _ in elements.texts(block.items)
        if text.strip()
    ]
    return "\n\n".join(part for part in (reply.summary, plain_text(reply), "\n".join(labels)) if part)


def _summary(text: str) -> str:
    fits = _summary_fits(text)
    shown = markup.clean(text[:fits]) + ("…" if fits < len(text) else "")
    return mrkdwn.escape(shown) if shown.strip() else mrkdwn.BREAK


def _summary_fits(text: str) -> int:
    return markup.fitting(text, limits.SUMMARY_TEXT, mrkdwn.escape) if text else 0


def _bare(text: str) -> str:
    return re.sub(r"[\s*`]", "", text)


def _code_files(reply: Reply) -> Iterator[File]:
    for block in reply.blocks:
        if isinstance(block, Code) and len(block.text) > limits.CODE_SHOWN:
            ending = re.sub(r"[^a-z0-9]", "", block.language.lower())[:10] or "txt"
            yield File(f"code.{ending}", _encoded(block.text), title="The whole code")


def _own_files(reply: Reply) -> Iterator[File]:
    """Slack takes no empty file; that it is empty is said in the message."""
    return (block for block in reply.blocks if isinstance(block, File) and block.content)


def _named_apart(files: Iterable[File]) -> Iterator[File]:
    taken: set[str] = set()
    for n, file in enumerate(files, start=1):
        name = re.sub(r"[\s/\\]+", "_", markup.clean(file.name).strip())[-limits.FILE_NAME :] or "file"
        name = f"{n}-{name}" if name in taken else name
        taken.add(name)
        yield replace(file, name=name)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
