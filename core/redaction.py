"""Finds secrets in text and values and masks them. Pure; time grows linearly with the length of the text.

What is recognised by its form keeps its first characters, so that people know which secret to rotate; what is recognised by
the name before it keeps the name. A miss costs more than a word masked in vain, so names win in doubt.
"""

import re
from collections.abc import Mapping
from typing import Any

MASK = "[redacted]"

_ALONE = r"(?<![A-Za-z0-9])"
"""Not inside a longer word."""
_HAS_DIGIT = r"(?=[^\s]{0,80}\d)"
"""Tells a token from prose; bounded, like every repetition that something must follow, to stay linear."""
_NEW = rf"(?!{re.escape(MASK)})"
"""Not masked already."""
_TELLING = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:api|access|secret|private|signing|account)[_-]?key)"
)
_QUOTE = r"(?:\\{0,3}[\"'])?"
"""Perhaps a quotation mark, escaped where a quotation is quoted."""
_VALUE = (
    rf"(?!{_QUOTE}{re.escape(MASK)})(?:"
    r"(?<=\\\")(?:(?!\\\").){1,512}"
    r"|(?<=\")(?:\\.|[^\"\\\r\n]){1,512}"
    r"|(?<=')(?:\\.|[^'\\\r\n]){1,512}"
    r"|[^\s\"',;&()\[\]{}<>$|]{4,})"
)

