"""Lets only harmless statements through: one SELECT over known tables, made of known parts.

The list says what is allowed, so a part that nobody thought of is refused. What runs is printed from the checked tree: a text that
a database would read otherwise than the parser (nested comments, odd strings) never reaches it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from core.nlp.entities import nearest
from core.query.sql.allowed import castable, functions, nodes, reserved, strings
from core.query.sql.schema import TABLES, Dialect
from core.query.translation import QueryRefused

if TYPE_CHECKING:
    from sqlglot import Token, exp

_Part = TypeVar("_Part")
MAX_ROWS = 1_000
"""A larger LIMIT is lowered to it, a missing one added."""
MAX_LENGTH = 5_000
MAX_TOKENS = 800
MAX_DEPTH = 20
MAX_JOINS = 4
MAX_RANGE_JOINS = 1
MAX_SELECTS = 12
MAX_OFFSET = 100_000
MAX_CONCATENATIONS = 8
MAX_WILDCARDS = 6
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_RANGES = ("EQ", "GT", "GTE", "LT", "LTE", "Between")


def check(text: str, dialect: Dialect) -> "exp.Query":
    """The statement as a tree that may run, with a LIMIT of at most `MAX_ROWS`; print it, never the text.

    Raises:
        QueryRefused: it is no SQL, or does anything but read the documented tables, or could cost too much.
    """
    from sqlglot import exp

    tree = _parsed(text, dialect)
    parts = list(tree.walk())  # once, as walking costs more than looking
    _refuse_unknown_parts(parts)
    _refuse_recursion(tree)
    ctes = _ctes(tree)
    for table in _of(parts, exp.Table):
        _refuse_table(table, ctes)
    _refuse_columns(parts)
    _refuse_costs(tree, parts)
    return _limited(tree)


def _of(parts: "Iterable[exp.Expr]", kind: type[_Part]) -> list[_Part]:
    return [node for node in parts if isinstance(node, kind)]


def _parsed(text: str, dialect: Dialect) -> "exp.Query":
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if len(text) > MAX_LENGTH:
        raise QueryRefused(f"The statement has {len(text):,} characters; at most {MAX_LENGTH:,} are run.")
    try:
        reader = sqlglot.Dialect.get_or_raise(dialect)
        tokens = reader.tokenize(text)
        _refuse_tokens(tokens)
        parsed = [statement for statement in reader.parser().parse(tokens, text) if statement is not None]
    except SqlglotError as error:
        reason = str(error).splitlines()[0].split(". Line")[0].rstrip(".") if str(error) else "it cannot be read"
        raise QueryRefused(f"This is no valid SQL: {reason}.", hint="Mend the statement and run it again.") from error
    except RecursionError as error:
        raise QueryRefused("The statement is nested too deep.", hint="Take it apart.") from error
    if len(parsed) != 1:
        raise QueryRefused("One statement at a time.", hint="Run each statement by itself.")
    tree = parsed[0]
    if isinstance(tree, exp.Subquery):
        tree = tree.unnest()
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise QueryRefused("Only SELECT is run here: records are read, never written.")
    if any(not select.expressions for select in tree.find_all(exp.Select)):
        raise QueryRefused("The SELECT names no columns.")
    return tree


def _refuse_tokens(tokens: "list[Token]") -> None:
    """What is best refused before a parser gives it a meaning: comments, odd strings, towers of brackets."""
    from sqlglot import TokenType

    if not tokens:
        raise QueryRefused("There is no statement.")
    if tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        raise QueryRefused("Only SELECT is run here: records are read, never written.")
    if len(tokens) > MAX_TOKENS:
        raise QueryRefused("The statement is too long.", hint="Take it apart.")
    if any(token.comments for token in tokens):
        raise QueryRefused("Leave comments out: databases read them differently.")
    depth = 0
    for number, token in enumerate(tokens):
        if token.token_type in strings():
            raise QueryRefused(f"Write texts in plain quotes: 'like this', not {token.text[:20]!r}.")
        if token.token_type is TokenType.SEMICOLON and number < len(tokens) - 1:
            raise QueryRefused("One statement at a time.", hint="Run each statement by itself.")
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth > MAX_DEPTH:
            raise QueryRefused(f"The statement is nested more than {MAX_DEPTH} deep.", hint="Take it apart.")


def _refuse_unknown_parts(parts: "Iterable[exp.Expr]") -> None:
    from sqlglot import exp

    for node in parts:
        if isinstance(node, exp.Anonymous):
            if str(node.this).lower() not in functions():
                raise QueryRefused(
                    f"The function {node.this} is not allowed.",
                    hint="Counts, sums, dates and plain text functions are.",
                )
        elif type(node).__name__ not in nodes():
            raise QueryRefused(
                f"{_said(node)} is not allowed here.", hint="Plain SELECTs with joins, groups and windows are."
            )
        match node:
            case exp.Identifier():
                if not _NAME.fullmatch(node.name) or node.name.lower() in reserved():
                    raise QueryRefused(f"The name {node.name!r} is not allowed.")
            case exp.Cast():
                if node.to.this not in castable() or isinstance(node.to.args.get("values"), list):
                    raise QueryRefused(f"A cast to {node.to.sql()} is not allowed.")
            case exp.Var():
                if not isinstance(node.parent, exp.Extract | exp.TimestampTrunc | exp.Interval | exp.WindowSpec):
                    raise QueryRefused(f"{node.name} is not allowed here.")
            case exp.Literal():
                _refuse_literal(node)
            case exp.Select():
                if node.args.get("kind") or node.args.get("hint") or node.args.get("operation_modifiers"):
                    raise QueryRefused("Only a plain SELECT is allowed.")


def _refuse_literal(node: "exp.Literal") -> None:
    if "\0" in node.name or (not node.is_string and len(node.name) > 18):
        raise QueryRefused("A value of the statement is out of bounds.")


def _said(node: "exp.Expr") -> str:
    """The part in SQL's own word, as far as it has one."""
    key = node.key.upper()
    return {"INTO": "SELECT INTO", "LOCK": "FOR UPDATE", "LATERAL": "LATERAL", "UNNEST": "UNNEST"}.get(key, key)


