"""W3C trace context, as it travels through inbox, outbox and history (https://www.w3.org/TR/trace-context/)."""

import re
import secrets

_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


def new_trace() -> str:
    """A fresh sampled traceparent."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child(traceparent: str) -> str:
    """The same trace with a new span; a fresh trace when there is none."""
    found = _FORM.fullmatch(traceparent)
    return f"00-{found[1]}-{secrets.token_hex(8)}-01" if found else new_trace()


def correlation(traceparent: str) -> str:
    """The first 12 characters of the trace id: the reference that people and logs use. Empty without a trace."""
    found = _FORM.fullmatch(traceparent)
    return found[1][:12] if found else ""
