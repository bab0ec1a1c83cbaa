"""The three shapes in which the service says that something went wrong, its plain text, and the marks of what may be kept."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

_CODES = {400: "BAD_REQUEST", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 500: "INTERNAL_ERROR"}
_NAMES = {400: "Bad Request", 500: "Internal Server Error"}
_KEPT = 60
"""Seconds that public answers may be kept."""


def nested(status: int, message: str, code: str = "") -> web.Response:
    """Of who is asked for a token, and of traces."""
    body = {
        "error": {"code": code or _CODES[status], "message": message},
        "meta": {"timestamp": datetime.now(UTC).isoformat()},
    }
    return web.json_response(body, status=status)


def flat(status: int, message: str) -> web.Response:
    """Of metrics, costs and exports."""
    return web.json_response({"error": _CODES[status].lower(), "message": message}, status=status)


def phrased(status: int, message: str) -> web.Response:
    """Of public analytics."""
    return web.json_response({"error": _NAMES[status], "message": message}, status=status)


def plain(status: int, message: str) -> web.Response:
    """Of whatever cannot be parsed."""
    return web.Response(status=status, text=message)


def too_many(seconds: int, headers: dict[str, str]) -> web.Response:
    """Of the rate limiter."""
    error = {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests. Please slow down."}
    return web.json_response({"error": error}, status=429, headers={**headers, "Retry-After": str(seconds)})


def tagged(request: web.Request, body: dict[str, Any]) -> web.Response:
    """With a mark of its content; 304 to those who have it."""
    text = json.dumps(body)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={_KEPT}"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    headers["Last-Modified"] = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return web.json_response(text=text, headers=headers)
