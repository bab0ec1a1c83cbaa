"""Finds stretches of time: relative ones as durations, absolute ones as intervals in UTC.

    relative := last DURATION | DURATION ago | DURATION window | since DURATION | over DURATION
    absolute := since POINT | after CLOCK | before CLOCK | between POINT and POINT | from POINT [to POINT]
              | around CLOCK | at CLOCK | POINT - POINT | DAY [between CLOCK and CLOCK] | in MONTH

"Last week", "last month" and "last year" are rolling (7d, 30d, 365d), "this week" is the calendar's, from Monday on. A clock time
that is asked about stands for the half hour before and after it. What lies ahead ("in 10 minutes", "mute for 2h", "every
5 min") is no stretch of time that can be looked at.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from core.nlp.entities.numbers import AMOUNTS, Duration, duration_at, is_limit
from core.nlp.entities.sentence import Found, Sentence, words
from core.nlp.entities.times.calendar import Calendar
from core.nlp.entities.times.days import MONTH_OF, WEEKDAY_OF
from core.nlp.entities.times.points import Cursor, Point
from core.nlp.interpretation import EntityType

_LAST = words(
    "last lst laste latest past previous prev prior preceding trailing rolling recent letzte letzten letzter letztes letzen vergangene "
    "vergangenen ultima ultimas ultimo ultimos pasada pasadas pasado"
)
_AROUND = timedelta(minutes=30)
_BLANK = re.compile(r"[ -]{1,3}")
_BARE_HOURS = re.compile(r" {1,2}(?P<hours>24|48|72)(?= *(?:$|[?.!,;]))")
_RANGED = re.compile(r"\d{1,3} ?(?:-|to|bis|or) ?(?=\d{1,3} ?[a-z])")
"""Of "10-15 minutes ago" the longer counts: all that is meant lies in it."""
_AGO = re.compile(r"(?: or so| or two)? (?:ago|back|earlier|or so ago)\b")
_NAMED_AS_WINDOW = re.compile(
    r"[ -](?:\w{1,20} )?(?:window|windows|period|range|lookback|timeframe|time frame|span|view|chart|graph|trend|worth|of (?:logs|data|"
    r"traces|errors|metrics|history))\b|[ -](?:moving |rolling )?(?:p\d\d|avg|average|mean|median|rate|max|error rate)\b"
    r"| (?:before|leading up to) (?:the|that|it|we|this)\b"
)
_TO = re.compile(
    r" {0,2}(?:-|(?:to|until|untill|till|til|thru|through|up to|bis|hasta|and|und|y|a)(?![a-z0-9])) {0,2}| ?/ ?(?=\d{4}-)"
)
_NOW = re.compile(r" {0,2}(?:right )?(?:now|jetzt|ahora)\b")
_IN_BETWEEN = re.compile(r" {0,2},? ?(?:between|from|btw|zwischen|von|entre|de)\b")
_THE = re.compile(
    r" {1,2}(?:the |about |around |approximately |roughly |approx |like |el |la |las |los |dem |der |den )?"
)
_SINCE_DURATION = re.compile(r" {1,2}(?:about |around |the |hace |over |at least )?")
_PASSED = re.compile(r" {1,2}(?:pasad|ultim|anterior)[oa]?\b")
_OVER_CHANGE = re.compile(r"(?P<unit>day|week|month|year)[ -]over[ -](?P=unit)\b")

_INSIDE_NAME = re.compile(r"[_./:]$|\w-$")

_AHEAD = words("mute silence snooze schedule scheduled remind tomorrow postpone extend maintenance morgen manana")
_PLANS = words(
    "will ll going rolls roll rolling deploy ship release restart start plan planned planning eta promote push merge run trigger be scale drain"
)
_NO_RANGE_BEFORE = words(
    "took take takes taking timeout timeouts every each in after wait waits waited waiting ttl interval intervals retention by another "
    "pause sleep cooldown delay lasting lasted than under below above within alle jede jeden cada dentro retry until exceeding exceeds "
    "exceeded min minimum max maximum budget limit grace dauert tarda slo sla"
)
_SHOWN = words("logs log errors latency p99 p95 p50 cpu memory graph chart rate traces lines show throughput traffic")
_LOOKING = words("for over across during spanning throughout of past last fur uber durante por")
_SURELY_MONTHS = words(
    "january february july august september october november december januar februar juli oktober dezember enero febrero julio agosto septiembre octubre noviembre diciembre"
)
"""Names of months that are hardly ever anything else."""
_NAMED_AFTER_MONTHS = words("release version build edition update campaign sale launch rollout")
_LOOK_AT = words("look looking looked")
"""Before "at 3h", which is a stretch of time then and no clock time."""
_WIDENED = words("zoom shrink narrow widen stretch expand broaden shorten lengthen window range timeframe")
"""Talk of how far back to look: "zoom out to a day"."""
_BEFORE_LAST_SAID = words("but see show rather like lieber mejor")
_FEASTS = frozenset(
    {("black", "friday"), ("good", "friday"), ("cyber", "monday"), ("easter", "monday"), ("ash", "wednesday")}
)
"""Days of the year, and no weekday that is asked about."""
_NOT_THIS_DAY = words("until till by next every each per nachsten bis coming")
_BEFORE_SLASHED = words("on since from between before after of and for the to am vom seit until late early")
_MESSAGE_ALONE = 4
"""Words up to which an amount of time is all that a message says."""


def find(sentence: Sentence, now: datetime, zone: str) -> Iterator[Found]:
    """All stretches of time as of `now`, in the person's zone; none inside another."""
    if not any(word[0].isdecimal() or word in _READERS for word in sentence.vocabulary):
        return
    reader = _Reader(sentence, now, zone)
    after = 0
    for index, word in enumerate(sentence.words):
        if word.start < after:
            continue
        for read in _READERS.get(word.text, _OF_DIGITS if word.text[0].isdecimal() else ()):
            if found := read(reader, index):
                value, after = found
                yield Found(EntityType.TIME_RANGE, word.start, after, value)
                break


