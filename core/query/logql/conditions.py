"""Conditions of all kinds of fields."""

from core.query.logql.model import CompareOp, Matcher, MatchOp
from core.query.patterns import escaped


def one_of(label: str, values: tuple[str, ...], *, negative: bool) -> Matcher:
    """The label is one of these values, or none of them."""
    op: MatchOp
    if len(values) == 1:
        op = "!=" if negative else "="
        return Matcher(label, op, values[0])
    op = "!~" if negative else "=~"
    return Matcher(label, op, "|".join(map(escaped, values)))


def plain(op: str) -> CompareOp:
    """The comparison that is written so."""
    ops: dict[str, CompareOp] = {"==": "=", "=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
    return ops[op]


def opposite(op: str) -> CompareOp:
    """The comparison that holds where it does not."""
    opposites: dict[str, CompareOp] = {"==": "!=", "=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}
    return opposites[op]
