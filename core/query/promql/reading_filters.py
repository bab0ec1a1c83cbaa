"""Reads which series a question is about: the values of labels that it names, wanted or not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from core.nlp.interpretation import EntityType
from core.query.catalogue import SUBJECTS
from core.query.catalogue.dimensions import BY_ENTITY, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Filter
from core.query.promql.words import Token
from core.query.statuses import codes
from core.query.translation import Question
from core.query.wording import Wording, word_set

_NESTED = frozenset({Dimension.STATUS, Dimension.ENDPOINT})
"""What is excluded of these may be a part of what is wanted."""
_LISTED = frozenset({Dimension.NAMESPACE})
"""Whose values have no shape of their own."""
_OF_STATUSES = frozenset({"share", "ratio", "rate", "percentage", "%", "response", "error"})
"""Behind a number that is a status: "429 share"."""
_LIKE_HOSTS = frozenset({Dimension.POD, Dimension.CONTAINER, Dimension.DEPLOYMENT})
_RATE_BEHIND = re.compile(r"\s?(?:/|(?:req|rps|qps|tps|rpm|per|a second|[kmgt]i?b|cores?)\b)", re.IGNORECASE)
"""A number before it is no status."""
_NUMBER_OF = re.compile(r"\b(?:how many|number of|count of|rate of|wie viele|wieviele|cu[aá]ntos)\s\Z", re.IGNORECASE)
""" "How many 404 per minute" counts those."""
_OR = re.compile(r"\b(?:or|oder|ou|o)\b", re.IGNORECASE)
_ASKS_WHY_NOT = re.compile(
    r"(?:^|\bwhy |\bhow come |[,.?!;] )(?:is|are|was|were|do|does|did|has|have)n['’]?t\Z", re.IGNORECASE
)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_STATUS_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_STATUS = re.compile(r"([1-5]\d\d)s?", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[](?:http |status |code )?([1-5](?:\d\d|xx))s?[)\]]", re.IGNORECASE)
_SPOKEN = {
    "rate limited": "429", "rate limiting": "429", "too many requests": "429", "unauthorized": "401", "unauthorised": "401", "forbidden": "403",
    "not found": "404", "bad gateway": "502", "service unavailable": "503", "gateway timeout": "504", "gateway timeouts": "504", "bad request": "400",
    "bad requests": "400", "only successful": "2xx", "only the successful": "2xx", "just successful": "2xx", "just the successful": "2xx", "successful requests only": "2xx", "successful ones only": "2xx", "for successful": "2xx", "client errors": "4xx", "client error": "4xx", "redirects": "3xx", "redirect": "3xx",
}  # fmt: skip
"""Statuses by their names."""
_SPOKEN_STATUS = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, sorted(_SPOKEN, key=len, reverse=True)))})\b".replace(r"\ ", "[ -]"), re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z0-9/][\w./:@-]{0,200}")
_NAMED_KINDS = (
    Dimension.MODEL, Dimension.QUEUE, Dimension.TOPIC, Dimension.CONSUMER, Dimension.DATABASE, Dimension.POD, Dimension.CONTAINER,
    Dimension.DEPLOYMENT, Dimension.GPU, Dimension.CLUSTER, Dimension.DEVICE, Dimension.HOST, Dimension.MOUNTPOINT, Dimension.NAMESPACE,
    Dimension.PROVIDER,
)  # fmt: skip
"""Dimensions whose values follow or precede their noun: "queue emails", "the emails queue"."""
_BEFORE_NOUN = frozenset(
    {Dimension.NAMESPACE, Dimension.QUEUE, Dimension.TOPIC, Dimension.DATABASE, Dimension.CONSUMER}
)
_OF_BROKERS = frozenset({Dimension.QUEUE, Dimension.TOPIC, Dimension.CONSUMER, Dimension.DATABASE})
MODEL_NAME = re.compile(r"(?:gpt|claude|llama|mistral|mixtral|gemini|qwen|deepseek|phi|gemma|command-r|o[134])(?:[-.][\w.]+)+", re.IGNORECASE)  # fmt: skip
MODEL_FAMILIES = word_set("gpt claude llama mistral mixtral gemini qwen deepseek phi gemma")
_HYPHENED = re.compile(r"(?: \w{1,10}){0,2} (?:of|for|in|on) (?:the )?([A-Za-z]\w*(?:[-.]\w+)+)")
"""A name behind its noun, with a word or two between: "queue length of order-events"."""
_LENGTH_OF = re.compile(
    r" (?:length|depth|size|backlog|lag|growth|messages) (?:of|for|in) (?:the )?(\w[\w.-]{2,60})", re.IGNORECASE
)
_DEVICE = re.compile(r"(?:sd[a-z]\d?|nvme\d+n\d+(?:p\d+)?|eth\d+|ens\d+|eno\d+|xvd[a-z]\d?|vd[a-z]\d?|wlan\d+|lo)")
_FSTYPE = re.compile(
    r"\b(tmpfs|devtmpfs|overlay(?:fs)?|squashfs|ext[34]|xfs|btrfs|zfs|nfs4?|ramfs|iso9660|vfat)\b", re.IGNORECASE
)
_ROOT = re.compile(
    r"\broot only\b|\b(?:only|just) (?:the )?root\b|\broot (?:file ?systems?|fs|disks?|partitions?|volumes?|mounts?|dev(?:ice)?)\b|\brootfs\b|(?:\b(?:of|on|for|at|under|from|in|is|with|where|mount(?:point|ed)?|partition|filesystem|disk) |\A)/(?=[ ?!,.)]|\Z)(?! (?:total|all|sec|min|s\b|m\b))",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<![\w/.:-])(/[A-Za-z][\w.-]{0,60}(?:/[\w.-]{1,60}){0,8})(?![\w/])")
_OF_SESSIONS = re.compile(r"\b(?:pg|postgres\w*|psql)\b.*\b(?:connections?|conns?|sessions?|backends?)\b|\b(?:connections?|conns?|sessions?|backends?)\b.*\b(?:pg|postgres\w*|psql)\b", re.IGNORECASE)  # fmt: skip
_SESSION_STATE = re.compile(r"\bidle in transaction\b|\bidle\b(?! and\b)|\bactive\b(?! and\b)", re.IGNORECASE)
_TITLES = frozenset({"named", "called", "name"})


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a dimension, where it was said."""

    kind: Dimension
    value: str
    start: int
    negated: bool = False


