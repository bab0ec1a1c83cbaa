"""How large a query may be, before a parser sees it."""

import re
from itertools import accumulate

from core.query.translation import QueryRefused

MAX_LENGTH = 5_000
"""Characters; nobody reads more."""
MAX_DEPTH = 40
"""Brackets inside one another."""
MAX_OPERATORS = 200
"""Operators and stages outside of strings; trees of them lean to one side, and are walked recursively."""
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)
_OPERATOR = re.compile(r"[-+*/%^<>=!&|~]+|\b(?:and|or|unless)\b")


def refuse_giants(text: str) -> None:
    """
    Raises:
        QueryRefused: too long, too deep, or too many operators.
    """
    if len(text) > MAX_LENGTH:
        raise QueryRefused(f"The query has {len(text):,} characters; at most {MAX_LENGTH:,} are run.")
    plain = _STRING.sub('""', text)
    if max(accumulate(_BRACKETS[c] for c in plain if c in _BRACKETS), default=0) > MAX_DEPTH:
        raise QueryRefused(f"The query is nested more than {MAX_DEPTH} deep.", hint="Take it apart.")
    if len(_OPERATOR.findall(plain)) > MAX_OPERATORS:
        raise QueryRefused(f"The query has more than {MAX_OPERATORS} operators.", hint="Take it apart.")
