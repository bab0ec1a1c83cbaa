"""Clock times and parts of a day: "9", "9am", "14:30 utc", "noon", "in the afternoon"."""

import re
from dataclasses import replace
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.nlp.entities.times.points import DAY, HOUR, NOON, Cursor, Point

PARTS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30), "lunch": (12, 13)}
"""Hours from midnight; a night ends at six on the next day."""

_PART_WORDS = {
    "morning": "morning|mornin|forenoon|vormittag|morgen|fruh|manana",
    "afternoon": "afternoon|arvo|nachmittag|tarde",
    "evening": "evening|eve|abend",
    "night": "night|nacht|noche|nite",
    "lunch": "lunchtime|lunch|noon",
}
PART_OF = {word: part for part, words in _PART_WORDS.items() for word in words.split("|")}
_PART = "|".join(sorted(PART_OF, key=len, reverse=True))
_OF_DAY = re.compile(rf" {{0,2}}(?:in the |at |during the |around |por la |de la )?(?P<part>{_PART})\b(?! ?\d)")
_TODAYS = re.compile(
    rf" {{0,2}}(?:(?P<last>last night|overnight|gestern abend|gestern nacht|anoche|letzte nacht)"
    rf"|(?:this|heute|diesen|esta) (?P<part>{_PART})|(?P<tonight>tonight|tonite|heute abend|esta noche))\b"
)
_NAMED = re.compile(
    r" {0,2}(?:the )?(?:(?P<noon>noon|midday|lunch ?time|lunch|mittag|mediodia|el mediodia)"
    r"|(?P<midnight>midnight|mitternacht|medianoche|la medianoche))\b"
)
_CLOCK = re.compile(
    r" {0,2}(?:(?P<military>(?:[01]\d|2[0-3])[0-5]\d(?= ?(?:h|hrs|hours|z|utc)\b)|0[1-9][0-5]\d) ?(?:h|hrs|hours)?(?![a-z0-9])|(?P<hour>\d{1,2})(?:(?:[:h](?P<minute>\d{2})(?::\d{2})?|\.(?P<dotted>\d{2})(?= ?(?:am|pm|uhr)))"
    r"|(?P<hours>h(?![a-z0-9])))?(?: ?(?P<half>am|pm|a\.m\.|p\.m\.)(?![a-z0-9]))?(?: ?(?P<uhr>uhr)\b| ?(?P<oclock>o'? ?clock)\b)?)"
    r"(?![a-z0-9%:/_]|[.,]\d)"
)
_DIAL_HOURS = {
    word: hour
    for hour, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_DIAL = re.compile(
    rf" {{0,2}}(?:(?P<part>half|quarter) (?P<way>past|to|after|before) )?(?P<hour>{'|'.join(_DIAL_HOURS)}|\d{{1,2}})(?: (?P<oclock>o'? ?clock))?(?: ?(?P<half>am|pm))?(?![a-z0-9:%-]|[.,]\d)"
)
_AT = re.compile(r" {0,2},? ?(?:at |um |gegen |a las? |las? |around |about |~ ?|@ ?|kl )?")
_ZONE = re.compile(r" ?\(?(?P<zone>utc|gmt|z|zulu|[pec][sd]?t|cest|mesz|mez|cet|bst|ist|jst)\)?(?![a-z0-9+-])")
_ZONES = {
    **dict.fromkeys(("utc", "gmt", "z", "zulu"), "UTC"),
    **dict.fromkeys(("pst", "pdt", "pt"), "America/Los_Angeles"),
    **dict.fromkeys(("est", "edt", "et"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct"), "America/Chicago"),
    **dict.fromkeys(("cet", "cest", "mez", "mesz"), "Europe/Berlin"),
    "bst": "Europe/London",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
}


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this IANA name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def clock(cursor: Cursor) -> Point | None:
    """Read a clock time, with a preposition before it and a zone behind it; a number alone is a `bare` one."""
    begin = cursor.position
    cursor.take(_AT)
    if named := cursor.take(_NAMED):
        point = Point(start=NOON if named["noon"] else 0)
    elif spoken := _on_dial(cursor):
        point = spoken
    else:
        match = cursor.take(_CLOCK)
        read = _read(match) if match else None
        if read is None:
            cursor.position = begin
            return None
        point = read
    zone = cursor.take(_ZONE)
    return replace(point, zone=zone_of(_ZONES[zone["zone"]])) if zone else point


def part_of_day(cursor: Cursor) -> Point | None:
    """Read a part of some day that was named before: "in the morning"."""
    match = cursor.take(_OF_DAY)
    return _part(PART_OF[match["part"]]) if match else None


def part_of_today(cursor: Cursor) -> tuple[int, Point] | None:
    """Read a part with its day: how many days ago the day was ("last night" began on the day before), and the part."""
    match = cursor.take(_TODAYS)
    if match is None:
        return None
    if match["last"]:
        return 1, _part("night")
    return 0, _part(PART_OF[match["part"]] if match["part"] else "evening")


def within(time: Point, part: Point) -> Point:
    """The clock time in the half of the day that the part lies in: nine in the evening is 21:00."""
    if time.start is None or time.sure or part.start is None or part.end is None:
        return time
    if time.start < NOON <= part.start:
        return replace(time, start=time.start + NOON, sure=True, bare=False)
    return replace(time, sure=True, bare=False)


def same_half(first: Point, last: Point) -> tuple[Point, Point]:
    """ "2 to 3pm" is in the afternoon, "11 to 1pm" begins in the morning, "10am to 2" and "9 to 5" end after noon."""
    start, end = first.start or 0, last.start or 0
    if not first.sure and last.sure and start < NOON and start + NOON < end:
        return replace(first, start=start + NOON), last
    if not last.sure and end <= start and end < NOON:
        return first, replace(last, start=end + NOON)
    return first, last


def offset(written: str | None) -> tzinfo | None:
    """ "z" or "+02:00" behind an ISO time; None where there is none or it is no offset."""
    if not written or written == "z":
        return UTC if written else None
    digits = written[1:].replace(":", "")
    minutes = int(digits[:2]) * HOUR + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes)) if minutes < DAY else None


def _on_dial(cursor: Cursor) -> Point | None:
    """ "Half past three", "quarter to 4 pm", "nine o'clock"."""
    begin = cursor.position
    match = cursor.take(_DIAL)
    if match is None or not (match["part"] or (match["hour"].isalpha() and (match["oclock"] or match["half"]))):
        cursor.position = begin
        return None
    hour = _DIAL_HOURS.get(match["hour"]) or int(match["hour"])
    if not 1 <= hour <= 12:
        cursor.position = begin
        return None
    minutes = {"half": 30, "quarter": 15, None: 0}[match["part"]]
    start = hour % 12 * HOUR + (minutes if match["way"] in ("past", "after", None) else -minutes)
    half = match["half"]
    return Point(start=(start + NOON * (half == "pm")) % DAY, sure=bool(half), dial=not half)


def _part(name: str) -> Point:
    start, end = PARTS[name]
    return Point(start=start * HOUR, end=end * HOUR)


def _read(match: re.Match[str]) -> Point | None:
    if match["military"]:
        return Point(start=int(match["military"][:2]) * HOUR + int(match["military"][2:]))
    hour, minute = int(match["hour"]), int(match["minute"] or match["dotted"] or 0)
    half = (match["half"] or "")[:1]
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    bare = not (half or match["minute"] or match["hours"] or match["uhr"] or match["oclock"])
    by_24_hours = match["uhr"] or match["hours"] or (match["minute"] and len(match["hour"]) == 2)
    sure = bool(half or by_24_hours) or hour > 12 or hour == 0
    if half:
        hour = hour % 12 + (NOON // HOUR if half == "p" else 0)
    return Point(start=hour * HOUR + minute, sure=sure, bare=bare)
