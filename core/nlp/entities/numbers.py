"""Amounts as people write them: digits, number words, "half an", "a couple of"; and amounts of time."""

import re
from decimal import Decimal
from typing import NamedTuple

from core.nlp.entities.sentence import Sentence, words

_SINGLE: dict[str, int | str] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty four": 24, "twenty-four": 24,
    "thirty": 30, "forty": 40, "forty five": 45, "forty-five": 45, "fifty": 50, "sixty": 60, "seventy two": 72,
    "seventy": 70, "eighty": 80, "ninety": 90, "a hundred": 100, "one hundred": 100, "hundred": 100,
    "a full": 1, "a whole": 1, "a thousand": 1000, "a dozen": 12, "a couple of": 2, "couple of": 2, "a couple": 2, "couple": 2, "both": 2,
    "a few": 3, "few": 3, "several": 5,
    "half an": "0.5", "half a": "0.5", "a half": "0.5", "half": "0.5",
    "a quarter of an": "0.25", "quarter of an": "0.25", "quarter of": "0.25", "a quarter of": "0.25", "the quarter of": "0.25", "a quarter": "0.25", "quarter": "0.25", "three quarters of an": "0.75",
    "ein": 1, "eine": 1, "einer": 1, "einem": 1, "einen": 1, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwolf": 12, "zwanzig": 20, "dreissig": 30,
    "halbe": "0.5", "halben": "0.5", "eine halbe": "0.5", "einer halben": "0.5", "viertel": "0.25", "paar": 3, "ein paar": 3,
    "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "quince": 15, "veinte": 20, "treinta": 30, "media": "0.5", "un par de": 2, "par de": 2,
}  # fmt: skip
AMOUNTS = {phrase: Decimal(value) for phrase, value in _SINGLE.items()}
_FEW = frozenset({"a few", "few", "paar", "ein paar"})
_FEW_MINUTES = Decimal(5)
"""A few hours are three, a few minutes are five."""

_SURELY_COUNTED = 2
VAGUE = frozenset(phrase for phrase, amount in AMOUNTS.items() if amount < _SURELY_COUNTED or " of" in phrase) | words(
    "few several couple both paar"
)
"""Amounts that need a unit to be more than an article or a manner of speaking."""
NUMBER = r"\d{1,12}(?:[.,]\d{1,9}){0,3}"
WORDED = "|".join(sorted(AMOUNTS, key=len, reverse=True))
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")

_UNITS = {
    "s": "s|sec|secs|second|seconds|sekunde|sekunden|segundo|segundos",
    "m": "m|min|mins|minute|minutes|minuts|mintues|minuets|mintes|minutos|minuto|minuten",
    "h": "h|hr|hrs|hour|hours|horus|huors|hors|houres|stunde|stunden|std|hora|horas",
    "d": "d|day|days|dasy|tag|tage|tagen|dia|dias",
    "w": "w|wk|wks|week|weeks|weeek|woche|wochen|semana|semanas",
    "fortnight": "fortnight|fortnights",
    "quarter": "quarter|quarters|quartal",
    "mo": "mo|mos|month|months|monat|monate|monaten|mes|meses",
    "y": "y|yr|yrs|year|years|jahr|jahre|jahren|ano|anos",
}
UNITS = {word: unit for unit, words in _UNITS.items() for word in words.split("|")}
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_DAYS = {"w": 7, "fortnight": 14, "mo": 30, "quarter": 90, "y": 365}
_MINUTES = {"h": 60, "d": 1440}
_SMALLER = {"d": ("h", 24), "h": ("m", 60), "m": ("s", 60), "s": ("ms", 1000)}
_DURATION = re.compile(
    rf"(?:(?P<number>{NUMBER})[ -]{{0,2}}|(?P<word>{WORDED})[ -]{{1,2}})?"
    rf"(?P<half>and a half )?(?P<unit>{UNIT})(?![a-z_])(?P<more> and a half)?"
    rf"(?:(?: and|,)? ?(?P<minutes>\d{{1,2}}) ?(?:m|mins?|minutes?)(?![a-z0-9_]))?(?![a-z0-9_])"
)
_COMPACT = re.compile(r"\d{1,4}h\d{1,2}m(?![a-z0-9_])|\d{1,4}d\d{1,2}h(?![a-z0-9_])")


class Duration(NamedTuple):
    """An amount of time as a Prometheus duration, and where its text ends."""

    value: str
    end: int
    unit: str
    """As named: s, m, h, d, w, fortnight, mo, y."""
    counted: bool
    """Whether an amount was named: "last hour" has none."""
    spelled: bool
    """Whether the unit was written out or stood apart: "30 minutes", not "30m"."""


def parse_number(text: str) -> Decimal:
    """ "1,000" is a thousand, "1,5" one and a half, "2.5" what it says, "1.2.3" the first number of it."""
    if _THOUSANDS.fullmatch(text):
        return Decimal(text.replace(",", ""))
    whole, *parts = re.split(r"[.,]", text)
    return Decimal(f"{whole}.{parts[0]}" if parts else whole)


def plain(number: Decimal) -> str:
    """Without exponent and without idle zeros."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def duration_at(folded: str, position: int) -> Duration | None:
    """The amount of time that begins exactly here. An amount that its unit cannot say whole goes to smaller units:
    1.5 hours are 90m; weeks, months and years are counted in days."""
    if compact := _COMPACT.match(folded, position):
        return Duration(compact[0], compact.end(), "h", counted=True, spelled=False)
    match = _DURATION.match(folded, position)
    if match is None:
        return None
    unit = UNITS[match["unit"]]
    amount = _amount(match, unit)
    if match["half"] or match["more"]:
        amount += Decimal("0.5")
    if match["minutes"] and unit in _MINUTES:
        amount, unit = amount * _MINUTES[unit] + int(match["minutes"]), "m"
    counted = bool(match["number"] or match["word"] or match["more"])
    spelled = len(match["unit"]) > 1 or bool(match["word"])
    return Duration(_normal(amount, unit), match.end(), UNITS[match["unit"]], counted=counted, spelled=spelled)


def _amount(match: re.Match[str], unit: str) -> Decimal:
    if match["number"]:
        return parse_number(match["number"])
    word = match["word"] or "a"
    return _FEW_MINUTES if word in _FEW and unit == "m" else AMOUNTS[word]


def _normal(amount: Decimal, unit: str) -> str:
    if unit in _DAYS:
        amount, unit = amount * _DAYS[unit], "d"
    while amount != amount.to_integral_value() and unit in _SMALLER:
        unit, factor = _SMALLER[unit]
        amount *= factor
    return f"{plain(amount.to_integral_value())}{unit}"


_LASTING = words("for across during spanning throughout of past last fur durante por")
_TAKES = words(
    "took take takes taking taken running run runs ran lasting lasts lasted stuck waiting waited waits wait open jobs job requests request "
    "queries query traces trace spans span calls call builds build latency latencies duration durations delay lag older hanging hung for "
    "is are was were anything something those dauert tarda"
)


def is_limit(sentence: Sentence, index: int, unit: str) -> bool:
    """Whether the preposition at this word, with an amount of time behind it, bounds how long something takes ("requests over 2s",
    "took over 5 minutes") rather than when it was ("error rate over 30 minutes")."""
    if sentence.word(index) in _LASTING:
        return unit == "s"
    return unit == "s" or sentence.word(index - 1) in _TAKES
