"""Our Markdown → Slack's mrkdwn (docs.slack.dev, Formatting message text). Pure."""

import re

from core.markup import Kind, Line, LineKind, Span, parse
from core.messages import Platform

BREAK = "\u200b"
"""A zero-width space keeps a literal character from acting as markup: mrkdwn has no escapes."""

_MARKS = {Kind.BOLD: "*", Kind.ITALIC: "_", Kind.STRUCK: "~"}
_MARKER = re.compile(r"[*_~`]")


def escape(text: str) -> str:
    """Escape the three characters that Slack reads; then nothing in the text mentions or links anything."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def convert(text: str) -> str:
    """Our Markdown as mrkdwn."""
    return "\n".join(map(_line, parse(text)))


def _line(line: Line) -> str:
    start = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "• "}[line.kind]
    return start + "".join(map(_span, line.spans))


def _span(span: Span) -> str:
    if span.kind in _MARKS:
        mark = _MARKS[span.kind]
        return f"{mark}{''.join(map(_span, span.inner))}{mark}"
    if span.kind is Kind.CODE:
        return f"`{escape(span.text)}`"
    if span.kind is Kind.LINK:
        return f"<{escape(span.url).replace('|', '%7C')}|{escape(span.text).replace('|', '¦')}>"
    if span.target:
        return (
            _mention(span, span.target.id)
            if span.target.platform is Platform.SLACK
            else f"*{_text(span.text.lstrip('@'))}*"
        )
    return _text(span.text)


def _mention(span: Span, id_: str) -> str:
    return f"<@{id_}>" if span.kind is Kind.USER else f"<#{id_}>"


def _text(text: str) -> str:
    return _MARKER.sub(lambda found: BREAK + found[0] + BREAK, escape(text))
