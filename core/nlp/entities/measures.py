"""What is measured and how it is put together: metrics, aggregations, and the statuses of HTTP responses."""

import re
from collections.abc import Container, Iterator

from core.nlp.entities.sentence import Found, Phrases, Sentence, phrases, words
from core.nlp.interpretation import EntityType

_METRICS = {
    "latency": "latency|latencies|latancy|latecy|lateny|response time|response times|resp time|resp times|respons time|response latency|"
    "request latency|request duration|request durations|request time|duration|durations|slow|slower|slowness|slowdown|slowed down|slow down|"
    "sluggish|sluggishness|laggy|roundtrip time|round trip time|rtt|latenz|latenzen|antwortzeit|antwortzeiten|langsam|langsamer|latencia|"
    "latencias|tiempo de respuesta|tiempos de respuesta|lento|lenta|lentos|lentas",
    "error_rate": "error rate|error rates|errors rate|errorrate|err rate|erorr rate|eror rate|failure rate|failure rates|fail rate|failed rate|"
    "error ratio|errors ratio|failure ratio|error percentage|error percent|error pct|percentage of errors|percent of errors|share of errors|"
    "rate of errors|rate of failures|rate of failed requests|errors per second|errors per minute|errors sec|errors s|error %|"
    "exception rate|rejection rate|fehlerrate|fehlerquote|tasa de errores|tasa de error|tasa de fallos|porcentaje de errores",
    "request_rate": "request rate|request rates|requests rate|req rate|throughput|thruput|througput|throughtput|rps|qps|tps|traffic|trafic|"
    "requests per second|requests per sec|requests per minute|requests a second|requests a minute|reqs per second|req s|reqs s|req sec|"
    "reqs sec|requests s|requests sec|requests min|queries per second|calls per second|calls per minute|hits per second|hits per minute|"
    "request volume|request volumes|request count|request counts|call volume|call rate|query rate|rate of requests|requests|durchsatz|"
    "anfragen pro sekunde|anfragen|trafico|peticiones por segundo|solicitudes por segundo|peticiones|solicitudes",
    "cpu": "cpu|cpus|cpu usage|cpu utilization|cpu utilisation|cpu util|cpu load|cpu time|cpu throttling|processor usage|processor load|"
    "load average|load avg|cpu auslastung|cpu last|uso de cpu|core usage",
    "memory": "memory|mem|memroy|memmory|ram|heap|memory usage|mem usage|memory use|memory consumption|memory footprint|heap usage|heap size|"
    "ram usage|rss|working set|resident memory|memory leak|mem leak|speicher|arbeitsspeicher|speicherverbrauch|memoria|uso de memoria",
    "disk": "disk|disks|disk usage|disk space|disk io|disk i o|diskspace|disk utilization|disk full|hdd|ssd|iops|storage usage|storage space|"
    "filesystem usage|filesystem|volume usage|inodes|inode usage|festplatte|plattenplatz|speicherplatz|disco|espacio en disco",
    "network": "network|network traffic|network io|network i o|network throughput|network usage|network bandwidth|bandwidth|packet loss|"
    "packets dropped|dropped packets|network in|network out|network errors|egress|ingress traffic|egress traffic|netzwerk|netzwerkverkehr|"
    "ancho de banda",
    "saturation": "saturation|saturated|saturating|utilization|utilisation|pool utilization|connection pool usage|pool usage|thread pool|"
    "pool saturation|headroom|auslastung|saturacion",
    "availability": "availability|uptime|up time|success rate|success ratio|slo|slos|sla|slas|error budget|downtime|availabilty|availibility|"
    "verfugbarkeit|disponibilidad",
    "token_usage": "token usage|tokens|tokens used|token count|token counts|token consumption|token spend|tokens per second|tokens per minute|"
    "tokens per request|prompt tokens|completion tokens|input tokens|output tokens|token verbrauch|tokenverbrauch|uso de tokens",
    "cost": "cost|costs|spend|spending|spent|expense|expenses|dollars|usd|burn|bill|llm cost|cost per request|kosten|coste|costes|costo|"
    "costos|gasto|gastos",
    "queue_depth": "queue depth|queue depths|queue length|queue size|queue sizes|queue lengths|queue lag|queue backlog|queue|queues|queued messages|"
    "queue len|backlog|backlogs|lag|consumer lag|kafka lag|lags|lagging|messages waiting|pending messages|messages in queue|"
    "warteschlange|ruckstau|cola|longitud de la cola|depth",
    "ttft": "ttft|time to first token|time till first token|time until first token|first token latency|first token time|1st token latency|"
    "time to 1st token|first token delay",
}
_METRIC_PHRASES = Phrases(phrases(_METRICS))

