"""Draws anything that can be drawn."""

from core.charts.chart import Chart
from core.charts.waterfall import Waterfall
from core.ports.pictures import Drawing
from integrations.charts import chart, graph, waterfall
from integrations.charts.canvas import Format


def draw(drawing: Drawing, form: Format) -> bytes:
    """The file. The same drawing gives the same bytes."""
    match drawing:
        case Chart():
            return chart.draw(drawing, form)
        case Waterfall():
            return waterfall.draw(drawing, form)
        case _:
            return graph.draw(drawing, form)
