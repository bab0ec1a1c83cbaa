"""Who may ask the service for what: its tokens, and how often each may ask."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

_REQUIRED: Mapping[str, type] = {
    "sub": str,
    "org_id": str,
    "projects": list,
    "role": str,
    "permissions": list,
    "iat": int,
    "exp": int,
    "jti": str,
}
_BURSTS = {"admin": 120_000, "developer": 12_000, "viewer": 1_200, "billing": 1_200}
"""Requests at once, for each user and path, by role."""


class Refusal(Exception):
    """Somebody is not let in."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says."""

    subject: str
    org: str
    projects: tuple[str, ...]
    role: str
    permissions: tuple[str, ...]

    def allows(self, permission: str) -> bool:
        """Exactly this string, or the role `admin`."""
        return self.role == "admin" or permission in self.permissions

    def project(self, asked: str) -> str:
        """Whose calls are listed; "" for all of them."""
        if asked:
            if self.role != "admin" and asked not in self.projects:
                raise Refusal(403, "PROJECT_ACCESS_DENIED", "Access denied to the specified project")
            return asked
        if self.role == "admin":
            return ""
        if not self.projects:
            raise Refusal(400, "PROJECT_REQUIRED", "Project ID is required for this operation")
        return self.projects[0]


def claims(header: str | None, secret: str, now: float) -> Claims:
    """Of an `Authorization` header. `now`: seconds since the epoch."""
    if header is None:
        raise Refusal(401, "MISSING_AUTHORIZATION", "Authorization header is required")
    if not header.startswith("Bearer "):
        raise Refusal(401, "INVALID_AUTHORIZATION", "Invalid authorization header format")
    try:
        # Its end is compared with the fake's own clock.
        found: dict[str, Any] = jwt.decode(
            header.removeprefix("Bearer "), secret, algorithms=["HS256"],
            options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip
    except jwt.PyJWTError as error:
        raise Refusal(401, "INVALID_TOKEN", "Invalid or expired token") from error
    good = all(isinstance(found.get(name), kind) for name, kind in _REQUIRED.items())
    if not good or found["role"] not in _BURSTS or now > found["exp"]:
        raise Refusal(401, "INVALID_TOKEN", "Invalid or expired token")
    projects, permissions = tuple(found["projects"]), tuple(found["permissions"])
    return Claims(found["sub"], found["org_id"], projects, found["role"], permissions)


class Limiter:
    """Counts, and says what is left; it refuses nobody by itself."""

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()

    def headers(self, who: Claims, path: str, now: float) -> dict[str, str]:
        """Of an answer."""
        self._asked[who.subject, path] += 1
        burst = _BURSTS[who.role]
        return {
            "X-RateLimit-Limit": str(burst),
            "X-RateLimit-Remaining": str(max(0, burst - self._asked[who.subject, path])),
            "X-RateLimit-Reset": str(int(now) + 60),
        }
