"""Puts a statement together from what the clauses of a sentence say: numbers, limits on groups, groups, conditions."""

import re
from dataclasses import replace

from core.query.sql import (
    ages,
    asked,
    filters,
    measures,
    mix,
    phrases,
    replies,
    sequences,
    series,
    sessions,
    sets,
    shapes,
    shares,
    statements,
)
from core.query.sql.clauses import only, reading, without
from core.query.sql.limits import Limits, limits
from core.query.sql.model import (
    Arithmetic,
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Item,
    Number,
    Order,
    Scalar,
    Select,
    Share,
)
from core.query.sql.subjects import Subject, status_column
from core.query.wording import Wording

_OUT_OF = re.compile(
    r"\(?(?:\b(?P<part>\w+)\s)?(?:out of|divided by|over|as share of|/) (?:all |the |those )?(?:that )?(?P<all>[^,;.?!()]{3,60})\)?",
    re.IGNORECASE,
)
"""What a share is of: "(completed out of completed + failed)"."""


_HOW_MANY_STEPS = re.compile(r"\W*(?:on |in )?how many (?:different )?(?:hours|days|weeks|months)\b", re.IGNORECASE)
_ONLY_AMONG = re.compile(
    r"[(,;]?\s*\b(?:(?:count(?:ing)?|consider(?:ing)?|includ(?:e|ing)|us(?:e|ing)|tak(?:e|ing)|look(?:ing)? at|based on|of|over|among|amongst|for|out of) (?:only|just|nothing but)|(?:only|just) (?:count(?:ing)?|consider(?:ing)?|includ(?:e|ing)|among|of|over|us(?:e|ing)|tak(?:e|ing)|look(?:ing)? at)|among|amongst|only) (?:the |those |runs |incidents )?(?P<all>[^,;.?!()]{3,60})\)?",
    re.IGNORECASE,
)
"""The same said of the rows: "success rate, count only completed and failed ones"."""
_HOW_MANY = re.compile(
    r"\W*(?:how many|number of|nr\.? of|count of|count(?: the)?|wie viele|cu[aá]nt[oa]s)\b", re.IGNORECASE
)
_SCOPE = re.compile(r"\s+(?:per|by|for each|in|over|since|during|last|this|from)\b.*\Z", re.IGNORECASE | re.DOTALL)
_NTH = re.compile(
    r"\b(second|2nd|third|3rd|fourth|4th|fifth|5th|zweit|dritt)[ -]?(?:most |least )?(?:(?<=most )\w+|(?<=least )\w+|last|late(?:st)?|recent|worst|best|(?!test|rest|best|west)\w+est)\b",
    re.IGNORECASE,
)
_PLACES = {"sec": 1, "2nd": 1, "zwe": 1, "thi": 2, "3rd": 2, "dri": 2, "fou": 3, "4th": 3, "fif": 4, "5th": 4}
_ABOVE_AVERAGE = re.compile(
    r"\b(?:(?:took|take|takes|taking|lasted|lasting|ran|run|running|were|was|are|is) )?(?:longer|slower|more time|shorter|faster|quicker|less time|more|above|over|below|under|worse|better|higher|lower|fewer)(?: to \w+)?(?: (?:incidents|runs|outages|messages|failures))?(?: than)? (?P<factor>(?:twice|double|(?:two|three|2|3|1\.5|10)\s?(?:x|times))\s)?(?:the |their |its |our )?(?:overall |usual )?(?:average|avg|mean|usual|normal)(?: duration| time| run ?time| length)?\b",
    re.IGNORECASE,
)
_TIMES_AVERAGE = re.compile(
    r"\b(?:(?:took|take|takes|taking|lasted|lasting|ran|run|running|were|was|are|is) )?(?:at least |more than |over )?(?P<factor>(?:twice|double|(?:two|three|2|3|1\.5|10)\s?(?:x|times))\s)(?:as (?:long|much|many)(?: time)? as |of )?(?:the |their |its |our )?(?:overall |usual )?(?:average|avg|mean|usual|normal)(?: duration| time| run ?time| length)?\b",
    re.IGNORECASE,
)
_SHORTER = re.compile(r"shorter|faster|quicker|less|below|under|better|lower|fewer", re.IGNORECASE)


