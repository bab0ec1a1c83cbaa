"""Where things run and what answers: namespaces, regions, endpoints; and versions."""

import re
from collections.abc import Iterator

from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import Found, Phrases, Sentence, words
from core.nlp.interpretation import EntityType

_NAME = r"[a-z][a-z0-9]{0,40}(?:[-_][a-z0-9]{1,40}){0,8}"
_NAMESPACE = re.compile(
    r"(?:\bnamespaces?|\bnamesapce|\bns|(?<!\w)-n|--namespace|\bespacio de nombres|\bnamensraum)"
    rf"(?:[ =:/]{{1,2}}| called | named )[\"'`]?(?P<name>{_NAME})(?![\w/]|\.\w)"
)
_NAMESPACE_BEHIND = re.compile(
    rf"(?P<article>\b(?:the|in|our|my|from|on|of|for) )?(?<![\w/.-])[\"'`]?(?P<name>{_NAME})[\"'`]? (?P<key>namespace|ns|namesapce)\b"
)
_NAMESPACES_MORE = re.compile(rf"(?: and | & |, ?| und | y )(?P<name>{_NAME})(?![\w/]|\.\w)")
_SYSTEM_NAMESPACE = re.compile(
    r"(?<![\w./-])(?:kube-(?:system|public|node-lease)|(?:istio|cattle|longhorn|gatekeeper|flux|tekton|knative|calico)-system|ingress-nginx)(?![\w/]|-\w|\.\w)"
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
    r"(?:nyc|sfo|ams|fra|lon|sgp|blr|tor|syd)\d|(?:us|eu|ap|ca|sa|af|me)(?:ne|nw|se|sw|n|s|e|w|c)\d)(?![\w]|-\w|\.\w)"
)
_REGION_SHAPE = re.compile(
    r"(?P<area>[a-z]+(?:-gov|-iso)?)[- ]?(?P<way>north|south|east|west|central|northeast|northwest|southeast|southwest)[- ]?(?P<rest>\d[a-f]?(?:-[a-f])?)?"
)
_AREAS = words("eu us apac emea latam uk asia europe usa na jp au")
_CAPITAL_AREAS = words("EU US APAC EMEA LATAM UK USA")
_CITIES = words(
    "frankfurt ireland london paris stockholm milan virginia ohio oregon tokyo osaka seoul singapore sydney melbourne mumbai hyderabad montreal toronto amsterdam dublin zurich madrid warsaw jakarta bahrain dubai johannesburg california iowa finland belgium netherlands"
) | {"sao paulo", "hong kong", "cape town", "tel aviv", "las vegas", "salt lake city", "los angeles"}
_CITY_PHRASES = Phrases({city: city for city in _CITIES})
_CITY_BEFORE = words("in from to region across and or vs en desde aus only")
_NO_CITY_BEHIND = words("office team people time meetup folks colleagues conference standup hq")
_REGION_WORDS = words("region regions region's dc datacenter datacentre cluster side only zone")
_IN = words("in for from to across region of on prod production staging dev")

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
    "from over above below under than least most at is was avg average mean max p50 p90 p95 p99 hits hit reached around about approximately ~ sla slo up by to"
)
_GOES = words(
    "version v ver release deploy ship roll rollback upgrade downgrade bump promote tag on running back out live roll revert deployed upgraded updated bumped downgraded moved promoted reverted shipped rolled released image python node java api go"
)


def find(sentence: Sentence, *, exact: bool = False) -> Iterator[Found]:
    """Namespaces, regions, endpoints and versions; readings may overlap. `exact`: a bare number with one point is no version."""
    yield from _namespaces(sentence)
    yield from _regions(sentence)
    yield from _endpoints(sentence)
    yield from _versions(sentence, exact=exact)


def _namespaces(sentence: Sentence) -> Iterator[Found]:
    for match in _SYSTEM_NAMESPACE.finditer(sentence.folded):
        yield Found(EntityType.NAMESPACE, *match.span(), match[0])
    if sentence.vocabulary.isdisjoint(_NAMESPACE_KEYS):
        return
    named = {match.start(): match for match in _NAMESPACE.finditer(sentence.folded) if match["name"] not in _NO_NAME}
    for match in _NAMESPACE_BEHIND.finditer(sentence.folded):
        rival = match.start("key") in named
        if match["name"] not in _NO_NAME and (match["article"] or (match["name"] not in ORDINARY and not rival)):
            named.pop(match.start("key"), None)
            yield Found(EntityType.NAMESPACE, *match.span("name"), match["name"])
    for match in named.values():
        yield Found(EntityType.NAMESPACE, *match.span("name"), match["name"])
        if match[0].startswith("namespaces") and (more := _NAMESPACES_MORE.match(sentence.folded, match.end())):
            yield Found(EntityType.NAMESPACE, *more.span("name"), more["name"])


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
    for index, count, _, city in _CITY_PHRASES.find(sentence):
        behind = sentence.word(index + count)
        placed = sentence.word(index - 1) in _CITY_BEFORE or behind in _REGION_WORDS
        if placed and behind not in _NO_CITY_BEHIND:
            yield Found(EntityType.REGION, *sentence.span(index, count), city)


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
                start = match.start("number")
                # As people write it: "v2.3" keeps its letter, "version 2.3" is 2.3.
                value = folded[start - folded.startswith("v", start - 1) : match.end()]
                yield Found(EntityType.VERSION, *match.span(), value.rstrip("."))
    for match in _SHORT_VERSION.finditer(folded):
        yield Found(EntityType.VERSION, *match.span(), match[0])
    for match in _NAMED_VERSION.finditer(folded):
        yield Found(EntityType.VERSION, match.start("number"), match.end("number"), match["number"])
    for match in _COMMIT.finditer(folded):
        yield Found(EntityType.VERSION, *match.span("sha"), match["sha"])


_LAST_WORDS = re.compile(r"[a-z0-9~]+")


def _is_measure(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether a number with one point is an amount: it has a unit, is a fraction below one, or stands where amounts stand."""
    if _UNIT_BEHIND.match(sentence.folded, match.end()) or match["number"].startswith("0."):
        return True
    words = _LAST_WORDS.findall(sentence.folded[max(0, match.start() - 40) : match.start()])
    return bool(words) and words[-1] in _MEASURED and _GOES.isdisjoint(sentence.vocabulary)
