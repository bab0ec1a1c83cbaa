"""Words by which people say what they want of rows. Every pattern is linear in the length of the sentence."""

import re

from core.query.sql.model import Length, Unit
from core.query.wording import NUMBER_WORDS

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


LENGTHS: dict[str, Length] = {"s": "second", "m": "minute", "h": "hour", "d": "day", "t": "day", "st": "hour"}
"""First letter of a unit → what lengths are counted in."""
_UNIT = "(hour|day|week|month|tag|woche|semana)"
_ENDS = r"resol\w+|recover\w*|fix|close|restore"

EVERY = re.compile(
    rf"(?<!than )(?<!within )(?<!under )(?<!for )(?<!over )(?<!after )(?<!least )(?<!almost )(?<!about )(?<!half )(?<!since )\b(?:(?:per|each|every|by|pro|por)\s+{_UNIT}s?|an?\s+{_UNIT})\b(?! ago)"
    rf"|\b(hour|dai|week|month)ly\b|\b(?:busiest|quietest|worst|which|what) {_UNIT}s?\b|(?<![0-9] )(?<!last )(?<!past )(?<!few )\b{_UNIT}s (?:with|on which|in which|when|where|that)\b"
    rf"|\b(?:a|one|any|the same) (?:single|given) {_UNIT}\b|\bhow many {_UNIT}s? (?:had|have|has|saw|were there with|with)\b"
    rf"|\b{_UNIT} with (?:the )?(?:most|fewest|least|highest|lowest)\b|\b(?:any|a|one|some) {_UNIT} (?:with|on which|in which|when|where)\b|\b{_UNIT}[- ](?:by|over|on)[- ]{_UNIT}\b",
    re.IGNORECASE,
)
"""The first group that matched is the step of time."""
COMMON_HOUR = _words("(?:most (?:common|frequent|usual)|usual|typical) hour")
HOUR_OF_DAY = _words(
    "(?:most (?:common|frequent|usual)|usual|typical) hours?",
    "hours? of (?:the )?day",
    "times? of (?:the )?day",
    "hour of day",
    "(?:at )?(?:which|what|wich) (?:hour|time) (?:do|does|are|is)",
)
WEEKDAY = _words("weekdays?", "days? of (?:the )?week", "wochentag(?:en?)?")
LENGTH_UNIT = re.compile(
    r"(?<![0-9] )(?<!last )(?<!past )(?<!per )(?<!of )(?<!which )(?<!few )(?<!busiest )(?<!business )(?<!office )(?<!working )\b(seconds|secs|minutes|mins|hours|hrs|minuten|minutos|horas|sekunden|segundos|stunden|(?<=in )tagen|(?<=en )d[ií]as)\b"
    r"|\b(?:in|mean|average|avg|median) (days|min|sec|h|s)\b(?! [0-9])|\b(?:streak|stretch|period|run|spell) of (days|hours)\b|\b(days) (?:to|on average|pass\w*|between|elapsed|open|since|apart|lie\w*|went by)\b|\bhow many (days)\b(?! (?:with|had|have|did|were|saw|there|in|of)\b)",
    re.IGNORECASE,
)
"""What lengths of time are asked for in."""
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
PREVIOUS_STEP = re.compile(
    r"\b(?:per|each|every|by) (day|week|month|hour)\b.*\b(?:compared (?:to|with)|vs\.?|versus|against|and|with|than) (?:the )?(?:\1 before|previous(?: \1)?|preceding(?: \1)?|prior(?: \1)?|one before)\b|\b(day|week|month)[- ](?:over|on)[- ]\2\b",
    re.IGNORECASE,
)
"""Each step beside the one before it."""
PAUSE = "(?:gap|stretch|period|time|interval|break|pause|streak|spell|phase|run|window|lull|silence)"
GAP = _words(
    r"(?!time between (?:the |its |their )?(?:start|open|creat|begin))(?:days|hours|minutes|weeks|how (?:long|much time)|time|pass(?:es)?|gaps?)\b[^.;?!]{0,40}?\b(?:between|from) (?:one|two|each|consecutive|successive|subsequent)",
    "(?:time|gaps?|days|hours|intervals?|how long) (?:between(?! (?:the |its |their )?(?:start|open|creat|begin))|since the (?:previous|last|prior))",
    rf"(?:longest|shortest|biggest|average|avg|mean|max|maximum|record) (?:\w+[ -]){{0,2}}?{PAUSE} (?:of (?:days|time|hours) )?(?:without|with no|between|free of)",
    "mtbf",
    "since the previous",
    "previous (?:incident|run)",
)
IN_ORDER = re.compile(
    r"\b(?:worst|highest|lowest|most|least|fewest|biggest|slowest|longest|top)(?: \w+){0,2} (?:first|on top|at (?:the )?top)\b",
    re.IGNORECASE,
)
"""All of them in this order, and not only the first."""
PEAK = re.compile(
    r"\b(?:max|maximum|most|record|highest|peak|largest)(?: number)?(?: of)? (?:\w+ ){1,3}?(?:in|on|within|per|during) (?:one|a single|a|any|any one|one single) (hour|day|week|month)\b",
    re.IGNORECASE,
)
"""The largest number that a step of time has."""
EXTREME_GAP = re.compile(r"\b(?:longest|shortest|biggest|largest|smallest|max|maximum|min|minimum)\b", re.IGNORECASE)
SESSION = _words("sessions?|conversations?|chats?|threads?")
DOWNWARD = re.compile(r"longest|biggest|largest|max", re.IGNORECASE)
MEAN_GAP = _words("mtbf", "mean time between")
SHARE = re.compile(
    r"\b(?:percentage|percent|pct|portion|share|ratio|proportion|fraction|rate|anteil|porcentaje)\b|%", re.IGNORECASE
)
VERSUS = _words(
    r"vs\.?", "versus", "compared (?:to|with)", r"(?:more|fewer|less) \w+ than", r"how many\b[^.;?!]{0,60}\bhow many"
)
LENGTH = _words(
    "mttr",
    f"time[ -]to[ -](?:{_ENDS}|resolution|recovery)",
    "how long",
    "durations?",
    "take|takes|took",
    "resolution times?",
    "(?:resolve|fix|repair|solve|recovery|restore|closing|close) times?",
    "(?:time|minutes|hours|seconds) (?:between|from) (?:the |its |their )?(?:start\\w*|open\\w*|creat\\w*|begin\\w*)",
    "run ?times?",
    "lengths?",
    "long|longest|shortest|quickest|fastest|slowest",
    "last(?:ed|ing)?(?= on average| the longest)",
    "average time",
    "mean time",
    "(?:hours|minutes|seconds|days|time) (?:spent|lost|to)",
    "(?:total|sum of|summed) (?:\\w+ )?(?:hours|minutes|days)",
    "downtime",
    "how many (?:hours|minutes|seconds)",
    r"\w*dauer|dauer(?:n|t|te|ten)|dur(?:an|aron|aci[oó]n)|l[oö]sungszeit\w*|laufzeit\w*|tiempo (?:medio|de|promedio)",
)
AVERAGE = _words(
    "avg|average|averages|mean|mttr|mtbf|on average|typical(?:ly)?|usually|normally",
    r"durchschnitt\w*|promedio|medi[oa]|im schnitt|l[oö]sungszeit\w*|l[oö]sungsdauer",
    f"time[ -]to[ -](?:{_ENDS}|resolution|recovery)",
    "resolution times?",
    "how long (?:do|does|are)",
)
HOW_LONG = _words("how long|wie lange")
_STRETCH = "(?:resolution |recovery |run ?)?(?:time|times|durations?)"
MAXIMUM = _words("max|maximum", f"(?:longest|slowest) {_STRETCH}", "worst case")
MINIMUM = _words("(?<![0-9] )(?<!in )min|minimum", f"(?:shortest|fastest|quickest) {_STRETCH}")
MEAN = _words("avg|average|mean|durchschnitt|promedio")
TOTAL = _words(
    "total|sum|altogether|combined|(?:hours|minutes|seconds|days|time) (?:spent|lost)|downtime",
    r"how many (?:hours|minutes|seconds)(?![^.;?!]{0,60}\b(?:average|avg|mean)\b)",
)
EXTREME = re.compile(r"\b(longest|slowest|shortest|quickest|fastest)\b", re.IGNORECASE)
ROWS_WITH = _words("(?:incidents?|outages?|runs?|deploys?) with (?:the )?(?:longest|slowest|shortest|quickest|fastest)")
"""The rows, and not the length itself."""
SORTED = _words("(?:longest|slowest|shortest|quickest|fastest)(?: ones?)? first")
"""All rows in this order, not only the first of them."""
SORT = re.compile(
    r"\b(?:(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)(?: them)? by (?:the |their )?(?P<by>how long|\w+(?: time)?)|(?:sort|order) (?:the |all )?(?:[\w\0]+ ){1,8}?by (?:the |their )?(?P<later>how long|\w+(?: time)?))(?:,? (?P<way>asc|desc)\w*)?",
    re.IGNORECASE,
)
"""Group 1: by what; group 2: which way."""
DURATIONS = frozenset({"duration", "length", "runtime", "run time", "resolution time", "how long"})
DOWNWARDS = frozenset({"longest", "slowest"})
WHO = _words("who|wer|qui[eé]n(?:es)?|whose")
TOP = _words("top")
LATEST = _words("latest|newest|most recent|last|recent|letzte[nr]?|[uú]ltim[oa]s?")
OLDEST = _words("oldest|first|earliest|longest open")
LEAST = _words("(?<!at )least(?! reliable)|fewest|lowest|quietest|bottom|rarest|am wenigsten|menos")
MOST = _words(
    "(?<!at )most(?! first| recent)|am h[aä]ufigsten|die meisten|meisten|top|highest|worst|biggest|busiest|chattiest|noisiest|liveliest|most talkative|more often|most often|am meisten|m[aá]s"
)
BEST = _words("best|healthiest|most reliable")
WORST = _words("worst|poorest|least reliable")
SINGLE_STEP = _words(
    "(?:busiest|quietest|worst) (?:hour|day|week|month)",
    "(?:hour|day|week|month) with (?:the )?(?:most|fewest|least|highest|lowest)",
)
WHICH_ONE = re.compile(r"\b(?:which|what) \w{0,30}[^s\W]\s", re.IGNORECASE)
PER_GROUP = re.compile(
    r"\b(?:latest|last(?! (?:[0-9]{1,3} )?(?:few|couple|hours?|days?|weeks?|months?|years?|minutes?|[0-9]+[smhdw])\b)|most recent(?:ly)?|newest|oldest|first|longest|slowest|shortest|fastest)\b[^.,;?!]{0,40}\b(?:per|for each|of each|of every|for every|each|by)\b"
    r"|\b(?:per|each|every) \w+(?:['’]s)?[,:]? (?:the |its |their )?(?:latest|last|most recent|newest|oldest|first|longest|slowest|shortest|fastest) (?:\w+ )?(?:runs?|incidents?|messages?|executions?|outages?|deploys?|ones?)\b",
    re.IGNORECASE,
)
OUTSTANDING = re.compile(
    rf"{MOST.pattern}|{LEAST.pattern}|{EXTREME.pattern}|{SHARE.pattern}|{RANK.pattern}|{AVERAGE.pattern}|{MAXIMUM.pattern}|{MINIMUM.pattern}"
    r"|\bdowntime\b|\bmost\b|\btakes?\b|\b(?:how (?:many|often|long)|count|counts|number)\b",
    re.IGNORECASE,
)
"""Groups are looked at for a number, and not only for their names."""

