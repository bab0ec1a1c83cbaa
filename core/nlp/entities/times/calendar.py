"""Points in time of one person: a day with a part or a clock, read and turned into intervals."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from core.nlp.entities.times.clocks import clock, part_of_day, part_of_today, same_half, within, zone_of
from core.nlp.entities.times.days import Days
from core.nlp.entities.times.points import DAY, HOUR, Cursor, Point

Interval = tuple[datetime, datetime]
"""Wall times of the zone that was named, else of the person's."""

_ON = re.compile(r" {0,2},? ?(?:on |am |el |of )?(?:the )?")
_HALF_DAY = timedelta(hours=12)
_WEEK = timedelta(days=7)
_MORNING = 6 * HOUR


class Calendar:
    """Now, in one person's zone.

    point := day [part] [clock] | part-of-today [clock] | clock [day] [part] | period
    """

    def __init__(self, now: datetime, zone: str) -> None:
        """`now`: with a time zone. `zone`: an IANA name; an unknown one counts as UTC."""
        self._zone = zone_of(zone)
        self._now = now.astimezone(UTC).replace(microsecond=0)
        self._here = self._wall(self._zone)
        self._days = Days(self._here.date(), month_first=zone.startswith("America/"))

    def point(self, cursor: Cursor) -> Point | None:
        """Read a point; the cursor stays where there is none."""
        begin = cursor.position
        found = self._day_first(cursor) or self._clock_first(cursor) or self._days.period(cursor, self._here.hour)
        if found is None:
            cursor.position = begin
        return found

    def month(self, cursor: Cursor) -> Point | None:
        """Read the name of a month; only its surroundings tell it from a modal verb."""
        return self._days.month(cursor)

    def interval(self, point: Point) -> Interval:
        """When this is. A clock without a day is the latest one that is not ahead."""
        here = self._wall(point.zone or self._zone)
        midnight = datetime.combine(point.day or here.date(), time())
        if point.start is None:
            return midnight, midnight + timedelta(days=point.days)
        start = midnight + timedelta(minutes=point.start)
        end = midnight + timedelta(minutes=point.start if point.end is None else point.end)
        if point.dial and point.day is None and start + _HALF_DAY <= here:
            return start + _HALF_DAY, end + _HALF_DAY
        if point.day is None and start > here:
            return start - timedelta(days=1), end - timedelta(days=1)
        return start, end

    def ahead(self, point: Point) -> bool:
        """Whether this clock time without a day is still to come today."""
        if point.day or point.start is None:
            return False
        here = self._wall(point.zone or self._zone)
        return point.start > here.hour * HOUR + here.minute

    def between(self, first: Point, last: Point) -> Interval | None:
        """From where the first begins to where the last, a clock, stands, or, a day, ends. None where that is no time at all."""
        if first.start is None and first.day is None:
            return None
        zone = first.zone or last.zone
        first, last = replace(first, zone=zone), replace(last, zone=zone)
        if first.clock and last.clock:
            first, last = same_half(first, last)
            first, last = replace(first, day=first.day or last.day), replace(last, day=last.day or first.day)
        start, _ = self.interval(first)
        _, end = self.interval(last if last.day else replace(last, day=start.date()))
        if first.clock and last.clock and end <= start:
            end += timedelta(days=1)
            if first.day is None and end > self._wall(zone or self._zone):
                start, end = start - timedelta(days=1), end - timedelta(days=1)
        if end <= start and first.start is None and last.start is None:
            # "Tuesday to Thursday" on a Wednesday: the last Thursday, and the Tuesday before it.
            start -= _WEEK
        return (start, end) if start < end else None

    def written(self, interval: Interval, zone: tzinfo | None = None) -> str:
        """ISO 8601 in UTC. What has begun ends now at the latest: nothing was measured after."""
        start, end = (moment.replace(tzinfo=zone or self._zone).astimezone(UTC) for moment in interval)
        return f"{_iso(start)}/{_iso(min(end, self._now) if start < self._now else end)}"

    def around(self, point: Point, margin: timedelta) -> str:
        """As much time before a clock time as after it."""
        moment = self.interval(point)[0].replace(tzinfo=point.zone or self._zone).astimezone(UTC)
        return f"{_iso(moment - margin)}/{_iso(min(moment + margin, max(self._now, moment)))}"

    def since(self, point: Point) -> str:
        """From where this begins until now."""
        start, _ = self.interval(point)
        return f"{_iso(start.replace(tzinfo=point.zone or self._zone).astimezone(UTC))}/{_iso(self._now)}"

    def _wall(self, zone: tzinfo) -> datetime:
        return self._now.astimezone(zone).replace(tzinfo=None)

    def _day_first(self, cursor: Cursor) -> Point | None:
        day = self._part_of_today(cursor) or self._days.read(cursor)
        if day is None or day.clock:
            return day
        if day.start is None and (part := part_of_day(cursor)):
            day = replace(part, day=day.day)
        begin = cursor.position
        time_of_day = clock(cursor)
        if time_of_day is None or (time_of_day.bare and day.start is None):
            cursor.position = begin
            return day
        return _on(time_of_day, day)

    def _clock_first(self, cursor: Cursor) -> Point | None:
        time_of_day = clock(cursor)
        if time_of_day is None:
            return None
        begin = cursor.position
        if part := part_of_day(cursor):
            time_of_day = within(time_of_day, part)
            begin = cursor.position
        cursor.take(_ON)
        day = self._part_of_today(cursor) or self._days.read(cursor)
        if day is None or day.clock:
            cursor.position = begin
            return time_of_day
        if day.start is None and (part := part_of_day(cursor)):
            day = replace(part, day=day.day)
        return _on(time_of_day, day)

    def _part_of_today(self, cursor: Cursor) -> Point | None:
        read = part_of_today(cursor)
        if read is None:
            return None
        ago, part = read
        return replace(part, day=self._here.date() - timedelta(days=ago))


def _on(time_of_day: Point, day: Point) -> Point:
    """The clock time on this day; three o'clock of a night is on the next one."""
    after_midnight = (day.end or 0) > DAY and time_of_day.start is not None and time_of_day.start < _MORNING
    if not after_midnight:
        time_of_day = within(time_of_day, day)
    shift = timedelta(days=1) if after_midnight else timedelta()
    return replace(time_of_day, day=day.day + shift if day.day else None, bare=False)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
