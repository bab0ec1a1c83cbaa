"""Where things run and what answers: namespaces, regions, hosts, endpoints; and versions."""

import re
from collections.abc import Iterator

from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import Found, Sentence, words
from core.nlp.interpretation import EntityType

_NAME = r"[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){0,8}"
_NAMESPACE = re.compile(
    r"(?:\bnamespaces?|\bnamesapce|\bns|(?<!\w)-n|--namespace|\bespacio de nombres|\bnamensraum)"
    rf"(?:[ =:/]{{1,2}}| called | named )[\"'`]?(?P<name>{_NAME})(?![\w/.])"
)
_NAMESPACE_BEHIND = re.compile(
    rf"(?P<article>\b(?:the|in|our|my|from|on|of|for) )?(?<![\w/.-])[\"'`]?(?P<name>{_NAME})[\"'`]? (?:namespace|ns|namesapce)\b"
)
_NAMESPACE_KEYS = words("namespace namespaces ns n namesapce namensraum nombres")
_NO_NAME = words(
    "the a an this that which each every by per my our your their is in has have for and or of on with are was to at what any all same other whole one it "
    "please failing usage quota quotas only from k8s kube kubernetes new no not level wide pods does s another right"
)

_REGION = re.compile(
    r"(?<![\w.-])(?:(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-(?:gov|iso))?[- ]?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)[- ]?\d[a-f]?"
    r"|(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-(?:north|south|east|west|central|northeast|southeast|southwest|northwest)\d(?:-[a-f])?"
    r"|(?:us|eu|ap|europe|asia)[- ](?:north|south|east|west|central|northeast|southeast|northwest)(?! coast)"
    r"|(?:west|north)europe|(?:east|west|central|northcentral|southcentral|westcentral)us\d?|uk(?:south|west)|(?:east|southeast)asia|(?:germany|france|japan|canada|"
    r"brazil|australia|korea|switzerland|norway|sweden)(?:west|east|central|south|north|southeast|westcentral)\d?|(?:central|south|west)india|"
    r"(?:nyc|sfo|ams|fra|lon|sgp|blr|tor|syd)\d)(?![\w]|-\w|\.\w)"
)
_REGION_SHAPE = re.compile(
    r"(?P<area>[a-z]+(?:-gov|-iso)?)[- ]?(?P<way>north|south|east|west|central|northeast|northwest|southeast|southwest)[- ]?(?P<rest>\d[a-f]?(?:-[a-f])?)?"
)
_AREAS = words("eu us apac emea latam uk asia europe usa na jp au")
_CAPITAL_AREAS = words("EU US APAC EMEA LATAM UK USA")
_REGION_WORDS = words("region regions region's dc datacenter datacentre cluster side only zone")
_IN = words("in for from to across region of on prod production staging dev")

_URL = re.compile(r"\bhttps?://(?P<host>[a-z0-9.-]{1,200})(?P<port>:\d{1,5})?(?P<path>/[^\s<>\"'`|?#)]{0,300})?")
_TOP_LEVEL = "com|net|org|io|internal|local|dev|cloud|svc|lan|corp|app|co|ai|de|uk|eu|us|es|fr|cloudapp|intra|prod|lab|tech|info|biz|test|example|home|consul|tools|sh|me|ch|at|nl|in|jp"
_DOMAIN = re.compile(
    rf"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9_-]{{0,62}})\.){{1,8}}(?:{_TOP_LEVEL})(?::\d{{1,5}})?(?![\w@-]|\.\w)"
)
_ADDRESS = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w-]|\.\d)")
_MACHINE = re.compile(
    r"(?<![\w./-])(?:ip(?:-\d{1,3}){4}|i-[0-9a-f]{8,17}|localhost(?::\d{1,5})?"
    r"|(?:[a-z]{1,12}\d{0,3}-){0,4}(?:node|nodes|host|web|app|db|worker|server|srv|vm|gpu|master|cache|redis|kafka|pg|postgres|mysql|mongo|mongodb|"
    r"lb|proxy|box|bastion|runner|broker|replica|primary|edge|gw|compute|k8s|kube|es|elastic|elasticsearch|etcd|zk|zookeeper|rabbit|rabbitmq|nginx|haproxy|"
    r"cassandra|consul|vault|shard|pod|machine|instance|gke|eks|minion|ingester|prometheus|clickhouse|memcached|storage|build|agent)"
    r"(?:-[a-z]{1,12}){0,2}-?\d{1,4}[a-z]?"
    r"|[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,4}-[a-f0-9]{6,10}-[a-z0-9]{5})(?![\w:]|-\w|\.\w)"
)
_NAMED_MACHINE = re.compile(
    r"\b(?:host|hostname|node|server|machine|instance|vm|box|pod)[ :=]{1,2}[\"'`]?(?P<name>(?=[a-z.-]{0,60}\d)[a-z0-9](?:[a-z0-9.-]{0,60}[a-z0-9])?)(?![\w%])"
)
_SPACED_MACHINE = re.compile(
    r"\b(?P<kind>node|worker|host|server) #?(?P<number>\d{1,4})(?![\w.:%/-])(?! (?:times|more|other|ms|pods|of))"
)