_NUMBERS = {word: number for word, number in NUMBER_WORDS.items() if number > 1}
_PLACES = "letzten|letzte|neuesten|ersten|[uú]ltim[oa]s|primer[oa]s|latest|newest|most recent|last|recent|first|oldest|earliest|longest|slowest|shortest|fastest|quickest|top|bottom|biggest|worst|busiest|chattiest|noisiest|liveliest"
_EXTREMES = (
    "longest|slowest|shortest|fastest|quickest|most|fewest|least|highest|lowest|worst|biggest|latest|newest|oldest"
)
_NOT_TIME = r"(?! ?(?:s|m|h|d|w|sec|min|mins|hours?|hrs?|days?|weeks?|months?|minutes?|seconds?)\b)"
NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_NUMBER_OF = re.compile(
    rf"\b(?:{_PLACES})\s+{NUMBER}\b{_NOT_TIME}|\b{NUMBER}\s+(?:{_PLACES})\b"
    rf"|\b(?:give me|show(?: me)?|list|get|fetch) (?:the )?{NUMBER} (?:\w+ ){{0,2}}?(?:incidents|runs|messages|deploys|outages)\b"
    rf"|\b(?:which|what|the|our|my)\s+{NUMBER}\b{_NOT_TIME}\s+(?=[^.;?!]{{2,80}}\b(?:{_EXTREMES})\b)"
    rf"|\b(?:limit(?:ed)?(?: to)?|max(?:imum)?|at most|no more than|only|just)\s+{NUMBER}\b(?= (?:of them|rows|results|entries)|\W*$)",
    re.IGNORECASE,
)
_ROW = "thing|one|entry|execution|incident|run|deploy|deployment|rollback|message|outage|workflow|job|question|reply|answer|sev[1-4]"
_ONE = re.compile(
    r"\b(?:latest|newest|most recent|last|first|oldest|earliest|longest|slowest|shortest|quickest|fastest)\s+"
    rf"(?!(?:day|week|month|hour|quarter|year)s?\b)(?:\w+[\s-]){{0,3}}?(?:{_ROW})\b"
    rf"|\b(?:for the )?(?:very )?(?:last|first) time\b(?! (?:each|every|all|per))|\b(?:did|has|had|what was|what is)\b[^.,;?!]{{0,60}}\s(?:last|latest)\W*$|\bwho\b[^.,;?!]{{0,60}}\b(?:most recently|last)\W*$|\bwhen (?:did|was|were|has|have|had|is)\b[^.,;?!]{{0,60}}\blast\b(?! (?:\d|week|month|year|quarter|few|night|hour|day))",
    re.IGNORECASE,
)


