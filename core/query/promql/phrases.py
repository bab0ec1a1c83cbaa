"""The words by which a sentence asks for more than a subject: statistics, order, comparison, groups, direction."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import MappingProxyType

from core.query.catalogue import SUBJECTS, Dimension, Subject
from core.query.catalogue.dimensions import WORDS
from core.query.promql.words import PhraseBook, stem
from core.query.wording import word_set


class Statistic(Enum):
    """What is made of the values, across series or over time."""

    AVERAGE = "avg"
    MAXIMUM = "max"
    MINIMUM = "min"
    SUM = "sum"
    COUNT = "count"
    RATE = "rate"


class Order(Enum):
    """Which end of a ranking."""

    MOST = "most"
    LEAST = "least"
    WORST = "worst"
    BEST = "best"


SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "utilisation": "utilization", "cpus": "cpu", "msgs": "message", "msg": "message", "reqs": "request", "errs": "error", "err": "error",
        "errors": "error", "avail": "availability", "lat": "latency", "k8": "k8s", "resp": "response", "certs": "cert", "conns": "connection",
        "conn": "connection", "requests": "request", "fds": "fd", "secs": "second", "sec": "second", "mins": "minute", "min": "min", "hr": "hour",
        "hrs": "hour", "percentage": "percentage", "svcs": "service", "pendiente": "pending", "pendientes": "pending", "dienste": "service", "diensten": "service", "servicios": "service", "reiniciado": "restart", "reiniciados": "restart", "reinicios": "restart", "reiniciaron": "restart", "neustarts": "restart", "neugestartet": "restart", "wartend": "waiting", "wartende": "waiting", "wartenden": "waiting", "throughtput": "throughput", "txn": "transaction", "tx/s": "transaction",
        "p/s": "second", "durations": "duration", "slowly": "slow", "slowing": "slower", "timings": "latency", "timing": "latency",
        "perc": "percent", "pct": "percent", "utilized": "utilization", "util": "utilization", "dbs": "db", "namespaces": "namespace",
    }
)  # fmt: skip
"""Short forms and variants → the stem that phrase books hold."""

STATISTICS: PhraseBook[Statistic] = PhraseBook(
    (word, statistic)
    for statistic, words in (
        (Statistic.AVERAGE, ("average", "avg", "mean", "on average", "typical", "typically", "durchschnitt", "durchschnittlich", "durchschnittliche", "promedio", "media")),
        (Statistic.MAXIMUM, ("max", "maximum", "peak", "peaked", "highest", "spike", "spiked", "ceiling", "largest", "biggest", "high water mark", "spitze", "máximo", "maximal", "maximale", "pico", "high", "worst")),
        (Statistic.MINIMUM, ("min", "minimum", "lowest", "floor", "smallest", "low point", "mínimo", "minimal", "trough", "bottomed")),
        (Statistic.SUM, ("total", "sum", "overall", "combined", "altogether", "in total", "summed", "insgesamt", "gesamt", "totale")),
        (Statistic.COUNT, ("count", "how many", "number of", "how often", "how many time", "increase of", "amount of", "wie oft", "cuántas veces", "wie viele", "wieviele", "cuántas", "cuantas", "cuántos", "cuantos", "anzahl")),
        (Statistic.RATE, ("rate of", "rate", "per second", "a second", "/ s", "/ second", "/ sec", "per sec", "per s", "s rate", "each second", "pro sekunde", "je sekunde", "por segundo", "al segundo", "par seconde", "/ sek", "pro sek")),
    )
    for word in words
)  # fmt: skip

ORDERS: PhraseBook[Order] = PhraseBook(
    (word, order)
    for order, words in (
        (Order.MOST, ("top", "most", "highest", "slowest", "busiest", "largest", "biggest", "heaviest", "hottest", "noisiest", "hungriest", "costliest", "priciest", "greatest", "fullest", "flakiest", "chattiest", "maximum", "most expensive", "laggiest", "longest", "oldest pod", "oldest process", "oldest instance", "meiste", "meisten", "höchste", "más")),
        (Order.LEAST, ("bottom", "least", "lowest", "fastest", "smallest", "quietest", "cheapest", "idlest", "emptiest", "fewest", "coolest", "coldest", "shortest", "youngest pod", "newest pod", "minimum", "niedrigste", "menos")),
        (Order.WORST, ("worst", "worst offender", "offender")),
        (Order.BEST, ("best", "healthiest")),
    )
    for word in words
)  # fmt: skip

NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        word: value
        for value, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], start=1
        )
    }
)

BY = frozenset({"by", "per", "each", "every", "pro", "por", "par", "je", "nach", "a"})
"""Before the noun of a group. "a" is only read so before units of time."""
WHICH = frozenset({"which", "what", "any", "list", "all", "find", "welche", "welcher", "welches", "qué", "que", "cuál", "cual", "cuáles", "every", "each", "who", "whose"})  # fmt: skip
WITH = frozenset({"with", "w", "over", "above", "using", "that", "where", "whose", "having", "exceeding", "below", "under", "are", "is", "have", "has", "use", "consume", "consuming", "eat", "eating", "mit", "con", "burning", "running", "got", "getting", "hitting", "by", "sorted", "ranked", "ordered", "in"})  # fmt: skip
"""After the noun of a group that is asked for: "pods over 2GB"."""
PER_TIME: Mapping[str, int] = MappingProxyType(
    {"minute": 60, "min": 60, "hour": 3600, "day": 86400, "stunde": 3600, "minuto": 60, "hora": 3600, "tag": 86400}
)
"""Units of "per minute" → seconds; a rate is per second already."""
SECONDS = frozenset({"second", "s"})
PER_REQUEST = frozenset({"request", "call", "req"})

COMPARED = frozenset({"than", "versus", "vs", "against", "compared", "compare", "comparison", "relative", "vergleich", "verglichen", "gegenüber", "comparado", "comparar", "comparada"})  # fmt: skip
ARITHMETIC = frozenset({"divided", "minus"})
"""They compare where an earlier time follows: "now minus yesterday"."""
APART = frozenset({"difference", "delta", "diff", "gap", "unterschied", "diferencia"})
"""What lies between two values of one kind: "the difference between checkout and cart"."""
DIFFERENCE = frozenset({"difference", "delta", "diff", "change", "changed", "changes", "unterschied", "diferencia"})  # fmt: skip
TREND = frozenset({"slower", "worse", "better", "higher", "increase", "increased", "increasing", "decreased", "decreasing", "growing", "grown", "grew", "rising", "climbing", "dropping", "dropped", "regress", "regressed", "regression", "jumped", "improve", "improved", "degrade", "degraded", "degrading", "degradation", "langsamer", "peor", "mejor", "risen", "doubled", "double", "triple", "tripled", "quadrupled", "halved", "fallen", "creeping", "grow", "rise", "rose", "climb", "fall", "fell", "drop", "decrease", "decline", "declined", "shrink"})  # fmt: skip
"""Words that ask how a thing moved, where no earlier time is named."""
RISEN = frozenset({"slower", "higher", "increased", "grew", "grown", "risen", "jumped", "doubled", "more", "regressed", "degraded"})  # fmt: skip
"""What "which services …" picks out of a comparison."""
GROWTH = frozenset({"growing", "grow", "growth", "leak", "leaking", "climbing", "creeping", "rising", "increasing", "trending"})  # fmt: skip
GRAPH = frozenset({"graph", "plot", "chart", "trend", "timeline", "curve", "histogram", "zeichne", "gráfica", "grafica", "grafico"})  # fmt: skip
HOGGING = frozenset({"eating", "eats", "eat", "hogging", "hogs", "hog", "consuming", "consumes", "burning", "chewing", "using", "uses"})  # fmt: skip
"""Verbs of "who is eating all the cpu", which asks for a ranking."""
PERCENT = frozenset({"%", "percent", "percentage", "prozent", "porcentaje", "ratio", "utilization", "fraction", "share", "proportion", "portion", "full", "exhausted", "exhaustion", "saturated"})  # fmt: skip
JOINING = frozenset({"and", "or", "vs", "versus", "plus", "with", "&", ",", "/", "+", "und", "y", "also", "alongside", "together", "against", "the", "its", "as", "well", "then", "both", "average", "avg", "max", "total", "compared", "to", "current", "overall", "mean"})  # fmt: skip
"""Words between two subjects that are both asked for."""
RATE_UNITS = frozenset({"rps", "qps", "rpm", "tps"})
"""Metrics that are rates by their name: "how many rps" asks for no count."""
RATIO = frozenset({"ratio", "divided", "relative", "proportion", "/"})


@cache
def subjects() -> PhraseBook[Subject]:
    """Every phrase of the catalogue."""
    return PhraseBook((word, subject) for subject in SUBJECTS.values() for word in subject.words)


@cache
def nouns() -> PhraseBook[Dimension]:
    """Every noun of a dimension."""
    return PhraseBook((word, dimension) for dimension, words in WORDS.items() for word in words)


@cache
def vocabulary() -> frozenset[str]:
    """Stems that misspelt words are mended to; ordinary words are in it so that they stay what they are."""
    books = (subjects(), nouns(), STATISTICS, ORDERS)
    word_lists = (
        BY,
        WHICH,
        WITH,
        COMPARED,
        DIFFERENCE,
        TREND,
        GROWTH,
        GRAPH,
        PERCENT,
        JOINING,
        RATIO,
        _ORDINARY,
        NAMES,
    )
    return frozenset().union(
        *(book.vocabulary for book in books), *({stem(w) for w in words} | words for words in word_lists)
    )


NAMES = word_set(
    "orders order cards carts letter letters frontend backend gateway team teams users user pages page customer customers invoice invoices email emails"
)
"""Ordinary words that queues, topics and labels are named after; known only so that spelling leaves them alone."""

_ORDINARY = word_set(
    "about after again being below bring check could doing first found getting given going house issue known large later least lately "
    "light looks might month never often other people place please point quick quite right seems seeing shall shape share should since "
    "sound stand start started starting state still store stuff table taken taking tells thank thanks their there these thing think "
    "those through today tonight until using usual wants watch weeks weird where while whole whose would write years yesterday "
    "ending ended finishing answer answers answering died dying hitting noisy window moment minute quick "
    "between happened side sides happening compare morning afternoon evening night during before across around within without "
    "currently really looking deploy deployed deploying release released rollout production staging development everything something "
    "anything nothing someone everyone together different recently minutes hours seconds days reports report value values metric metrics "
    "except excluding without ignoring exclude ignore besides other outside excepto "
    "number numbers graph graphs chart dashboard query queries series label labels spent spend level "
    "levels limit limits under above crashed broken break cause caused curious wonder wondering lunch dinner noon midnight monday tuesday "
    "wednesday thursday friday saturday sunday january february march april june july august september october november december tables "
    "deviation deviate stddev variance later serve served server servers scale scaled cluster clusters tests rates"
)  # fmt: skip
