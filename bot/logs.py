"""Structured logs: one line an event, with correlation ids, secrets masked last of all."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from bot.sections import Log
from core.redaction import redact, redact_value

_QUIET = ("httpx", "httpcore", "slack_bolt", "slack_sdk", "discord", "aiohttp.access", "alembic", "asyncio")
"""Libraries whose news below a warning nobody reads."""

_LINES = ("exception", "stack")
"""Values of several lines."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Event = MutableMapping[str, Any]


def configure(log: Log, stream: TextIO | None = None) -> None:
    """Route structlog and the standard library through one chain to standard error, or to `stream`."""
    level = logging.getLevelNamesMapping()[log.level.upper()]
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    # By the handler too: bolt gives its loggers a level of their own, and at debug would log what people typed, as it came.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or not record.name.startswith(_QUIET))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask, *_renderers(log, stream)],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # discord.py measures a heartbeat from the one before when its answer is faster than its thread: a false alarm.
    logging.getLogger("discord.gateway").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def mask(_logger: object, _method: str, event: Event) -> Event:
    """Mask secrets in every value of a log line, tracebacks included. Objects are logged by their masked repr."""
    masked: Event = redact_value({name: _plain(value) for name, value in event.items()})
    return masked


def _shared() -> list[structlog.typing.Processor]:
    """What every line goes through, ours and those of libraries."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _renderers(log: Log, stream: TextIO) -> list[structlog.typing.Processor]:
    if log.format == "json":
        return [structlog.processors.JSONRenderer()]
    return [_on_one_line, structlog.dev.ConsoleRenderer(colors=stream.isatty())]


def _on_one_line(_logger: object, _method: str, event: Event) -> Event:
    """What people wrote must not look like a line of ours; JSON sees to that itself."""
    return {n: v if n in _LINES or not isinstance(v, str) else _BREAKS.sub(_escaped, v) for n, v in event.items()}


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _plain(value: object) -> object:
    """JSON-like values as they are; everything else by a repr, which may hold secrets like any text."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else redact(repr(value))
