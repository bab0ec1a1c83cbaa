"""Limits: an operator, a number and its unit: "over 500ms", ">= 90%", "5 percent or more"."""

import re
from collections.abc import Iterator

from core.nlp.entities.numbers import AMOUNTS, NUMBER, UNITS, VAGUE, WORDED, is_limit, parse_number, plain
from core.nlp.entities.sentence import Found, Sentence, phrases, words
from core.nlp.interpretation import EntityType

_OPERATORS = phrases(
    {
        ">": "over|above|more than|greater than|higher than|bigger than|larger than|longer than|slower than|worse than|older than|exceeding|exceeds|"
        "exceed|exceeded|exceeding of|beyond|past|north of|in excess of|greater then|more then|higher then|bigger then|slower then|longer then|longer as|slower as|more as|higher as|bigger as|greater as|"
        "goes over|goes above|uber|mehr als|grosser als|hoher als|langer als|langsamer als|mas de|mas que|mayor que|mayor a|mayores a|"
        "superior a|superiores a|por encima de|mas lentas que|mas lentos que|mas lento que",
        "<": "under|below|less than|fewer than|lower than|smaller than|shorter than|faster than|quicker than|less then|lower then|less as|lower as|faster as|shorter as|beneath|south of|"
        "drops below|unter|weniger als|kleiner als|kurzer als|schneller als|menos de|menor que|menor a|inferior a|por debajo de",
        ">=": "greater than or equal to|greater or equal to|greater than or equal|more than or equal to|equal to or greater than|equal or greater than|above or equal to|no fewer than|at least|no less than|not less than|minimum of|a minimum of|min of|from at least|mindestens|al menos|como minimo|por lo menos",
        "<=": "within|at max|less than or equal to|less or equal to|less than or equal|lower than or equal to|equal to or less than|below or equal to|at most|no more than|not more than|up to|maximum of|a maximum of|max of|no longer than|not over|no higher than|no greater than|"
        "hochstens|maximal|como maximo|a lo sumo",
    }
)  # fmt: skip
_SYMBOLS = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", "⩾": ">=", "⩽": "<="}
_TRAILING = phrases(
    {
        ">=": "or more|or higher|or above|or over|or greater|or longer|or slower|or worse|and up|and above|and higher|and over|and more|plus|upwards|"
        "oder mehr|o mas",
        "<=": "or less|or fewer|or below|or lower|or under|or faster|and below|and under|oder weniger|o menos",
    }
)
_MEASURES = phrases(
    {
        "ms": "ms|msec|msecs|millis|milli|millisecond|milliseconds|millisec|milisegundos|millisekunden",
        "us": "us|microsecond|microseconds",
        "ns": "ns|nanoseconds",
        "%": "%|percent|pct|per cent|percentage|prozent|por ciento",
        "B": "b|byte|bytes", "KB": "kb|kilobytes|k b", "MB": "mb|megs|meg|megabyte|megabytes", "GB": "gb|gig|gigs|gigabyte|gigabytes",
        "TB": "tb|terabyte|terabytes",
        "KiB": "kib", "MiB": "mib|mi", "GiB": "gib|gi", "TiB": "tib",
        "rps": "rps|req/s|reqs/s|req/sec|requests/s|requests/sec|requests per second|requests a second|reqs per second", "/s": "/s|/sec|/second|per second|a second", "qps": "qps", "tps": "tps", "rpm": "rpm",
        "x": "x|times",
        "$": "$", "usd": "usd|dollars|bucks", "€": "€", "eur": "eur|euro|euros",
    }
)  # fmt: skip
_DURATIONS = {word: unit for word, unit in UNITS.items() if unit in ("s", "m", "h", "d", "w")}
_UNITS = {**_DURATIONS, **_MEASURES}
_AMOUNT = (
    rf"(?P<money>[$€] ?)?(?:(?P<number>{NUMBER})(?P<scale>k|bn|mio|m(?= (?:tokens|requests|messages|rows|events)))?(?![a-z0-9]*-)|(?P<word>{WORDED})(?= ))"
    rf"(?: ?-?(?P<unit>{'|'.join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))})(?![a-z0-9_/]))?"
)
_SCALES = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "bn": 1_000_000_000}
_BEHIND_OPERATOR = re.compile(rf" {{0,2}}(?:about |around |like |the |a threshold of )?{_AMOUNT}(?![a-z0-9_:]|\.\d)")
_BEFORE_TRAILING = re.compile(
    rf"(?<![\w.$€-]){_AMOUNT}(?:(?P<plus>\+)(?!\w)| ?(?P<trailing>{'|'.join(sorted(_TRAILING, key=len, reverse=True))})\b(?! ?[$€]?\d))"
)
_SYMBOL = re.compile(r"[<>]=?|[=≥≤⩾⩽][<>]?|==|!=")
_ANSWERED = words(
    "answer answers answered answering respond responds responded responding serve serves served finish finishes finished complete completes "
    "completed return returns returned load loads loaded come back done handled replied reply replies succeed succeeded requests calls"
)
_LONGEST = max(phrase.count(" ") + 1 for phrase in _OPERATORS)
_FIRST = frozenset(phrase.split(" ")[0] for phrase in _OPERATORS)