_BY_FORM = (
    # What a token begins with is documented by its issuer.
    rf"(?P<slack>{_ALONE}(?:xox[a-z][.-]|xapp-|xwfp-))[A-Za-z0-9.%-]{{8,}}",
    r"(?P<hook>https://hooks\.slack(?:-gov)?\.com/(?:services|commands|actions|workflows|triggers)/)[A-Za-z0-9/_-]+",
    r"(?P<webhook>/(?:webhooks|interactions)/\d{15,20}/)[A-Za-z0-9_-]{20,}",
    rf"(?P<github>{_ALONE}(?:gh[opsur]_|github_pat_))[A-Za-z0-9_]{{20,}}",
    rf"(?P<gitlab>{_ALONE}gl(?:pat|dt|rt|ptt|soat|cbt)-)[A-Za-z0-9_-]{{16,}}",
    rf"(?P<stripe>{_ALONE}(?:[sr]k_(?:live|test)_|whsec_))[A-Za-z0-9]{{10,}}",
    rf"(?P<model>{_ALONE}sk-(?:ant-|proj-|svcacct-|or-)?){_HAS_DIGIT}[A-Za-z0-9_-]{{20,}}",
    rf"(?P<aws>{_ALONE}(?:AKIA|ASIA))[A-Z0-9]{{16}}(?![A-Za-z0-9])",
    rf"(?P<google>{_ALONE}(?:AIza|ya29\.|GOCSPX-))[A-Za-z0-9_-]{{20,}}",
    rf"(?P<others>{_ALONE}(?:npm_|pypi-|hf_|hvs\.|glsa_|dop_v1_|shpat_|lin_api_|sntrys_|NRAK-))[A-Za-z0-9_-]{{20,}}",
    r"(?P<mail>\bSG\.)[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}",
    rf"(?P<jwt>{_ALONE}eyJ)[A-Za-z0-9_-]{{8,512}}\.[A-Za-z0-9_-]{{8,4096}}\.[A-Za-z0-9_-]*",
    rf"(?P<pem>-----BEGIN [A-Z ]{{0,30}}PRIVATE KEY(?: BLOCK)?-----){_NEW}(?:[^-]|-(?!----))+(?:-----END [A-Z ]{{0,40}}-----)?",
)
_BY_NAME = (
    # Whatever the case.
    rf"(?P<url>\b[a-z][a-z0-9+.-]{{1,20}}://[^\s:/@\"'<>]{{0,64}}:){_NEW}[^\s/\"'<>]{{1,256}}(?=@)",
    rf"(?P<header>\bauthorization{_QUOTE}\s{{0,3}}[:=]\s{{0,3}}{_QUOTE}(?:[a-z]{{1,12}} )?+){_NEW}[^\s\"',;\\]{{4,}}",
    rf"(?P<cookie>\bcookie:\s{{0,3}}){_NEW}[^\s\"'][^\r\n\"']{{3,}}",
    rf"(?P<scheme>\b(?:bearer|basic|bot) ){_NEW}{_HAS_DIGIT}[a-z0-9_.~+/=-]{{12,}}",
    rf"(?P<flag>--[a-z-]{{0,24}}{_TELLING}[ =]){_NEW}\S{{3,}}",
    rf"(?P<sql>\b(?:password|identified\s{{1,3}}by)\s{{1,3}}'){_NEW}[^'\r\n]{{1,256}}",
    r"(?P<signature>\bsig(?:nature)?=)[a-z0-9%/+_=-]{16,}",
    rf"(?P<pair>{_TELLING}{_QUOTE}\s{{0,3}}[=:]>?\s{{0,3}}{_QUOTE}){_VALUE}",
)
_SECRET = re.compile(f"{'|'.join(_BY_FORM)}|(?i:{'|'.join(_BY_NAME)})", re.ASCII)
_DISCORD = re.compile(
    rf"(?P<discord>{_ALONE}[MNO][A-Za-z0-9_-]{{23,27}}\.)[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}}", re.ASCII
)
"""Apart, because it begins with nothing that `_HINTS` could look for."""
_PASSES = 4
"""Most looks at one text: masking one secret may uncover the beginning of the next."""
_HINTS = (
    "xox", "xapp-", "xwfp-", "hooks.slack", "/webhooks/", "/interactions/", "gho_", "ghp_", "ghs_", "ghu_", "ghr_",
    "github_pat_", "glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glcbt-", "k_live_", "k_test_", "whsec_", "sk-",
    "akia", "asia", "aiza", "ya29.", "gocspx-", "npm_", "pypi-", "hf_", "hvs.", "glsa_", "dop_v1_", "shpat_",
    "lin_api_", "sntrys_", "nrak-", "sg.", "eyj", "-----begin ", "://", "authorization", "cookie:", "bearer ", "basic ",
    "bot ", "identified", "sig=", "signature=", "password", "passwd", "passphrase", "pwd", "secret", "token",
    "credential", "key",
)  # fmt: skip
"""One of these stands in every text that `_SECRET` could change, lower case: most texts need no more than this look."""

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_ALWAYS_SECRET = frozenset(
    ("password", "passwd", "passphrase", "pwd", "secret", "secrets", "credential", "credentials", "authorization", "cookie", "apikey")
)  # fmt: skip
_SECRET_ENDINGS = (
    ("token",), ("jwt",), ("api", "key"), ("access", "key"), ("private", "key"), ("signing", "key"), ("account", "key"),
    ("encryption", "key"), ("response", "url"), ("webhook", "url"), ("set", "cookie"), ("x", "signature"),
)  # fmt: skip


def redact(text: str) -> str:
    """The text with every secret masked. Doing it twice changes nothing more."""
    for _ in range(_PASSES):
        masked = _once(text)
        if masked == text:
            break
        text = masked
    return text


def redact_value(value: Any) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    """The same for nested values, keys included; what stands under a telling name is masked whole. Sequences become lists."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            redact(name) if isinstance(name, str) else name: _under(str(name), inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(inner) for inner in value]
    return value


def is_secret_name(name: str) -> bool:
    """True for names that secrets go by: `bot_token`, `apiKey`, `DB_PASSWORD`; not for `token_count` or `idempotency_key`."""
    words = tuple(word.lower() for word in _WORDS.findall(name))
    return not _ALWAYS_SECRET.isdisjoint(words) or any(words[-len(end) :] == end for end in _SECRET_ENDINGS)


def _once(text: str) -> str:
    text = _DISCORD.sub(_masked, text) if "." in text else text
    lowered = text.lower()
    return _SECRET.sub(_masked, text) if any(hint in lowered for hint in _HINTS) else text


def _under(name: str, value: Any) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    hidden = value is not None and value != "" and not isinstance(value, bool) and is_secret_name(name)
    return MASK if hidden else redact_value(value)


def _masked(found: re.Match[str]) -> str:
    return f"{found[found.lastgroup or 0]}{MASK}"