def read_filters(
    question: Question, tokens: Sequence[Token], used: frozenset[int], wording: Wording
) -> tuple[Filter, ...]:
    """Conditions on labels. `used`: tokens that name the subject, which name no value besides."""
    found = sorted(_values(question.text, tokens, used, wording), key=lambda one: one.start)
    merged: dict[tuple[Dimension, bool], list[_Value]] = {}
    for one in found:
        listed = merged.setdefault((one.kind, one.negated), [])
        if one.value not in {other.value for other in (*listed, *merged.get((one.kind, True), ()))}:
            listed.append(one)
    kept = (
        (kind, negated, listed)
        for (kind, negated), listed in merged.items()
        # "Prod, not staging" says prod; "4xx but not 404" says both.
        if listed and not (negated and kind not in _NESTED and merged.get((kind, False)))
    )
    return tuple(
        Filter(kind, tuple(one.value for one in listed), negated, alternatives=_alternative(question.text, listed))
        for kind, negated, listed in kept
    )


def _values(text: str, tokens: Sequence[Token], used: frozenset[int], wording: Wording) -> Iterator[_Value]:
    lent = _named_after_services(text, tokens)
    before: _Value | None = None
    for place, token in enumerate(tokens):
        negated = _negated(tokens, place, wording)
        kind = token.entity and BY_ENTITY.get(token.entity.type)
        if place in lent:
            yield _Value(*lent[place], token.start, negated)
        elif token.entity and kind:
            # "Except staging, dev": the list goes on.
            listed = before and before.negated and before.kind is kind and tokens[place - 1].text == ","
            before = _Value(
                _kind_by_noun(tokens, place, kind), token.entity.value, token.start, negated or bool(listed)
            )
            yield before
            for name, start in _listed(tokens, place, used) if kind in _LISTED else ():
                yield _Value(kind, name, start, before.negated)
            method = token.text.partition(" ")[0]
            if kind is Dimension.ENDPOINT and method in _METHODS:
                yield _Value(Dimension.METHOD, method, token.start)
        elif not token.entity:
            for shape, value in _by_shape(tokens, place):
                yield _Value(shape, value, token.start, negated)
    if _OF_SESSIONS.search(text) and (state := _SESSION_STATE.search(text)):
        yield _Value(Dimension.STATE, state[0].lower(), state.start(), wording.negated(state.start()))
    for kind, value, start in _of_filesystems(text):
        yield _Value(kind, value, start, wording.negated(start))
    found = tuple(codes(wording))
    bracketed = [(m[1].lower(), m.start(1)) for m in _BRACKETED.finditer(text)]
    if not found:
        spoken = bracketed or [
            (_SPOKEN[m[0].lower().replace("-", " ")], m.start()) for m in _SPOKEN_STATUS.finditer(text)
        ]
        for value, start in spoken:
            yield _Value(Dimension.STATUS, value, start, wording.negated(start))
    for code in found:
        if not _RATE_BEHIND.match(text, code.end) or _NUMBER_OF.search(text, max(0, code.start - 16), code.start):
            yield _Value(Dimension.STATUS, code.value, code.start, code.negative)
    for kind, value, start, negated in _by_noun(text, tokens, used, wording):
        yield _Value(kind, value, start, negated)