def find(sentence: Sentence) -> Iterator[Found]:
    """All limits; one written with words begins with them."""
    if sentence.vocabulary.isdisjoint(AMOUNTS) and not any(character.isdecimal() for character in sentence.folded):
        return
    yield from _by_words(sentence)
    for match in _SYMBOL.finditer(sentence.folded):
        operator = _SYMBOLS.get(match[0], match[0])
        amount = _BEHIND_OPERATOR.match(sentence.folded, match.end())
        if amount and operator in (">", "<", ">=", "<="):
            yield Found(EntityType.THRESHOLD, match.start(), amount.end(), operator + _normal(amount))
    for match in _BEFORE_TRAILING.finditer(sentence.folded):
        operator = ">=" if match["plus"] else _TRAILING[match["trailing"]]
        yield Found(EntityType.THRESHOLD, *match.span(), operator + _normal(match))


def _by_words(sentence: Sentence) -> Iterator[Found]:
    for index, word in enumerate(sentence.words):
        if word.text not in _FIRST:
            continue
        for count in range(_LONGEST, 0, -1):
            operator = _OPERATORS.get(sentence.phrase(index, count))
            if operator is None:
                continue
            amount = _BEHIND_OPERATOR.match(sentence.folded, sentence.words[index + count - 1].end)
            if word.text == "within" and not (amount and _is_answered_within(sentence, index, amount)):
                break
            if amount and not _is_time(sentence, index, word.text, amount):
                yield Found(EntityType.THRESHOLD, word.start, amount.end(), operator + _normal(amount))
            break


def _is_answered_within(sentence: Sentence, index: int, amount: re.Match[str]) -> bool:
    """ "Answered within 200ms" is a limit, "failed within 30 s" a stretch of time."""
    return sentence.word(index - 1) in _ANSWERED and _UNITS.get(amount["unit"] or "") in ("ms", "s", "us")


def _is_time(sentence: Sentence, index: int, preposition: str, amount: re.Match[str]) -> bool:
    """ "Over 30 days", "past 10 minutes": stretches of time, not limits. An amount in words needs a unit to be one."""
    unit = _UNITS.get(amount["unit"] or "")
    if amount["word"] and unit is None and amount["word"] in VAGUE:
        return True
    if unit is None or amount["unit"] not in _DURATIONS:
        return preposition == "past" and unit is None
    if preposition == "past":
        return True
    return preposition in ("over", "uber") and not is_limit(sentence, index, unit)


def _normal(amount: re.Match[str]) -> str:
    """Number and unit as the person named them, in one spelling."""
    number = parse_number(amount["number"]) if amount["number"] else AMOUNTS[amount["word"]]
    number *= _SCALES.get(amount["scale"] or "", 1)
    unit = _UNITS[amount["unit"]] if amount["unit"] else (amount["money"] or "").strip()
    return plain(number) + unit
