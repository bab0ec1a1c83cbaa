"""Replies in a terminal: a connector that prints."""

import asyncio
from collections.abc import Iterator

from pydantic import TypeAdapter
from rich import box
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from core.actors import Standing
from core.errors import NotFoundError
from core.messages import (
    Account,
    Actions,
    Block,
    Button,
    Code,
    Fields,
    File,
    Handle,
    Heading,
    MessageRef,
    Note,
    Place,
    Platform,
    Reply,
    Steps,
    StepState,
    Text,
)
from core.ports.platforms import Profile

_MARKS = {
    StepState.PENDING: "·",
    StepState.RUNNING: "▶",
    StepState.WAITING: "⏸",
    StepState.DONE: "✔",
    StepState.FAILED: "✘",
    StepState.SKIPPED: "–",
    StepState.CANCELLED: "■",
}
_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


class TerminalConnector:
    """Implements `core.ports.platforms.Connector` for the person at this terminal. Keeps what was sent in `replies`."""

    def __init__(self) -> None:
        self.replies: asyncio.Queue[Reply] = asyncio.Queue()

    @property
    def platform(self) -> Platform:
        """The console."""
        return Platform.CONSOLE

    async def post(self, place: Place, reply: Reply, *, key: str) -> MessageRef:
        """Hand the reply over."""
        await self.replies.put(reply)
        return MessageRef(place, (key,))

    async def find(self, place: Place, *, key: str) -> MessageRef | None:
        """Nothing is ever doubtful here."""
        return None

    async def edit(self, ref: MessageRef, reply: Reply, *, key: str) -> MessageRef:
        """Hand the new state over."""
        await self.replies.put(reply)
        return ref

    async def answer(self, handle: Handle, place: Place, reply: Reply, *, private: bool, key: str) -> MessageRef | None:
        """Hand the reply over."""
        return await self.post(place, reply, key=key)

    async def whisper(self, place: Place, person: Account, reply: Reply, *, key: str) -> None:
        """Hand the reply over."""
        await self.post(place, reply, key=key)

    async def profile(self, account: Account) -> Profile:
        """Whoever is logged in here is a member; roles come from the settings."""
        if account.platform is not Platform.CONSOLE:
            raise NotFoundError(f"{account} is no account of this terminal.")
        return Profile(account.id, Standing.MEMBER)


def show(reply: Reply, console: Console) -> None:
    """Print a reply for a person."""
    for block in reply.blocks:
        if isinstance(block, File):
            console.print(f"[{block.name}: {len(block.content)} bytes; `--json` prints them]", markup=False)
        else:
            console.print(Markdown("\n".join(_lines(block))))


def table(*titles: str) -> Table:
    """An empty one, narrow enough for a terminal of 80 columns; nothing is cut."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        made.add_column(title, overflow="fold")
    return made


def as_json(reply: Reply) -> str:
    """One line for a program; files in base64."""
    return _REPLY.dump_json(reply).decode()


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield f"## {text}"
        case Text(text=text):
            yield text.replace("\n", "  \n")
        case Note(text=text):
            yield f"*{text}*"
        case Code(text=text, language=language):
            yield f"```{language}\n{text}\n```"
        case Fields(items=items):
            yield from (f"- **{field.name}**: {field.value}" for field in items)
        case Steps(items=items):
            yield from (
                f"- {_MARKS[step.state]} {step.title}{': ' + step.detail if step.detail else ''}" for step in items
            )
        case Actions(items=items):
            labels = ", ".join(item.label for item in items if isinstance(item, Button))
            yield f"*(in chat there are buttons here: {labels})*" if labels else ""
        case File():
            pass
