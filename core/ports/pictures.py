"""Drawing what was laid out."""

from typing import Protocol

from core.workflow.layout import Picture


class Pictures(Protocol):
    """Draws pictures without keeping anybody waiting meanwhile."""

    async def png(self, picture: Picture) -> bytes:
        """The picture as a PNG file; UnavailableError when it cannot be drawn now."""
        ...