_AGGREGATIONS = {
    "avg": "avg|avgs|average|averages|averaged|avarage|averge|on average|mean|mean value|durchschnitt|durchschnittlich|durchschnittliche|"
    "mittelwert|im schnitt|promedio|en promedio|media|medio",
    "sum": "sum|total|totals|summed|in total|overall total|sum total|gesamt|insgesamt|summe|suma|en total",
    "max": "max|maximum|maxium|peak|peaks|peaked|peaking|highest|maximal|maximale|hochste|hochster|maximo|pico|worst case",
    "min": "min|minimum|lowest|minimal|niedrigste|minimo",
    "count": "count|counts|how many|howmany|number of|nr of|num of|no of|amount of|how often|how many times|wie viele|wieviele|anzahl|"
    "anzahl der|wie oft|cuantos|cuantas|numero de|cantidad de",
    "rate": "rate|rates",
    "p50": "median|medians|mediana|p50|p 50|50th|50th percentile|50th pct|50 percentile",
}  # fmt: skip
_AGGREGATION_PHRASES = Phrases(phrases(_AGGREGATIONS))
_QUANTILE = re.compile(
    r"(?<![\w.-])t?p[ -]?(?P<short>\d{2,3})(?P<fraction>\.\d{1,2})?s?(?![\w])"
    r"|(?<![\w.])(?P<nth>\d{1,2})(?P<nth_fraction>\.\d{1,2})?(?:th|st|nd|rd)?(?:[ -](?:percentile|percentil|pctl?|%ile)s?|\.? ?perzentil|%ile)\b"
    r"|(?<![\w.])(?P<ordinal>50|75|90|95|99)(?:th)(?! of| percent)\b"
    r"|\b(?:percentile|percentil|perzentil|quantile) (?P<named>\d{2})(?P<named_fraction>\.\d{1,2})?\b"
)

