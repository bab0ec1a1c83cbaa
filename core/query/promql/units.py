"""Numbers in the unit that is wanted: thresholds in base units, values in percent or MiB."""

from dataclasses import replace

from core.query.catalogue import Unit
from core.query.promql.asked import Limit
from core.query.promql.model import Binary, Node, Number

_FACTORS = {
    "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "%": 0.01,
    "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "k": 1e3, "millicores": 1e-3, "mcores": 1e-3, "/min": 1 / 60, "/m": 1 / 60, "rpm": 1 / 60, "/h": 1 / 3600,
}  # fmt: skip
"""Units as people write them, in lower case → base units (seconds, bytes, ratio, a second)."""
_BIG = {Unit.BYTES: {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}, Unit.BYTES_PER_SECOND: {"k": 1e3, "m": 1e6, "g": 1e9}}
_LATENCY_IN_MS = 50
"""From here on a bare number against a latency is in milliseconds: nobody alerts at 200 seconds and writes no unit."""


def base_units(limit: Limit, unit: Unit) -> float:
    """The number of a limit in the base unit of what it is set against. A bare number from 1 on for a ratio is a percentage."""
    written = limit.unit.lower().removesuffix("/s").strip()
    if unit in _BIG and written in _BIG[unit]:
        return limit.number * _BIG[unit][written]
    if unit in (Unit.COUNT, Unit.PER_SECOND) and written == "m":
        return limit.number * 1e6
    if not written and unit is Unit.RATIO and limit.number >= 1:
        return limit.number / 100
    if not written and unit is Unit.SECONDS and limit.number >= _LATENCY_IN_MS:
        return limit.number / 1000
    return limit.number * _FACTORS.get(written, 1)


def tidy(number: float) -> float:
    """Without the dust of binary fractions: 0.35, not 0.35000000000000003."""
    return float(f"{number:.12g}")


def scaled(node: Node, factor: float) -> Node:
    """The value times a number, as people write it: `100 * a / b`, `a / 1048576`."""
    if factor == 1:
        return node
    if factor < 1:
        return Binary("/", node, Number(tidy(1 / factor)))
    match node:
        case Binary(op="/", left=left):
            return replace(node, left=Binary("*", Number(tidy(factor)), left))
        case _:
            return Binary("*", Number(tidy(factor)), node)