def _ctes(tree: "exp.Query") -> frozenset[str]:
    from sqlglot import exp

    return frozenset(cte.alias.lower() for cte in tree.find_all(exp.CTE))


def _refuse_recursion(tree: "exp.Query") -> None:
    """SQLite lets a CTE call itself without RECURSIVE; and one named like a table would hide it."""
    from sqlglot import exp

    for with_ in tree.find_all(exp.With):
        if with_.args.get("recursive"):
            raise QueryRefused("WITH RECURSIVE is not allowed: nothing bounds it.")
        later = [cte.alias.lower() for cte in with_.expressions]
        for number, cte in enumerate(with_.expressions):
            if cte.alias.lower() in TABLES or later.count(cte.alias.lower()) > 1:
                raise QueryRefused(f"The name {cte.alias} is taken.", hint="Give the subquery a name of its own.")
            for table in cte.this.find_all(exp.Table):
                if table.name.lower() in later[number:]:
                    raise QueryRefused(
                        f"The subquery {cte.alias} refers to itself or to a later one: nothing bounds it."
                    )


def _refuse_table(table: "exp.Table", ctes: frozenset[str]) -> None:
    from sqlglot import exp

    name = table.name.lower()
    if table.args.get("db") or table.args.get("catalog"):
        raise QueryRefused(f"{table.sql()}: tables have no schema here.", hint=f"There are {', '.join(TABLES)}.")
    extra = [key for key, value in table.args.items() if value and key not in ("this", "alias", "joins")]
    if extra or not isinstance(table.this, exp.Identifier):
        raise QueryRefused(f"{table.sql()} is no plain table.", hint=f"There are {', '.join(TABLES)}.")
    alias = table.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise QueryRefused("Columns of tables are not renamed.", hint="Use AS in the SELECT.")
    if name not in TABLES and name not in ctes:
        close = nearest(name, TABLES)
        raise QueryRefused(f"There is no table {table.name}.", hint=f"There are {', '.join(TABLES)}.", nearest=close)


