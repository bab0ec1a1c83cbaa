"""Our Markdown → Discord's (discord.com/developers/docs/reference, Message Formatting). Pure."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from core.markup import Kind, Line, LineKind, Span, parse
from core.messages import Platform

BREAK = "\u200b"
"""A zero-width space takes the effect from what would ping."""

_MARKER = re.compile(r"[\\*_~`|]")
_PING = re.compile(r"@(?=everyone|here)|<(?=[@#:/]|t:|id:)")
_STARTS = re.compile(r"^(\s*)(#{1,3} |-# |>|\d+\. |[-+] )")
_MARKS = {Kind.BOLD: "**", Kind.ITALIC: "*", Kind.STRUCK: "~~"}


def convert(text: str) -> str:
    """Our Markdown as Discord's."""
    return "\n".join(map(_line, parse(text)))


def literal(text: str) -> str:
    """Text that Discord shows as it is and that pings nobody."""
    escaped = _MARKER.sub(r"\\\g<0>", text).replace("](", "]" + BREAK + "(")
    return _PING.sub(lambda found: found[0] + BREAK, escaped)


def code(text: str) -> str:
    """Inside code nothing is markup, but a ping would still be one in a notification."""
    return _PING.sub(lambda found: found[0] + BREAK, text.replace("`", "`" + BREAK))


def _line(line: Line) -> str:
    start = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "- "}[line.kind]
    inner = "".join(_spans(line.spans))
    return start + (_STARTS.sub(r"\1\\\2", inner) if line.kind is LineKind.TEXT else inner)


def _spans(spans: Iterable[Span]) -> Iterator[str]:
    """Texts side by side are one: a mention must not come together from two."""
    for kind, group in groupby(spans, key=lambda span: span.kind):
        if kind is Kind.TEXT:
            yield literal("".join(span.text for span in group))
        else:
            yield from map(_span, group)


def _span(span: Span) -> str:
    if span.kind in _MARKS:
        mark = _MARKS[span.kind]
        return f"{mark}{''.join(_spans(span.inner))}{mark}"
    if span.kind is Kind.CODE:
        return f"`{code(span.text)}`"
    if span.kind is Kind.LINK:
        return f"[{literal(span.text)}](<{span.url}>)"
    if span.target:
        if span.target.platform is Platform.DISCORD:
            return f"<@{span.target.id}>" if span.kind is Kind.USER else f"<#{span.target.id}>"
        return f"**{literal(span.text.lstrip('@'))}**"
    return literal(span.text)
