"""All that can be read in a Slack message: its text, and what bots write into blocks and attachments instead. Pure."""

from collections.abc import Iterator

from bot.slack.fields import Json, storable
from bot.slack.text import readable

_MOST = 50_000
"""Characters of one message that are looked at; Slack keeps 40,000 of its text."""
_DEPTH = 6
"""Elements within elements that are followed; Slack nests four deep at most."""


def text_of(message: Json) -> str:
    """Text, then what blocks and attachments say besides, each line once, as the client shows it."""
    lines: dict[str, None] = {}
    for part in _parts(message):
        for line in readable(part[:_MOST]).splitlines():
            if line.strip():
                lines.setdefault(line.strip())
    return "\n".join(lines)[:_MOST]


def _parts(message: Json) -> Iterator[str]:
    said = _string(message, "text")
    if said:
        yield said
    for block in _objects(message, "blocks"):
        # A person's rich text is the text once more, in small pieces.
        if not said or _string(block, "type") != "rich_text":
            yield from _block(block)
    for attachment in _objects(message, "attachments"):
        yield from _attachment(attachment)


def _attachment(attachment: Json) -> Iterator[str]:
    found = [_string(attachment, name) for name in ("pretext", "author_name", "title", "text")]
    found += [": ".join(filter(None, map(field.get, ("title", "value")))) for field in _fields(attachment)]
    for block in _objects(attachment, "blocks"):
        found += _block(block)
    # The fallback repeats the rest for clients that show no attachments.
    yield from filter(None, found) if any(found) else (_string(attachment, "fallback"),)


def _fields(attachment: Json) -> Iterator[dict[str, str]]:
    return ({name: _string(field, name) for name in ("title", "value")} for field in _objects(attachment, "fields"))


def _block(block: Json) -> Iterator[str]:
    kind = _string(block, "type")
    if kind == "rich_text":
        yield "".join(_flowing(block, _DEPTH))
    elif kind in ("section", "header", "markdown"):
        yield _text_object(block.get("text"))
        yield from map(_text_object, _objects(block, "fields"))
    elif kind == "context":
        yield " ".join(filter(None, map(_text_object, _objects(block, "elements"))))


def _flowing(element: Json, depth: int) -> Iterator[str]:
    """The pieces of rich text in order; lists and quotes end with a line break."""
    kind = _string(element, "type")
    if kind == "link":
        yield _string(element, "text") or _string(element, "url")
    elif kind == "emoji":
        yield f":{_string(element, 'name')}:"
    elif kind == "user":
        yield f"@{_string(element, 'user_id')}"
    else:
        yield _string(element, "text")
    if depth:
        for inner in _objects(element, "elements"):
            yield from _flowing(inner, depth - 1)
    if kind.startswith("rich_text_"):
        yield "\n"


def _text_object(found: object) -> str:
    if isinstance(found, str):
        return storable(found)
    return _string(found, "text") if isinstance(found, dict) else ""


def _string(found: Json, name: str) -> str:
    value = found.get(name)
    return storable(value) if isinstance(value, str) else ""


def _objects(found: Json, name: str) -> Iterator[Json]:
    value = found.get(name)
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
