"""Reads which measured things a question is about, by the phrases of the catalogue."""

import re
from collections.abc import Sequence

from core.nlp.interpretation import EntityType
from core.query.catalogue import SUBJECTS, Subject, Unit
from core.query.catalogue.dimensions import label_names
from core.query.promql import phrases
from core.query.promql.asked import Limit
from core.query.promql.reading_numbers import QUANTILE
from core.query.promql.words import Match, Token
from core.query.translation import Question
from core.query.wording import word_set

_METRIC_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[:_][A-Za-z0-9_]+)+")
_NO_METRIC = re.compile(r"(?:p\d+|[1-5]xx)_.*|.*_(?:id|svc|service|api|db|env|prod|staging)", re.IGNORECASE)
_BOTH_WAYS = re.compile(r"\b(?:in|inbound|rx|ingress|received?|incoming) ?(?:and|/|&|\+) ?(?:out|outbound|tx|egress|sent|transmitted|outgoing)\b", re.IGNORECASE)  # fmt: skip
_WEAK = word_set(
    "request req hit call rpc busy busiest slow slower slowest slowness sluggish laggy fast faster fastest speed duration up down ok okay doing "
    "health healthy unhealthy alive reachable fail failed failing error failure query connection available burn price temp hot hottest "
    "inbound outbound red respond responding behind target scrape scraped load queue volume bill money commit crash thread lag token "
    "langsam langsamer lento lenta gesund fehler fallo heartbeat exception 5xx invocation anfrage gpu reboot media speicher erroring "
    "läuft laeuft funciona funktioniert arriba backend session fullest consumer core rollback expensive coldest coolest cooler warmest hotter flaky unreliable quiet quietest erreur requête requete débit overloaded throttle tls ssl kv cert certificate probe spent transaction replica disk storage rx tx network spend upload download dragging crawling"
)
"""Single words that also say other things; any longer or plainer phrase is believed before them."""
_ORDER_OF_BELIEF = ("latency", "error_rate", "errors", "request_rate", "health")
"""Among the vaguest subjects: "slow requests" is about latency, "failing requests" about errors."""
_LEAST = frozenset({"queue_consumers", "db_backends"})
"""Named by words that mostly mean something else: believed where nothing else is named."""
_VAGUE = frozenset(_ORDER_OF_BELIEF)
KINDS_OF_REQUEST = frozenset({"request_rate", "llm_requests", "errors"})

