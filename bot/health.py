"""Asks every part whether it works, all at once, each within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()

Check = Callable[[], Awaitable[str]]
"""Answers nothing when a part works, else why not."""
CHECK_WITHIN = 3.0
"""Seconds that one check may take."""


async def problems(checks: Mapping[str, Check], *, within: float = CHECK_WITHIN) -> dict[str, str]:
    """What does not work, by part; empty when everything does. A check that hangs or breaks counts as a problem of its part."""
    reasons = await asyncio.gather(*(_reason(name, check, within) for name, check in checks.items()))
    return {name: reason for name, reason in zip(checks, reasons, strict=True) if reason}


async def _reason(name: str, check: Check, within: float) -> str:
    try:
        async with asyncio.timeout(within):
            return await check()
    except TimeoutError:
        return f"did not answer within {within:g} s"
    except Exception:  # a broken check must not hide what the others say
        log.exception("check.broke", part=name)
        return "its check broke; see the log"