# Words that take a phrase out of its meaning, by the word that stands before or behind.
_NOT_AFTER = {
    "slow": {"go", "so"},
    "traffic": {"shift", "route", "move", "drain", "send", "redirect", "split", "cut", "switch", "shed", "block", "cutover", "live", "mirror",
                "rerouting", "reroute", "shifting", "draining", "some", "all", "more", "network", "of"},
    "duration": {"the", "whole", "entire"},
    "tokens": {"auth", "refresh", "access", "api", "session", "jwt", "bearer", "expired", "invalid", "csrf", "oauth", "id", "security", "revoke",
               "rotate", "revoked", "design", "login", "reset"},
    "total": {"a", "is"},
    "mean": {"you", "i", "does", "it", "that", "this", "they", "do", "did", "we", "not", "to", "would", "didn", "don", "doesn", "no", "what", "may",
             "might", "could", "which", "these", "those", "u", "alerts", "errors", "alert"},
    "sum": {"to"},
    "min": {"last", "past", "every", "each", "per", "a", "one", "previous", "few", "in", "couple"},
    "max": {"at", "by", "to", "hi", "hey", "from", "ask", "ping", "thanks"},
    "minimum": {"at", "a"},
    "maximum": {"at", "a"},
    "rate": {"bounce", "hit", "burn", "success", "failure", "error", "sample", "sampling", "limit", "at", "any", "refresh", "cache", "churn", "conversion",
             "first", "second", "crash", "this", "miss", "drop", "exchange", "scrape"},
    "rates": {"hit", "cache", "sampling"},
    "count": {"to", "not", "don", "can", "i", "we", "you", "replica", "replicas", "pod"},
    "counts": {"that", "what", "it", "this"},
    "bill": {"hi", "hey", "ask", "to", "by", "from", "the"},
    "burn": {"budget"},
    "dollars": {"million", "thousand"},
    "requests": {"pull", "merge", "feature", "slow", "slowest", "failed", "failing", "the", "which", "all", "my", "some", "any", "of", "dropping", "with",
                 "for", "access", "support", "show", "find", "trace", "get", "fail", "long", "bad", "in", "these", "those", "few", "reject", "user",
                 "drop", "client", "other", "post", "http", "losing", "grpc", "serve", "serving", "checkout", "payment", "5xx", "4xx", "500", "to"},
    "queue": {"merge", "the merge", "approval", "review", "dead", "my", "ticket", "support", "letter"},
    "network": {"the same", "social", "private", "virtual"},
    "lag": {"replication", "replica", "jet", "time"},
    "slo": {"latency"}, "sla": {"latency"},
    "ram": {"to"},
    "disk": {"floppy"},
    "depth": {"in", "more"},
    "spent": {"time", "hours", "have", "has", "i", "we", "was", "been"},
    "spend": {"to", "i", "we", "don", "will", "can", "you", "should"},
    "filesystem": {"the"},
    "how often": set(),
    "amount of": set(),
    "peak": {"off"},
}  # fmt: skip
_NOT_BEFORE = {
    "slow": {"query", "queries", "trace", "traces", "span", "spans", "log", "logs", "call", "calls", "requests", "test", "tests", "roll", "rollout",
             "release", "start", "consumer", "consumers", "day", "clap", "job", "jobs", "request", "endpoints"},
    "slow down": {"the", "a", "there", "on"},
    "cpu": {"architecture", "vendor"},
    "memory": {"lane", "error", "errors", "limit", "limits"},
    "mem": {"limit", "limits"},
    "heap": {"dump", "dumps"},
    "network": {"policy", "policies", "partition", "team", "issue", "issues", "change", "changes", "timeout", "timeouts", "guys", "blip", "outage",
                "problem", "problems", "error", "glitch", "config", "people", "unreachable", "failure", "failures", "split"},
    "disk": {"image", "failure", "failures", "encryption"},
    "traffic": {"over", "back", "away", "light", "from eu", "manager", "jam", "split"},
    "total": {"outage", "failure", "loss", "mess", "chaos", "disaster", "blackout"},
    "mean": {"that", "even", "exactly", "again", "", "to", "by", "time", "anything", "something", "it", "in", "s", "the", "here", "when", "we", "you", "well"},
    "average": {"joe", "user", "person"},
    "sum": {"up", "it", "this", "that"},
    "max": {"retries", "connections", "replicas", "out", "retry", "attempts", "size", "age", "surge", "mustermann", "will", "is", "said", "conn"},
    "min": {"replicas", "ago", "window", "version"},
    "rate": {"limit", "limits", "limited", "limiting", "limiter", "limiters", "card"},
    "count": {"on", "me", "down", "as"},
    "tokens": {"expired", "expire", "are expired", "invalid", "leaked", "rotated"},
    "requests": {"to deploy", "approval", "library", "over", "above", "that", "slower", "longer", "with", "taking", "failing", "fail", "failed", "hitting",
                 "where", "returning", "are", "is", "timing", "time", "which", "under"},
    "bill": {"please", "said", "is", "can", "will"},
    "queue": {"up", "the", "a", "it", "worker", "workers", "service", "consumer", "this", "that", "another"},
    "queues": {"up"},
    "lag": {"behind us"},
    "storage": {"team"},
    "peak": {"hour", "hours", "times", "season", "time"},
    "duration": {"of the incident", "of"},
    "slo": {"page", "doc", "docs"},
    "thread pool": {"exhausted"},
    "spent": {"time", "the", "hours"},
    "ram": {"it"},
    "depth": {"first"},
}  # fmt: skip
_ONLY_AFTER = {
    "requests": {"how many", "many", "number of", "count of", "total", "max", "average", "avg", "peak", "more", "fewer", "viele", "wieviele", "sum"},
    "anfragen": {"viele", "anzahl", "wieviele", "der"},
    "peticiones": {"cuantas", "de"},
    "solicitudes": {"cuantas", "de"},
    "duration": {"over", "above", "under", "below", "more", "greater", "longer", "exceeding", "of", "average", "avg", "p50", "p90", "p95", "p99", "max", "mean", "median", "trace", "span", "job", "query", "request", "checkout"},
    "media": {"latencia", "la", "cpu", "memoria", "carga"}, "medio": {"tiempo", "valor", "uso"},
    "depth": {"queue", "topic", "stream", "buffer"},
    "queue": {"the", "message", "kafka", "sqs", "rabbit", "rabbitmq", "job", "task", "email", "work", "celery", "orders", "event", "events", "retry", "s"},
    "bill": {"llm", "cloud", "aws", "token", "openai", "model", "s", "gcp"},
    "burn": {"cash", "money", "dollar", "token"},
    "thread pool": set(),
}  # fmt: skip
_QUEUE_TALK = words(
    "depth length size long full grow grows growing grew backed backing backlog pile piling piled deep big drain draining drained stuck climbing "
    "filling up building behind many"
)