_ENDPOINT = re.compile(
    r"(?:(?<=^)|(?<=[\s\"'`(\[=]))(?:(?:get|post|put|patch|delete|head|options) )?(?P<path>/(?=[a-z0-9_{:*])[^\s<>\"'`|?#,;)\]]{0,300})"
)
_RELATIVE_ENDPOINT = re.compile(r"(?<![\w/.:-])(?:api|v\d)/[a-z0-9_{}:*/.-]{1,200}")
_NO_ENDPOINT = re.compile(r"/(?:var|etc|tmp|usr|dev|proc|home|opt|mnt|root|sys|copilot)(?![\w-])")
_NAMED_ENDPOINT = re.compile(r"\b(?:endpoint|route|path) (?P<name>[a-z][a-z0-9_-]{1,40}(?:/[a-z0-9_{}-]{1,40}){1,6})\b")

_VERSION = re.compile(
    r"(?<![\w.,/-])(?<!\d:)(?:(?P<v>v(?:ersion)?\.? ?)?(?P<number>\d{1,5}(?:\.\d{1,6}){1,4}(?:\.x)?|\d{1,4}\.x)(?P<pre>(?:-|(?=rc|beta|alpha|b\d))[a-z0-9][a-z0-9.-]{0,30})?(?P<build>\+[a-z0-9.-]{1,30})?)(?![\w%$€]|[.,]\d)"
)
_SHORT_VERSION = re.compile(r"(?<![\w./-])v(?P<number>\d{1,4})(?![\w./])")
_NAMED_VERSION = re.compile(
    r"\b(?:version|versions|release|tag|ver|rev|revision|image|versione?|rel|image tag|release candidate)[ :=]{1,2}#?(?P<number>v?\d{1,6}(?:[.-][a-z0-9]{1,20}){0,5})(?![\w.%])(?! (?:notes|minutes|hours|days|times)\b)"
)
_COMMIT = re.compile(
    r"(?:\b(?:commit|sha|hash|build|version|rev|revision|image|tag|to|deploy|ship|release|from|roll out|is|with|on|at|running|of|rollback|and|merge)[ :=]{1,2}|@|:|sha-)"
    r"(?P<sha>(?=[a-f]{0,12}\d)(?=\d{0,12}[a-f])[0-9a-f]{7,12}|[0-9a-f]{40})(?![\w-])"
)
_UNIT_BEHIND = re.compile(
    r" ?(?:%|ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?|d|weeks?|months?|x|times|percent|pct|gb|mb|kb|tb|gib|mib|rps|qps|k|cores?|req|requests|million|eur|usd|dollars|degrees|"
    r"errors|millis|milliseconds|gigs?|sekunden|segundos|stunden|horas)(?![a-z0-9])"
)
_MEASURED = words(
    "over above below under than least most at is was avg average mean max p50 p90 p95 p99 hits hit reached around about approximately ~ sla slo up by to"
)
_GOES = words(
    "version v ver release deploy ship roll rollback upgrade downgrade bump promote tag on running back from roll revert deployed upgraded updated bumped downgraded moved promoted reverted shipped rolled released image python node java api go"
)


def find(sentence: Sentence, *, exact: bool = False) -> Iterator[Found]:
    """Namespaces, regions, hosts, endpoints and versions; readings may overlap. `exact`: a bare number with one point is no version."""
    yield from _namespaces(sentence)
    yield from _regions(sentence)
    yield from _hosts(sentence)
    yield from _endpoints(sentence)
    yield from _versions(sentence, exact=exact)


def _namespaces(sentence: Sentence) -> Iterator[Found]:
    if sentence.vocabulary.isdisjoint(_NAMESPACE_KEYS):
        return
    after = 0
    for match in _NAMESPACE_BEHIND.finditer(sentence.folded):
        sure = match["name"] not in ORDINARY or match["article"]
        if sure and match["name"] not in _NO_NAME:
            after = match.end()
            yield Found(EntityType.NAMESPACE, *match.span("name"), match["name"])
    for match in _NAMESPACE.finditer(sentence.folded):
        if match["name"] not in _NO_NAME and match.start() >= after:
            yield Found(EntityType.NAMESPACE, *match.span("name"), match["name"])


