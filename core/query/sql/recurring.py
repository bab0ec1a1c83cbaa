"""Days of the week and hours of the day that come again: "on weekends", "on a saturday or sunday", "between 22 and 6"."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.sql.model import Bucket, Column, Condition, Item, Label, PartOf
from core.query.sql.subjects import Subject
from core.query.wording import BLANK, Wording

_DAYS = (
    "sun(?:day)?|sonntag|domingo",
    "mon(?:day)?|montag|lunes",
    "tue(?:s(?:day)?)?|dienstag|martes",
    "wed(?:nesday)?|mittwoch|mi[eé]rcoles",
    "thu(?:rs(?:day)?)?|donnerstag|jueves",
    "fri(?:day)?|freitag|viernes",
    "sat(?:urday)?|samstag|s[aá]bado",
)
"""From Sunday, as databases count them."""
_DAY = rf"(?:{'|'.join(_DAYS)})"
_SEVERAL = re.compile(
    rf"\b(?:{_DAY}s?\s?(?:,|/|\+|&|-|\bto\b|\bthrough\b|\bor\b|\band\b|\boder\b|\bund\b|\by\b|\bo\b)\s?(?:on )?(?:an? )?){{1,6}}{_DAY}s?\b",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"\b({_DAY})s?\s?(?:-|\bto\b|\bthrough\b)\s?({_DAY})s?\b", re.IGNORECASE)
_PLURAL = re.compile(
    rf"\b(?:(?:on an?|every|each|any|on any) {_DAY}|{_DAY}s|(?:los|an) {_DAY}(?:s|en)?)\b", re.IGNORECASE
)
_WEEKEND = re.compile(
    r"\b(?:weekends|(?:on|during|at) (?:an?|any|every) weekend|weekend (?=incidents?\b|runs?\b|deploys?\b|deployments?\b|messages?\b|pages?\b|outages?\b|work\b)|am wochenende|an wochenenden|fines? de semana)",
    re.IGNORECASE,
)
_WORKDAYS = re.compile(
    r"(?<!by )(?<!per )(?<!each )(?<!every )(?<!what )(?<!which )\b(?:(?:on|during) (?:weekdays|working days|work ?days|business days)|weekdays only|only (?:on )?weekdays|weekday (?=incidents?\b|runs?\b|deploys?\b))",
    re.IGNORECASE,
)
_CLOCK = r"(?P<{0}>[01]?[0-9]|2[0-4])(?:[:.]?00)?\s?(?P<{0}m>am|pm|a\.m\.|p\.m\.)?(?:\s?(?:h|uhr|o'?clock))?"
_HOURS = re.compile(
    rf"\b(?:between|from|zwischen|von|entre las|de las|entre)\s{_CLOCK.format('a')}\s?(?:and|to|till|until|-|–|und|bis|y las|y|a las|a)\s?{_CLOCK.format('b')}(?![\w.:]|\s?(?:min|hours?|days?|runs|incidents|messages))"
    r"|(?P<around>\b(?:outside(?: of)?|within|during|not|between)\s(?:the )?(?:hours )?)?(?<![\d:-])(?P<c>[01]?[0-9]|2[0-4])(?::00)?\s?(?P<cm>am|pm)?\s?(?:-|–|to)\s?(?P<d>[01]?[0-9]|2[0-4])(?P<dc>:00)?\s?(?P<dm>am|pm|uhr|h)?(?![\d:-])",
    re.IGNORECASE,
)
_OPEN_HOURS = re.compile(
    rf"\b(?P<side>after|before|past|later than|earlier than)\s{_CLOCK.format('a')}(?![\w.:]|\s?(?:min|hours?|days?))",
    re.IGNORECASE,
)
_NIGHT = re.compile(
    r"\b(?:at night|by night|during (?:the )?nights?|overnight|nights|in the night|nachts|de noche|por la noche)\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?P<out>outside(?: of)?|out of|not (?:in|during|within)|off|after|before)?[ -]?(?:the |our |normal |regular ){0,3}(?:business|office|working|work)[ -]hours\b|\boff[ -]hours\b|\bafter hours\b",
    re.IGNORECASE,
)
_AGAINST = r"\s?(?:,|/|\bvs\.?|\bversus|\bagainst|\bcompared (?:to|with)|\band|\bor|\bthan|\bund|\by)\s?(?:on |during |in |at |the |to ){0,3}"
_WEEKENDS = r"(?:weekends?|wochenenden?|fines? de semana)"
_WORKING = (
    r"(?:week ?days?|work(?:ing)? ?days|business days|the week\b|wochentagen?|mon(?:day)? ?(?:-|to) ?fri(?:day)?)"
)
_OFF = r"(?:off|outside|after|out of|non)[ -](?:office |business |working |work )?(?:hours|them|it)"
SPLIT = re.compile(
    rf"\b(?P<days>{_WEEKENDS}{_AGAINST}{_WORKING}|{_WORKING}{_AGAINST}{_WEEKENDS})\b"
    rf"|\b(?:nights?|night ?time){_AGAINST}(?:days?|day ?time)\b|\bday(?:s|time)?{_AGAINST}nights?(?:time)?\b"
    rf"|\b(?:office|business|working|work)[ -]hours{_AGAINST}{_OFF}\b|\b{_OFF}{_AGAINST}(?:office|business|working|work)[ -]hours\b",
    re.IGNORECASE,
)
"""Two kinds of time beside each other."""
_NIGHT_HOURS, _OFFICE_HOURS = (22, 6), (9, 17)
_WINDOW_BEFORE = re.compile(
    r"\b(?:last|past|previous|this|since|until|till|by|next|of|for|between|from)\s+(?:the )?\Z", re.IGNORECASE
)


def split(wording: Wording, subject: Subject) -> Item | None:
    """Weekends beside weekdays, nights beside days, office hours beside the others; the words are claimed."""
    match = SPLIT.search(wording.plain)
    if match is None:
        return None
    wording.claim(*match.span())
    begin, words = Column(subject.begin), match[0].lower()
    if match["days"]:
        return Item(Label(PartOf(Bucket("weekday", begin), (0, 6)), "weekend", "weekday"), "day_type")
    if "night" in words:
        return Item(Label(PartOf(Bucket("hour_of_day", begin), _between(*_NIGHT_HOURS)), "night", "day"), "time_of_day")
    hours = PartOf(Bucket("hour_of_day", begin), _between(*_OFFICE_HOURS))
    return Item(Label(hours, "office hours", "off hours"), "time_of_day")


def conditions(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """On when rows began; the words are claimed, so that no single day is read from them."""
    begin = Column(subject.begin)
    days, away = _days(wording)
    if days:
        yield PartOf(Bucket("weekday", begin), days, away)
    hours, away = _hours(wording)
    if hours:
        yield PartOf(Bucket("hour_of_day", begin), hours, away)


def _text(wording: Wording) -> str:
    """Without quotes and services, of the same length."""
    made = wording.plain
    for match in SPLIT.finditer(made):
        made = made[: match.start()] + BLANK * (match.end() - match.start()) + made[match.end() :]
    for quote in wording.quotes:
        made = made[: quote.start] + BLANK * (quote.end - quote.start) + made[quote.end :]
    return made


def _days(wording: Wording) -> tuple[tuple[int, ...], bool]:
    text = _text(wording)
    for pattern, days in ((_WEEKEND, (0, 6)), (_WORKDAYS, (1, 2, 3, 4, 5))):
        if match := pattern.search(text):
            wording.claim(*match.span())
            return days, wording.negated(match.end() - 1)
    match = _SEVERAL.search(text) or _PLURAL.search(text)
    if match is None or _WINDOW_BEFORE.search(text[: match.start()]):
        return (), False
    wording.claim(*match.span())
    if span := _RANGE.fullmatch(match[0]):
        first, last = _number(span[1]), _number(span[2])
        return tuple((first + step) % 7 for step in range((last - first) % 7 + 1)), wording.negated(match.end() - 1)
    found = re.finditer(_DAY, match[0], re.IGNORECASE)
    return tuple(sorted({_number(one[0]) for one in found})), wording.negated(match.end() - 1)


def _number(day: str) -> int:
    return next(place for place, words in enumerate(_DAYS) if re.fullmatch(words, day, re.IGNORECASE))


def _hours(wording: Wording) -> tuple[tuple[int, ...], bool]:
    text = _text(wording)
    night, office = _NIGHT.search(text), _OFFICE.search(text)
    for match in _HOURS.finditer(text):
        if not _apart(wording, match, named=bool(night or office)):
            continue
        names = ("a", "b") if match["a"] else ("c", "d")
        marked = (
            any(match[f"{name}m"] for name in names) or ":" in match[0] or bool(match["a"]) or bool(match["around"])
        )
        if not (marked or night or office):
            continue
        first, last = _clock(match, names[0], match[f"{names[1]}m"]), _clock(match, names[1], None)
        wording.claim(*match.span())
        for other in (night, office):
            if other:
                wording.claim(*other.span())
        outside = (match["around"] or "").lower().startswith(("outside", "not"))
        return _between(first, last), outside or bool(office and _away(office))
    for match in _OPEN_HOURS.finditer(text):
        plain = not match["am"] and ":" not in match[0] and ".00" not in match[0]
        if plain or not _apart(wording, match, named=False):
            continue
        hour = _clock(match, "a", None)
        wording.claim(*match.span())
        late = match["side"].lower() in ("after", "past", "later than")
        return (tuple(range(hour, 24)) if late else tuple(range(hour))), False
    if night and "last night" not in text.lower():
        wording.claim(*night.span())
        return _between(*_NIGHT_HOURS), wording.negated(night.end() - 1)
    if office:
        wording.claim(*office.span())
        return _between(*_OFFICE_HOURS), _away(office)
    return (), False


def _away(office: re.Match[str]) -> bool:
    return bool(office["out"]) or "off" in office[0].lower()[:4] or office[0].lower().startswith("after")


def _apart(wording: Wording, match: re.Match[str], *, named: bool) -> bool:
    """Whether the hours are no stretch of one day: none was found there, or another stretch of time is named besides."""
    there = [one for one in wording.named(EntityType.TIME_RANGE) if one.start < match.end() and match.start() < one.end]
    others = [one for one in wording.named(EntityType.TIME_RANGE) if one not in there]
    return not there or named or bool(others)


def _clock(match: re.Match[str], name: str, other_half: str | None) -> int:
    hour, half = int(match[name]), (match[f"{name}m"] or other_half or "").replace(".", "").lower()
    if half == "pm" and hour < 12:
        return hour + 12
    return 0 if half == "am" and hour == 12 else hour


def _between(first: int, last: int) -> tuple[int, ...]:
    """From the one up to the other, over midnight where the second is earlier."""
    return tuple(sorted((first + step) % 24 for step in range((last - first) % 24)))
