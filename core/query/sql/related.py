"""Questions over two tables: what ran or was said around incidents. They share no key; time holds them together."""

import re
from dataclasses import dataclass

from core.nlp.interpretation import EntityType
from core.query.literals import seconds
from core.query.sql import filters, phrases
from core.query.sql.asked import LIMIT
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Exists,
    Expression,
    Instant,
    Item,
    Join,
    Missing,
    Number,
    OneOf,
    Order,
    Select,
    Share,
    Value,
)
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, Subject
from core.query.wording import Wording

_DURING = re.compile(
    r"\b(?:during|while|throughout|in the middle of|w[aä]hrend|durante|when|at the (?:moment|time)|within (?:it|them|their)|overlap\w*)\b",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\b(?:before(?:hand)?|prior to|prior|preced(?:ing|ed|es)|led to|ahead of|leading up to|after(?:wards?)?|following|right after|caused by|because of|triggered by (?:a|the) (?:deploy|run)|within|around|close to|near)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|following|caused by|because of|since)\b", re.IGNORECASE)
_OPEN_THEN = re.compile(
    r"\b(?:while|when|during)\b.{0,60}\b(?:open|active|ongoing|unresolved|live|running|in progress|in flight|going|under ?way|on)\b",
    re.IGNORECASE,
)
_BEFORE_IT = re.compile(
    r"\b(before(?:hand)?|prior|preceding|leading up|after(?:wards?)?|following)(?: (?:it|them|that|to it|to them|the incident|the run))?(?=[,;(]|\W*$)",
    re.IGNORECASE,
)
_REFERRED = re.compile(
    r"\b(?P<way>before|prior to|ahead of|after|following|of)\s(?:(?:the|that|this|its|their) (?P<noun>\w+)|it|them|that|they)\b",
    re.IGNORECASE,
)
"""What the sentence began with, once more: "sev1s where a run started within 30 min after the incident"."""
_THEN_ENDED = re.compile(
    r"\b(?:run|runs|deploy|deployment|rollback|job|workflow|execution|incident|outage|it|one)s?(?: \w+)? (?:had |has |have |was |were |got )?(?:finish(?:ed|es)|end(?:ed|s)|completed?s?|failed|fails|resolved|closed|done|fixed)\b|\b(?:end|finish|completion|failure|resolution) of\b|\b(?:finishing|ending|completing|failing)\b",
    re.IGNORECASE,
)
"""What the other row is set beside is its end: "within 30 min after a run finished"."""
_ITSELF = re.compile(r"\W*(?:(?:they|it|them|their|those|the incident|the run)\b|$)", re.IGNORECASE)
_GOING_THEN = re.compile(
    r"\b(?:running|in flight|going|in progress|active|under ?way|ongoing)\b.{0,30}\b(?:when|as|the moment|the time)\b.{0,60}"
    r"\b(?:opened|open(?:s|ed up)|started|starts|began|declared|created|broke|happened|hit)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\b(?:with|and|plus|along with|including) (?:the |their |its |that )?(?:incident|run|matching|respective)(?: ids?)?\W*$|\b(?:with|and|plus|,|also|including) (?:the |their |its |that )?(?:run|incident|workflow)(?:[ _]?ids?|s| itself)?\b(?= *(?:,|since|in|for|over|$|\W*$))|\b(?:incident|run)[ _]ids?\b.{0,40}\b(?:run|incident)[ _]ids?\b|\band the ids? of the\b|^\W*(?:\w+ ){0,2}each (?:incident|run|outage|deploy)\w* (?:together )?with\b|\bboth ids\b|\b(?:and|plus|,|also|too|show|with|\+) (?:the |their |its |that |matching |which )?(?:incident|run|workflow|deploy|outage)s?(?: ids?| too| as well| also)?\W*(?:\b(?:and|plus|with|\+|,) (?:the )?(?:who|person|workflow|service|title|incident|run|times?)\b|too\b|as well\b|$)|\b(?:the )?(?:incidents?|runs?) (?:too|as well|next to (?:it|them)|beside (?:it|them))\b|\bshow (?:the )?(?:incident|run|workflow)s?\s?[+,&]|\bincident (?:and|with|\+) (?:the )?(?:run|workflow)\b|\brun (?:and|with|\+) (?:the )?incident\b|^\W*(?:\w+ ){0,2}(?:for )?each (?:sev[1-4]|incident|run|outage|deploy)\b[^.;?!]{0,20}\b(?:the |all |which )(?:\w+ )?(?:runs?|incidents?|workflows?)\b|\b(?:incidents?|runs?|sev[1-4]s?) (?:together )?with the (?:\w+ )?(?:runs?|incidents?|workflows?|deploys?)\b|\bpairs?\b|\bjoin(?:ed)?\b|\bwhich incident\b",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"\b(?:with)?in (?:the )?(?:last )?(?:\d{1,3}|an?|one)?\s?(?:minute|min|hour|h|day|m)s?\s(?=before|after|prior|preceding|leading|following|of\b)",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    r"\bfollowed (?:\w+ )?by\b|\b(?:that |which )?(?:caused|led to|triggered|broke)\b(?= (?:an?|any|some) )",
    re.IGNORECASE,
)
_ENDED_THEN = re.compile(r"\b(?:finish|end|complet|resolv|clos)\w*\s(?:while|during|when)\b", re.IGNORECASE)
_NAMED_ENDED = re.compile(
    r"\s*(?:an? |the |any |some )?[\w-]{2,40}(?: (?:run|deploy|job|workflow|execution|incident)s?)? (?:had |has |was |were |got |is )?(?P<how>finished|completed|ended|failed|resolved|closed|done)\b",
    re.IGNORECASE,
)
_CLOSE = 60.0
"""Minutes between two rows that belong together where the person says nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tables that a sentence speaks of."""

    asked: Subject
    beside: Subject
    within_asked: bool = False
    """Whether rows of `beside` began while one of `asked` went on, and not the other way round."""
    other_before: bool | None = None
    """Whether rows of `beside` come before those asked for, or after: "incidents with no deploy in the hour before"."""