class _Reader:
    """The forms of the grammar, each by the word that opens it: (normal form, end of the text) or None."""

    def __init__(self, sentence: Sentence, now: datetime, zone: str) -> None:
        self._sentence = sentence
        self._calendar = Calendar(now, zone)
        self._ahead = not _AHEAD.isdisjoint(sentence.vocabulary)

    def last(self, index: int) -> tuple[str, int] | None:
        """ "last 10 min", "past hour", "previous 24"."""
        cursor = self._behind(index)
        if hours := cursor.take(_BARE_HOURS):
            return f"{hours['hours']}h", cursor.position
        if cursor.take(_BLANK) is None:
            return None
        cursor.take(_RANGED)
        duration = duration_at(cursor.text, cursor.position)
        return (duration.value, duration.end) if duration else None

    def since(self, index: int) -> tuple[str, int] | None:
        """ "since 9am", "since yesterday", "since two hours", "since monday until wednesday"."""
        cursor = self._behind(index)
        begin = cursor.position
        cursor.take(_SINCE_DURATION)
        duration = duration_at(cursor.text, cursor.position)
        if duration and duration.counted:
            ago = _AGO.match(cursor.text, duration.end)
            return duration.value, ago.end() if ago else duration.end
        cursor.position = begin
        cursor.take(_THE)
        point = self._point(cursor) or self._calendar.month(cursor)
        if point is None or (point.bare and not self._closed(cursor)):
            return None
        return self._until(cursor, point) or (self._calendar.since(_latest(point)), cursor.position)

    def ago(self, index: int) -> tuple[str, int] | None:
        """ "vor 2 Stunden", "hace 2 horas": the words before the amount say what "ago" says behind it."""
        cursor = self._behind(index)
        cursor.take(_SINCE_DURATION)
        duration = duration_at(cursor.text, cursor.position)
        return (duration.value, duration.end) if duration and duration.counted else None

    def after(self, index: int) -> tuple[str, int] | None:
        """ "after 3pm" lasts until now; "after 5 minutes" is no such thing."""
        cursor = self._behind(index)
        point = self._point(cursor)
        if point is None or point.bare or self._ahead:
            return None
        return self._calendar.since(point), cursor.position

    def before(self, index: int) -> tuple[str, int] | None:
        """ "before 9am": from the midnight before it."""
        cursor = self._behind(index)
        point = self._point(cursor)
        if point is None or not point.clock or point.bare:
            return None
        start, end = self._calendar.interval(point)
        midnight = start.replace(hour=0, minute=0)
        return (self._calendar.written((midnight, end), point.zone), cursor.position) if midnight < end else None

    def between(self, index: int) -> tuple[str, int] | None:
        """ "between 2 and 3pm", "from 14:00 to 15:30", "from yesterday"."""
        cursor = self._behind(index)
        cursor.take(_THE)
        point = self._point(cursor)
        if point is None:
            return None
        if found := self._until(cursor, point):
            return found
        if self._sentence.words[index].text not in _FROM:
            return None
        if point.bare and not (self._sentence.words[index].text == "from" and self._alone(index, cursor)):
            return None
        if point.clock:
            return self._calendar.since(_latest(point)), cursor.position
        return self._whole(cursor, point)

    def at(self, index: int) -> tuple[str, int] | None:
        """ "around 3pm", "at 14:32"."""
        if self._ahead:
            return None
        cursor = self._behind(index)
        if self._sentence.word(index - 1) in _LOOK_AT:
            cursor.take(_BLANK)
            duration = duration_at(cursor.text, cursor.position)
            if duration and duration.counted:
                return duration.value, duration.end
            cursor = self._behind(index)
        point = self._point(cursor)
        if point is None or not point.clock or point.bare or self._planned(point):
            return None
        return self._until(cursor, point) or (self._calendar.around(point, _AROUND), cursor.position)

    def over(self, index: int) -> tuple[str, int] | None:
        """ "over 30 days", "across 24h", "for 20 minutes", "over the week"; "took over 5 minutes" is a limit."""
        cursor = self._behind(index)
        cursor.take(_THE)
        duration = duration_at(cursor.text, cursor.position)
        if duration is None or self._ahead:
            return None
        if not duration.counted and self._sentence.words[index].text == "for":
            return None
        if is_limit(self._sentence, index, duration.unit):
            return None
        return duration.value, duration.end

    def day(self, index: int) -> tuple[str, int] | None:
        """ "yesterday", "monday morning", "this week", "3 March 14:00", "today between 2 and 3pm"."""
        start = self._sentence.words[index].start
        before = self._sentence.word(index - 1)
        if (
            before in _NOT_THIS_DAY
            or (before, self._sentence.word(index)) in _FEASTS
            or _INSIDE_NAME.search(self._sentence.folded, max(0, start - 2), start)
        ):
            return None
        cursor = Cursor(self._sentence.folded, start)
        point = self._point(cursor)
        if point is None or (point.day is None and not point.clock):
            return None
        if found := self._until(cursor, point):
            return found
        if point.day is None or point.bare:
            return None
        return self._whole(cursor, point)

    def month(self, index: int) -> tuple[str, int] | None:
        """ "in March"."""
        cursor = self._behind(index)
        point = self._calendar.month(cursor)
        return (self._calendar.written(self._calendar.interval(point)), cursor.position) if point else None

    def bare_month(self, index: int) -> tuple[str, int] | None:
        """ "October incidents", "the october list": nothing but the name. Not a release or a person: "the april release", "ask april"."""
        if self._ahead or self._sentence.word(index + 1) in _NAMED_AFTER_MONTHS:
            return None
        cursor = Cursor(self._sentence.folded, self._sentence.words[index].start)
        point = self._calendar.month(cursor)
        return (self._calendar.written(self._calendar.interval(point)), cursor.position) if point else None

    def digits(self, index: int) -> tuple[str, int] | None:
        """A date, a range of clock times, or an amount of time: "2026-03-03", "2-3pm", "30m"."""
        word = self._sentence.words[index]
        text = self._sentence.folded
        if _INSIDE_NAME.search(text, max(0, word.start - 2), word.start):
            return None
        slashed = text[word.end : word.end + 1] == "/" and len(word.text) < 3
        if slashed and len(word.text) == 1 and self._sentence.word(index - 1) not in _BEFORE_SLASHED:
            return None
        return self.day(index) or self.amount(index)

    def amount(self, index: int) -> tuple[str, int] | None:
        """ "an hour ago", "15m window", "2h"; only where it is looked back."""
        word = self._sentence.words[index]
        text = self._sentence.folded
        ranged = _RANGED.match(text, word.start)
        duration = duration_at(text, ranged.end() if ranged else word.start)
        if duration is None or not duration.counted:
            return None
        if ago := _AGO.match(text, duration.end):
            return duration.value, ago.end()
        if _NAMED_AS_WINDOW.match(text, duration.end):
            return duration.value, duration.end
        return (duration.value, duration.end) if self._looked_back(index, duration) else None

    def passed(self, index: int) -> tuple[str, int] | None:
        """ "la semana pasada": Spanish says "last" behind the unit."""
        cursor = self._behind(index)
        duration = duration_at(cursor.text, self._sentence.words[index].start)
        return (duration.value, cursor.position) if duration and cursor.take(_PASSED) else None

    def change(self, index: int) -> tuple[str, int] | None:
        """ "week over week"."""
        match = _OVER_CHANGE.match(self._sentence.folded, self._sentence.words[index].start)
        duration = duration_at(match["unit"], 0) if match else None
        return (duration.value, match.end()) if match and duration else None

    def _behind(self, index: int) -> Cursor:
        return Cursor(self._sentence.folded, self._sentence.words[index].end)

    def _point(self, cursor: Cursor) -> Point | None:
        return self._calendar.point(cursor)

    def _planned(self, point: Point) -> bool:
        """ "Ship it at 6pm", said at noon, is about today and not about yesterday."""
        return self._calendar.ahead(point) and not _PLANS.isdisjoint(self._sentence.vocabulary)

    def _closed(self, cursor: Cursor) -> bool:
        return not cursor.text[cursor.position : cursor.position + 2].strip(" ?!.,;)")

    def _alone(self, index: int, cursor: Cursor) -> bool:
        """Whether the message ends here and is short: "from 9"."""
        return self._closed(cursor) and index + 2 == len(self._sentence.words) <= _MESSAGE_ALONE

    def _looked_back(self, index: int, duration: Duration) -> bool:
        before = self._sentence.word(index - 1)
        if self._ahead or before in _NO_RANGE_BEFORE:
            return False
        if before == "to" and not _WIDENED.isdisjoint(self._sentence.vocabulary):
            return duration.unit != "s"
        if before in _LOOKING:
            return not is_limit(self._sentence, index - 1, duration.unit)
        if len(self._sentence.words) <= _MESSAGE_ALONE or "instead" in self._sentence.vocabulary:
            return duration.unit != "s"
        if duration.unit == "s":
            return False
        return not duration.spelled or self._last_said(index, duration)

    def _last_said(self, index: int, duration: Duration) -> bool:
        """ "…, 15 minutes" or "same but 12 hours" at the end of what is asked for."""
        folded, start = self._sentence.folded, self._sentence.words[index].start
        ends = not folded[duration.end :].strip(" ?!.,;)")
        return ends and (
            folded[:start].rstrip().endswith((",", "(", "-", ":"))
            or self._sentence.word(index - 1) in _BEFORE_LAST_SAID
            or not _SHOWN.isdisjoint(self._sentence.vocabulary)
        )

    def _until(self, cursor: Cursor, first: Point) -> tuple[str, int] | None:
        """The rest of a range whose first point was read."""
        begin = cursor.position
        if cursor.take(_TO):
            if cursor.take(_NOW):
                return self._calendar.since(_latest(first)), cursor.position
            last = self._point(cursor)
            if last and not (first.bare and last.bare) and not (last.bare and first.start is None):
                interval = self._calendar.between(first, last)
                if interval:
                    return self._calendar.written(interval, first.zone or last.zone), cursor.position
        cursor.position = begin
        return None

    def _whole(self, cursor: Cursor, point: Point) -> tuple[str, int]:
        """All of a named day, or the clock times that are named behind it."""
        if point.start is None and point.days == 1 and (part := self._range_within(cursor, point)):
            return part
        if point.clock:
            return self._calendar.around(point, _AROUND), cursor.position
        return self._calendar.written(self._calendar.interval(point), point.zone), cursor.position

    def _range_within(self, cursor: Cursor, day: Point) -> tuple[str, int] | None:
        begin = cursor.position
        cursor.take(_IN_BETWEEN)
        first = self._point(cursor)
        if first and first.clock:
            first = replace(first, day=first.day or day.day)
            if found := self._until(cursor, first):
                return found
        cursor.position = begin
        return None


