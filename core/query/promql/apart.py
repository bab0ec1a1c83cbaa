"""Takes what a PromQL query adds up apart by instance, or by what comes closest to it."""

from dataclasses import replace

from core.query.catalogue.backend import Backend
from core.query.promql.model import Aggregation, Binary, Grouping, Node, rebuilt, selectors, walk

_LABELS = ("instance", "pod", "host", "node", "container", "job")
"""What one of many is told by, the usual one first."""
_FOLDS = frozenset({"sum", "avg", "min", "max", "count", "quantile"})


def apart(node: Node, backend: Backend) -> Node | None:
    """The same with one series an instance; None where it is that already, or no label tells instances apart."""
    read = list(selectors(node))
    known = [backend.metrics.get(selector.metric) for selector in read]
    labels = [of.labels or frozenset() for of in known if of]
    if not labels or len(labels) < len(read):
        return None
    shared = frozenset.intersection(*labels)
    fixed = {m.label for selector in read for m in selector.matchers if m.op == "="}
    label = next((one for one in _LABELS if one in shared and one not in fixed), "")
    if not label or _matches_by_label(node):
        return None
    made = rebuilt(node, lambda inner: _by(inner, label))
    return None if made == node else made


def _by(node: Node, label: str) -> Node:
    if not isinstance(node, Aggregation) or node.op not in _FOLDS:
        return node
    grouping = node.grouping or Grouping(())
    if grouping.without:
        if label not in grouping.labels:
            return node
        return replace(node, grouping=replace(grouping, labels=tuple(one for one in grouping.labels if one != label)))
    if label in grouping.labels:
        return node
    return replace(node, grouping=replace(grouping, labels=(*grouping.labels, label)))


def _matches_by_label(node: Node) -> bool:
    """Sides that find each other by named labels would find several of each other."""
    return any(isinstance(inner, Binary) and inner.matching for inner in walk(node))
