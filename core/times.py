"""Durations in words."""


def ago(seconds: float) -> str:
    """A duration in the largest unit that says enough: 40 s, 12 min, 3 h, 5 days."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 36 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"
