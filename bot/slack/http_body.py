"""Which HTTP requests are fit for bolt: it reads a body before it checks the signature, and breaks on what is none of Slack's. Pure."""

import json
import re
from urllib.parse import parse_qs

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_STAMP = re.compile(r"[0-9]{1,12}")
_MOST_FIELDS = 100
"""Of a form; a command has some fifteen."""


def fault(content_type: str, signature: str, stamp: str, body: bytes) -> tuple[int, str]:
    """HTTP status and reason to refuse a request with; (0, "") when bolt may have it."""
    if content_type not in (_JSON, _FORM):
        return 415, "Slack sends JSON or a form."
    if not signature.isascii() or (stamp and not _STAMP.fullmatch(stamp)):
        return 401, "This is no signature."
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return 400, "The body is no UTF-8."
    return (0, "") if _is_object(text, form=content_type == _FORM) else (400, "The body is no object.")


def _is_object(text: str, *, form: bool) -> bool:
    if form:
        payloads = parse_qs(text).get("payload", []) if text.count("&") < _MOST_FIELDS else ["too many"]
        # Bolt takes for JSON what begins like it, whatever its type.
        return not text.startswith("{") and all(map(_parses, payloads))
    return _parses(text)


def _parses(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