def _of_filesystems(text: str) -> Iterator[tuple[Dimension, str, int]]:
    """ "Ignore tmpfs", "the root filesystem", "/var/lib/postgresql"; only what measures filesystems has such labels."""
    for match in _FSTYPE.finditer(text):
        yield Dimension.FSTYPE, match[1].lower(), match.start()
    if root := _ROOT.search(text):
        yield Dimension.MOUNTPOINT, "/", root.start()
    for match in _PATH.finditer(text):
        yield Dimension.MOUNTPOINT, match[1].rstrip(".,"), match.start()


def _listed(tokens: Sequence[Token], place: int, used: frozenset[int]) -> Iterator[tuple[str, int]]:
    """Names that go on a list: "namespaces kube-system and monitoring"."""
    while place + 2 < len(tokens) and tokens[place + 1].word in {"and", "or", ",", "&", "nor"}:
        place += 2
        if not _is_free(tokens, place, used) or tokens[place].stem in {"service", "pod"}:
            return
        yield tokens[place].text, tokens[place].start


def _kind_by_noun(tokens: Sequence[Token], place: int, kind: Dimension) -> Dimension:
    """Pods and containers look like hosts; the noun before says which they are."""
    noun = phrases.nouns().at(tokens, place - 1) if place and not tokens[place - 1].entity else None
    return noun.meaning if noun and kind is Dimension.HOST and noun.meaning in _LIKE_HOSTS else kind


def _alternative(text: str, listed: Sequence[_Value]) -> bool:
    """ "In us-east-1 or us-west-2": any of them will do, and nobody sets them side by side."""
    return len(listed) > 1 and bool(_OR.search(text, listed[0].start, listed[-1].start))


