"""Reads the window of a question and the earlier time that it is compared with."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.nlp.interpretation import Entity, EntityType
from core.query.catalogue.dimensions import BY_ENTITY
from core.query.promql.asked import Change, Earlier, Window
from core.query.promql.phrases import ARITHMETIC, COMPARED, DIFFERENCE, TREND
from core.query.promql.words import Token
from core.query.translation import Question

_PART = re.compile(r"(\d{1,9})(ms|[smhdwy])")
_DURATION = re.compile(r"(?:\d{1,9}(?:ms|[smhdwy]))+")
_LONGEST = 100 * 31_536_000
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_AHEAD = re.compile(
    r"\b(?:in|within|next|coming|another|nächsten|próximas?|próximos?)\s+(?:the\s+)?(?:next\s+|coming\s+|less than )?(\d{1,4}|an?|few|one|two|three|four|five|six|seven|ten|fourteen|thirty)?\s*"
    r"(minute|hour|day|week|month|h|d|m|stunde|tag|hora|día)(?:e?n|s)?\b",
    re.IGNORECASE,
)
_FROM_NOW = re.compile(
    r"\b(\d{1,4}|an?|few) ?(minute|hour|day|week|month|h|d|m)s? (?:from now|ahead|later|out)\b", re.IGNORECASE
)
_AHEAD_UNIT = {"m": 60, "minute": 60, "h": 3600, "hour": 3600, "stunde": 3600, "hora": 3600, "d": 86_400, "day": 86_400, "tag": 86_400, "día": 86_400, "week": 604_800, "month": 2_592_000}  # fmt: skip
_AGO = re.compile(
    r"\b(\d{1,4}|an?|one|two|three)\s*(minute|min|hour|hr|day|week|month|m|h|d|w)s?\s+(?:ago|earlier|before)\b"
    r"|\b(?:vor|hace)\s+(\d{1,4}|eine[mnr]|una?)\s+(minute|minuto|stunde|hora|tag|d[ií]a|woche|semana)(?:en|n|s)?\b",
    re.IGNORECASE,
)
_SAME_TIME = re.compile(
    r"\b(?:at )?(?:(?:about |around )?(?:this|the same|same) (?:time|hour|moment)(?: of day)? (?:yesterday|the day before|last week|last month|previous day|previous week)"
    r"|(?:yesterday|the day before|last week|last month)(?: at)?(?: about| around)? (?:this|the same|same) (?:time|hour|moment))\b",
    re.IGNORECASE,
)
_BEFORE_WHAT = re.compile(r"(?:before|earlier)$", re.IGNORECASE)
_REACHES_FROM = re.compile(r"\b(?:since|from|between|starting|over|seit|desde)\b[^,.;?!]{0,40}$", re.IGNORECASE)
"""Before "an hour ago", which then begins a stretch of time."""
_EARLIER = re.compile(
    r"\b(?:yesterday|gestern|ayer|ago|earlier|same (?:time|hour|day|period)|it was|(?:last|previous|prior) (?:day|week|month|year))\b",
    re.IGNORECASE,
)
_WORDS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "few": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "fourteen": 14,
    "thirty": 30,
    None: 1,
} | dict.fromkeys(("einem", "einen", "einer", "un", "una"), 1)
_AGO_UNIT = {**_AHEAD_UNIT, "min": 60, "hr": 3600, "w": 604_800, "minuto": 60, "dia": 86_400, "woche": 604_800, "semana": 604_800}  # fmt: skip
_NAMED = (
    (re.compile(r"\b(?:day before yesterday|vorgestern|anteayer)\b", re.IGNORECASE), timedelta(days=2)),
    (re.compile(r"\b(?:yesterday|(?:the )?(?:day before|previous day)|last night|gestern|ayer)\b", re.IGNORECASE), timedelta(days=1)),
    (re.compile(r"\b(?:last|previous|prior|vorige|letzte) (?:week|woche)\b|\bweek (?:before|over week|on week)\b|\bweek-(?:over|on)-week\b|\bwow\b|\bsemana pasada\b|\blast (?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE), timedelta(days=7)),
    (re.compile(r"\b(?:last|previous|prior|letzten) (?:month|monat)\b|\bmonth (?:before|over month|on month)\b|\bmonth-(?:over|on)-month\b|\bmes pasado\b", re.IGNORECASE), timedelta(days=30)),
    (re.compile(r"\b(?:last|previous|prior|letzte) (?:hour|stunde)\b|\bhour before\b|\bhour[ -](?:over|on)[ -]hour\b|\bhora anterior\b", re.IGNORECASE), timedelta(hours=1)),
    (re.compile(r"\bday[ -](?:over|on)[ -]day\b|\bdod\b", re.IGNORECASE), timedelta(days=1)),
    (re.compile(r"\b(?:last|previous) year\b|\byear over year\b|\byoy\b", re.IGNORECASE), timedelta(days=365)),
)  # fmt: skip
_THIS = (
    (re.compile(r"\bthis week\b|\bdiese woche\b|\besta semana\b", re.IGNORECASE), timedelta(days=7)),
    (re.compile(r"\b(?:today|this (?:morning|afternoon|evening)|heute|hoy|tonight)\b", re.IGNORECASE), timedelta(days=1)),
    (re.compile(r"\bthis month\b", re.IGNORECASE), timedelta(days=30)),
    (re.compile(r"\bthis hour\b", re.IGNORECASE), timedelta(hours=1)),
)  # fmt: skip
_USUAL = re.compile(r"\b(?:usual|normal(?:ly)?|typical(?:ly)?|baseline|average week|sonst|üblich|normalmente|de costumbre)\b", re.IGNORECASE)  # fmt: skip
"""Set against a week ago: the same day and hour."""
_MOVING = re.compile(r"\b(?:going|gone|went|go|trending|creeping|shooting|shot|trend) (?:up|down)\b|\bup or down\b|\bon the rise\b|\bsubiendo\b|\bgestiegen\b", re.IGNORECASE)  # fmt: skip
_NOW = re.compile(r"\b(?:now|current|currently|present|today|jetzt|ahora|hoy|heute)\b", re.IGNORECASE)
_STATUS = re.compile(r"[1-5](?:xx|\d\d)s?", re.IGNORECASE)
_TO_A_TIME = re.compile(
    r"\b(?:than|to|with|vs\.?|versus|against|from) (?:(?:the|a|an|it|they|was|were|same|time|day|hour|week|what|we|had|at|this|\d{1,3}) ){0,5}"
    r"(?:yesterday|last|previous|prior|usual|normal|before|minutes?|hours?|days?|weeks?|months?|an hour|ago)\b",
    re.IGNORECASE,
)
"""A comparison with a time, where things are named that could be compared with each other."""
_THAN = re.compile(r"que (?:hace|ayer|la (?:semana|hora|noche)|el (?:mes|d[ií]a|lunes|martes))\b", re.IGNORECASE)
""" "Than" in Spanish, before an earlier time."""
_NOW_AND = re.compile(r"\b(?:now|currently|today|right now) (?:and|&|to) ", re.IGNORECASE)
"""Before the time that is compared with: "the difference between now and a week ago"."""
_SINCE = re.compile(r"\b(?:since|seit|desde|depuis)\b", re.IGNORECASE)
"""What changed since then is told by two values, not by one over all that time."""
_SLASH = frozenset({"/"})
_SLASH_OR_OVER = _SLASH | {"over"}
"""Of values now: "rps now over rps last week"."""
_UNITS_OF_RATES = frozenset({"s", "sec", "second", "m", "min", "minute", "h", "hour", "request", "req", "call", "core"})
_COMPARATIVES = frozenset({"slower", "langsamer"})
_PREVIOUS = re.compile(r"\b(?:previous|prior|preceding|same) (?:period|window|interval|time ?frame|stretch)\b|\bbefore that\b", re.IGNORECASE)  # fmt: skip


def duration(value: str) -> timedelta | None:
    """A Prometheus duration of up to a hundred years, None for anything else."""
    if not _DURATION.fullmatch(value):
        return None
    seconds = sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(value))
    return timedelta(seconds=seconds) if seconds <= _LONGEST else None


def ahead(text: str) -> timedelta | None:
    """How far a question looks into the future: "in the next 4 hours"."""
    match = _FROM_NOW.search(text) or _AHEAD.search(text)
    if match is None:
        return None
    if (
        match[1] is None
        and match[2].lower().rstrip("s") in match[0].lower().split("in ")[-1]
        and "next" not in match[0].lower()
        and match[0].lower().startswith("in ")
    ):
        return None  # "in days" is a unit
    count = match[1].lower() if match[1] else None
    return timedelta(seconds=(_WORDS[count] if count in _WORDS else int(count or 1)) * _AHEAD_UNIT[match[2].lower()])


def earlier_offset(question: Question, start: int) -> timedelta | None:
    """How long ago the time is that is named from this place on, which can only be an earlier one."""
    behind = [e for e in question.entities if e.type is EntityType.TIME_RANGE and e.start >= start and "/" in e.value]
    return _offset(question.text[start:], behind, question.now)


def read_window(question: Question) -> Window:
    """The window where the earlier time is known: any time that cannot be that one."""
    times = [e for e in question.entities if e.type is EntityType.TIME_RANGE and not _is_past(e)]
    return _window([e for e in times if "/" not in e.value], question.now)


_STEP_UNIT = {"s": 1, "m": 60, "h": 3600}
_AMOUNT = r"(\d{1,3}) ?-?(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?)?"
_OF_RATES = re.compile(
    rf"(?<!last )(?<!past )\b{_AMOUNT}[ -](?:[a-z]{{2,10}} ){{0,2}}rates?\b|\brates? (?:of|over|in) {_AMOUNT}\b",
    re.IGNORECASE,
)
_BEFORE_STEPS = re.compile(r"(?:(\d{1,3}) ?|\b(?:last|past|previous) )([smhdw])", re.IGNORECASE)
_STEPS = re.compile(
    rf"\b{_AMOUNT}[ -](?:steps?|resolution|granularity|intervals?|buckets?)\b"
    rf"|\b(?:steps?|resolution|granularity|interval|evaluated every|sampled every|every)(?: of| is)?[ =:]{{0,2}}{_AMOUNT}\b",
    re.IGNORECASE,
)


def read_steps(question: Question) -> tuple[timedelta | None, timedelta | None, Question]:
    """Of a peak "(5m rates, 1m steps)": the window of the rates, the step, and the question without these times."""
    rate, step = _OF_RATES.search(question.text), _STEPS.search(question.text)
    spans = [match.span() for match in (rate, step) if match]
    rest = []
    for entity in question.entities:
        inside = [start for start, end in spans if entity.start < end and start < entity.end]
        if entity.type is not EntityType.TIME_RANGE or not inside:
            rest.append(entity)
        elif length := _BEFORE_STEPS.search(question.text, entity.start, max(inside)):  # "last 7d, 1m rate" is no 7d1m
            value = f"{int(length[1] or 1)}{length[2].lower()}"
            rest.append(replace(entity, value=value, text=question.text[entity.start : length.end()], end=length.end()))
    return _length(rate), _length(step), replace(question, entities=tuple(rest))


def _length(match: re.Match[str] | None) -> timedelta | None:
    if match is None:
        return None
    count, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
    return timedelta(seconds=int(count) * _STEP_UNIT[unit.lower()]) or None


_PAST = re.compile(r"\b(?:last|past|previous|recent|since|letzt\w*|últim\w*|ultim\w*)\b", re.IGNORECASE)


def read_trend(question: Question) -> timedelta | None:
    """The time that a forecast is seen from: "judging by the last 6h"."""
    past = (e for e in question.entities if e.type is EntityType.TIME_RANGE and _PAST.search(e.text))
    return next((length for entity in past if (length := duration(entity.value))), None)


def read_ago(question: Question) -> tuple[timedelta, Question]:
    """How long ago the value is wanted that "an hour ago" asks for, and the question without that time; nought where
    another time is compared with it, or where it begins a stretch of time."""
    found = _AGO.search(question.text)
    same = _SAME_TIME.search(question.text)
    if found is None and same:
        offset = _offset(same[0], (), question.now)
        rest = (
            e
            for e in question.entities
            if e.type is not EntityType.TIME_RANGE or e.end <= same.start() or e.start >= same.end()
        )
        return offset or timedelta(0), replace(question, entities=tuple(rest)) if offset else question
    if found is None or _BEFORE_WHAT.search(found[0]) or _REACHES_FROM.search(question.text[: found.start()]):
        return timedelta(0), question
    rest = (
        entity
        for entity in question.entities
        if entity.type is not EntityType.TIME_RANGE or entity.end <= found.start() or entity.start >= found.end()
    )
    return _how_long(found), replace(question, entities=tuple(rest))


def read_times(question: Question, tokens: Sequence[Token], used: frozenset[int]) -> tuple[Window, Earlier | None]:
    """The window, and the earlier time to compare with. Of two times in a comparison, the one after the word of
    comparison is the earlier one. `used`: tokens that name the subject."""
    times = [entity for entity in question.entities if entity.type is EntityType.TIME_RANGE]
    word = _comparison(question.text, tokens, used)
    if word is not None:
        after = [entity for entity in times if entity.start >= word.start]
        offset = _offset(question.text[word.start :], after, question.now)
        if _several_things(question) and not _TO_A_TIME.search(question.text):
            offset, word = None, None
        elif offset is None and _NOW.search(question.text, word.end):
            after = [entity for entity in times if entity.start < word.start]
            offset = _offset(question.text[: word.start], after, question.now)
        if word and (offset is not None or _PREVIOUS.search(question.text)):
            # A second time behind the word is the window: "than last week, over 1h".
            rest = (
                [e for e in times if e not in after[:1] and not (e in after and _is_past(e))]
                if offset is not None
                else times
            )
            window = _window(rest, question.now)
            return window, Earlier(offset or window.span or timedelta(hours=1), _change(tokens, word))
    if over := _OVER_EACH_OTHER.search(question.text):
        rest = [e for e in times if e.end <= over.start() or e.start >= over.end()]
        offset = _offset(over[0], (), question.now)
        if offset:
            return _window(rest, question.now), Earlier(offset, _change(tokens))
    window = _window(times, question.now)
    # "dropped packets" names a subject; "slower" names one and a change.
    free = [
        t
        for place, t in enumerate(tokens)
        if not t.entity
        and (place not in used or t.stem in _COMPARATIVES)
        and not _counts(tokens, place)
        and not _crosses(tokens, place)
    ]
    moved = any(token.word in TREND | DIFFERENCE for token in free)
    if moved or _MOVING.search(question.text):
        then = _NOW_AND.search(question.text)
        if then and (offset := _offset(question.text[then.end() :], (), question.now)):
            rest = [entity for entity in times if entity.start < then.start()]
            return _window(rest, question.now), Earlier(offset, _change(tokens))
        offset = _before(question.text, window)
        window = Window() if window.length and _SINCE.search(question.text) else window
        return window, Earlier(offset, _change(tokens), implied=True)
    return window, None


def _comparison(text: str, tokens: Sequence[Token], used: frozenset[int]) -> Token | None:
    """The word that sets one time against another: the last one of those in the sentence before a time."""
    words = COMPARED | (
        ARITHMETIC | (_SLASH_OR_OVER if _NOW.search(text) else _SLASH) if _EARLIER.search(text) else frozenset()
    )
    words |= {"multiple"} if _EARLIER.search(text) else frozenset()
    words |= {"to"} if "ratio of" in text.lower() and _EARLIER.search(text) else frozenset()
    places = [place for place, token in enumerate(tokens) if not token.entity and token.word in words]
    places += [place for place, token in enumerate(tokens) if token.word == "que" and _THAN.match(text, token.start)]
    places = [place for place in places if tokens[place].text != "/" or not _begins_unit(tokens, place)]
    places = [
        place
        for place in places
        if not _sets_things_apart(tokens, place) and not _between_subjects(tokens, place, used)
    ]
    return tokens[places[-1]] if places else None


def _between_subjects(tokens: Sequence[Token], place: int, used: frozenset[int]) -> bool:
    """ "Errors vs total requests" compares no times."""
    counted = tokens[place + 1 : place + 2] and tokens[place + 1].word in {"total", "all", "the"}
    return {place - 1, place + (2 if counted else 1)} <= used


def _counts(tokens: Sequence[Token], place: int) -> bool:
    """ "The increase of 5xx" is how many there were."""
    return [token.word for token in tokens[place : place + 2]] == ["increase", "of"]


_OVER_EACH_OTHER = re.compile(
    r"\b(?:(week|day|month|hour|year)[ -](?:over|on|to|by)[ -]\1|wow|dod|yoy)\b", re.IGNORECASE
)
"""The same thing in two stretches of time, one after the other."""


def _crosses(tokens: Sequence[Token], place: int) -> bool:
    """ "Drops below 99%" passes a limit, and compares with no earlier time."""
    behind = tokens[place + 1 : place + 2]
    limit = behind[0].entity if behind else None
    return bool(limit and limit.type is EntityType.THRESHOLD and _PASSING.match(limit.text))


_PASSING = re.compile(r"(?:below|under|above|beyond|past|unter|über)\b|[<>]", re.IGNORECASE)


def _begins_unit(tokens: Sequence[Token], place: int) -> bool:
    """ "Errors/s" divides by no earlier value."""
    return tokens[place + 1 : place + 2] == () or tokens[place + 1].stem in _UNITS_OF_RATES


def _is_past(time: Entity) -> bool:
    """It can only be what is compared with: "last week, well, yesterday"."""
    return bool(_AGO.search(time.text) or any(pattern.search(time.text) for pattern, _ in _NAMED))


def _several_things(question: Question) -> bool:
    """Two services and the like: "compare checkout and cart over the last hour" compares those."""
    return any(len(question.values(kind)) > 1 for kind in BY_ENTITY)


def _sets_things_apart(tokens: Sequence[Token], place: int) -> bool:
    """ "prod vs staging" and "500 vs 503" compare things, not times."""
    kinds = [
        {token.entity.type for token in side if token.entity}
        | {EntityType.HTTP_STATUS for token in side if _is_status(token)}
        for side in (tokens[max(0, place - 2) : place], tokens[place + 1 : place + 3])
    ]
    return bool(kinds[0] & kinds[1] - {EntityType.TIME_RANGE})


def _is_status(token: Token) -> bool:
    return not token.entity and _STATUS.fullmatch(token.text) is not None


def _change(tokens: Sequence[Token], word: Token | None = None) -> Change:
    """`word`: the one that compares."""
    less = word is not None and word.word == "minus"
    # "How many more errors than yesterday"
    if any(tokens[place].word == "many" and t.word in {"more", "fewer", "less"} for place, t in enumerate(tokens[1:])):
        return Change.DIFFERENCE
    if not less and any(t.word in {"factor", "multiple"} for t in tokens):
        return Change.RATIO
    return Change.DIFFERENCE if less or any(t.word in DIFFERENCE for t in tokens) else Change.RATIO


def _how_long(ago: re.Match[str]) -> timedelta:
    count, unit = (ago[1] or ago[3]).lower(), (ago[2] or ago[4]).lower()
    return timedelta(seconds=(_WORDS[count] if count in _WORDS else int(count)) * _AGO_UNIT[unit])


def _offset(text: str, times: Sequence[Entity], now: datetime) -> timedelta | None:
    """How long ago the other time is."""
    ago = _AGO.search(text)
    if ago:
        return _how_long(ago)
    for pattern, offset in (*_NAMED, (_USUAL, timedelta(days=7))):
        if pattern.search(text):
            return offset
    for entity in times:
        length = duration(entity.value)
        if length:
            return length
        start, _, _ = entity.value.partition("/")
        moment = _moment(start)
        if moment and moment < now:
            return timedelta(days=max(1, round((now - moment) / timedelta(days=1))))
    return None


def _before(text: str, window: Window) -> timedelta:
    """What a bare "did it get slower this week" compares with: the same time before."""
    if _USUAL.search(text):
        return timedelta(days=7)
    since = _SINCE.search(text)
    named = _offset(text[since.end() : since.end() + 24], (), datetime.now(UTC)) if since else None
    if named:
        return named
    for pattern, offset in _THIS:
        if pattern.search(text):
            return offset
    if window.length:
        return window.length
    return timedelta(days=1) if window.start else timedelta(hours=1)


def _window(times: Sequence[Entity], now: datetime) -> Window:
    for entity in times:
        length = duration(entity.value)
        if length:
            return Window(length, now - length, now)
        start, _, end = entity.value.partition("/")
        first, last = _moment(start), _moment(end) or now
        if first and first < last:
            return Window(None, first, last)
    return Window()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
