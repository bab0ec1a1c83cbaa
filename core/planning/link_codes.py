"""The codes by which a person joins their accounts: easy to type, kept as a hash only. Pure."""

import hashlib
import re

LIFE_SECONDS = 600
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE = re.compile(r"[2-9a-hj-np-z]{5}-?[2-9a-hj-np-z]{5}", re.IGNORECASE)


def code_from(token: str) -> str:
    """A code of 50 bits, made of a token that nobody can guess."""
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in hashlib.sha256(token.encode()).digest()[:10])
    return f"{letters[:5]}-{letters[5:]}"


def looks_like_code(text: str) -> bool:
    """True when this may be a code."""
    return bool(_CODE.fullmatch(text))


def key(code: str) -> str:
    """What stands for the code in the records."""
    return "link:" + hashlib.sha256(code.upper().replace("-", "").encode()).hexdigest()
