"""`copilot graph`."""

import asyncio
import sys
from pathlib import Path

from bot import drawing
from bot.settings import load
from core.errors import UnavailableError, UserInputError


def run(config: Path | None, name: str, output: Path | None) -> None:
    """Write the picture of a workflow or a run."""
    ending = output.suffix.lower() if output else ".svg"
    if ending not in (".svg", ".png"):
        raise UserInputError(f"{output} is neither .svg nor .png.", hint="The ending says which kind of picture.")
    picture = asyncio.run(drawing.picture(load(config), name))
    file = drawing.draw(picture, "svg" if ending == ".svg" else "png")
    if output is None:
        sys.stdout.write(file.decode())
        return
    try:
        output.write_bytes(file)
    except OSError as error:
        raise UnavailableError(f"{output} could not be written: {error.strerror}.") from error
    print(f"{output}: {picture.title}, {len(picture.boxes)} steps.")
