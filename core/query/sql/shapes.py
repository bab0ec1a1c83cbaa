"""What a sentence wants of the rows: a list, a number, groups, or a number beside those before it."""

import re
from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.sql import gaps, phrases, statements
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.model import Call, Column, Item, OneOf, Order, Select
from core.query.sql.subjects import MESSAGES
from core.query.wording import DEFAULT_TOP, Wording

_PLURALS = {"triggered_by": "people", "session_id": "sessions", "severity": "severities", "status": "statuses"}


_WHOSE_ONE = re.compile(
    r"\b(?:which|what|who|whose)\b(?: \w+)? (?:started|had|has|triggered|ran|launched|caused|saw|kicked off|owns) (?:the |its |their )?(?:single )?(?:longest|slowest|shortest|fastest|quickest) (?:\w+ )?(?:run|incident|outage|deploy|execution|one)\b",
    re.IGNORECASE,
)
"""The one row that stands out, and whose it is."""
_MEANT = re.compile(
    r"\b(?:avg|average|mean|mttr|mtbf|typical\w*|usually|normally|longest|slowest|shortest|fastest|quickest)\b",
    re.IGNORECASE,
)
_WITH_LENGTH = re.compile(
    r"\b(?:with|and|plus|incl\w*|show|add|along with) (?:the |their |its )?(?:how long|durations?|run ?times?|lengths?|resolution times?|time to resol\w+|hours|minutes) ?(?:it|they|each|that)?\b",
    re.IGNORECASE,
)
"""Beside each row, also of those that have none yet."""
_FUNCTIONS = ((phrases.MINIMUM, "MIN"), (phrases.MEAN, "AVG"), (phrases.MAXIMUM, "MAX"), (phrases.TOTAL, "SUM"))


def shape(wording: Wording, asked: Asked) -> Select:
    """The statement. The first shape that the sentence speaks of wins; the more special ones come first."""
    text = wording.plain
    if asked.periods:
        lengths = asked.subject is not MESSAGES and phrases.LENGTH.search(text)
        function = "AVG" if lengths else "SHARE" if phrases.SHARE.search(text) else "COUNT"
        return statements.side_by_side(
            statements.ended(asked) if lengths else asked, asked.periods, function, text=text
        )
    if phrases.SHARE.search(text) and (share := statements.share(asked, text=text)):
        return share
    if peak := phrases.PEAK.search(text):
        return statements.peak(replace(asked, every=phrases.UNITS[peak[1].lower()]))
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
    each = asked.groups and phrases.PER_GROUP.search(text) and not wording.counts()
    if each and _WITH_LENGTH.search(text):
        return statements.first_of_each(asked, _first(text, asked), phrases.number(text) or 1, with_length=True)
    if (
        len(asked.groups) == 1
        and not asked.every
        and _WHOSE_ONE.search(text)
        and not phrases.AVERAGE.search(text)
        and not each
    ):
        asked = statements.ended(replace(asked, groups=()))
        return statements.rows(
            asked, order=_first(text, asked), limit=1, extra=(Item(statements.length(asked), f"{asked.unit}s"),)
        )
    if (
        phrases.LENGTH.search(text)
        and not (asked.order and not asked.groups)
        and (measured := _measured(wording, asked))
    ):
        return measured
    recurs = asked.every in ("weekday", "hour_of_day")
    if (asked.every or asked.groups) and (phrases.MEAN if recurs else phrases.AVERAGE).search(text):
        return statements.mean_count(asked)
    if each:
        return statements.first_of_each(asked, _first(text, asked), phrases.number(text) or 1)
    if asked.groups or asked.every or asked.split or wording.counts() or asked.limit or asked.beside:
        return statements.grouped(asked, Item(Call("COUNT"), asked.subject.noun), text=text)
    return listed(wording, asked)


def _gaps(wording: Wording, asked: Asked) -> Select:
    if (extreme := phrases.EXTREME_GAP.search(wording.plain)) and not asked.every:
        return gaps.extreme_gap(asked, "MAX" if phrases.DOWNWARD.search(extreme[0]) else "MIN")
    if phrases.AVERAGE.search(wording.plain) or phrases.MEAN_GAP.search(wording.plain):
        return gaps.mean_gap(asked, text=wording.plain)
    return gaps.gaps(asked, limit=phrases.number(wording.plain) or LIMIT)


