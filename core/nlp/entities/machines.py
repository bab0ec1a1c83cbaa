"""Hosts: addresses, domains, and names of machines."""

import re
from collections.abc import Iterator

from core.nlp.entities.sentence import Found, Sentence, words
from core.nlp.interpretation import EntityType

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
    r"|[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,4}-(?=[a-z]{0,9}\d)[a-z0-9]{5,10}-(?=[a-z]{0,4}\d)[a-z0-9]{5})"
    r"(?:\.[a-z][a-z0-9-]{1,20}){0,4}(?![\w:]|-\w|\.\w)"
)
_NAMED_MACHINE = re.compile(
    r"\b(?:host|hostname|node|server|machine|instance|vm|box|pod)[ :=]{1,2}[\"'`]?(?P<name>(?=[a-z.-]{0,60}\d)[a-z0-9](?:[a-z0-9.-]{0,60}[a-z0-9])?)(?![\w%])"
)
_SPACED_MACHINE = re.compile(
    r"\b(?P<kind>node|worker|host|server) #?(?P<number>\d{1,4})(?![\w.:%/-])(?! (?:times|more|other|ms|pods|of))"
)
_NUMBERED_NAME = re.compile(
    r"(?<![\w./@#-])(?P<stem>[a-z][a-z0-9]{0,20}(?:-[a-z0-9]{1,20}){0,5})-(?P<last>(?:[a-z]{1,4})?\d{1,4})(?![\w:%/-]|\.\d)"
)
_GLUED_NAME = re.compile(r"(?<![\w./@#-])[a-z]{2,12}\d{1,4}(?![\w:%/-]|\.\w)")
_HANDLED = r"(?:drain|drained|draining|cordon|cordoned|uncordon|reboot|rebooted|rebooting|reimage|taint|untaint|decommission|decom|evict|ping|ssh (?:in)?to|host|node|nodo|knoten|box|machine|server|vm|powercycle|power cycle|isolate)"
_HANDLED_BEFORE = re.compile(
    rf"\b{_HANDLED}(?: (?:the|node|host|box|machine|server|vm|instance))?(?: [a-z][a-z0-9-]{{0,20}}\d{{1,4}}(?:,| and| &)){{0,3}} [\"'`]?$"
)
_PLACED_BEFORE = re.compile(
    r"\b(?:on|off|from|at|is|to|onto|restart|restarting|replace|terminate|recycle|auf|en|and|or|y|und|vs|between|,)(?: (?:the|node|host|box|machine))? [\"'`]?$"
)
_STATE_BEHIND = re.compile(
    r"[\"'`]?,? (?:(?:is|are|was|went|goes|just|keeps|has|got|still|ist|esta|s) ){0,2}(?:unreachable|offline|down|dead|gone|back|not ?ready|reboot\w{0,4}|swapping|flapping|oom\w{0,6}|overheat\w{0,4}|at \d|cpu|"
    r"disk|ram|memory|mem|load|swap|kernel|fans?|hung|frozen|crash\w{0,4}|died|ran out|dropping|cordoned|drained|full|healthy|up|ok|alive|responding)\b"
)
_HANDLED_WORDS = words(re.sub(r"\W+", " ", _HANDLED))
_SURE_PARTS = 2
_BEFORE_WORDS = 40
_NO_STEMS = words(
    "non not http status code error err response inc incident sev p phase step tier level round top option sha utf http https tls ipv layer l day week month q sprint batch version v ver release rel rc build pr mr issue ticket bug page part type "
    "gpt claude llama gemini mistral sonnet opus haiku qwen embedding turbo t x covid iso rfc cve year fy h experiment variant group wave canary stage job run task prio priority item "
    "attempt plan zone topic partition queue slot track chapter area model epoch floor python java node py go"
)
"""What is numbered and is no machine."""
_AREAS = words("us eu ap sa ca me af europe asia australia northamerica southamerica africa cn il mx")


def find(sentence: Sentence) -> Iterator[Found]:
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
    yield from _numbered(sentence)


def _numbered(sentence: Sentence) -> Iterator[Found]:
    """Names that end in a number and stand where machines do, or that only machines have ("edge-fra-03")."""
    folded = sentence.folded
    for match in _NUMBERED_NAME.finditer(folded):
        parts = match["stem"].split("-")
        if parts[0] in _AREAS or parts[-1] in _NO_STEMS or match["last"][0] == "v" or _is_key(sentence, match):
            continue
        padded = match["last"].lstrip("abcdefghijklmnopqrstuvwxyz").startswith("0")
        if len(parts) >= _SURE_PARTS or padded or _is_placed(folded, *match.span()):
            yield Found(EntityType.HOST, *match.span(), match[0])
    if _HANDLED_WORDS.isdisjoint(sentence.vocabulary):
        return
    for match in _GLUED_NAME.finditer(folded):
        if _HANDLED_BEFORE.search(folded, max(0, match.start() - _BEFORE_WORDS), match.start()):
            yield Found(EntityType.HOST, *match.span(), match[0])


def _is_placed(folded: str, start: int, end: int) -> bool:
    before = max(0, start - _BEFORE_WORDS)
    return bool(
        _HANDLED_BEFORE.search(folded, before, start)
        or _PLACED_BEFORE.search(folded, before, start)
        or _STATE_BEHIND.match(folded, end)
    )


def _is_key(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether this is a tracker's key: OPS-123."""
    stem = sentence.text[slice(*match.span("stem"))]
    return stem.isupper() and not sentence.text.isupper()
