"""Regular expressions of the backends (RE2), without running them."""

import re

_OPTIONAL = re.compile(r"(?:\\.|\[[^\]]*\]|\([^()]*\)|[^\\\[\]()|])(?:[*?]|\{0?,\d*\}|\{0\})\??")
_FLAGS = re.compile(r"\(\?[a-zA-Z:]+\)?")
_CLASS = re.compile(r"\[[^\]]*\]|\\[pP]\{[^}]*\}|\\[dDsSwWbBAzZpP]|\{\d*,?\d*\}")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_UNKNOWN = re.compile(r"\(\?(?!:|i\))|\\[1-9ZG]|[*+?}]\+|\{\d{0,9},?\d{4,}|\[\[|--|&&|~~|\|\|")
"""What only Python's expressions have (looking around, references back, possessive and large counts), or may have one day."""
_LITERAL = re.compile(r"\\.|[^.*+?^$()|\[\]{}\\]")


def names_something(pattern: str) -> bool:
    """Whether each alternative asks for at least one character that is spelled out. `.+`, `a?` and `api|.*` do not."""
    plain = _OPTIONAL.sub("", _FLAGS.sub("", pattern))
    return all(_LITERAL.search(_CLASS.sub("", part)) for part in plain.split("|"))


def escaped(text: str) -> str:
    """The text as part of a pattern. `re.escape` quotes more than RE2 wants to see."""
    return _SPECIAL.sub(r"\\\1", text)


def is_pattern(text: str) -> bool:
    """Whether it can be run as one."""
    if _UNKNOWN.search(text):
        return False
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
