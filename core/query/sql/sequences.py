"""Rows by those before and after them: "failed twice in a row", "followed by a completed run of the same workflow within 30 min"."""

import re

from core.query.literals import seconds
from core.query.sql import asked, filters, phrases
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import only, without
from core.query.sql.guard import MAX_ROWS
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Exists,
    Instant,
    Item,
    Join,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    Select,
    Value,
)
from core.query.sql.phrases import NUMBER, worded
from core.query.sql.subjects import MESSAGES, RUNS, Subject, status_column
from core.query.wording import Wording

_NEAR = re.compile(
    r"\b(?:within|in|less than|under|no more than|at most|not more than)\s(?P<number>\d{1,4}|an?|one|half an)\s?(?P<unit>s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s(?:after|of|before|from|following|apart from)\s(?:another|an(?: earlier)?|a previous|the previous|the preceding|the last|each other|one another|the one before|its predecessor)(?: (?:one|incidents?|runs?|sev[1-4]|outages?|failures?|execution))?\b",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(
    r"\b(?:where|whose|for which|when)\s(?:the |its |their )?(?:very |immediately |directly )?(?P<which>previous|preceding|prior|next|following|subsequent)\s(?:run|one|incident|execution|attempt)\b(?: of the same \w+)?",
    re.IGNORECASE,
)
_OVERLAP = re.compile(
    r"\boverlap\w*(?: (?:with )?(?:another|each other|other|one another)(?: (?:one|incident|run)s?)?)?|\b(?:open|running|active|going on|in progress)? ?(?:at the same time|simultaneous(?:ly)?|in parallel|concurrent(?:ly)?|at once)(?: (?:as|with) (?:another|each other)(?: (?:one|incident|run)s?)?)?\b",
    re.IGNORECASE,
)
_PAIRS = re.compile(
    r"\bpairs?\b|\bpairwise\b|\bboth (?:ids|of them|incidents|runs)\b|\bwith which\b|\bwhich (?:other )?ones?\b|\btogether with (?:the )?other\b",
    re.IGNORECASE,
)
_TIMES = {"twice": 2, "two times": 2, "2x": 2, "thrice": 3, "3x": 3}
_IN_A_ROW = re.compile(
    rf"(?:\b(?P<times>twice|two times|thrice|[23]x)\s|\b{NUMBER}\+?\s(?:\w+\s){{0,3}}?(?:times\s)?(?:or more (?:times )?)?)?(?:\bin (?:a )?row\b|\bin succession\b|\bback[- ]to[- ]back\b|\bone after (?:the other|another)\b|\bhintereinander\b|\bseguid[oa]s\b)"
    rf"|\b(?:{NUMBER}\s(?:or more )?)?(?:consecutive(?:ly)?|successive(?:ly)?|straight)\b",
    re.IGNORECASE,
)
_NEXT_TOO = re.compile(
    r"\b(?:and|but|where)?\s?(?:the |its |their )?(?:very |immediately |directly )?(?:next|following|subsequent) (?:run|one|execution|incident|attempt|time)\b(?:[^.;?!]{0,40}?\b(?:too|also|as well|again|was|did|failed|completed|succeeded|is|got)\b)?",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    r"\b(?:(?:immediately|directly|quickly|soon|right away|then|later|eventually)\s)?(?P<verb>(?:were |was |are |is |got )?followed (?:up )?by|and then|before being|retried|re-?tried|re-?run|re-?ran|restarted|recovered|with (?:another|a (?:successful|completed|later|second|subsequent))|that had (?:another|a (?:successful|completed|later))|had (?:another|a (?:successful|completed|later|subsequent)))\b",
    re.IGNORECASE,
)
_RETRY = re.compile(r"re-?tr\w+|re-?r[ua]n\w*|restarted", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:within|in under|in less than|less than|not later than|no more than|at most|inside|in the (?:next|following))\s(?:the (?:next|following) )?(?P<number>\d{1,4}|an?|one|half an)\s?(?P<unit>s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b(?: (?:after|of|later|from|afterwards|since)[^,.;?!]{0,30}?(?:failure|failing|it|that|end|finish\w*|start|resolution))?",
    re.IGNORECASE,
)
_SAME = re.compile(r"\b(?:of|for|on|in|by) (?:the |that )?same (\w+)\b|\bsame (\w+)\b", re.IGNORECASE)
_GROUPS = re.compile(
    r"\b(?:which|what|flaky|per|by|each|for each) (?:\w+ )?(?:workflows?|services?|jobs?|pipelines?)\b|\bhow often\b",
    re.IGNORECASE,
)


def select(wording: Wording, subject: Subject) -> Select | None:
    """Rows, their number, or the groups that have them; None where the sentence speaks of no order of rows."""
    if subject is MESSAGES:
        return None
    text = wording.plain
    if match := _NEAR.search(text) or _SEVERAL_NEAR.search(text):
        return _near(wording, subject, match)
    if (match := _NEIGHBOUR.search(text)) and (made := _neighbour(wording, subject, match)):
        return made
    if (match := _IN_A_ROW.search(text)) and not phrases.GAP.search(text):
        number = _TIMES.get((match["times"] or "").lower(), 0) or worded(next(filter(None, match.groups()[1:]), ""))
        return _in_a_row(wording, subject, match, number or 2)
    if match := _OVERLAP.search(text):
        return _overlapping(wording, subject, match)
    if (match := _NEXT_TOO.search(text)) and not phrases.GAP.search(text):
        return _in_a_row(wording, subject, match, 2)
    if (match := _FOLLOWED.search(text)) and (
        subject.words.search(text[: match.start()]) or asked.head(wording, subject)
    ):
        return _followed(wording, subject, match)
    return None


def _overlapping(wording: Wording, subject: Subject, match: re.Match[str]) -> Select:
    """Rows that went on while another of the table did, of the same group where that is said or groups are asked for."""
    question = without(wording.question, [match.span()])
    own = tuple(
        one for one in filters.find(only(question, 0, len(question.text)), subject) if not _is_open(one, subject)
    )
    now = Value("now", question.now)

    def ending(table: str) -> Call:
        return Call("COALESCE", (Instant(Column(subject.end, table)), Instant(now)))

    table = subject.table
    begin, start = Instant(Column(subject.begin, table)), Instant(Column(subject.begin, "other"))
    apart = Compare("<>", Column("id", "other"), Column("id", table))
    both: list[Condition] = [
        apart,
        Compare("<=", start, ending(table)),
        Compare(">=", ending("other"), begin),
    ]
    if asked.head(wording, subject) or _same(wording, subject):
        key = _key(wording, subject)
        both.insert(0, Compare("=", Column(key.name, "other"), Column(key.name, table)))
    if _PAIRS.search(wording.plain) and not wording.counts():
        both[both.index(apart)] = Compare("<", Column("id", table), Column("id", "other"))
        return _pairs(subject, own, tuple(both))
    there = Exists(Select((Item(Number(1)),), table, where=tuple(both), alias="other"))
    columns = tuple(Item(Column(name)) for name in subject.columns)
    return _shown(wording, subject, table, (*own, there), _key(wording, subject), columns)


def _pairs(subject: Subject, own: tuple[Condition, ...], on: tuple[Condition, ...]) -> Select:
    """Each two rows beside each other, once; there are far more pairs than rows."""
    table = subject.table
    names = [name for name in subject.columns if name not in ("status", "triggered_by")]
    items = tuple(
        Item(Column(name, side), f"{place}_{name}")
        for side, place in ((table, "first"), ("other", "second"))
        for name in names
    )
    where = tuple(filters.qualified(one, side) for side in (table, "other") for one in own)
    order = (Order(Column(subject.begin, table), descending=True),)
    return Select(items, table, (Join(table, on, "other"),), where, order=order, limit=MAX_ROWS)


def _is_open(condition: Condition, subject: Subject) -> bool:
    """Whether it only says again that they went on."""
    if isinstance(condition, OneOf) and condition.expr == Column("status"):
        return condition.negative or {str(one.value) for one in condition.values} <= {"running"}
    return condition == Missing(Column(subject.end))


_SEVERAL_NEAR = re.compile(
    r"\b(?:two|2|twice|several|multiple|more than one)\s(?:or more\s)?(?P<noun>incidents?|runs?|outages?|failures?|sev[1-4]s?)?\s?(?:with)?in\s(?:less than |under )?(?P<number>\d{1,4}|an?|one|half an|the same)\s?(?P<unit>s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b(?: of each other)?",
    re.IGNORECASE,
)
"""Rows close to each other: their nouns stay in the sentence."""


def _near(wording: Wording, subject: Subject, match: re.Match[str]) -> Select:
    """Rows that began soon after another one did."""
    spans = [match.span()]
    if "noun" in match.re.groupindex and match["noun"]:
        spans = [(match.start(), match.start("noun")), (match.end("noun"), match.end())]
    question, table = without(wording.question, spans), subject.table
    own = filters.find(only(question, 0, len(question.text)), subject)
    begin, earlier = Column(subject.begin, table), Column(subject.begin, "earlier")
    apart = Elapsed(earlier, begin)
    near: list[Condition] = [
        Compare("<>", Column("id", "earlier"), Column("id", table)),
        *(filters.qualified(one, "earlier") for one in _special(own, subject)),
        Compare(">=", apart, Number(0)),
        Compare("<=", apart, Number(_minutes(match))),
    ]
    key = _key(wording, subject)
    if asked.head(wording, subject) or _same(wording, subject) or subject is RUNS:
        near.insert(0, Compare("=", Column(key.name, "earlier"), Column(key.name, table)))
    there = Exists(Select((Item(Number(1)),), table, where=tuple(near), alias="earlier"))
    columns = tuple(Item(Column(name)) for name in subject.columns)
    return _shown(wording, subject, table, (*own, there), key, columns)


def _neighbour(wording: Wording, subject: Subject, match: re.Match[str]) -> Select | None:
    """Rows by what the one before, or after, was: "runs where the previous run of the same workflow failed"."""
    question, text = wording.question, wording.plain
    own = filters.find(only(question, 0, match.start()), subject)
    beyond = filters.find(only(question, match.end(), len(text)), subject)
    special = _special(beyond, subject)
    if len(special) != 1 or not isinstance(special[0], OneOf) or not isinstance(special[0].expr, Column):
        return None
    others = tuple(one for one in (*own, *(c for c in beyond if c not in special)) if not _is_length(one))
    mine = _special(others, subject)
    within = tuple(one for one in others if one not in mine)
    function = "LAG" if match["which"].lower() in ("previous", "preceding", "prior", "last") else "LEAD"
    key = _key(wording, subject)
    beside = Item(Over(Call(function, (special[0].expr,)), (key,), (Order(Column(subject.begin)),)), "neighbour")
    columns = tuple(Item(Column(name)) for name in subject.columns)
    inner = Select((*columns, beside), subject.table, where=within)
    return _shown(
        wording,
        subject,
        inner,
        (*mine, OneOf(Column("neighbour"), special[0].values, special[0].negative)),
        key,
        columns,
    )


def _key(wording: Wording, subject: Subject) -> Column:
    """What holds the rows of one sequence together."""
    same = _same(wording, subject)
    return Column(same) if same else Column("workflow" if subject is RUNS else "service")


def _same(wording: Wording, subject: Subject) -> str:
    """The column that is said to be the same; "at the same time" names none."""
    words = ((match[1] or match[2]).lower() for match in _SAME.finditer(wording.plain))
    return next((subject.dimensions[word] for word in words if word in subject.dimensions), "")


def _special(conditions: tuple[Condition, ...], subject: Subject) -> tuple[Condition, ...]:
    columns = (Column(status_column(subject)), Column("severity"))
    return tuple(one for one in conditions if isinstance(one, OneOf) and one.expr in columns)


def _in_a_row(wording: Wording, subject: Subject, match: re.Match[str], number: int) -> Select | None:
    """Rows of one kind whose neighbours before are of that kind, too, within their group."""
    question = wording.question
    whole = filters.find(only(without(question, [match.span()]), 0, len(question.text)), subject)
    special = _special(whole, subject)
    if not special:
        special = _special(filters.find(only(question, 0, len(question.text)), subject), subject)
    if not special:
        return None
    others = tuple(one for one in whole if one not in special and not _is_length(one))
    key, begin = _key(wording, subject), Column(subject.begin)
    column = special[0].expr if isinstance(special[0], OneOf) else key
    if not isinstance(column, Column):
        return None
    names = [f"before_{place}" for place in range(1, number)]
    before = [
        Item(Over(Call("LAG", (column, *((Number(place),) if place > 1 else ()))), (key,), (Order(begin),)), name)
        for place, name in enumerate(names, 1)
    ]
    columns = tuple(Item(Column(name)) for name in subject.columns)
    inner = Select((*columns, *before), subject.table, where=others)
    first = special[0]
    values = first.values if isinstance(first, OneOf) else ()
    where = (*special, *(OneOf(Column(name), values) for name in names))
    return _shown(wording, subject, inner, where, key, columns)


def _shown(
    wording: Wording,
    subject: Subject,
    source: "str | Select",
    where: tuple[Condition, ...],
    key: Column,
    columns: tuple[Item, ...],
) -> Select:
    head = asked.head(wording, subject)
    if head or _GROUPS.search(wording.plain):
        grouped = Column(subject.dimensions[head[2].lower()]) if head else key
        order = (Order(Column(subject.noun), descending=True), Order(grouped))
        items = (Item(grouped), Item(Call("COUNT"), subject.noun))
        return Select(items, source, where=where, group=(grouped,), order=order, limit=LIMIT)
    if wording.counts():
        return Select((Item(Call("COUNT"), subject.noun),), source, where=where, limit=1)
    return Select(columns, source, where=where, order=(Order(Column(subject.begin), descending=True),), limit=LIMIT)


def _followed(wording: Wording, subject: Subject, match: re.Match[str]) -> Select | None:
    """Rows after which another of the same group began."""
    question, text = wording.question, wording.plain
    within = _WITHIN.search(text)
    left = without(question, [within.span()]) if within else question
    own = tuple(one for one in filters.find(only(left, 0, match.start()), subject) if not _is_length(one))
    beyond = filters.find(only(left, match.start("verb"), len(text)), subject)
    times = tuple(one for one in beyond if isinstance(one, Compare) and isinstance(one.left, Instant))
    own = (*own, *(one for one in times if one not in own)) if not any(isinstance(o, Compare) for o in own) else own
    other = _special(beyond, subject)
    retried = _RETRY.search(match["verb"])
    if retried and subject is not RUNS:
        return None
    if not other and not retried and not _SAME.search(text):
        return None
    if retried and not _special(own, subject):
        own = (filters.one_of("status", ("failed",)), *own)
    if match["verb"].lower() == "recovered" and not other:
        other = (filters.one_of("status", ("completed",)),) if subject is RUNS else ()
    key = _key(wording, subject)
    end = Column(subject.end if subject is RUNS else subject.begin, subject.table)
    start = Column(subject.begin, "later")
    later: list[Condition] = [
        Compare("=", Column(key.name, "later"), Column(key.name, subject.table)),
        *(filters.qualified(one, "later") for one in other),
        Compare(">=" if subject is RUNS else ">", Instant(start), Instant(end)),
    ]
    if within:
        later.append(Compare("<=", Elapsed(end, start), Number(_minutes(within))))
    there = Exists(
        Select((Item(Number(1)),), subject.table, where=tuple(later), alias="later"), negative=_never(text, match)
    )
    columns = tuple(Item(Column(name)) for name in subject.columns)
    return _shown(wording, subject, subject.table, (*own, there), key, columns)


def _never(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 14) : match.start()]
    return bool(re.search(r"\b(?:not|never|n['’]?t|without being)\s(?:been\s|yet\s)?\Z", before, re.IGNORECASE))


def _minutes(match: re.Match[str]) -> float:
    number = match["number"].lower()
    count = 0.5 if number.startswith("half") else float(number) if number.isdecimal() else 1.0
    return seconds(f"1{match['unit'][0].lower()}") * count / 60


def _is_length(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Elapsed)
