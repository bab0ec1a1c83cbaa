"""Numbers as people read them: four significant digits at most, in the unit that suits their size."""

import math
from collections.abc import Sequence

from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity

_Ladder = Sequence[tuple[float, float, str]]
"""(from this size on, base units in one, what stands behind the number), largest first."""
_SECONDS: _Ladder = (
    (2 * 86_400, 86_400, " d"),
    (2 * 3600, 3600, " h"),
    (120, 60, " min"),
    (1, 1, " s"),
    (1e-3, 1e-3, " ms"),
    (0, 1e-6, " µs"),
)
_BYTES: _Ladder = (
    (2**40, 2**40, " TiB"),
    (2**30, 2**30, " GiB"),
    (2**20, 2**20, " MiB"),
    (2**10, 2**10, " KiB"),
    (0, 1, " B"),
)
_LADDERS: dict[Unit, _Ladder] = {
    Unit.SECONDS: _SECONDS,
    Unit.BYTES: _BYTES,
    Unit.BYTES_PER_SECOND: tuple((size, one, f"{name}/s") for size, one, name in _BYTES),
    Unit.RATIO: ((0, 0.01, " %"),),
    Unit.PER_SECOND: ((0.1, 1, " /s"), (0.1 / 60, 1 / 60, " /min"), (0, 1 / 3600, " /h")),
    Unit.CORES: ((0, 1, " cores"),),
    Unit.CELSIUS: ((0, 1, " °C"),),
    Unit.WATTS: ((0, 1, " W"),),
    Unit.DOLLARS: ((0, 1, " $"),),
}


def plain(value: float) -> str:
    """Four significant digits, without an exponent where people would not write one."""
    if math.isnan(value):
        return "no value"
    if math.isinf(value):
        return "+∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", " ")
    return f"{value:.4g}"


def told(value: float, of: Quantity) -> str:
    """With its unit: "182 ms", "1.5 GiB", "0.4 %". What has no known unit is a plain number."""
    ladder = _LADDERS.get(of.unit) if of.unit else None
    base = value * of.factor
    if ladder is None or not math.isfinite(base):
        return plain(value)
    if base == 0:
        return f"0{ladder[0][2] if len(ladder) == 1 else next(name for _, one, name in ladder if one == 1)}"
    _, one, name = next(rung for rung in ladder if abs(base) >= rung[0])
    return (_short(base / one) if math.isfinite(base / one) else plain(base / one)) + name


def axis(of: Quantity, largest: float) -> tuple[float, str]:
    """(what values are multiplied by, the unit they are in then): one scale for all values up to `largest` in size."""
    ladder = _LADDERS.get(of.unit) if of.unit else None
    base = largest * of.factor
    if ladder is None or not math.isfinite(base):
        return 1.0, ""
    _, one, name = next(rung for rung in ladder if base >= rung[0])
    if base == 0:
        one, name = next(((one, name) for _, one, name in ladder if one == 1), (one, name))
    return of.factor / one, name.strip()


def change(now: float, before: float) -> str:
    """How much more or less than before: "+18 %", "-50 %", "3.2 times"; "" where it cannot be said."""
    if not (math.isfinite(now) and math.isfinite(before)) or before == 0 or (now < 0) != (before < 0):
        return ""
    ratio = now / before
    if ratio >= 3:
        return f"{ratio:.2g} times" if ratio < 10 else f"{_short(ratio)} times"
    percent = round((ratio - 1) * 100)
    return f"{percent:+d} %" if percent else "unchanged"


def _short(number: float) -> str:
    """Three digits, whole from 100 on."""
    if abs(number) >= 100:
        return plain(float(round(number)))
    return f"{number:.3g}"
