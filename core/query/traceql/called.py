"""Names of spans: "span called charge_invoice", "RunInference spans", "PaymentService/Charge", "that mention whisper in their name"."""

import re
from collections.abc import Iterator
from itertools import islice

from core.nlp.interpretation import EntityType
from core.query.patterns import escaped
from core.query.traceql import names
from core.query.traceql.model import Intrinsic, Operation, Text
from core.query.traceql.said import Said
from core.query.wording import Wording

_OPERATION = re.compile(
    r"\b(?:operation|span|spans|endpoint|handler|rpc|method|call(?= named| called))(?: name)?(?: named| called| is|s named|s called)?\s+((?!w/)[A-Za-z]\w*(?:[./:]\w+)+|[a-z]+[A-Z]\w*|[a-z]+_\w+|[A-Z][a-z0-9]+(?:[A-Z]\w*)+)"
)
_NAMED = re.compile(
    r"\b(?:named|called|name(?: is)?)\s+(?!by\b|(?:during|after|before|inside|within|while|twice|once|more|many|often|via|through|at|on|without|under|below|next|again|if|because|as|a|an|it|that|which)\b|(?:in)?directly\b|only\b|right\b|immediately\b|straight\b|from\b|in\b|to\b|the\b|when\b|and\b|or\b|of\b|for\b|with\b|is\b|has\b|exactly\b|just\b|like\b|something\b|anything\b)([\w./:-]{2,80})"
)
_BEFORE_SPANS = re.compile(
    r"(?<![\w./=:-])([a-z]\w{0,30}(?:\.\w{1,30}){1,4}|(?!TraceQL|HTTP|SQL|DB|RPC|REST|API|OTel|OpenTelemetry|Tempo|Kafka|Redis)[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+) (?:spans?|operations?)\b"
)
""" "redis.get spans", "RunInference spans"."""
_BARE = re.compile(
    r"(?<![\w./=:#-])(?:(?<!by )|(?<=called by )|(?<=invoked by )|(?<=triggered by )|(?<=made by )|(?<=started by )|(?<=issued by )|(?<=spawned by )|(?<=caused by )|(?<=run by ))(?<!per )(?<!each )(?<!attribute )(?<!field )(?<!tag )([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5})(?![\w/:-]|\.\w|\s?[=<>!~]|\s(?:is (?!\0|slow|fail|error|broken|too|taking|called|down|flaky|above|over|longer)|equals |contains |in \())"
)
"""Names of functions are names of spans, wherever they stand."""
_NO_NAMES = re.compile(
    r"(?:\w+_(?:id|ids|code|codes|type|name|key|url|status|ms|seconds|bytes|total|agent|message)|http_\w+|db_\w+|rate|count|count_over_time|\w+_over_time|user_agent|trace_\w+|span_\w+)"
)
_CAMEL = re.compile(r"(?<![\w./=:#-])([A-Z][a-z0-9]{1,30}(?:[A-Z][a-z0-9]{1,30}){1,5})(?![\w/:-]|\.\w|\s?[=<>!~])")
_MOST = 24
"""Names that are looked at; nobody gives more."""
_PRODUCTS = frozenset(
    {
        "OpenTelemetry",
        "JavaScript",
        "TypeScript",
        "GitHub",
        "GitLab",
        "PayPal",
        "CloudFront",
        "ClickHouse",
        "OpenSearch",
        "ElasticSearch",
        "BigQuery",
        "PagerDuty",
        "YouTube",
        "LinkedIn",
        "OnCall",
        "DevOps",
        "CloudFlare",
        "DataDog",
        "RabbitMq",
        "MongoDb",
        "PostgreSql",
        "MySql",
    }
)
"""What is written like the name of an operation and is none."""
_ROUTE_NAMED = re.compile(
    r"\b(?:named|called|(?:span |operation )?name(?: is|:)?|operation)\s+((?:HTTP )?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(?: /[^\s,;\"']*|(?![\w/])))"
)
"""The name of a span that is a method and a route."""
_IN_NAME = re.compile(
    r"\b(?:mention(?:s|ing)?|contain(?:s|ing)?|hav(?:e|ing)|has|with|includ(?:e|es|ing)|say(?:s|ing)?)\s+(?:the word )?[\"'`“]?([\w./:-]{2,60}?)[\"'`”]?\s+(?:somewhere )?in (?:their|its|the|span)(?: span| operation)? names?\b"
    r"|\b(?:named|called) (?:anything|something|whatever|sth) (?:with|like|containing|including|about) [\"'`“]?([\w./:-]{2,60})[\"'`”]?",
    re.IGNORECASE,
)
_OR_NAME = re.compile(r"(?:,\s?|\s(?:or|nor|oder)\s)((?=\w*[._:/]|\w+ (?:in|on|of|from)\b|\w+$)[\w./:-]{2,80})")
_RPC = re.compile(r"(?<![\w/])((?:[a-z]\w*\.){0,5}[A-Z]\w+/[A-Z]\w+)(?![\w/])")


