"""Named days, weeks and months: "yesterday", "last monday", "3 March", "03/11", "2026-03-03T14:00Z", "this week"."""

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from core.nlp.entities.times.clocks import offset
from core.nlp.entities.times.points import HOUR, Cursor, Point

_WEEKDAYS = (
    "monday|mon|montag|lunes",
    "tuesday|tuesdy|tues|tue|dienstag|martes",
    "wednesday|wensday|wednesdy|weds|wed|mittwoch|miercoles",
    "thursday|thurs|thur|thu|thrusday|donnerstag|jueves",
    "friday|firday|fri|freitag|viernes",
    "saturday|samstag|sabado",
    "sunday|sonntag|domingo",
)
WEEKDAY_OF = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split("|")}
_MONTHS = (
    "january|jan|januar|enero", "february|feb|februar|febrero", "march|mar|marz|maerz|marzo", "april|apr|abril",
    "may|mai|mayo", "june|jun|juni|junio", "july|jul|juli|julio", "august|aug|agosto",
    "september|sept|sep|septiembre", "october|oct|oktober|okt|octubre", "november|nov|noviembre",
    "december|dec|dezember|dez|diciembre",
)  # fmt: skip
MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split("|")}
PERIOD_OF = {
    "hour": "hour", "week": "week", "wk": "week", "month": "month", "quarter": "quarter", "year": "year",
    "stunde": "hour", "woche": "week", "monat": "month", "jahr": "year",
    "hora": "hour", "semana": "week", "mes": "month", "ano": "year",
}  # fmt: skip