def pair(wording: Wording) -> Pair | None:
    """What is asked for, and the incidents or runs it is set beside; None where one table answers."""
    text = wording.plain
    joint = _DURING.search(text) or _AROUND.search(text)
    if joint is None and not _FOLLOWED.search(text):
        return None
    joint = joint or _FOLLOWED.search(text)
    if joint is None:
        return None
    before, after = text[: joint.start()], text[joint.end() :]
    followed = _followed(text)
    if followed:
        return followed
    ends = _BEFORE_IT.search(text)
    placed = sorted(
        ((match.start(), s) for s in (INCIDENTS, RUNS) if (match := s.words.search(before))), key=lambda one: one[0]
    )
    if (
        len(placed) > 1
        and (named_again := _REFERRED.search(text, joint.start(), joint.end() + 60))
        and not _DURING.search(text)
    ):
        asked, beside = placed[0][1], placed[1][1]
        if named_again["noun"] is None or asked.words.fullmatch(named_again["noun"]):
            return Pair(asked, beside, other_before=named_again["way"].lower() in ("before", "prior to", "ahead of"))
    if ends and len(placed) > 1:
        return Pair(
            placed[0][1], placed[1][1], other_before=ends[1].lower().startswith(("before", "prior", "preced", "lead"))
        )
    first = next((s for s in (RUNS, MESSAGES, INCIDENTS) if s.words.search(before)), None)
    places = {s: match.start() for s in (INCIDENTS, RUNS) if s is not first and (match := s.words.search(after))}
    second = min(places, key=places.__getitem__) if places else None
    if first and second and first is not second:
        return Pair(first, second, within_asked=after.lstrip().lower().startswith("which"))
    named = [(match.start(), s) for s in (INCIDENTS, RUNS) if (match := s.noun_words.search(before))]
    if len(named) < 2 or not _ITSELF.match(after) or not _DURING.search(text):
        return None
    asked, beside = (subject for _, subject in sorted(named, key=lambda one: one[0]))
    return Pair(asked, beside, within_asked=True)


def _followed(text: str) -> Pair | None:
    """ "Runs followed by an incident within 2 hours"."""
    if followed := _FOLLOWED.search(text):
        first = next((s for s in (RUNS, INCIDENTS) if s.words.search(text[: followed.start()])), None)
        second = next((s for s in (INCIDENTS, RUNS) if s.words.search(text[followed.end() :])), None)
        if first and second and first is not second:
            return Pair(first, second, other_before=False)
    return None


def select(wording: Wording, pair: Pair) -> Select:
    """Rows of the one that began during, shortly before or shortly after rows of the other; counted where a number is wanted."""
    asked, beside = pair.asked, pair.beside
    for match in _GAP.finditer(wording.text):
        wording.claim(*match.span())
    noun = beside.noun_words.search(wording.plain) or beside.words.search(wording.plain)
    apart = noun is not None and wording.negated(noun.start())
    if noun and apart:
        wording.affirm(noun.start())
    others = filters.find(wording, beside, table=beside.table)
    own = tuple(one for one in filters.find(wording, asked, table=asked.table) if one not in others)
    open_then = bool(_OPEN_THEN.search(wording.plain) or _GOING_THEN.search(wording.plain))
    joint = _AFTER.search(wording.plain) or _AROUND.search(wording.plain)
    ended = _NAMED_ENDED.match(wording.plain, joint.end()) if joint else None
    if ended and ended["how"].lower() != "failed":  # said of when it ended, and not of how
        others = tuple(one for one in others if getattr(one, "expr", None) != Column("status", beside.table))
    if _holds_for_asked(wording, pair):
        others = tuple(one for one in others if not _is_bound(one))
    others, own = (
        tuple(one for one in where if not _is_gap(one) and not (open_then and _is_going_on(one)))
        for where in (others, own)
    )
    on = _on(wording, pair)
    if _BOTH.search(wording.plain) and not wording.counts() and not apart:
        # Names that both tables have are told apart by the noun of the second.
        noun_of = beside.noun.removesuffix("s")
        others_shown = tuple(
            Item(Column(name, beside.table), "" if name not in asked.columns else f"{noun_of}_{name}")
            for name in beside.columns
            if name not in ("status", "finished_at", "resolved_at", "role")
        )
        join = Join(beside.table, on)
        return Select(
            (*_all(asked), *others_shown), asked.table, (join,), (*others, *own), order=_latest(asked), limit=LIMIT
        )
    there = Exists(Select((Item(Number(1)),), beside.table, where=(*on, *others)), negative=apart)
    if phrases.SHARE.search(wording.plain):
        return Select((Item(Share(there), "percent"),), asked.table, where=own, limit=1)
    if wording.counts():
        return Select((Item(Call("COUNT"), asked.noun),), asked.table, where=(*own, there), limit=1)
    return Select(_all(asked), asked.table, where=(*own, there), order=_latest(asked), limit=LIMIT)


