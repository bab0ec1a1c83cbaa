"""Tokens for LLM-Observatory, which issues none itself: HS256, short-lived, allowed no more than what is asked of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import jwt

from core.errors import UserInputError

PERMISSIONS = ("read:traces", "metrics:read")
"""Of the routes that the client calls, and of no others. The roles' own defaults do not hold the second."""
LIFE = 300.0
"""Seconds that a token lasts."""
_MARGIN = 60.0
"""Seconds before its end from which a new one is made."""
_KNOWN_TO_ALL = "default_jwt_secret_change_in_production_minimum_32_characters"
"""The secret of an LLM-Observatory that was given none; it stands in its public source."""
_LEAST = 32
"""Bytes of a key for HS256 (RFC 7518, 3.2)."""
_ROLES = ("viewer", "developer", "billing", "admin")


@dataclass(frozen=True, slots=True)
class Access:
    """As whom LLM-Observatory is asked. Without a secret no token is made."""

    secret: str = field(default="", repr=False)
    """Its `JWT_SECRET`."""
    org: str = ""
    """Whose data is read."""
    subject: str = "copilot"
    role: str = "viewer"
    projects: tuple[str, ...] = ()
    """Whose single calls are read; all but the role `admin` must name them."""

    def __post_init__(self) -> None:
        if not self.secret:
            return
        if self.secret == _KNOWN_TO_ALL:
            message = "observatory.secret is the one that LLM-Observatory has when it is given none: everybody can read it in its source, and make tokens with it."
            raise UserInputError(message, hint="Give LLM-Observatory a JWT_SECRET of its own, and the bot the same.")
        if len(self.secret.encode()) < _LEAST:
            message = f"observatory.secret is shorter than {_LEAST} bytes, too short for HS256."
            raise UserInputError(
                message, hint="RFC 7518, 3.2 asks for as much. Give LLM-Observatory a longer JWT_SECRET."
            )
        if not self.org:
            raise UserInputError("observatory.org is missing.", hint="Tokens must say whose data may be read.")
        if self.role not in _ROLES:
            raise UserInputError(f"observatory.role must be one of {', '.join(_ROLES)}.")


class Tokens:
    """Makes tokens, and makes them anew before they end."""

    def __init__(self, access: Access, now: Callable[[], float] = time.time) -> None:
        """`now`: seconds since the epoch."""
        self._access = access
        self._now = now
        self._token = ""
        self._ends = 0.0

    def __call__(self) -> str:
        """One that is valid for at least a minute; "" without a secret."""
        if self._access.secret and self._now() > self._ends - _MARGIN:
            self._token, self._ends = self._made()
        return self._token

    def _made(self) -> tuple[str, float]:
        begins = int(self._now())
        ends = begins + int(LIFE)
        claims = {
            "sub": self._access.subject,
            "org_id": self._access.org,
            "projects": list(self._access.projects),
            "role": self._access.role,
            "permissions": list(PERMISSIONS),
            "iat": begins,
            "exp": ends,
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self._access.secret, algorithm="HS256"), float(ends)
