"""Whom a message notifies, by Slack's rules (docs.slack.dev: Formatting message text; Text object, `verbatim`)."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_MARKED = re.compile(r"<(?:@(?P<user>[UW]\w+)|!subteam\^(?P<group>\w+)|!(?P<all>channel|here|everyone))(?:\|[^<>]*)?>")
_PLAIN = re.compile(r"(?<![\w@<])@(channel|here|everyone)\b", re.IGNORECASE)
"""What is preprocessed into a broadcast where the text is not verbatim."""


def pings(raw: Json) -> list[str]:
    """Ids of people, `group:ID`, and `channel`, `here` or `everyone`; each once. The text beside blocks is what notifications
    show: its marks count, words in it do not."""
    found = list(_marks(str(raw.get("text") or "")))
    if not raw.get("blocks"):
        found += _words(str(raw.get("text") or ""))
    for part in _parts(raw.get("blocks") or []):
        found += _of(part)
    return list(dict.fromkeys(found))


def _of(part: Json) -> Iterator[str]:
    match part.get("type"):
        case "mrkdwn":
            yield from _marks(str(part.get("text", "")))
            if not part.get("verbatim"):
                yield from _words(str(part.get("text", "")))
        case "user":
            yield str(part.get("user_id"))
        case "usergroup":
            yield f"group:{part.get('usergroup_id')}"
        case "broadcast":
            yield str(part.get("range"))


def _parts(value: object) -> Iterator[Json]:
    """Every object in a block, the block included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _marks(text: str) -> Iterator[str]:
    for mark in _MARKED.finditer(text):
        yield mark["user"] or mark["all"] or f"group:{mark['group']}"


def _words(text: str) -> Iterator[str]:
    return (word.lower() for word in _PLAIN.findall(text))