def _refuse_columns(parts: "Iterable[exp.Expr]") -> None:
    """Each column is one of a known table, or made by the statement itself."""
    from sqlglot import exp

    own = {alias.alias.lower() for alias in _of(parts, exp.Alias)}
    own |= {column.name.lower() for alias in _of(parts, exp.TableAlias) for column in alias.args.get("columns") or ()}
    known = {column for columns in TABLES.values() for column in columns}
    tables = {(table.alias or table.name).lower(): table.name.lower() for table in _of(parts, exp.Table)}
    for column in _of(parts, exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        name, of = column.name.lower(), tables.get(column.table.lower(), "")
        choices = set(TABLES.get(of, ())) or known | own
        if name not in choices and not (of not in TABLES and name in own):
            close = nearest(name, sorted(choices))
            where = f"{of} has" if of in TABLES else "There is"
            hint = f"Did you mean {', '.join(close)}?" if close else ""
            raise QueryRefused(f"{where} no column {column.name}.", hint=hint, nearest=close)


def _refuse_costs(tree: "exp.Query", parts: "Iterable[exp.Expr]") -> None:
    from sqlglot import exp

    joins = _of(parts, exp.Join)
    if len(joins) > MAX_JOINS:
        raise QueryRefused(f"At most {MAX_JOINS} joins.", hint="Take the statement apart.")
    if len(_of(parts, exp.Select)) > MAX_SELECTS:
        raise QueryRefused(f"At most {MAX_SELECTS} SELECTs in a statement.", hint="Take it apart.")
    if sum(not _by_equality(join) for join in joins) > MAX_RANGE_JOINS:
        raise QueryRefused("At most one join by a range.", hint="Join the others by what is equal: ON a.x = b.y.")
    for join in joins:
        if not _bound(join):
            raise QueryRefused(
                f"The join with {join.this.alias_or_name} has no condition: every row would meet every row.",
                hint="Say how the rows belong together: JOIN … ON a.x = b.y.",
            )
    concatenations = _of(parts, exp.DPipe)
    if len(concatenations) > MAX_CONCATENATIONS or any(node.parent_select is not tree for node in concatenations):
        raise QueryRefused("Texts are joined only in the outermost SELECT, a few at a time.")
    for like in (*_of(parts, exp.Like), *_of(parts, exp.ILike)):
        pattern = like.expression.this if isinstance(like.expression, exp.Escape) else like.expression
        if isinstance(pattern, exp.Literal) and pattern.name.count("%") + pattern.name.count("_") > MAX_WILDCARDS:
            raise QueryRefused(f"At most {MAX_WILDCARDS} wildcards in a LIKE.")


def _bound(join: "exp.Join") -> bool:
    """Whether rows of both sides have to fit: USING, or a comparison (not <>) between columns of two tables."""
    from sqlglot import exp

    if join.args.get("method") or join.kind == "CROSS":
        return False
    if join.args.get("using"):
        return True
    on = join.args.get("on")
    return on is not None and any(
        len({column.table.lower() for column in one.find_all(exp.Column) if column.table}) > 1
        for one in _conjunction(on)
        if type(one).__name__ in _RANGES
    )


def _by_equality(join: "exp.Join") -> bool:
    from sqlglot import exp

    on = join.args.get("on")
    return bool(join.args.get("using")) or (on is not None and any(isinstance(one, exp.EQ) for one in _conjunction(on)))


def _conjunction(expr: "exp.Expr") -> "Iterator[exp.Expr]":
    """The conditions that all have to hold."""
    from sqlglot import exp

    plain = expr.unnest()
    if isinstance(plain, exp.And):
        yield from _conjunction(plain.left)
        yield from _conjunction(plain.right)
    else:
        yield plain


def _limited(tree: "exp.Query") -> "exp.Query":
    from sqlglot import exp

    for select in tree.find_all(exp.Limit, exp.Offset):
        count = select.expression
        if not isinstance(count, exp.Literal) or count.is_string or not count.name.isdecimal():
            raise QueryRefused("LIMIT and OFFSET take plain numbers.")
        if isinstance(select, exp.Offset) and int(count.name) > MAX_OFFSET:
            raise QueryRefused(f"OFFSET reaches at most {MAX_OFFSET:,}.")
    limit = tree.args.get("limit")
    if limit is None or int(limit.expression.name) > MAX_ROWS:
        return tree.limit(MAX_ROWS)
    return tree


def restrict(statement: "exp.Query", visible: "Mapping[str, exp.Query]") -> "exp.Query":
    """The checked statement over what this person may see.

    `visible`: table → a query that gives its documented columns. Aliases stay, so that columns keep their names.

    Raises:
        QueryRefused: a table of the statement is not visible to the person at all.
    """
    from sqlglot import exp

    made = statement.copy()
    ctes = _ctes(made)
    for table in list(made.find_all(exp.Table)):
        name = table.name.lower()
        if name in ctes:
            continue
        if name not in visible:
            raise QueryRefused(f"You may not read {name}.", hint="Ask an administrator for the permission.")
        subquery = visible[name].copy().subquery(table.alias or name)
        if joins := table.args.get("joins"):
            subquery.set("joins", joins)
        table.replace(subquery)
    return made
