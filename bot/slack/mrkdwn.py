"""Our Markdown → Slack's mrkdwn (docs.slack.dev, Formatting message text). Pure."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from core.markup import Kind, Line, LineKind, Span, clean, parse
from core.messages import Platform

BREAK = "\u200b"
"""A zero-width space keeps a literal character from acting as markup: mrkdwn has no escapes."""

_MARKS = {Kind.BOLD: "*", Kind.ITALIC: "_", Kind.STRUCK: "~"}
_MARKER = re.compile(r"(?<![^\W_])[*_~](?=\S)|(?<=\S)[*_~](?![^\W_])|`")
"""A character that could open or close markup. Inside words and between spaces it cannot, so that names stay fit to copy."""
_BROADCAST = re.compile(r"@(?=(?:everyone|channel|here|group)\b)", re.IGNORECASE)
_URL = re.compile(r"(https?://[^\s<>|\"]*[^\s<>|\".,;:!?'()\[\]{}*_~`])")


def escape(text: str) -> str:
    """Escape the three characters that Slack reads, and part the words that some clients make a broadcast of: nothing in the
    result mentions or links anything."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BROADCAST.sub(f"@{BREAK}", escaped)


def convert(text: str) -> str:
    """Our Markdown as mrkdwn, for text objects that are verbatim: addresses are linked here and nothing is linked by Slack."""
    return "\n".join(map(_line, parse(text)))


def literal(text: str) -> str:
    """Any text as mrkdwn that shows it as it is, on one line."""
    return _text(" ".join(clean(text).split("\n")))


def _line(line: Line) -> str:
    start = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "• "}[line.kind]
    rest = "".join(_spans(line.spans))
    # A ">" that somebody typed at the start of a line makes no quotation.
    return BREAK + rest if not start and rest.startswith("&gt;") else start + rest


def _spans(spans: Iterable[Span]) -> Iterator[str]:
    """Texts side by side are one: an escaped letter must not tear an address apart."""
    for kind, group in groupby(spans, key=lambda span: span.kind):
        if kind is Kind.TEXT:
            yield _text("".join(span.text for span in group))
        else:
            yield from map(_span, group)


def _span(span: Span) -> str:
    if span.kind in _MARKS:
        mark = _MARKS[span.kind]
        return f"{mark}{''.join(_spans(span.inner))}{mark}"
    if span.kind is Kind.CODE:
        return f"`{escape(span.text)}`"
    if span.kind is Kind.LINK:
        return _link(span.url, span.text)
    return _mention(span)


def _link(url: str, label: str) -> str:
    target = escape(url).replace("|", "%7C")
    # A label ends at a bar, and has no escape for one.
    return f"{_text(label)} (<{target}>)" if "|" in label else f"<{target}|{escape(label)}>"


def _mention(span: Span) -> str:
    target = span.target
    if target is not None and target.platform is Platform.SLACK:
        return f"<@{target.id}>" if span.kind is Kind.USER else f"<#{target.id}>"
    return f"*{_text(span.text.lstrip('@')) or BREAK}*"


def _text(text: str) -> str:
    parts = _URL.split(text)
    return "".join(f"<{escape(part)}>" if n % 2 else _MARKER.sub(_part, escape(part)) for n, part in enumerate(parts))


def _part(found: re.Match[str]) -> str:
    return BREAK + found[0] + BREAK