def _named_after_services(text: str, tokens: Sequence[Token]) -> dict[int, tuple[Dimension, str]]:
    """Queues, topics and consumer groups are often called after a service: "the orders queue", "topic order-events"."""
    found: dict[int, tuple[Dimension, str]] = {}
    for noun in phrases.nouns().find(tokens):
        if noun.meaning not in _OF_BROKERS | {Dimension.DEPLOYMENT} or tokens[noun.last].plural:
            continue
        hyphened = _HYPHENED.match(text, tokens[noun.last].end)
        further = [place for place, token in enumerate(tokens) if hyphened and token.start == hyphened.start(1)]
        for place in (noun.first - 1, noun.last + 1, *further):
            if 0 <= place < len(tokens) and (entity := tokens[place].entity) and entity.type is EntityType.SERVICE:
                name = _NAME.match(text, entity.start)
                found[place] = (noun.meaning, name[0].rstrip(".,:") if name else entity.text)
                break
    return found


def _negated(tokens: Sequence[Token], place: int, wording: Wording) -> bool:
    """Whether it is excluded. "Checkout minus payments" subtracts, and "why isn't checkout up" asks about checkout."""
    start = tokens[place].start
    if not wording.negated(start):
        return False
    if place > 1 and tokens[place - 1].word == "minus":
        sides = tokens[place].entity, tokens[place - 2].entity
        return not (sides[0] and sides[1] and sides[0].type is sides[1].type)
    clause = max(begin for begin, end in wording.exclusions() if begin <= start < end)
    return not _ASKS_WHY_NOT.search(wording.text, max(0, clause - 20), clause)


def _by_shape(tokens: Sequence[Token], place: int) -> Iterator[tuple[Dimension, str]]:
    word = tokens[place].text
    if word in _METHODS or (word[-1] == "s" and word[:-1] in _METHODS):
        yield Dimension.METHOD, word.removesuffix("s")
    elif _STATUS_CLASS.fullmatch(word):
        yield Dimension.STATUS, word.lower()
    elif _STATUS.fullmatch(word) and (
        word[-1] in "sS"
        or _beside_status(tokens, place)
        or {t.stem for t in tokens[place + 1 : place + 2] if t.text != "%" or t.start > tokens[place].end}
        & _OF_STATUSES
    ):
        yield Dimension.STATUS, word[:3]
    elif _DEVICE.fullmatch(word):
        yield Dimension.DEVICE, word
    elif word.lower() in ("loopback", "lo"):
        yield Dimension.DEVICE, "lo"


