"""Structured logs: one line an event, with correlation ids, secrets masked last of all."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.sections import Log
from core.redaction import redact, redact_value

_QUIET = ("httpx", "httpcore", "slack_bolt", "slack_sdk", "discord", "aiohttp.access", "alembic", "asyncio")
"""Libraries whose news below a warning nobody reads."""


def configure(log: Log) -> None:
    """Route structlog and the standard library through one chain to standard error."""
    level = logging.getLevelNamesMapping()[log.level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    render = structlog.processors.JSONRenderer() if log.format == "json" else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # discord.py measures a heartbeat from the one before when its answer is faster than its thread: a false alarm.
    logging.getLogger("discord.gateway").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask secrets in every value of a log line, tracebacks included."""
    return {name: redact(value) if isinstance(value, str) else redact_value(value) for name, value in event.items()}