def select(wording: Wording, subject: Subject) -> Select:
    """The statement over one table. What is more special comes first."""
    if above := _ABOVE_AVERAGE.search(wording.plain) or _TIMES_AVERAGE.search(wording.plain):
        return _unusual(reading(without(wording.question, [above.span()])), subject, above)
    if made := shares.select(wording, subject, select):
        return made
    if made := series.select(wording, subject) or sessions.select(wording, subject):
        return made
    if made := sequences.select(wording, subject) or replies.select(wording, subject) or sets.select(wording, subject):
        return made
    limited = limits(wording, subject)
    if limited.having and (made := _numbers(reading(limited.question), subject, limited)):
        return made
    if made := _numbers(wording, subject, Limits((), wording.question)):
        return made
    of_all, left = _whole(wording, subject)
    plain = reading(left.question)
    grouped = asked.grouping(plain, subject)
    where = filters.find(plain, subject)
    read = asked.read(plain, subject, where, grouped)
    if read.periods and read.distinct and not read.groups:
        read = replace(read, groups=(read.distinct,), distinct="")
    made = ages.select(plain, read) or mix.select(plain, read) or shapes.shape(plain, read)
    if of_all and isinstance(made.source, str):
        made = replace(made, where=tuple(dict.fromkeys((*made.where, *of_all))))
    if (nth := _NTH.search(plain.plain)) and made.order:
        return replace(made, limit=1, offset=_PLACES[nth[1].lower()[:3]])
    return made


def _unusual(wording: Wording, subject: Subject, above: re.Match[str]) -> Select:
    """Rows that took longer, or less, than such rows do on average."""
    head = asked.head(wording, subject)
    grouped = asked.grouping(wording, subject)
    read = asked.read(wording, subject, filters.find(wording, subject), grouped)
    length = Elapsed(Column(subject.begin), Column(subject.end))
    if head:
        return _unusual_groups(
            wording, replace(read, groups=(subject.dimensions[head[2].lower()],), distinct=""), above
        )
    mean = Select((Item(Call("AVG", (length,)), "minutes"),), subject.table, where=read.where)
    length_of = {"twi": 2.0, "dou": 2.0, "two": 2.0, "2": 2.0, "2x": 2.0, "thr": 3.0, "3": 3.0, "1.5": 1.5, "10": 10.0}
    factor = length_of.get((above["factor"] or "").strip().lower().split(" ")[0].removesuffix("x")[:3], 1.0)
    op = "<" if _SHORTER.search(above[0]) else ">"
    read = replace(
        read,
        where=(
            *read.where,
            Compare(op, length, Arithmetic("*", Scalar(mean), Number(factor)) if factor != 1 else Scalar(mean)),
        ),
    )
    return shapes.listed(wording, read) if not (wording.counts() or read.groups) else shapes.shape(wording, read)


def _unusual_groups(wording: Wording, read: asked.Asked, above: re.Match[str]) -> Select:
    """Groups with more rows than groups have on average, or whose rows take longer than rows do."""
    subject, keys, op = read.subject, read.partition, "<" if _SHORTER.search(above[0]) else ">"
    if subject.end and (phrases.LENGTH.search(wording.plain) or phrases.LENGTH.search(above[0])):
        measure = Item(Call("AVG", (Elapsed(Column(subject.begin), Column(subject.end)),)), "avg_minutes")
        mean = Select((measure,), subject.table, where=read.where)
    else:
        measure = Item(Call("COUNT"), subject.noun)
        counts = Select((*map(Item, keys), measure), subject.table, where=read.where, group=keys)
        mean = Select((Item(Call("AVG", (Column(subject.noun),)), "mean"),), counts)
    order = (Order(Column(measure.name), op == ">"), *map(Order, keys))
    having = (Compare(op, measure.expr, Scalar(mean)),)
    return Select(
        (*map(Item, keys), measure),
        subject.table,
        where=read.where,
        group=keys,
        having=having,
        order=order,
        limit=asked.LIMIT,
    )