_RATE_UNITS = frozenset({"rps", "qps", "rpm", "tps", "req/s", "reqs/s", "requests/s", "/s", "/min", "req/sec"})
_TIME_UNITS = frozenset({"ms", "s"})
_CPU_UNITS = frozenset({"cores", "core", "millicores", "mcores", "vcpu", "vcpus"})
_BYTE_UNITS = frozenset({"b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "g", "mi", "gi"})


def read_subjects(
    question: Question,
    words: Sequence[Token],
    found: Sequence[Match[Subject]],
    quantiles: tuple[float, ...],
    limit: Limit | None,
) -> tuple[Subject, ...]:
    """At most three, the first one said first. `found`: every phrase that may name one."""
    strong = [match for match in found if not is_weak(words, match)]
    if strong:
        if strong[0].meaning is SUBJECTS["network"] and _BOTH_WAYS.search(question.text):
            return (SUBJECTS["network"], SUBJECTS["network_out"])
        chosen = _joined(words, strong)
        # "latency per request" and "errors over requests" name their second subject weakly.
        if len(chosen) == 1 and (second := _per_request(words, found)) and second not in chosen:
            return (*chosen, second)
        return chosen
    named = [SUBJECTS[value] for value in question.values(EntityType.METRIC) if value in SUBJECTS]
    weak = [match.meaning for match in found]
    if weak:
        specific = [subject for subject in weak if subject.name not in _VAGUE]
        others = [subject for subject in weak if subject.name not in _LEAST]
        if len(others) < len(weak) and others:
            specific = [subject for subject in specific if subject.name not in _LEAST]
        specific = [subject for subject in specific if subject.name != "gpu"] or specific
        if specific:
            measured = _by_unit(limit) if limit else None
            if measured and specific[0].unit is Unit.COUNT:
                return (measured,)  # "how many pods use over 1GB" measures no pods
            second = _per_request(words, found)
            both = _joined(words, [match for match in found if match.meaning.name not in _VAGUE])
            if len(both) > 1:
                return both
            return (specific[0], second) if second and second is not specific[0] else (specific[0],)
        ranked = sorted(dict.fromkeys(weak), key=lambda subject: _ORDER_OF_BELIEF.index(subject.name))
        if ranked[0].name == "health" and limit and (measured := _by_unit(limit)):
            return (measured,)  # "is it doing over 50 requests per second" asks for no health
        if named and ranked[0].name == "health":
            return tuple(dict.fromkeys(named))[:1]
        if quantiles:
            return (SUBJECTS["latency"],)
        return _both_or_first(words, found, ranked)
    if named:
        return tuple(dict.fromkeys(named))[:3]
    if quantiles:
        return (SUBJECTS["latency"],)
    if limit and (measured := _by_unit(limit)):
        return (measured,)
    if question.values(EntityType.HTTP_STATUS):
        return (SUBJECTS["errors"],)
    return ()


def _by_unit(limit: Limit) -> Subject | None:
    """What is usually measured in the unit of a threshold."""
    unit = limit.unit.lower()
    names = (("latency", _TIME_UNITS), ("request_rate", _RATE_UNITS), ("memory", _BYTE_UNITS), ("cpu", _CPU_UNITS))
    return next((SUBJECTS[name] for name, units in names if unit in units), None)


def has_telling_unit(value: str, *, times: bool = True) -> bool:
    """Whether a threshold's unit alone tells what is measured: requests per second, cores, or (`times`) how long they take."""
    unit = value.lstrip("<>=!").lstrip("0123456789.").lower()
    return unit in _RATE_UNITS or unit in _CPU_UNITS or (times and unit in _TIME_UNITS)


def _both_or_first(
    words: Sequence[Token], found: Sequence[Match[Subject]], ranked: Sequence[Subject]
) -> tuple[Subject, ...]:
    """ "requests and errors" asks for both; "slow requests" for one."""
    joined = _joined(words, found)
    names = {subject.name for subject in joined}
    if len(joined) > 1 and names <= {"errors", "request_rate", "latency"}:
        return joined
    return (ranked[0],)


def is_weak(words: Sequence[Token], match: Match[Subject]) -> bool:
    """Whether these words often say something else."""
    counting = words[match.first].stem in {"how", "number"}
    return counting or (match.first == match.last and words[match.first].stem in _WEAK)


def _joined(words: Sequence[Token], found: Sequence[Match[Subject]]) -> tuple[Subject, ...]:
    """The first subject, and those that "and" and the like tie to it."""
    chosen = [found[0]]
    for match in found[1:]:
        between = words[chosen[-1].last + 1 : match.first]
        tied = between and all(
            token.word in phrases.JOINING or (token.entity and token.entity.type is EntityType.AGGREGATION) or QUANTILE.fullmatch(token.text)
            for token in between
        )  # fmt: skip
        if tied and any(token.word not in {"the", "average", "avg", "max", "total", "mean", "overall", "as", "current"} for token in between):  # fmt: skip
            chosen.append(match)
    return tuple(dict.fromkeys(match.meaning for match in chosen))[:3]


def _per_request(words: Sequence[Token], found: Sequence[Match[Subject]]) -> Subject | None:
    """The whole of "tokens per request" and "cost per call"."""
    for match in found:
        before = words[match.first - 1].word if match.first else ""
        asked = words[match.first - 2].word if match.first > 1 else ""
        if before == "a" and asked in {"does", "do", "did", "will", "can", "is", "long", "for"}:
            continue  # "what does a request take"
        if before in {"per", "each", "every", "pro", "por", "a"} and match.meaning.name in KINDS_OF_REQUEST:
            return match.meaning
    return None


def is_ratio(words: Sequence[Token], subjects: Sequence[Subject | str]) -> bool:
    """Whether the first of two is wanted over the second."""
    if len(subjects) != 2:
        return False
    texts = [token.word for token in words]
    found = tuple(phrases.subjects().find(words))
    return bool(phrases.RATIO & set(texts)) or _per_request(words, found) in subjects


_SETTINGS = frozenset({"max_connections", "max_memory", "max_fds", "error_rate", "request_rate"})
"""Of servers; and measured things that people write in one word."""


def read_metric_names(words: Sequence[Token]) -> tuple[str, ...]:
    """Names with underscores or colons, as only metrics have them; those of labels and settings are no metrics."""
    names = (
        token.text
        for place, token in enumerate(words)
        if not token.entity
        and _METRIC_NAME.fullmatch(token.text)
        and not _NO_METRIC.fullmatch(token.text)
        and token.word not in _SETTINGS
        and token.text not in label_names()
        and not (place and words[place - 1].word in phrases.BY - {"a"})
    )
    return tuple(dict.fromkeys(names))[:2]
