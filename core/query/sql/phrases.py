"""Words by which people say what they want of rows. Every pattern is linear in the length of the sentence."""

import re

from core.query.sql.model import Unit

UNITS: dict[str, Unit] = {
    "hour": "hour",
    "day": "day",
    "dai": "day",
    "tag": "day",
    "week": "week",
    "woche": "week",
    "semana": "week",
    "month": "month",
}


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


_UNIT = "(hour|day|week|month|tag|woche|semana)"
_ENDS = r"resol\w+|recover\w*|fix|close|restore"

EVERY = re.compile(
    rf"(?<!than )(?<!within )(?<!under )(?<!for )\b(?:(?:per|each|every|by|pro|por)\s+{_UNIT}s?|an?\s+{_UNIT})\b(?! ago)"
    rf"|\b(hour|dai|week|month)ly\b|\b(?:busiest|quietest|worst|which|what) {_UNIT}s?\b|\b{_UNIT}s with\b"
    rf"|\b{_UNIT}[- ](?:by|over|on)[- ]{_UNIT}\b",
    re.IGNORECASE,
)
"""The first group that matched is the step of time."""
TREND = _words("trends?", "over time", "timeline", "graph", "chart")
RUNNING = _words("running (?:total|count|sum)s?", "cumulative(?:ly)?", "cumulated", "accumulated")
RANK = _words("rank(?:s|ed|ing)?")
PREVIOUS = _words(
    r"(?:compared (?:to|with)|vs\.?|versus|than|against|and|with) (?:the )?(?:previous|prior|preceding|one before|(?:day|week|month) before)",
    r"(?:day|week|month)[- ](?:over|on)[- ](?:day|week|month)",
    "change (?:from|since|per|by)",
    "difference (?:to|from) (?:the )?(?:previous|prior)",
)
"""What each step of time is set beside the one before it by."""
GAP = _words(
    "(?:time|gaps?|days|hours|intervals?|how long) (?:between|since the (?:previous|last|prior))",
    "mtbf",
    "since the previous",
    "previous (?:incident|run)",
)
MEAN_GAP = _words("mtbf", "mean time between")
SHARE = re.compile(
    r"\b(?:percentage|percent|share|ratio|proportion|fraction|rate|anteil|porcentaje)\b|%", re.IGNORECASE
)
VERSUS = _words(r"vs\.?", "versus", "compared (?:to|with)")
LENGTH = _words(
    "mttr",
    f"time[ -]to[ -](?:{_ENDS}|resolution|recovery)",
    "how long",
    "durations?",
    "take|takes|took",
    "resolution times?",
    "run ?times?",
    "lengths?",
    "long|longest|shortest|quickest|fastest|slowest",
    "last(?:ed|ing)?(?= on average| the longest)",
    "average time",
    "mean time",
    "dauer|dur(?:an|aron)",
)
AVERAGE = _words(
    "avg|average|averages|mean|mttr|mtbf|on average|typical(?:ly)?|usually|normally",
    r"durchschnitt\w*|promedio",
    f"time[ -]to[ -](?:{_ENDS}|resolution|recovery)",
    "resolution times?",
    "how long (?:do|does|are)",
)
HOW_LONG = _words("how long")
MAXIMUM = _words("max|maximum|longest time|worst case")
MINIMUM = _words("min|minimum")
EXTREME = re.compile(r"\b(longest|slowest|shortest|quickest|fastest)\b", re.IGNORECASE)
SORTED = _words("(?:longest|slowest|shortest|quickest|fastest)(?: ones?)? first")
"""All rows in this order, not only the first of them."""
DOWNWARDS = frozenset({"longest", "slowest"})
WHO = _words("who|wer|qui[eé]n(?:es)?|whose")
TOP = _words("top")
LATEST = _words("latest|newest|most recent|last|recent|letzte[nr]?|[uú]ltim[oa]s?")
OLDEST = _words("oldest|first|earliest|longest open")
LEAST = _words("least|fewest|lowest|quietest")
MOST = _words("most(?! first)|top|highest|worst|biggest|busiest|more often|most often|am meisten|m[aá]s")
SINGLE_STEP = _words("(?:busiest|quietest|worst) (?:hour|day|week|month)")
WHICH_ONE = re.compile(r"\b(?:which|what) \w{0,30}[^s\W]\s", re.IGNORECASE)
PER_GROUP = re.compile(
    r"\b(?:latest|last|most recent|newest)\b[^.,;?!]{0,40}\b(?:per|for each|of each|of every|for every|each|by)\b",
    re.IGNORECASE,
)
TWICE = re.compile(r"\b(more than|at least|over)\s+(once|twice|one time|two times)\b", re.IGNORECASE)

_NUMBERS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twenty": 20,
}
_PLACES = (
    "latest|newest|most recent|last|recent|first|oldest|earliest|longest|slowest|shortest|fastest|top|biggest|worst"
)
_NOT_TIME = r"(?! ?(?:s|m|h|d|w|sec|min|mins|hours?|hrs?|days?|weeks?|months?|minutes?|seconds?)\b)"
_NUMBER_OF = re.compile(
    rf"\b(?:{_PLACES})\s+(\d{{1,3}}|{'|'.join(_NUMBERS)})\b{_NOT_TIME}|\b(\d{{1,3}})\s+(?:{_PLACES})\b", re.IGNORECASE
)
_ROW = "incident|run|deploy|deployment|rollback|message|outage|workflow|job|question|reply|answer|sev[1-4]"
_ONE = re.compile(
    r"\b(?:latest|newest|most recent|last|first|oldest|earliest|longest|slowest|shortest|quickest|fastest)\s+"
    rf"(?!(?:day|week|month|hour|quarter|year)s?\b)(?:\w+[\s-]){{0,3}}?(?:{_ROW})\b"
    rf"|\bwhen did\b[^.,;?!]{{0,40}}\blast\b",
    re.IGNORECASE,
)


def number(text: str) -> int:
    """How many rows: 5 of "last 5 incidents", 1 of "the last incident"; 0 where nothing is said."""
    if found := _NUMBER_OF.search(text):
        said = (found[1] or found[2]).lower()
        return _NUMBERS.get(said) or int(said)
    return 1 if _ONE.search(text) else 0
