"""The parts of SQL that a statement may be made of. All of them only read, and give no more than they are given."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import TokenType, exp

_NODES = """
    Select Union Intersect Except Subquery With CTE From Join Table TableAlias Where Group Having Order Ordered Limit Offset Distinct
    Column Identifier Star Alias Literal Null Boolean Paren Tuple Var
    And Or Not EQ NEQ GT GTE LT LTE Is In Between Like ILike Escape Exists NullSafeEQ NullSafeNEQ
    Add Sub Mul Div Mod Neg DPipe Case If
    Window WindowSpec Filter WithinGroup
    Cast DataType DataTypeParam Interval Extract TimestampTrunc TimeToStr TsOrDsToTimestamp TsOrDsToDate TsOrDsToTime Date Datetime
    CurrentTimestamp CurrentDate CurrentTime
    Count Sum Avg Min Max Coalesce Nullif Abs Round Floor Ceil Greatest Least Lower Upper Trim Length Substring
    RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue LastValue PercentileCont PercentileDisc
"""
_FUNCTIONS = "date datetime time julianday unixepoch strftime total"
_RESERVED = "rowid oid _rowid_ ctid xmin xmax cmin cmax tableoid"


@cache
def nodes() -> frozenset[str]:
    """Names of sqlglot's node classes."""
    return frozenset(_NODES.split())


@cache
def functions() -> frozenset[str]:
    """Functions that sqlglot has no class for, in lower case."""
    return frozenset(_FUNCTIONS.split())


@cache
def reserved() -> frozenset[str]:
    """Names of columns that every table has besides its own."""
    return frozenset(_RESERVED.split())


@cache
def castable() -> "frozenset[exp.DType]":
    """What a value may be cast to: numbers, texts and times; never names of database objects."""
    from sqlglot import exp

    kinds = exp.DataType.Type
    return frozenset(
        {kinds.TEXT, kinds.VARCHAR, kinds.INT, kinds.BIGINT, kinds.FLOAT, kinds.DOUBLE, kinds.DECIMAL, kinds.DATE}
    ) | {
        kinds.TIMESTAMP,
        kinds.TIMESTAMPTZ,
        kinds.INTERVAL,
        kinds.BOOLEAN,
    }


@cache
def strings() -> "frozenset[TokenType]":
    """Ways to write texts that one database reads and another does not."""
    from sqlglot import TokenType

    return frozenset(
        {TokenType.HEREDOC_STRING, TokenType.UNICODE_STRING, TokenType.BYTE_STRING, TokenType.HEX_STRING}
    ) | {
        TokenType.BIT_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.RAW_STRING,
    }