def _beside_status(tokens: Sequence[Token], place: int) -> bool:
    """ "500 vs 503": a bare number is a status beside another one."""
    beside = (place - 2, place + 2)
    return any(
        0 <= other < len(tokens)
        and _STATUS.fullmatch(tokens[other].text)
        and tokens[(place + other) // 2].word in {"vs", "versus", "and", "or", "/", "&", ","}
        for other in beside
    )


def _by_noun(
    text: str, tokens: Sequence[Token], used: frozenset[int], wording: Wording
) -> Iterator[tuple[Dimension, str, int, bool]]:
    """ "queue emails", "the emails queue", "model gpt-4o", "pod checkout-7d9f"; models also by their well-known shapes."""
    for match in MODEL_NAME.finditer(text):
        yield Dimension.MODEL, match[0], match.start(), wording.negated(match.start())
    for noun in phrases.nouns().find(tokens):
        if noun.meaning not in _NAMED_KINDS or tokens[noun.first].plural or tokens[noun.last].plural:
            continue
        start = tokens[noun.first].start
        negated = wording.negated(start)
        after = _value_after(text, tokens, noun.last)
        before_it = tokens[noun.first - 1] if noun.first else None
        if before_it and before_it.entity and BY_ENTITY.get(before_it.entity.type) is noun.meaning:
            continue  # "the ledger namespace sit above …"
        if after.startswith("/") and noun.meaning is Dimension.DEVICE:
            continue  # "disk /var" is where it is mounted
        if after and (
            _looks_like_name(after) or (noun.meaning in _BEFORE_NOUN and _is_free(tokens, noun.last + 1, used))
        ):
            one_by_one = noun.first and tokens[noun.first - 1].word in {"each", "every", "per", "by"}
            if not (noun.meaning is Dimension.MODEL and MODEL_NAME.fullmatch(after)) and not (
                after.endswith("ly") or (one_by_one and not _looks_like_name(after))
            ):
                yield noun.meaning, after, start, negated
        elif noun.meaning in _BEFORE_NOUN:
            before = (
                _whole_word(text, tokens[noun.first - 1]) if noun.first and not tokens[noun.first - 1].entity else ""
            )
            if noun.meaning is Dimension.NAMESPACE and (
                any(t.entity and t.entity.type is EntityType.NAMESPACE for t in tokens)
                or text[tokens[noun.first - 1].end : start] != " "
                or "," in before
            ):
                continue
            if before.lower() == "letter" and noun.first > 1 and tokens[noun.first - 2].word == "dead":
                before = "dead-letter"
            if "-" in before or (before and _is_free(tokens, noun.first - 1, used)):
                yield noun.meaning, before, start, negated
            elif (
                (plain := _LENGTH_OF.match(text, tokens[noun.last].end))
                and (place := next((i for i, t in enumerate(tokens) if t.start == plain.start(1)), 0))
                and _is_free(tokens, place, used)
            ):
                yield noun.meaning, plain[1], start, negated
            elif (hyphened := _HYPHENED.match(text, tokens[noun.last].end)) and not _in_entity(
                tokens, hyphened.start(1)
            ):
                yield noun.meaning, hyphened[1], start, negated


def _in_entity(tokens: Sequence[Token], start: int) -> bool:
    return any(token.entity and token.start <= start < token.end for token in tokens)


def _value_after(text: str, tokens: Sequence[Token], last: int) -> str:
    """What stands behind a noun, taken from the text so that hyphens and points stay."""
    place = last + 1
    if place < len(tokens) and tokens[place].word in _TITLES:
        place += 1
    if place >= len(tokens) or tokens[place].entity:
        return ""
    match = _NAME.match(text, tokens[place].start)
    quoted = text[max(0, tokens[place].start - 1) : tokens[place].start] in {'"', "'", "`", "“"}
    value = match[0].rstrip(".,:") if match else ""
    return value if value and (quoted or text[tokens[last].end : tokens[place].start].strip(" :=\"'`“/") == "") else ""


def _looks_like_name(value: str) -> bool:
    """Digits, hyphens, slashes and points are in names and not in ordinary words."""
    return bool(re.search(r"\d|[-/._]", value)) and not re.fullmatch(r"\d+|[1-5]xx|p\d+", value)


def _is_free(tokens: Sequence[Token], place: int, used: frozenset[int]) -> bool:
    """The word says nothing that this reading knows, so it may be a name."""
    if not 0 <= place < len(tokens) or place in used or tokens[place].entity:
        return False
    token = tokens[place]
    return len(token.text) > 2 and token.text[0].isalpha() and not {token.stem, token.word} & common_words()


@cache
def common_words() -> frozenset[str]:
    """What is no name of anything: every word that this reading knows, and those that only join others."""
    return (phrases.vocabulary() - phrases.NAMES) | _FUNCTION_WORDS | _EXPORTERS


_EXPORTERS = frozenset(word for subject in SUBJECTS.values() for one in subject.measures for word in one.source.words)
"""What a thing is of, and no name of it: "vllm queue"."""
_FUNCTION_WORDS = word_set(
    "the for and of in on at to is are was were be been do does did how what why when who its our your my it this that last past show me "
    "give get can you we us with from vs per has have had will over under more than now right just only also still even much many long "
    "big high low bad any all each work message job task dead new old own empty full stuck today yesterday tonight now main kafka rabbit rabbitmq redis postgres mysql max min avg"
)


def _whole_word(text: str, token: Token) -> str:
    """The word with what is joined to it by hyphens, as in `dead-letter`."""
    start = token.start
    while start and (text[start - 1].isalnum() or text[start - 1] in "-_."):
        start -= 1
    return text[start : token.end]