DIFFERENCE = _words(
    "differences?|diffs?|deltas?|change|changed|growth|increase|decrease|trend|how (?:many|much) (?:more|fewer|less)"
)
"""Between two stretches of time."""
_MORE = re.compile(
    r"\b(?:that|which|what|whose|who|with|where)\b.{0,160}\b(?:more|higher|worse|longer|slower|increased?|grew|rose|went up|got worse)\b",
    re.IGNORECASE | re.DOTALL,
)
_FEWER = re.compile(
    r"\b(?:that|which|what|whose|who|with|where)\b.{0,160}\b(?:fewer|less|lower|better|shorter|faster|decreased?|dropped|fell|went down|improved)\b",
    re.IGNORECASE | re.DOTALL,
)


def change(text: str) -> str:
    """How the first of two numbers has to compare with the other: "services with more incidents this week than last"."""
    if _MORE.search(text):
        return ">"
    return "<" if _FEWER.search(text) else ""


def number(text: str) -> int:
    """How many rows: 5 of "last 5 incidents", 1 of "the last incident"; 0 where nothing is said."""
    if found := _NUMBER_OF.search(text):
        return worded(next(filter(None, found.groups())))
    return 1 if _ONE.search(text) else 0


def is_one(text: str) -> bool:
    """Whether it asks for one row by its place: "the last deploy"."""
    return bool(_ONE.search(text))