def called(wording: Wording) -> Iterator[Said]:
    """Spans by their names; alternatives follow with "or"."""
    for pattern in (_OPERATION, _NAMED, _BEFORE_SPANS, _BARE, _CAMEL):
        for match in islice(wording.find(pattern), _MOST):
            if pattern is _BARE and _NO_NAMES.fullmatch(match[1]):
                continue
            if pattern is _CAMEL and match[1] in _PRODUCTS:
                continue
            yield _equal(match[1], wording, match)
            following = _OR_NAME.match(wording.rest, match.end())
            while following:
                wording.take(*following.span())
                yield _equal(following[1], wording, following)
                following = _OR_NAME.match(wording.rest, following.end())


def _equal(name: str, wording: Wording, match: re.Match[str]) -> Said:
    return Said(Operation("!=" if wording.negated(match.start()) else "=", names.NAME, Text(name)), *match.span())


def rpcs(wording: Wording) -> Iterator[Said]:
    """Names of gRPC's spans: `PaymentService/Charge`."""
    for match in _RPC.finditer(wording.text):
        if not wording.claimed(*match.span()):
            wording.claim(*match.span())
            yield _equal(match[1], wording, match)


_EVENT = re.compile(
    r"\b(?:span )?events? (?:named|called|with name|name is)\s([\"'`][^\"'`\n]{1,80}[\"'`]|[\w.:/-]{2,80})",
    re.IGNORECASE,
)
_GLOB = re.compile(
    r"\b(?:named|called|names?(?: is| are)?)(?: like| matching)?\s[\"'`]?([\w.:/-]{0,60}\*[\w.:/*-]{0,60})[\"'`]?|\b(?:named|called|names?(?: is| are)?) like\s[\"'`]?([\w.:/-]{2,60})[\"'`]?",
    re.IGNORECASE,
)
""" "Named Get*"."""
_ROOT_NAMED = re.compile(
    r"\broot(?: (?:span|operation))?(?:['’]s)?(?: name)?(?:\s(?:is|was|named|called|being|equals|has name|with name)|(?<= name)(?=\s)|\s?[=:]{1,2})\s?(?:the )?(?:\"([^\"\n]{1,100})\"|'([^'\n]{1,100})'|`([^`\n]{1,100})`|((?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /[^\s,;\"']*|[a-z]\w*[._/:][\w./:-]{1,80}|[A-Z][a-z0-9]+[A-Z]\w+))"
)
"""The name of the span that a trace begins with."""


def routes_named(wording: Wording) -> Iterator[Said]:
    """ "Spans named GET /v1/license", "that mention whisper in their name"."""
    for match in _ROOT_NAMED.finditer(wording.text):
        name = next(filter(None, match.groups())).rstrip(".,?!")
        op = "!=" if wording.negated(match.start()) else "="
        if not any(one.value == name for one in wording.named(EntityType.SERVICE)):
            wording.claim(*match.span())
            yield Said(Operation(op, Intrinsic("rootName"), Text(name)), *match.span())
    for match in _EVENT.finditer(wording.text):
        wording.claim(*match.span())
        op = "!=" if wording.negated(match.start()) else "="
        yield Said(Operation(op, Intrinsic("event:name"), Text(match[1].strip("\"'`"))), *match.span())
    for match in _GLOB.finditer(wording.text):
        form = escaped(match[1]).replace("\\*", ".*") if match[1] else f".*{escaped(match[2])}.*"
        if not wording.claimed(*match.span()):
            wording.claim(*match.span())
            op = "!~" if wording.negated(match.start()) else "=~"
            yield Said(Operation(op, names.NAME, Text(form)), *match.span())
    for match in _ROUTE_NAMED.finditer(wording.text):
        if wording.claimed(*match.span()):
            continue
        wording.claim(*match.span())
        yield _equal(match[1].rstrip(".,?!"), wording, match)
    for match in _IN_NAME.finditer(wording.text):
        if not wording.claimed(*match.span()):
            word = match[1] or match[2]
            negative = wording.negated(match.start(1 if match[1] else 2))
            wording.claim(*match.span())
            pattern = Text(f".*{escaped(word)}.*")
            yield Said(Operation("!~" if negative else "=~", names.NAME, pattern), *match.span())
