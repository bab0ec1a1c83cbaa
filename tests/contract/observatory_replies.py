"""Replies as the contract document writes them."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

_REPLIES: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def reply(name: str) -> web.Response:
    """One of them, for `Loopback.broken`."""
    found = _REPLIES[name]
    return web.json_response(found["body"], status=found["status"])


def names(status: int) -> list[str]:
    """Of those with this status."""
    return [name for name, found in _REPLIES.items() if found["status"] == status]
