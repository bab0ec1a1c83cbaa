"""Things of given sizes in layers, each below those it comes after: corners and routes, by grandalf (Sugiyama's method). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

Point = tuple[float, float]
Size = tuple[float, float]
"""Width and height."""

GAP = 26.0
_TALL = 1000.0
"""Beyond this height a line of layers is broken into columns, where that makes it more like `_SHAPE`."""
_SHAPE = 1.5
"""Width by height that is aimed at."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where things stand, from an upper left corner at 0, 0."""

    width: float
    height: float
    corners: Mapping[str, Point]
    """Upper left ones, by name."""
    routes: tuple[tuple[Point, ...], ...]
    """From the lower side of a thing to the upper side of one that comes after it, over points between."""

    def moved(self, x: float, y: float) -> "Arrangement":
        """The same further right and down; the size stays."""
        corners = {name: (cx + x, cy + y) for name, (cx, cy) in self.corners.items()}
        routes = tuple(tuple((px + x, py + y) for px, py in route) for route in self.routes)
        return Arrangement(self.width, self.height, corners, routes)


def arrange(sizes: Mapping[str, Size], after: Sequence[tuple[str, str]]) -> Arrangement:
    """Things by name; `after`: pairs of what comes first and what comes after it, without circles. What hangs together stands
    together, and such pieces side by side in rows, in the order of their first things."""
    if not sizes:
        return Arrangement(0, 0, {}, ())
    from grandalf.graphs import Edge, Graph, Vertex  # costs 0.2 s, which only who wants a picture waits for

    vertices = {name: Vertex(name) for name in sizes}
    for name, vertex in vertices.items():
        vertex.view = _View(*sizes[name])
    edges = [Edge(vertices[one], vertices[other]) for one, other in after]
    for edge in edges:
        edge.view = _Route()
    order = {name: number for number, name in enumerate(sizes)}
    pieces = sorted(Graph(list(vertices.values()), edges).C, key=lambda core: min(order[v.data] for v in core.V()))
    return _in_rows([_piece(core, sizes) for core in pieces])


class _View:
    """What grandalf wants to know of a thing, and where it puts it (its middle)."""

    def __init__(self, w: float, h: float) -> None:
        self.w = w
        self.h = h
        self.xy: Point = (0.0, 0.0)


class _Route:
    def __init__(self) -> None:
        self.points: list[Point] = []

    def setpath(self, points: list[Point]) -> None:
        self.points = points


def _piece(core: object, sizes: Mapping[str, Size]) -> Arrangement:
    """One that hangs together."""
    from grandalf.layouts import SugiyamaLayout

    method = SugiyamaLayout(core)
    method.xspace, method.yspace = GAP, GAP
    method.init_all()
    method.draw()
    corners = {v.data: (v.view.xy[0] - v.view.w / 2, v.view.xy[1] - v.view.h / 2) for v in method.g.V()}
    ends = [(edge.v[0].data, edge.v[1].data, edge.view.points) for edge in method.g.E()]
    left = min(x for points in [corners.values(), *(points for _, _, points in ends)] for x, _ in points)
    corners = {name: (x - left, y) for name, (x, y) in corners.items()}
    routes = [
        (one, other, ((x0 - left, corners[one][1] + sizes[one][1]),
                      *((x - left, y) for x, y in between),
                      (x1 - left, corners[other][1])))
        for one, other, ((x0, _), *between, (x1, _)) in ends
    ]  # fmt: skip
    return _in_columns(corners, routes, sizes)


_Ended = tuple[str, str, tuple[Point, ...]]
"""A route with the names at its ends."""


def _in_columns(corners: Mapping[str, Point], routes: Sequence[_Ended], sizes: Mapping[str, Size]) -> Arrangement:
    """Broken where one route crosses from layer to layer, if it is far taller than wide."""
    right = {name: x + sizes[name][0] for name, (x, _) in corners.items()}
    bottom = {name: y + sizes[name][1] for name, (_, y) in corners.items()}
    width = max([*right.values(), *(x for _, _, route in routes for x, _ in route)])
    height = max(bottom.values())
    count = max(1, round(sqrt(height * _SHAPE / (width + 2 * GAP)))) if height > _TALL else 1
    begins = [0.0]
    for name in sorted(corners, key=lambda name: bottom[name]):
        cut = bottom[name]
        crossing = sum(bottom[one] <= cut <= corners[other][1] for one, other, _ in routes)
        split = any(corners[other][1] < cut < bottom[other] for other in corners)
        if count > 1 and cut < height and cut - begins[-1] >= height / count - GAP and crossing == 1 and not split:
            begins.append(cut + GAP)
    step = width + 2 * GAP

    def column(y: float) -> int:
        return max(0, sum(begin <= y + GAP / 2 for begin in begins) - 1)

    def place(point: Point, number: int) -> Point:
        return point[0] + number * step, point[1] - begins[number]

    def route(one: str, other: str, points: tuple[Point, ...]) -> tuple[Point, ...]:
        here, there = column(corners[one][1]), column(corners[other][1])
        if here == there:
            return tuple(place(point, here) for point in points)
        begin, end = place(points[0], here), place(points[-1], there)
        between = there * step - GAP
        return (
            begin,
            (begin[0], begin[1] + GAP / 2),
            (between, begin[1] + GAP / 2),
            (between, -GAP / 2),
            (end[0], -GAP / 2),
            end,
        )

    placed = {name: place(corner, column(corner[1])) for name, corner in corners.items()}
    top = GAP if len(begins) > 1 else 0.0
    heights = [y + sizes[name][1] for name, (_, y) in placed.items()]
    broken = Arrangement(
        width + (len(begins) - 1) * step, max(heights) + 2 * top, placed, tuple(route(*ended) for ended in routes)
    )
    return broken.moved(0, top)


def _in_rows(pieces: Sequence[Arrangement]) -> Arrangement:
    """Side by side, in several rows where one would be far wider than tall."""
    area = sum((piece.width + GAP) * (piece.height + GAP) for piece in pieces)
    widest = max(sqrt(area * _SHAPE), *(piece.width for piece in pieces), 4 * _TALL / 5)
    x = y = row = width = 0.0
    corners: dict[str, Point] = {}
    routes: list[tuple[Point, ...]] = []
    for piece in pieces:
        if x and x + piece.width > widest:
            x, y, row = 0.0, y + row + GAP, 0.0
        moved = piece.moved(x, y)
        corners |= moved.corners
        routes += moved.routes
        width, row, x = max(width, x + piece.width), max(row, piece.height), x + piece.width + GAP
    return Arrangement(ceil(width), ceil(y + row), corners, tuple(routes))
