"""What a person types, as Slack stores it: escaped, with mentions, channels and links marked up."""

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Lookup = Callable[[str], str | None]

_URL = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\"'\]]")
_NAME = re.compile(r"(?<![\w&/])([@#])([\w.-]*\w)")
_BROADCASTS = frozenset({"channel", "here", "everyone"})
_MARKUP = re.compile(r"<(@|#|!|https?:)([^<>|]*)(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """With Slack's three character entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The reverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, person: Lookup, channel: Lookup, *, labelled: bool = False) -> str:
    """Mark up what a person typed. `person` finds an id by handle or name, `channel` by name; None leaves the text as it is.
    `labelled`: as in commands, where mentions of people carry the name that was typed."""

    def name(match: re.Match[str]) -> str:
        sign, word = match.groups()
        if sign == "@" and word in _BROADCASTS:
            return f"<!{word}>"
        id_ = person(word) if sign == "@" else channel(word)
        if id_ is None:
            return match.group()
        if sign == "@" and labelled:
            return f"<@{id_}|{word}>"
        return f"<@{id_}>" if sign == "@" else f"<#{id_}|{word}>"

    parts: list[str] = []
    end = 0
    for link in _URL.finditer(text):
        parts += [_NAME.sub(name, escape(text[end : link.start()])), f"<{escape(link.group())}>"]
        end = link.end()
    return "".join([*parts, _NAME.sub(name, escape(text[end:]))])


def rich_text(marked: str, block_id: str) -> list[Json]:
    """The block that Slack's client sends beside the text."""
    elements: list[Json] = []
    end = 0
    for match in _MARKUP.finditer(marked):
        if match.start() > end:
            elements.append({"type": "text", "text": unescape(marked[end : match.start()])})
        elements.append(_element(*match.groups()))
        end = match.end()
    if end < len(marked):
        elements.append({"type": "text", "text": unescape(marked[end:])})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _element(sign: str, body: str, label: str | None) -> Json:
    match sign:
        case "@":
            return {"type": "user", "user_id": body}
        case "#":
            return {"type": "channel", "channel_id": body}
        case "!":
            return {"type": "broadcast", "range": body}
        case _:
            link: Json = {"type": "link", "url": unescape(sign + body)}
            return {**link, "text": unescape(label)} if label else link
