"""Our Markdown → Slack's mrkdwn (docs.slack.dev, Formatting message text). Pure."""

import re
from collections.abc import Iterator

BREAK = "\u200b"
"""A zero-width space keeps a literal character from acting as markup: mrkdwn has no escapes."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(
    r"\\(?P<literal>[\\*_~`\[\]>|])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\n]+?)\*\*"
    r"|\*(?P<italic>[^*\n]+?)\*"
    r"|~~(?P<struck>[^~\n]+?)~~"
    r"|\[(?P<label>(?:[^\[\]\\\n]|\\.)*)\]\((?P<url>[^()\s]+)\)"
    r"|(?P<marker>[*_~`])"
)
_USER = re.compile(r"user:(\w+):([\w-]*)/([\w-]+)")
_CHANNEL = re.compile(r"channel:(\w+):([\w-]*)/([\w-]+)")


def clean(text: str) -> str:
    """Replace what no platform shows: control characters, null bytes and lone surrogates."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def escape(text: str) -> str:
    """Escape the three characters that Slack reads; then nothing in the text mentions or links anything."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def convert(text: str) -> str:
    """Our Markdown as mrkdwn. Quote lines keep their mark."""
    return "\n".join(map(_line, clean(text).split("\n")))


def plain(text: str) -> str:
    """Our Markdown as plain text."""
    return "".join(part for _, part in _parts(clean(text)))


def _line(line: str) -> str:
    quote = "> " if line.startswith("> ") else ""
    bullet = "• " if line.startswith("- ") else ""
    rest = line[2:] if quote or bullet else line
    return quote + bullet + "".join(markup for markup, _ in _parts(rest))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(mrkdwn, plain text) of each piece."""
    position = 0
    for match in _TOKEN.finditer(text):
        between = text[position : match.start()]
        yield escape(between), between
        yield _piece(match)
        position = match.end()
    yield escape(text[position:]), text[position:]


def _piece(match: re.Match[str]) -> tuple[str, str]:
    if literal := match["literal"] or match["marker"]:
        return BREAK + escape(literal) + BREAK, literal
    if code := match["code"]:
        return f"`{escape(code)}`", code
    for name, mark in (("bold", "*"), ("italic", "_"), ("struck", "~")):
        if inner := match[name]:
            return f"{mark}{''.join(m for m, _ in _parts(inner))}{mark}", "".join(p for _, p in _parts(inner))
    return _link("".join(p for _, p in _parts(match["label"])), match["url"])


def _link(label: str, url: str) -> tuple[str, str]:
    if user := _USER.fullmatch(url):
        return (f"<@{user[3]}>" if user[1] == "slack" else f"*{escape(label.lstrip('@'))}*"), label
    if channel := _CHANNEL.fullmatch(url):
        return (f"<#{channel[3]}>" if channel[1] == "slack" else f"*{escape(label)}*"), label
    if url.startswith(("https://", "http://")):
        return f"<{escape(url).replace('|', '%7C')}|{escape(label).replace('|', '¦')}>", f"{label} ({url})"
    return escape(label), label