def worded(number: str) -> int:
    """A number in digits or in words; 0 for "" and for what is none."""
    return _NUMBERS.get(number.lower()) or (int(number) if number.isdecimal() else 0)


_COUNTED = re.compile(
    rf"\b(more than|over|at least|fewer than|less than|under|at most) (?:({'|'.join(_NUMBERS)}|one)\b(?! (?:hour|day|week|month|minute|second|year))|(once|twice|one time|two times)\b)",
    re.IGNORECASE,
)
_OPERATORS = {"more than": ">", "over": ">", "at least": ">=", "at most": "<="}
_TIMES = {"once": 1, "one time": 1, "one": 1, "twice": 2, "two times": 2, **_NUMBERS}


def limit(text: str) -> tuple[str, int] | None:
    """A limit in words on how many there are: "more than one", "at least twice"."""
    if found := _COUNTED.search(text):
        return _OPERATORS.get(found[1].lower(), "<"), _TIMES[(found[2] or found[3]).lower()]
    return None


def length_unit(text: str) -> Length:
    """What lengths of time are asked for in; minutes where nothing is said."""
    found = LENGTH_UNIT.search(text)
    return unit_of(next(filter(None, found.groups()))) if found else "minute"


def unit_of(word: str) -> Length:
    """What a word counts in: hours of "stunden"."""
    return LENGTHS["st"] if word.lower().startswith("stunde") else LENGTHS[word[0].lower()]
