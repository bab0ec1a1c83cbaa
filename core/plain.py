"""A reply as plain text: what a file holds when a message cannot hold everything."""

from core import markup
from core.messages import Actions, Code, Fields, File, Heading, Note, Reply, Steps, Text


def plain_text(reply: Reply) -> str:
    """Everything that the reply says, as plain text."""
    lines: list[str] = []
    for block in reply.blocks:
        match block:
            case Heading(text=text) | Code(text=text):
                lines.append(text)
            case Text(text=text) | Note(text=text):
                lines.append(markup.plain(text))
            case Fields(items=items):
                lines += [f"{field.name}: {markup.plain(field.value)}" for field in items]
            case Steps(items=items):
                lines += [f"{step.title} ({step.state}): {markup.plain(step.detail)}" for step in items]
            case Actions() | File():
                pass
    return "\n\n".join(lines)