def _all(asked: Subject) -> tuple[Item, ...]:
    return tuple(Item(Column(name, asked.table)) for name in asked.columns)


def _latest(asked: Subject) -> tuple[Order, ...]:
    return (Order(Column(asked.begin, asked.table), descending=True),)


def _on(wording: Wording, pair: Pair) -> tuple[Condition, ...]:
    asked, beside = pair.asked, pair.beside
    begin, start = Column(asked.begin, asked.table), Column(beside.begin, beside.table)
    if asked.end and beside.end and re.search(r"\boverlap", wording.plain, re.IGNORECASE):
        return (
            Compare("<=", Instant(begin), _end(wording, beside)),
            Compare(">=", _end(wording, asked), Instant(start)),
        )
    if asked.end and ((pair.within_asked and not _GOING_THEN.search(wording.plain)) or _asked_goes_on(wording, pair)):
        return _between(begin, start, _end(wording, asked))
    if _DURING.search(wording.plain):
        if asked.end and _ENDED_THEN.search(wording.plain):
            begin = Column(asked.end, asked.table)
        return _between(start, begin, _end(wording, beside))
    near = _gap(wording)
    joint = _AFTER.search(wording.plain) or _AROUND.search(wording.plain)
    if (
        beside.end
        and joint
        and (_THEN_ENDED.search(wording.plain, joint.end()) or _NAMED_ENDED.match(wording.plain, joint.end()))
    ):
        start = Column(beside.end, beside.table)
    after = _AFTER.search(wording.plain) if pair.other_before is None else pair.other_before
    apart = Elapsed(start, begin) if after else Elapsed(begin, start)
    return (Compare(">=", apart, Number(0)), Compare("<=", apart, Number(near)))


def _asked_goes_on(wording: Wording, pair: Pair) -> bool:
    """ "Runs that were active when INC-3 opened", and not "incidents and the run that was going on when they started"."""
    match = _GOING_THEN.search(wording.plain)
    if match is None:
        return False
    before = wording.plain[: match.start()]
    places = [max((one.start() for one in s.words.finditer(before)), default=-1) for s in (pair.asked, pair.beside)]
    return places[0] >= places[1]


def _between(start: Column, moment: Column, end: Expression) -> tuple[Condition, ...]:
    return (Compare(">=", Instant(moment), Instant(start)), Compare("<=", Instant(moment), end))


def _end(wording: Wording, subject: Subject) -> Call:
    """Now, for what goes on."""
    return Call("COALESCE", (Instant(Column(subject.end, subject.table)), Instant(Value("now", wording.question.now))))


def _gap(wording: Wording) -> float:
    """ "Within 30 minutes of", "in the hour before": how far apart, in minutes."""
    found = re.search(
        r"\b(?:within|in|up to|less than|under|at most|no more than)\s+(?:the |an? )?(\d{1,3})?\s?(minute|min|hour|h|day)s?\b",
        wording.plain,
        re.IGNORECASE,
    )
    if found:
        unit = {"minute": "m", "min": "m", "hour": "h", "h": "h", "day": "d"}[found[2].lower()]
        return seconds(f"{found[1] or 1}{unit}") / 60
    return _CLOSE


def _is_going_on(condition: Condition) -> bool:
    match condition:
        case Missing(expr=Column(name=name)):
            return name == INCIDENTS.end
        case OneOf(expr=Column(name="status", table="incidents"), negative=True):
            return True
        case OneOf(expr=Column(name="status", table="workflow_runs"), values=(Value(value="running"),)):
            return True
        case _:
            return False


def _is_bound(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Instant)


def _holds_for_asked(wording: Wording, pair: Pair) -> bool:
    """Whether a stretch of time bounds only what is asked for: it stands before the other noun, or apart from it."""
    text = wording.plain
    times = wording.named(EntityType.TIME_RANGE)
    if not times:
        return False
    joint = _DURING.search(text) or _AROUND.search(text)
    noun = pair.beside.words.search(text, joint.end() if joint else 0)
    lead = text[: times[0].start].rstrip()
    return (
        noun is None
        or times[0].start < noun.start()
        or lead.endswith((",", ")", ";"))
        or lead.lower().endswith("since")
    )


def _is_gap(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Elapsed)
