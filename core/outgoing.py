"""What leaves for a platform, without the secrets that may stand in it: tool output, errors of services, what people typed. Pure.

Ids of buttons, choices and people stay as they are: they are opaque, and nobody reads them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.messages import (
    Actions,
    Block,
    Button,
    Code,
    Delivery,
    Field,
    Fields,
    File,
    Heading,
    Note,
    Option,
    Reply,
    Select,
    StepLine,
    Steps,
    Text,
)
from core.redaction import MASK, is_secret_name, redact, secret_spans


def without_secrets(delivery: Delivery) -> Delivery:
    """The same delivery, its reply masked. Most hold none: one look at all of the text finds that out."""
    reply = masked(delivery.reply)
    return delivery if reply is delivery.reply else replace(delivery, reply=reply)


def masked(reply: Reply) -> Reply:
    """The reply with every secret masked; itself when there is none."""
    if not secret_spans("\n".join(_texts(reply))) and not any(map(_tells, reply.blocks)):
        return reply
    return Reply(tuple(map(_block, reply.blocks)), redact(reply.summary), reply.tone)


def _tells(block: Block) -> bool:
    return isinstance(block, Fields) and any(is_secret_name(field.name) for field in block.items)


def _texts(reply: Reply) -> Iterator[str]:
    yield reply.summary
    for block in reply.blocks:
        match block:
            case Heading(text=text) | Text(text=text) | Note(text=text) | Code(text=text):
                yield text
            case Fields(items=items):
                yield from (text for field in items for text in (field.name, field.value))
            case Steps(items=items):
                yield from (text for step in items for text in (step.title, step.detail))
            case Actions(items=items):
                yield from _labels(items)
            case File(name=name, content=content, title=title):
                yield from (name, title, _readable(content) or "")


def _labels(items: Iterable[Button | Select]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Button):
            yield from (item.label, item.confirm)
        else:
            yield item.placeholder
            yield from (text for option in item.options for text in (option.label, option.description))


def _block(block: Block) -> Block:
    match block:
        case Heading(text=text) | Text(text=text) | Note(text=text) | Code(text=text):
            return replace(block, text=redact(text))
        case Fields(items=items):
            return Fields(tuple(map(_field, items)))
        case Steps(items=items):
            return Steps(tuple(map(_step, items)))
        case Actions(items=items):
            return Actions(tuple(map(_element, items)))
        case File(name=name, content=content, title=title):
            return replace(block, name=redact(name), content=_content(content), title=redact(title))


def _field(field: Field) -> Field:
    if is_secret_name(field.name) and any(letter.isalnum() for letter in field.value):
        return Field(redact(field.name), MASK)
    return Field(redact(field.name), redact(field.value))


def _step(step: StepLine) -> StepLine:
    return replace(step, title=redact(step.title), detail=redact(step.detail))


def _element(item: Button | Select) -> Button | Select:
    if isinstance(item, Button):
        return replace(item, label=redact(item.label), confirm=redact(item.confirm))
    options = (Option(redact(o.label), o.value, redact(o.description)) for o in item.options)
    return replace(item, placeholder=redact(item.placeholder), options=tuple(options))


def _content(content: bytes) -> bytes:
    """Bytes that are no text stay byte for byte."""
    text = _readable(content)
    return content if text is None else redact(text).encode()


def _readable(content: bytes) -> str | None:
    """The text of a file; None when it is none."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