def _regions(sentence: Sentence) -> Iterator[Found]:
    for match in _REGION.finditer(sentence.folded):
        yield Found(EntityType.REGION, *match.span(), _region(match[0]))
    for index, word in enumerate(sentence.words):
        if word.text not in _AREAS:
            continue
        before, behind = sentence.word(index - 1), sentence.word(index + 1)
        capital = sentence.text[word.start : word.end] in _CAPITAL_AREAS and not sentence.text.isupper()
        if (
            behind in _REGION_WORDS
            or before == "region"
            or capital
            or (word.text not in ("us", "na") and before in _IN)
        ):
            yield Found(EntityType.REGION, word.start, word.end, word.text)


def _region(text: str) -> str:
    """ "us east 1" → us-east-1; shapes without parts stay."""
    shape = _REGION_SHAPE.fullmatch(text)
    if shape is None or ("-" not in text and " " not in text):
        return text
    if shape["area"] in ("europe", "asia", "australia", "northamerica", "southamerica", "africa") or (
        shape["rest"] and f"{shape['way']}{shape['rest']}" in text
    ):
        return text.replace(" ", "-")
    return "-".join(part for part in (shape["area"], shape["way"], shape["rest"]) if part)


def _hosts(sentence: Sentence) -> Iterator[Found]:
    folded = sentence.folded
    for match in _URL.finditer(folded):
        yield Found(
            EntityType.HOST,
            match.start("host"),
            match.end("port") if match["port"] else match.end("host"),
            match["host"] + (match["port"] or ""),
        )
        if match["path"] and len(match["path"]) > 1:
            start, end = match.span("path")
            yield Found(EntityType.ENDPOINT, start, end, sentence.text[start:end])
    patterns = (_DOMAIN, _ADDRESS, _MACHINE) if "." in folded else (_MACHINE,)
    for pattern in patterns:
        for match in pattern.finditer(folded):
            yield Found(EntityType.HOST, *match.span(), match[0])
    for match in _NAMED_MACHINE.finditer(folded):
        if not match["name"].isdecimal():
            yield Found(EntityType.HOST, *match.span("name"), match["name"])
    for match in _SPACED_MACHINE.finditer(folded):
        yield Found(EntityType.HOST, *match.span(), f"{match['kind']}-{match['number']}")


def _endpoints(sentence: Sentence) -> Iterator[Found]:
    folded = sentence.folded
    if "/" not in folded:
        return
    for match in _ENDPOINT.finditer(folded):
        start, end = match.span("path")
        path = sentence.text[start:end].rstrip(".:!")
        if not _NO_ENDPOINT.match(path.lower()):
            yield Found(EntityType.ENDPOINT, match.start(), start + len(path), path)
    for match in _RELATIVE_ENDPOINT.finditer(folded):
        yield Found(EntityType.ENDPOINT, *match.span(), "/" + sentence.text[slice(*match.span())].rstrip("."))
    for match in _NAMED_ENDPOINT.finditer(folded):
        yield Found(EntityType.ENDPOINT, *match.span("name"), "/" + sentence.text[slice(*match.span("name"))])


def _versions(sentence: Sentence, *, exact: bool) -> Iterator[Found]:
    folded = sentence.folded
    if "." in folded:
        for match in _VERSION.finditer(folded):
            if (
                match["v"]
                or match["pre"]
                or match["number"].count(".") > 1
                or not (exact or _is_measure(sentence, match))
            ):
                value = folded[match.start("number") : match.end()]
                yield Found(EntityType.VERSION, *match.span(), value.rstrip("."))
    for match in _SHORT_VERSION.finditer(folded):
        yield Found(EntityType.VERSION, *match.span(), match["number"])
    for match in _NAMED_VERSION.finditer(folded):
        yield Found(EntityType.VERSION, match.start("number"), match.end("number"), match["number"].removeprefix("v"))
    for match in _COMMIT.finditer(folded):
        yield Found(EntityType.VERSION, *match.span("sha"), match["sha"])


_LAST_WORDS = re.compile(r"[a-z0-9~]+")


def _is_measure(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether a number with one point is an amount: it has a unit, is a fraction below one, or stands where amounts stand."""
    if _UNIT_BEHIND.match(sentence.folded, match.end()) or match["number"].startswith("0."):
        return True
    words = _LAST_WORDS.findall(sentence.folded[max(0, match.start() - 40) : match.start()])
    return bool(words) and words[-1] in _MEASURED and _GOES.isdisjoint(sentence.vocabulary)
