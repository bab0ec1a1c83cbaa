"""W3C trace context, as it travels through inbox, outbox and history (https://www.w3.org/TR/trace-context/)."""

import re
import secrets
from dataclasses import dataclass

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_FORBIDDEN_VERSION = "ff"
_SAMPLED = 0x01
_CORRELATION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Trace:
    """What a traceparent says."""

    trace_id: str
    """32 hexadecimal digits, the same over the whole trace."""
    parent_id: str
    """16 hexadecimal digits, of the span that wrote it."""
    sampled: bool = True

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.parent_id}-{_SAMPLED if self.sampled else 0:02x}"


def parse(traceparent: str) -> Trace | None:
    """Read a traceparent; None when it is invalid. Later versions are read as far as this one goes, as the standard asks."""
    found = _FORM.fullmatch(traceparent)
    if not found or found[1] == _FORBIDDEN_VERSION or (found[1] == "00" and found[5]):
        return None
    if not int(found[2], 16) or not int(found[3], 16):
        return None
    return Trace(found[2], found[3], bool(int(found[4], 16) & _SAMPLED))


def new_trace() -> str:
    """A fresh sampled traceparent."""
    return str(Trace(secrets.token_hex(16), secrets.token_hex(8)))


def child(traceparent: str) -> str:
    """The same trace with a new span; a fresh trace when there is none."""
    trace = parse(traceparent)
    return str(Trace(trace.trace_id, secrets.token_hex(8), trace.sampled)) if trace else new_trace()


def correlation(traceparent: str) -> str:
    """The first 12 digits of the trace id: the reference that people and logs use. Empty without a trace."""
    trace = parse(traceparent)
    return trace.trace_id[:_CORRELATION_DIGITS] if trace else ""
