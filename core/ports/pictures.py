"""Drawing what was laid out."""

from typing import Annotated, Protocol

from pydantic import Field

from core.charts.chart import Chart
from core.charts.waterfall import Waterfall
from core.workflow.layout import Picture

Drawing = Annotated[Picture | Chart | Waterfall, Field(discriminator="kind")]
"""Whatever can be drawn, told apart by its `kind`."""


class Pictures(Protocol):
    """Draws pictures without keeping anybody waiting meanwhile."""

    async def png(self, drawing: Drawing) -> bytes:
        """The picture as a PNG file; UnavailableError when it cannot be drawn now."""
        ...
