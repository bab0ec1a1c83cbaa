"""Where the time of a trace really went: the critical path.

Walked backwards from the end of the root: whichever child ended last was being waited for until then; before that child began, the one
that ended last before it was, and so on; what is left is the span's own. The usual walk, as in Jaeger's and in CRISP (Zhang et al.,
USENIX ATC 2022); children are held within their parents, so that clocks that disagree make no time out of nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.charts.tree import Tree, tree
from core.ports.telemetry import Span, Trace


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the critical path within one span."""

    span: Span
    start: float
    end: float
    """Seconds since the epoch."""

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start


def critical_path(trace: Trace) -> tuple[Stretch, ...]:
    """Stretches without gaps and overlaps, in order of time, from the start to the end of the longest root."""
    found = tree(trace)
    if not found.roots:
        return ()
    root = max(found.roots, key=lambda span: span.duration)
    path: list[Stretch] = []
    work: list[tuple[Span, float, float]] = [(root, root.start, root.start + root.duration)]
    while work:
        span, start, end = work.pop()
        cursor = end
        for child in _by_end(found, span):
            begin, over = max(child.start, start), min(child.start + child.duration, cursor)
            if over <= begin or begin >= cursor:
                continue
            if over < cursor:
                path.append(Stretch(span, over, cursor))
            work.append((child, begin, over))
            cursor = begin
        if cursor > start or (span is root and start == end):
            path.append(Stretch(span, start, cursor))
    return tuple(sorted(path, key=lambda one: (one.start, one.end)))


def shares(path: Sequence[Stretch]) -> tuple[tuple[Span, float], ...]:
    """(span, seconds of the path within it), most first."""
    seconds: dict[str, float] = {}
    spans: dict[str, Span] = {}
    for stretch in path:
        spans[stretch.span.id] = stretch.span
        seconds[stretch.span.id] = seconds.get(stretch.span.id, 0.0) + stretch.seconds
    return tuple((spans[id_], seconds[id_]) for id_ in sorted(seconds, key=lambda one: -seconds[one]))


def _by_end(found: Tree, span: Span) -> list[Span]:
    return sorted(found.children.get(span.id, ()), key=lambda one: -(one.start + one.duration))