def _latest(point: Point) -> Point:
    """An hour that does not say which half of the day it means is the later one that is past."""
    return replace(point, dial=True) if point.bare and not point.sure else point


_Form = Callable[[_Reader, int], tuple[str, int] | None]
_FROM = frozenset({"from", "von", "vom", "desde", "de"})
_OF_DIGITS: tuple[_Form, ...] = (_Reader.digits,)
_READERS: dict[str, tuple[_Form, ...]] = {
    **dict.fromkeys(MONTH_OF, (_Reader.day,)),
    **dict.fromkeys(MONTH_OF.keys() & _SURELY_MONTHS, (_Reader.day, _Reader.bare_month)),
    **dict.fromkeys(WEEKDAY_OF, (_Reader.day,)),
    **dict.fromkeys((phrase.split(" ")[0] for phrase in AMOUNTS), (_Reader.amount,)),
    "quarter": (_Reader.amount, _Reader.day),
    **dict.fromkeys(
        words(
            "yesterday yesterda yestarday yesturday yesteday yday yest today todays tody this these tonight tonite overnight noon midday lunch "
            "midnight all current whole gestern heute vorgestern diese dieser dieses diesen hoy ayer anteayer antier anoche esta este "
            "over am el the mittag mitternacht mediodia medianoche"
        ),
        (_Reader.day,),
    ),
    **dict.fromkeys(words("q1 q2 q3 q4 ytd qtd mtd wtd"), (_Reader.day,)),
    "day": (_Reader.day, _Reader.change),
    "hour": (_Reader.amount,),
    **dict.fromkeys(("week", "month", "year"), (_Reader.change, _Reader.day)),
    **dict.fromkeys(("semana", "mes", "ano", "dia", "hora"), (_Reader.passed,)),
    **dict.fromkeys(_LAST, (_Reader.last, _Reader.day)),
    **dict.fromkeys(("since", "sinse", "snce", "seit"), (_Reader.since,)),
    "desde": (_Reader.since,),
    **dict.fromkeys(("hace", "vor"), (_Reader.ago,)),
    "after": (_Reader.after,),
    "before": (_Reader.before,),
    **dict.fromkeys(("between", "btw", "from", "zwischen", "von", "vom", "entre", "de"), (_Reader.between,)),
    **dict.fromkeys(("around", "about", "approx", "circa", "at", "um", "gegen"), (_Reader.at,)),
    **dict.fromkeys(("over", "across", "spanning", "throughout", "during"), (_Reader.over, _Reader.day, _Reader.month)),
    "for": (_Reader.over,),
    **dict.fromkeys(("in", "im", "en"), (_Reader.month,)),
}
