"""The step that lets time pass, or waits for something to happen elsewhere."""

from dataclasses import dataclass
from typing import Literal

from core.workflow.steps.common import Expression, Input, StepBase

LONGEST_WAIT = 366 * 86400.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStep(StepBase):
    """Exactly one of `seconds`, `until` and `event` is set. Waiting for a check is an action that is polled."""

    seconds: float | None = None
    until: Input | None = None
    """An ISO 8601 time, or a time of day: the next one."""
    timezone: str = "UTC"
    """IANA name, for a time of day."""
    event: str = ""
    """Kind of `core.workflow.triggers`: `alert.fired`, `webhook.NAME`, …"""
    match: Expression | None = None
    """Over `event`: which of them."""
    time_limit_seconds: float = LONGEST_WAIT
    """For an event: the step fails when none has come by then."""
    type: Literal["wait"] = "wait"
