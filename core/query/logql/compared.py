"""With what other time a number is compared: "than last week", "vs the hour before", "minus the same hour yesterday"."""

import re
from dataclasses import dataclass

from core.query.wording import Wording

_COMPARED = re.compile(
    r"\b(?:than(?! (?:or\b|\d+(?!\d)(?! ?(?:m|mins?|minutes?|h|hours?|d|days?|w|weeks?) (?:ago|before|earlier|prior|back)\b)|(?:one|two|five|ten)\b(?! ?(?:minutes?|hours?|days?|weeks?))|a (?:hundred|thousand|dozen)))|compared (?:to|with|against)|relative to|between (?:now|today) and|as opposed to|divided by|over the same|minus|vs\.?|versus|against|less the|subtract(?:ing|ed by)?|verglichen mit|im vergleich zu|gegen[üu]ber|als|comparad[oa]s? con|contra|respecto a|que)\b"
    r"|\s/\s(?=[^;?!\n]{0,60}\b(?:same (?:time|hour|period|window)|yesterday|ago|earlier|before|previous)\b)"
    r"|\bcompared w/|\bcompare\b[^;?!\n]{0,80}?\b(?P<joint>with|to|and|against)\b"
    r"|\b(?:difference|delta|diff)\b[^;?!\n]{0,80}?\b(?P<and>and|to)(?= (?:the )?(?:same|yesterday|last|previous|prior|\d))"
    r"|\b(?:since|from) (?=yesterday|last week)(?=.{0,30}\b(?:change|grow|increase))",
    re.IGNORECASE,
)
_UNITS = {
    "s": "s", "sec": "s", "second": "s", "m": "m", "min": "m", "minute": "m", "minuto": "m", "h": "h", "hr": "h", "hour": "h", "stunde": "h", "hora": "h",
    "d": "d", "day": "d", "tag": "d", "día": "d", "dia": "d", "w": "w", "week": "w", "woche": "w", "semana": "w", "month": "month", "monat": "month", "mes": "month",
}  # fmt: skip
_UNIT = rf"({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?:s|n|en|es)?"
_AMOUNT = r"(\d{1,4}|an?|one|two|three|four|five|six|seven|ein(?:e[rmn]?)?|un[ao]?|dos|zwei|drei)"
_COUNTS = {"two": 2, "dos": 2, "zwei": 2, "three": 3, "drei": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_SAME = re.compile(
    r"\b(?:the )?(?:same|this|that|equivalent|corresponding|misma|mismo|gleichen?|selben?) (?:\d+ ?)?(?:hour|time|window|period|stretch|span|interval|minutes|hours|moment|hora|zeit|stunde|zeitraum)s?(?: of day)?\b(?: (?:of|from|on))?",
    re.IGNORECASE,
)
_AGO = re.compile(
    rf"\b{_AMOUNT}[ -]?{_UNIT} (?:ago|back|earlier|before|prior|previously|zuvor|vorher|fr[üu]her|antes|atr[áa]s)\b|\b(?:vor|hace) {_AMOUNT} {_UNIT}\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b(?:the |die |la |der )?(?:last|past|previous|prior|preceding|letzten?|vorige[nr]?|vorherigen?|pasad[oa]|anterior) {_AMOUNT}? ?{_UNIT}\b"
    rf"|\b{_AMOUNT}? ?{_UNIT} (?:before|earlier|prior|preceding|previous|ago|back|pasad[oa]|anterior|davor|zuvor|vorher|antes)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b(?:yesterday|yday|gestern|ayer)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"\blast (?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_DIFFERENCE = re.compile(
    r"\b(?:difference|delta|diff|minus|subtract\w*|how many (?:more|fewer|less)|how much (?:more|less|fewer)|(?:by )?how (?:many|much)[^.;?!]{0,50}? (?:rise|grow|increase|drop|fall|decrease|change|go up|go down)|(?:by )?how (?:many|much)[^.;?!]{0,40}? (?:more|fewer|less)\b|cu[aá]nt[oa]s [^.;?!]{0,20}?(?:m[aá]s|menos)|wie viele mehr|increase|change|unterschied|diferencia)\b",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:this|the current|diese[rn]?|esta) (hour|minute|day|week|stunde|woche|hora|semana)\b", re.IGNORECASE
)
_WINDOWS = re.compile(rf"\b(\d{{1,4}}) ?{_UNIT} (?:each|windows?|both|on each side|per side)\b", re.IGNORECASE)
_LONGEST = 80
"""Characters behind "than" in which the other time stands."""


_NEAR = 15
"""Characters between "than" and "last hour": farther off it is the time that is asked for."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The other side of a comparison."""

    back: str
    """How far back it lies, as a duration."""
    difference: bool
    """It is subtracted; else it divides."""
    start: int
    """Where the sentence begins to speak of it."""
    end: int
    length: str = ""
    """How long each side is where the sentence says "this hour", as a duration."""


def find(wording: Wording) -> Compared | None:
    """None where nothing is compared with another time."""
    text = wording.plain
    for match in _COMPARED.finditer(text):
        back, length = _back(text[match.end() : match.end() + _LONGEST])
        end = match.end() + length
        if back:
            joints = (match.start(name) for name in ("joint", "and"))
            start = max((joint for joint in joints if joint >= 0), default=match.start())
            this = _THIS.search(text, 0, start)
            each = f"1{_UNITS[this[1].lower()]}" if this else ""
            if windows := _WINDOWS.search(text):
                each = f"{windows[1]}{_UNITS[windows[2].lower()]}"
            return Compared(back, bool(_DIFFERENCE.search(text)), start, end, each)
    return None


def _back(said: str) -> tuple[str, int]:
    """The duration of "the same hour one week back", and where it ends; "" where none is said."""
    named = _SAME.sub(lambda same: " " * len(same[0]), said)
    if ago := _AGO.search(named):
        return _duration(ago[1] or ago[3], ago[2] or ago[4]), ago.end()
    if day := _DAY.search(named):
        return "1d", day.end()
    if day := _WEEKDAY.search(named):
        return "7d", day.end()
    before = _BEFORE.search(named)
    if before and (before[2] is None or before.start() <= _NEAR):
        return _duration(before[1] or before[3] or "1", before[2] or before[4]), before.end()
    return "", 0


def _duration(amount: str, unit: str) -> str:
    count = int(amount) if amount.isdigit() else _COUNTS.get(amount.lower(), 1)
    one = _UNITS[unit.lower()]
    if one == "month":
        return f"{30 * count}d"
    return f"{7 * count}d" if one == "w" else f"{count}{one}"
