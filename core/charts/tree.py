"""The spans of a trace as a tree, whatever is wrong with it: missing parents, circles, clocks that disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.ports.telemetry import Span, Trace


@dataclass(frozen=True, slots=True)
class Tree:
    """Every span of the trace once."""

    roots: tuple[Span, ...]
    """Without a parent that is there, in order of their start; and one span of each circle."""
    children: Mapping[str, tuple[Span, ...]]
    """By the id of the parent, in order of their start."""

    def walk(self) -> Sequence[tuple[Span, int]]:
        """Each span with its depth, parents before their children."""
        found: list[tuple[Span, int]] = []
        stack = [(root, 0) for root in reversed(self.roots)]
        while stack:
            span, depth = stack.pop()
            found.append((span, depth))
            stack += [(child, depth + 1) for child in reversed(self.children.get(span.id, ()))]
        return found


def tree(trace: Trace) -> Tree:
    """Ids that occur twice are told apart by their first span; a circle is cut at its earliest span."""
    spans = {span.id: span for span in sorted(trace.spans, key=lambda one: (one.start, one.id), reverse=True)}
    ordered = sorted(spans.values(), key=lambda one: (one.start, one.id))
    children: dict[str, list[Span]] = {}
    roots: list[Span] = []
    for span in ordered:
        if span.parent in spans and span.parent != span.id:
            children.setdefault(span.parent, []).append(span)
        else:
            roots.append(span)
    reached = {span.id for span, _ in Tree(tuple(roots), {k: tuple(v) for k, v in children.items()}).walk()}
    for span in ordered:
        if span.id not in reached:
            # In a circle, or beneath one: what leads to it is cut.
            children[span.parent].remove(span)
            roots.append(span)
            stack = [span]
            while stack:
                one = stack.pop()
                reached.add(one.id)
                stack += [child for child in children.get(one.id, ()) if child.id not in reached]
    roots.sort(key=lambda one: (one.start, one.id))
    return Tree(tuple(roots), {parent: tuple(of) for parent, of in children.items()})