def _any(words: dict[str, int] | dict[str, str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_RELATIVE = re.compile(
    r" {0,2}(?:(?P<before>(?:the )?day before (?:yesterday|yday)|vorgestern|anteayer|antier)"
    r"|(?P<yesterday>yesterday|yesterda|yestarday|yesturday|yesteday|yday|yest|gestern|ayer)"
    r"|(?P<today>today|todays|2day|tody|all day|the whole day|heute|hoy))(?:'s)?(?![a-z0-9])"
)
_WEEKDAY = re.compile(
    rf" {{0,2}}(?P<last>last |letzten |past |previous )?(?P<this>this |this past )?(?P<day>{_any(WEEKDAY_OF)})(?![a-z0-9])"
    r"(?P<last_behind> pasado)?"
)
_PERIOD = re.compile(
    rf" {{0,2}}(?:(?:this|this current|the current|current|the whole|whole|all|dieser?s?|diesen|esta|este) (?P<period>{_any(PERIOD_OF)})"
    r"|(?:this|this past|the|over|last|past|previous|am|letztes|el|este) (?P<weekend>weekend|wochenende|fin de semana))"
    r"(?: so far| to date)?(?![a-z0-9])"
    r"| {0,2}(?P<to_date>year|quarter|month|week)[ -]to[ -]date\b| {0,2}(?P<letter>[yqmw])td\b"
)
_LETTERS = {"y": "year", "q": "quarter", "m": "month", "w": "week"}
_QUARTER = re.compile(r" {0,2}q(?P<number>[1-4])(?:[ /-]?(?P<year>20\d{2}))?(?![a-z0-9])")
_ISO = re.compile(
    r" {0,2}(?P<year>(?:19|20)\d{2})(?P<mark>[-/])(?P<month>\d{2})(?P=mark)(?P<day>\d{2})"
    r"(?:(?:t| (?:at )?)(?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?P<offset>z|utc|[+-]\d{2}:?\d{2}))?)?(?![\w:])"
)
_YEAR = r"(?:,? (?P<year>(?:19|20)\d{2}))?(?![a-z0-9:])"
_DAY_MONTH = re.compile(
    rf" {{0,2}}(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of| de)? ?(?P<month>{_any(MONTH_OF)})\.?{_YEAR}"
)
_MONTH_DAY = re.compile(
    rf" {{0,2}}(?P<month>{_any(MONTH_OF)})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"(?: ?- ?(?P<until>\d{{1,2}})(?:st|nd|rd|th)?)?{_YEAR}"
)
_NUMERIC = re.compile(
    r" {0,2}(?:(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?"
    r"|(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<dotted_year>\d{4})|(?P<short_day>\d{2})\.(?P<short_month>\d{2})\.)(?![\w/])(?!\.\d)"
)
_ORDINAL = re.compile(
    r" {0,2}(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)(?= *(?:$|[.,;?!)-]|at |from |between |until |till |to |in the (?:morning|afternoon|evening)))"
)
_MONTH = re.compile(rf" {{0,2}}(?P<month>{_any(MONTH_OF)})(?: (?P<year>20\d{{2}}))?(?![a-z0-9])")
_RECENT = timedelta(days=60)


class Days:
    """Reads names of days as of one today."""

    def __init__(self, today: date, *, month_first: bool) -> None:
        """`month_first`: how this person writes 03/11."""
        self._today = today
        self._month_first = month_first

    def read(self, cursor: Cursor) -> Point | None:
        """Read a day, or several; a time that belongs to an ISO date is read with it."""
        for reader in (self._relative, self._weekday, self._iso, self._day_and_month, self._numeric, self._ordinal):
            begin = cursor.position
            if point := reader(cursor):
                return point
            cursor.position = begin
        return None

    def month(self, cursor: Cursor) -> Point | None:
        """Read the name of a month; a year that is not named is the latest."""
        match = cursor.take(_MONTH)
        if match is None:
            return None
        month = MONTH_OF[match["month"]]
        year = int(match["year"]) if match["year"] else self._today.year - (month > self._today.month)
        return Point(date(year, month, 1), days=monthrange(year, month)[1])

    def period(self, cursor: Cursor, hour: int) -> Point | None:
        """Read "this week" and the like, from its first day on. `hour`: the present one, for "this hour"."""
        if quarter := cursor.take(_QUARTER):
            return self._quarter(int(quarter["number"]), quarter["year"])
        match = cursor.take(_PERIOD)
        if match is None:
            return None
        today = self._today
        monday = today - timedelta(days=today.weekday())
        if match["weekend"]:
            saturday = monday + timedelta(days=5)
            return Point(saturday if saturday <= today else saturday - timedelta(days=7), days=2)
        named = match["to_date"] or _LETTERS.get(match["letter"] or "") or PERIOD_OF[match["period"]]
        if named == "hour":
            return Point(today, start=hour * HOUR, end=(hour + 1) * HOUR)
        first, days = {
            "week": (monday, 7),
            "month": (today.replace(day=1), monthrange(today.year, today.month)[1]),
            "quarter": (today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), 92),
            "year": (today.replace(month=1, day=1), 366),
        }[named]
        return Point(first, days=days)

    def _quarter(self, number: int, year: str | None) -> Point:
        """The first quarter and so on; without a year the latest that has begun."""
        month = 3 * number - 2
        of = int(year) if year else self._today.year - (month > self._today.month)
        first = date(of, month, 1)
        last = date(of, month + 2, monthrange(of, month + 2)[1])
        return Point(first, days=(last - first).days + 1)

    def _relative(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_RELATIVE)
        if match is None:
            return None
        return Point(self._today - timedelta(days=2 if match["before"] else 1 if match["yesterday"] else 0))

    def _weekday(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_WEEKDAY)
        if match is None:
            return None
        ago = (self._today.weekday() - WEEKDAY_OF[match["day"]]) % 7
        if ago == 0 and not match["this"]:
            ago = 7
        return Point(self._today - timedelta(days=ago))

    def _iso(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_ISO)
        day = _date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
        if match is None or day is None or not match["hour"]:
            return Point(day) if day else None
        hour, minute = int(match["hour"]), int(match["minute"])
        if hour > 24 or minute > 59:
            return None
        zone = offset("z" if match["offset"] == "utc" else match["offset"])
        return Point(day, start=hour * HOUR + minute, zone=zone)

    def _day_and_month(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_DAY_MONTH) or cursor.take(_MONTH_DAY)
        if match is None:
            return None
        first = self._only(match["year"], MONTH_OF[match["month"]], int(match["day"]))
        until = match.groupdict().get("until")
        return replace(first, days=max(1, int(until) - int(match["day"]) + 1)) if first and until else first

    def _ordinal(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_ORDINAL)
        if match is None:
            return None
        number = int(match["day"])
        first = self._today.replace(day=1)
        this_month, before = (_date(month.year, month.month, number) for month in (first, first - timedelta(days=1)))
        day = this_month if this_month and this_month <= self._today else before
        return Point(day) if day else None

    def _numeric(self, cursor: Cursor) -> Point | None:
        match = cursor.take(_NUMERIC)
        if match is None:
            return None
        if not match["first"]:
            number, month = match["day"] or match["short_day"], match["month"] or match["short_month"]
            return self._only(match["dotted_year"], int(month), int(number))
        first, second = int(match["first"]), int(match["second"])
        readings = [(first, second), (second, first)] if self._month_first else [(second, first), (first, second)]
        year = int(match["year"]) if match["year"] else None
        if year is not None and year < 100:
            year += 2000
        days = [day for month, number in readings if (day := self._latest(year, month, number))]
        # People ask about what happened lately: a reading months ago yields to a later one.
        recent = [day for day in days if self._today - day < _RECENT]
        return Point(recent[0] if recent else max(days)) if days else None

    def _only(self, year: str | None, month: int, day: int) -> Point | None:
        found = self._latest(int(year) if year else None, month, day)
        return Point(found) if found else None

    def _latest(self, year: int | None, month: int, day: int) -> date | None:
        if year is not None:
            return _date(year, month, day)
        this_year, before = (_date(self._today.year - ago, month, day) for ago in (0, 1))
        return this_year if this_year and this_year <= self._today else before


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
