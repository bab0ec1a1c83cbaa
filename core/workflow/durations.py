"""Durations as people write them: 90s, 30m, 24h, 2d, 1h30m."""

import re

LONGEST = 366 * 86400
"""Seconds."""
DURATION = r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"
"""Pattern; an empty text, which fits it, is none."""
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def seconds(text: str) -> int | None:
    """Of a duration of up to a year; None for anything else."""
    match = re.fullmatch(DURATION, text)
    value = sum(int(n) * unit for n, unit in zip(match.groups("0"), _UNITS.values(), strict=True)) if match else 0
    return value if 0 < value <= LONGEST else None


def written(value: float) -> str:
    """The duration of so many seconds, a year at most, such that `seconds` reads it back; parts of a second are left out."""
    parts, left = [], int(value)
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