_STATUS_TEXT = re.compile(r"[1-5](?:\d\d|xx)s?")
_KNOWN = words(
    "200 201 202 204 301 302 304 307 308 400 401 403 404 405 406 408 409 410 412 413 415 418 422 423 424 425 426 428 429 431 451 499 500 501 "
    "502 503 504 505 507 508 511 520 521 522 523 524 525 526 529 530"
)
_STATUS_BEFORE = words("http https status statuscode code codes statuses response responses rc")
_STATUS_LOOSELY_BEFORE = words(
    "returning returns return returned throwing throws threw throw giving gives gave got getting get gets serving serves seeing see seen "
    "with many of any those these all the and or a an some more random constant intermittent sporadic lots spiking spike many no zero mostly "
    "responding responds only just why which show find for by in spitting sees logs log count muchos viele error errors errores fehler nur tons bunch "
    "hitting saw receiving throwing fresh new actual real still non"
)
_STATUS_BEHIND = words(
    "error errors status response responses rate rates code codes bad internal service gateway not unauthorized unauthorised forbidden too "
    "conflict unprocessable ok timeout timeouts fehler errores http ratio percentage spike spikes spiking alerts alert ers err errs"
)
_STATUS_PLACES = words(
    "on in from at for since to across after when during during coming everywhere again all auf bei en aus seit"
)
_CONJUNCTIONS = words("and or und oder y o vs")
_LISTED = 2
_COUNTED_BEHIND = words(
    "ms s sec secs seconds minutes min mins hours hrs users requests rps qps replicas pods nodes instances lines rows messages orders percent customers "
    "mb gb kb tb k m times tokens people items jobs tests logs traces workers connections threads eur usd dollars euros bytes files days"
)


def find(sentence: Sentence) -> Iterator[Found]:
    """Metrics, aggregations and statuses; readings may overlap."""
    statuses = _statuses(sentence)
    yield from _metrics(sentence)
    yield from _aggregations(sentence, statuses)
    for index in statuses:
        word = sentence.words[index]
        yield Found(EntityType.HTTP_STATUS, word.start, word.end, word.text.removesuffix("s"))


def _metrics(sentence: Sentence) -> Iterator[Found]:
    for index, count, phrase, value in _METRIC_PHRASES.find(sentence):
        if _taken_out(sentence, index, count, phrase):
            continue
        if phrase == "queue" and _QUEUE_TALK.isdisjoint(sentence.vocabulary):
            continue
        yield Found(EntityType.METRIC, *sentence.span(index, count), value)


def _aggregations(sentence: Sentence, statuses: Container[int]) -> Iterator[Found]:
    for index, count, phrase, value in _AGGREGATION_PHRASES.find(sentence):
        if _taken_out(sentence, index, count, phrase):
            continue
        of = index + count + (sentence.word(index + count) == "of")
        if phrase in ("rate", "rates") and (index - 1 in statuses or of in statuses):
            yield Found(EntityType.METRIC, *sentence.span(index, count), "error_rate")
        elif not (phrase == "min" and sentence.word(index - 1)[:1].isdecimal()):
            yield Found(EntityType.AGGREGATION, *sentence.span(index, count), value)
    for match in _QUANTILE.finditer(sentence.folded):
        number = match["short"] or match["nth"] or match["ordinal"] or match["named"]
        fraction = match["fraction"] or match["nth_fraction"] or match["named_fraction"] or ""
        if len(number) == 3:
            number, fraction = number[:2], f".{number[2]}"
        yield Found(EntityType.AGGREGATION, *match.span(), f"p{number}{fraction}")


def _statuses(sentence: Sentence) -> list[int]:
    """The words that are statuses."""
    places: list[int] = []
    for index, word in enumerate(sentence.words):
        if word.text[0] in "12345" and _is_status(
            sentence, index, listed=bool(places) and places[-1] >= index - _LISTED
        ):
            places.append(index)
    return places


def _is_status(sentence: Sentence, index: int, *, listed: bool) -> bool:
    """`listed`: another status stands shortly before."""
    text = sentence.word(index)
    if not _STATUS_TEXT.fullmatch(text):
        return False
    word = sentence.words[index]
    edges = sentence.folded[max(0, word.start - 1) : word.start] + sentence.folded[word.end : word.end + 1]
    if "." in edges[:1] or any(mark in "%$€#_" for mark in edges):
        return False
    if "x" in text:
        return True
    before, behind = sentence.word(index - 1), sentence.word(index + 1)
    if before in _STATUS_BEFORE:
        return True
    if text.removesuffix("s") not in _KNOWN or behind in _COUNTED_BEHIND:
        return False
    failure = text[0] in "45"
    if text.endswith("s") and failure:
        return True
    if behind in _STATUS_BEHIND:
        return failure or behind in ("status", "response", "responses", "code", "codes", "ok")
    if before in _STATUS_LOOSELY_BEFORE and failure:
        return True
    if listed and failure and (_STATUS_TEXT.fullmatch(before) or before in _CONJUNCTIONS):
        return True
    return failure and behind in _STATUS_PLACES and (index == 0 or before in _STATUS_BEHIND)


def _taken_out(sentence: Sentence, index: int, count: int, phrase: str) -> bool:
    before, behind = sentence.word(index - 1), sentence.word(index + count)
    if only := _ONLY_AFTER.get(phrase):
        return not only & {before, sentence.word(index + count)} and f"{sentence.word(index - 2)} {before}" not in only
    return before in _NOT_AFTER.get(phrase, ()) or behind in _NOT_BEFORE.get(phrase, ())
