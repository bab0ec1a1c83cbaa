"""Finds secrets in text and values and masks them. Pure; linear in the length of the text."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "[redacted]"

_PATTERNS = (
    # What it is, by the form its issuer documents; the first few characters stay, so that people know which one to rotate.
    r"(?P<slack>xox[abeoprs]-|xapp-)[A-Za-z0-9-]{8,}",
    r"(?P<hook>https://hooks\.slack\.com/(?:services|commands|actions|workflows)/)[A-Za-z0-9/_-]+",
    r"(?P<github>gh[opsur]_|github_pat_)[A-Za-z0-9_]{20,}",
    r"(?P<gitlab>glpat-)[A-Za-z0-9_-]{16,}",
    r"(?P<stripe>[sr]k_(?:live|test)_)[A-Za-z0-9]{10,}",
    r"(?P<model>sk-(?:ant-|proj-)?)[A-Za-z0-9_-]{20,}",
    r"(?P<aws>AKIA|ASIA)[A-Z0-9]{16}\b",
    r"(?P<google>AIza)[A-Za-z0-9_-]{35}",
    r"(?P<jwt>eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    r"(?P<discord>\b[MNO][A-Za-z0-9_-]{23,27}\.)[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
    r"(?P<webhook>https://discord(?:app)?\.com/api/(?:v\d+/)?(?:webhooks|interactions)/\d+/)[A-Za-z0-9_.-]+",
    r"(?P<bearer>\b(?:[Bb]earer|[Bb]asic|Bot) )[A-Za-z0-9_.~+/=-]{12,}",
    r"(?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,64}:)[^\s@/]{1,256}(?=@)",
    r"(?P<key>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[\s\S]{0,8192}?-----END [A-Z ]{0,30}PRIVATE KEY-----",
    r"(?P<pair>\b(?:[A-Za-z0-9]{0,32}[_-])?(?:password|passwd|pwd|secret|token|api[_-]?key)[\"']?\s{0,3}[=:]\s{0,3}[\"']?)[^\s\"',;&\[]{6,}",
)
_SECRET = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.ASCII)
_HINTS = ("xox", "xapp-", "hooks.", "gh", "glpat", "k_", "sk-", "AKIA", "ASIA", "AIza", "eyJ", ".", "earer", "asic", "Bot ", "://", "BEGIN", "assw", "pwd", "ecret", "oken", "key")  # fmt: skip
_NAMES = re.compile(
    r"password|passwd|secret|token|api[_-]?key|authorization|cookie|credential|response_url", re.IGNORECASE
)


def redact(text: str) -> str:
    """The text with every secret masked. Doing it twice changes nothing more."""
    if not any(hint in text for hint in _HINTS):
        return text
    return _SECRET.sub(lambda found: f"{found[found.lastgroup or 0]}{MASK}", text)


def redact_value(value: Any) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    """The same for nested values; what stands under a telling name is masked whole."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            name: MASK if is_secret_name(str(name)) and inner else redact_value(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_value(inner) for inner in value]
    return value


def is_secret_name(name: str) -> bool:
    """True for names that secrets go by."""
    return bool(_NAMES.search(name))
