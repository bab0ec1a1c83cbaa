"""What a sentence wants of the rows: a list, a number, groups, or a number beside those before it."""

from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.sql import phrases, statements
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.model import Call, Column, Item, OneOf, Order, Select
from core.query.sql.subjects import MESSAGES
from core.query.wording import DEFAULT_TOP, Wording

_PLURALS = {"triggered_by": "people", "session_id": "sessions", "severity": "severities", "status": "statuses"}


_FUNCTIONS = ((phrases.MINIMUM, "MIN"), (phrases.MEAN, "AVG"), (phrases.MAXIMUM, "MAX"), (phrases.TOTAL, "SUM"))


def shape(wording: Wording, asked: Asked) -> Select:
    """The statement. The first shape that the sentence speaks of wins; the more special ones come first."""
    text = wording.plain
    if asked.periods:
        lengths = asked.subject is not MESSAGES and phrases.LENGTH.search(text)
        return statements.side_by_side(
            statements.ended(asked) if lengths else asked, asked.periods, "AVG" if lengths else "COUNT"
        )
    if phrases.SHARE.search(text) and (share := statements.share(asked, text=text)):
        return share
    if asked.every and phrases.PREVIOUS.search(text):
        return statements.in_steps(asked, running=False)
    if phrases.RUNNING.search(text):
        return statements.in_steps(replace(asked, every=asked.every or "day"), running=True)
    if phrases.GAP.search(text) and asked.subject is not MESSAGES:
        return _gaps(wording, asked)
    if asked.distinct and asked.listed and not asked.groups:
        return statements.different(asked)
    if asked.distinct:
        different = Call("COUNT", (Column(asked.distinct),), distinct=True)
        return statements.grouped(asked, Item(different, _PLURALS.get(asked.distinct, f"{asked.distinct}s")), text=text)
    if (
        asked.groups
        and phrases.PER_GROUP.search(text)
        and phrases.EXTREME.search(text)
        and not any(pattern.search(text) for pattern, _ in _FUNCTIONS)
    ):
        asked = statements.ended(asked)
        return statements.first_of_each(asked, _first(text, asked), phrases.number(text) or 1)
    if (
        phrases.LENGTH.search(text)
        and not (asked.order and not asked.groups)
        and (measured := _measured(wording, asked))
    ):
        return measured
    if (asked.every or asked.groups) and phrases.AVERAGE.search(text):
        return statements.mean_count(asked)
    if asked.groups and phrases.PER_GROUP.search(text) and not wording.counts():
        return statements.first_of_each(asked, _first(text, asked), phrases.number(text) or 1)
    if asked.groups or asked.every or wording.counts() or asked.limit or asked.beside:
        return statements.grouped(asked, Item(Call("COUNT"), asked.subject.noun), text=text)
    return _listed(wording, asked)


def _gaps(wording: Wording, asked: Asked) -> Select:
    if phrases.AVERAGE.search(wording.plain) or phrases.MEAN_GAP.search(wording.plain):
        return statements.mean_gap(asked, text=wording.plain)
    return statements.gaps(asked, limit=phrases.number(wording.plain) or LIMIT)


def _measured(wording: Wording, asked: Asked) -> Select | None:
    """How long rows took: on average, at most, at a quantile, or the longest of them."""
    text = wording.plain
    if asked.subject is MESSAGES:
        mean = bool(phrases.AVERAGE.search(text))
        return (
            statements.session_lengths(asked, mean=mean)
            if "session_id" in asked.groups or "session" in text.lower()
            else None
        )
    asked = statements.ended(asked)
    length, unit = statements.length(asked), f"{asked.unit}s"
    said = {entity.value for entity in wording.question.entities if entity.type is EntityType.AGGREGATION}
    if quantile := next((name for name in statements.QUANTILES if name in said), ""):
        return statements.quantile(asked, quantile)
    extreme = phrases.EXTREME.search(text)
    rows = phrases.ROWS_WITH.search(text)
    functions = [] if rows else [name for pattern, name in _FUNCTIONS if pattern.search(text)]
    if extreme and not functions and not (asked.groups or asked.every):
        down = extreme[1].lower() in phrases.DOWNWARDS
        limit = phrases.number(text) or (LIMIT if phrases.SORTED.search(text) else DEFAULT_TOP)
        return statements.rows(asked, order=Order(Column(unit), down), limit=limit, extra=(Item(length, unit),))
    if not functions and (phrases.AVERAGE.search(text) or extreme):
        functions = ["AVG"]
    if functions:
        items = [Item(Call(name, (length,)), f"{name.lower()}_{unit}") for name in functions]
        return statements.grouped(asked, *items, text=text)
    if phrases.HOW_LONG.search(text):
        order = Order(Column(asked.subject.begin), descending=True)
        limit = phrases.number(text) or LIMIT
        return statements.rows(asked, order=order, limit=limit, extra=(Item(length, unit),))
    return None


def _first(text: str, asked: Asked) -> Order:
    """What comes first where one row of each group is asked for."""
    if extreme := phrases.EXTREME.search(text):
        return Order(statements.length(asked), extreme[1].lower() in phrases.DOWNWARDS)
    return Order(Column(asked.subject.begin), not phrases.OLDEST.search(text) or bool(phrases.LATEST.search(text)))


def _listed(wording: Wording, asked: Asked) -> Select:
    latest = bool(phrases.LATEST.search(wording.plain))
    session = any(isinstance(one, OneOf) and one.expr == Column("session_id") for one in asked.where)
    # A conversation is read from its beginning.
    first = not latest and (session or bool(phrases.OLDEST.search(wording.plain)))
    order = asked.order or Order(Column(asked.subject.begin), descending=not first)
    return statements.rows(asked, order=order, limit=phrases.number(wording.plain) or LIMIT)