def _measured(wording: Wording, asked: Asked) -> Select | None:
    """How long rows took: on average, at most, at a quantile, or the longest of them."""
    text = wording.plain
    if asked.subject is MESSAGES:
        if "session_id" not in asked.groups and not phrases.SESSION.search(text) and not asked.every:
            return _texts(wording, asked)
        mean = bool(phrases.AVERAGE.search(text))
        return (
            statements.session_lengths(asked, mean=mean)
            if "session_id" in asked.groups or "session" in text.lower()
            else None
        )
    whole, asked = asked, statements.ended(asked)
    length, unit = statements.length(asked), f"{asked.unit}s"
    said = {entity.value for entity in wording.question.entities if entity.type is EntityType.AGGREGATION}
    several = tuple(name for name in gaps.QUANTILES if name in said)
    if len(several) > 1 or (several and phrases.MEAN.search(text)):
        named = tuple(name for pattern, name in _FUNCTIONS[1:3] if pattern.search(text))
        return gaps.quantiles(asked, several, named)
    if quantile := next((name for name in gaps.QUANTILES if name in said), ""):
        return gaps.quantile(asked, quantile)
    extreme = phrases.EXTREME.search(text)
    rows = phrases.ROWS_WITH.search(text)
    functions = [] if rows else [name for pattern, name in _FUNCTIONS if pattern.search(text)]
    if extreme and not functions and not (asked.groups or asked.every):
        down = extreme[1].lower() in phrases.DOWNWARDS
        limit = phrases.number(text) or (LIMIT if phrases.SORTED.search(text) else DEFAULT_TOP)
        return statements.rows(asked, order=Order(Column(unit), down), limit=limit, extra=(Item(length, unit),))
    number = phrases.number(text)
    if not functions and number > 1 and not (asked.groups or asked.every) and not _MEANT.search(text):
        order = Order(Column(asked.subject.begin), descending=True)
        return statements.rows(whole, order=order, limit=number, extra=(Item(length, unit),))
    if not functions and (phrases.AVERAGE.search(text) or extreme):
        functions = ["AVG"]
    if functions:
        items = [Item(Call(name, (length,)), f"{name.lower()}_{unit}") for name in functions]
        return statements.grouped(asked, *items, text=text)
    if phrases.HOW_LONG.search(text) or _WITH_LENGTH.search(text):
        asked = whole if _WITH_LENGTH.search(text) else asked
        order = Order(Column(asked.subject.begin), descending=True)
        limit = phrases.number(text) or LIMIT
        return statements.rows(asked, order=order, limit=limit, extra=(Item(length, unit),))
    return None


def _texts(wording: Wording, asked: Asked) -> Select | None:
    """How long messages are: on average, or the longest of them."""
    text = wording.plain
    characters = Call("LENGTH", (Column(asked.subject.text),))
    if phrases.AVERAGE.search(text):
        return statements.grouped(asked, Item(Call("AVG", (characters,)), "avg_characters"), text=text)
    if not (extreme := phrases.EXTREME.search(text)) or asked.groups:
        return None
    order = Order(Column("characters"), extreme[1].lower() in phrases.DOWNWARDS)
    limit = phrases.number(text) or DEFAULT_TOP
    return statements.rows(asked, order=order, limit=limit, extra=(Item(characters, "characters"),))


def _first(text: str, asked: Asked) -> Order:
    """What comes first where one row of each group is asked for."""
    if extreme := phrases.EXTREME.search(text):
        return Order(statements.length(asked), extreme[1].lower() in phrases.DOWNWARDS)
    return Order(Column(asked.subject.begin), not phrases.OLDEST.search(text) or bool(phrases.LATEST.search(text)))


def listed(wording: Wording, asked: Asked) -> Select:
    """The rows themselves."""
    latest = bool(phrases.LATEST.search(wording.plain))
    session = any(isinstance(one, OneOf) and one.expr == Column("session_id") for one in asked.where)
    # A conversation is read from its beginning.
    first = not latest and (session or bool(phrases.OLDEST.search(wording.plain)))
    order = asked.order or Order(Column(asked.subject.begin), descending=not first)
    return statements.rows(asked, order=order, limit=phrases.number(wording.plain) or LIMIT)
