"""Tells regular expressions that choose something from those that match everything, without running them."""

import re

_OPTIONAL = re.compile(r"(?:\\.|\[[^\]]*\]|\([^()]*\)|[^\\\[\]()|])(?:[*?]|\{0?,\d*\}|\{0\})\??")
_FLAGS = re.compile(r"\(\?[a-zA-Z:]+\)?")
_CLASS = re.compile(r"\[[^\]]*\]|\\[pP]\{[^}]*\}|\\[dDsSwWbBAzZpP]|\{\d*,?\d*\}")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_LITERAL = re.compile(r"\\.|[^.*+?^$()|\[\]{}\\]")


def names_something(pattern: str) -> bool:
    """Whether each alternative asks for at least one character that is spelled out. `.+`, `a?` and `api|.*` do not."""
    plain = _OPTIONAL.sub("", _FLAGS.sub("", pattern))
    return all(_LITERAL.search(_CLASS.sub("", part)) for part in plain.split("|"))


def escaped(text: str) -> str:
    """The text as part of a pattern of RE2, which Loki and Tempo use: only what it knows as special is escaped."""
    return _SPECIAL.sub(r"\\\1", text)