def _numbers(wording: Wording, subject: Subject, limited: Limits) -> Select | None:
    """Several numbers, or groups that are limited by a number; None where neither is asked for."""
    of_all, wording = _whole(wording, subject)
    found, question = measures.read(wording, subject)
    if not found and not limited.having:
        return None
    rest = reading(question)
    grouped = asked.grouping(rest, subject)
    where = tuple(dict.fromkeys((*filters.find(rest, subject), *of_all)))
    if grouped.distinct and not grouped.groups and (grouped.listed or limited.having):
        grouped = replace(grouped, groups=(grouped.distinct,), distinct="", listed=False)
    read = asked.read(rest, subject, where, grouped)
    read = replace(read, limit=None, beside=False)
    is_grouped = bool(read.groups or read.every)
    if (limited.having and not is_grouped) or (found and not measures.fits(found, grouped=is_grouped)):
        return None
    return measures.select(read, found, having=limited.having) if found else _limited(rest, read, limited)


def _whole(wording: Wording, subject: Subject) -> tuple[tuple[Condition, ...], Wording]:
    """What the rows of a share are all of, and the sentence without it: statuses on both sides of "out of"."""
    if (match := _OUT_OF.search(wording.plain)) and phrases.SHARE.search(wording.plain):
        columns = (Column(status_column(subject)), Column("severity"))
        of_all = filters.find(only(wording.question, *match.span("all")), subject)
        of_all = tuple(one for one in of_all if getattr(one, "expr", None) in columns)
        if of_all:
            named = phrases.SHARE.search(wording.plain[: match.start()])
            start = match.start() if named and match["part"] else match.start("all") - 1
            return of_all, reading(without(wording.question, [(start, match.end())]))
    if phrases.SHARE.search(wording.plain):
        return _among(wording, subject)
    return (), wording


def _among(wording: Wording, subject: Subject) -> tuple[tuple[Condition, ...], Wording]:
    columns = (Column(status_column(subject)), Column(subject.end or "role"))
    for match in _ONLY_AMONG.finditer(wording.plain):
        end = match.start("all") + len(_SCOPE.sub("", match["all"]))
        found = filters.find(only(wording.question, match.start("all"), end), subject)
        of_all = tuple(one for one in found if getattr(one, "expr", None) in columns)
        if of_all:
            return of_all, reading(without(wording.question, [(match.start(), end)]))
    return (), wording


def _limited(rest: Wording, read: asked.Asked, limited: Limits) -> Select | None:
    count = Item(Call("COUNT"), read.subject.noun)
    if limited.share or limited.mean:
        shown = limited.share or limited.mean
        items = [Item(shown, "percent" if limited.share else "avg_minutes")] if shown else []
        made = measures.shown(*((read, (*items, count)) if limited.share else (statements.ended(read), tuple(items))))
    else:
        made = shapes.shape(rest, read)
        if not isinstance(made.source, str):
            return None
        if not made.group:
            return None
        if any(isinstance(item.expr, Share) for item in made.items) or len(made.items) == len(made.group):
            made = replace(made, items=(*made.items, count))
    having = tuple(dict.fromkeys((*made.having, *limited.having)))
    made = replace(made, having=having, limit=made.limit if made.limit > 1 else asked.LIMIT)
    if read.every and _HOW_MANY_STEPS.match(rest.plain):
        return Select((Item(Call("COUNT"), f"{read.every}s"),), replace(made, order=(), limit=0), limit=1)
    if _HOW_MANY.match(rest.plain) and asked.head(rest, read.subject):  # of groups, not of rows
        key = read.groups[0] if read.groups else ""
        inner = replace(made, items=tuple(item for item in made.items if item.expr == Column(key)), order=(), limit=0)
        if inner.items:
            return Select((Item(Call("COUNT"), "count"),), inner, limit=1)
    return made
