"""Reads which series a question is about, how they are grouped, and what is ranked."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from core.nlp.interpretation import EntityType
from core.query.catalogue.dimensions import BY_ENTITY, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Filter, Top
from core.query.promql.phrases import NUMBERS, ORDERS, STATISTICS, Order, Statistic
from core.query.promql.words import Match, Token, stem
from core.query.translation import Question
from core.query.wording import word_set

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_STATUS_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_STATUS = re.compile(r"([1-5]\d\d)s?", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9/][\w./:@-]{0,200}")
_NAMED_KINDS = (
    Dimension.MODEL, Dimension.QUEUE, Dimension.TOPIC, Dimension.CONSUMER, Dimension.DATABASE, Dimension.POD, Dimension.CONTAINER,
    Dimension.DEPLOYMENT, Dimension.GPU, Dimension.CLUSTER, Dimension.DEVICE, Dimension.HOST, Dimension.MOUNTPOINT, Dimension.NAMESPACE,
    Dimension.PROVIDER,
)  # fmt: skip
"""Dimensions whose values follow or precede their noun: "queue emails", "the emails queue"."""
_BEFORE_NOUN = frozenset({Dimension.QUEUE, Dimension.TOPIC, Dimension.DATABASE, Dimension.CONSUMER})
_OF_BROKERS = frozenset({Dimension.QUEUE, Dimension.TOPIC, Dimension.CONSUMER})
_MODEL = re.compile(r"(?:gpt|claude|llama|mistral|mixtral|gemini|qwen|deepseek|phi|gemma|command-r|o[134])(?:[-.][\w.]+)+", re.IGNORECASE)  # fmt: skip
_MODEL_FAMILIES = word_set("gpt claude llama mistral mixtral gemini qwen deepseek phi gemma")
_HYPHENED = re.compile(r"(?: \w{1,10}){0,2} (?:of|for|in|on) (?:the )?([A-Za-z]\w*(?:[-.]\w+)+)")
"""A name behind its noun, with a word or two between: "queue length of order-events"."""
_DEVICE = re.compile(r"(?:sd[a-z]\d?|nvme\d+n\d+(?:p\d+)?|eth\d+|ens\d+|eno\d+|xvd[a-z]\d?|vd[a-z]\d?|wlan\d+|lo)")
_TITLES = frozenset({"named", "called", "name"})
_PLURAL_K = 5
_MOST_RANKED = 100
_UNGROUPED = frozenset({Dimension.PHASE, Dimension.REASON})


def read_filters(question: Question, tokens: Sequence[Token], used: frozenset[int]) -> tuple[Filter, ...]:
    """Conditions on labels. `used`: tokens that name the subject, which name no value besides."""
    found: list[tuple[Dimension, str, bool]] = []
    lent = _named_after_services(question.text, tokens)
    for place, token in enumerate(tokens):
        kind = token.entity and BY_ENTITY.get(token.entity.type)
        if place in lent:
            found.append((*lent[place], _negated(tokens, place)))
        elif token.entity and kind:
            found.append((kind, token.entity.value, _negated(tokens, place)))
            method = token.text.partition(" ")[0]
            if kind is Dimension.ENDPOINT and method in _METHODS:
                found.append((Dimension.METHOD, method, False))
        elif not token.entity:
            found.extend((kind, value, _negated(tokens, place)) for kind, value in _by_shape(tokens, place))
    found.extend(
        (BY_ENTITY[entity.type], entity.value, False)
        for entity in question.entities
        if entity.type is EntityType.HTTP_STATUS
    )
    found.extend(_by_noun(question.text, tokens, used))
    merged: dict[tuple[Dimension, bool], list[str]] = {}
    for kind, value, negated in found:
        values = merged.setdefault((kind, negated), [])
        if value not in values and value not in merged.get((kind, True), ()):
            values.append(value)
    return tuple(Filter(kind, tuple(values), negated) for (kind, negated), values in merged.items() if values)


def _named_after_services(text: str, tokens: Sequence[Token]) -> dict[int, tuple[Dimension, str]]:
    """Queues, topics and consumer groups are often called after a service: "the orders queue", "topic order-events"."""
    found: dict[int, tuple[Dimension, str]] = {}
    for noun in phrases.nouns().find(tokens):
        if noun.meaning not in _OF_BROKERS or tokens[noun.last].plural:
            continue
        hyphened = _HYPHENED.match(text, tokens[noun.last].end)
        further = [place for place, token in enumerate(tokens) if hyphened and token.start == hyphened.start(1)]
        for place in (noun.first - 1, noun.last + 1, *further):
            if 0 <= place < len(tokens) and (entity := tokens[place].entity) and entity.type is EntityType.SERVICE:
                name = _NAME.match(text, entity.start)
                found[place] = (noun.meaning, name[0].rstrip(".,:") if name else entity.text)
                break
    return found


def _negated(tokens: Sequence[Token], place: int) -> bool:
    """An exception is named up to two words before, as in "excluding the /health", or in a list of exceptions."""
    for token in reversed(tokens[max(0, place - 3) : place]):
        word = token.text.lower()
        if word in phrases.EXCEPT:
            return True
        if word not in {"the", "from", "and", "or", ",", "than", "for", "any"} and not token.entity:
            return False
    return False


def _by_shape(tokens: Sequence[Token], place: int) -> Iterator[tuple[Dimension, str]]:
    word = tokens[place].text
    if word in _METHODS:
        yield Dimension.METHOD, word
    elif _STATUS_CLASS.fullmatch(word):
        yield Dimension.STATUS, word.lower()
    elif _STATUS.fullmatch(word) and (word[-1] in "sS" or _beside_status(tokens, place)):
        yield Dimension.STATUS, word[:3]
    elif _DEVICE.fullmatch(word):
        yield Dimension.DEVICE, word


def _beside_status(tokens: Sequence[Token], place: int) -> bool:
    """ "500 vs 503": a bare number is a status beside another one."""
    beside = (place - 2, place + 2)
    return any(
        0 <= other < len(tokens)
        and _STATUS.fullmatch(tokens[other].text)
        and tokens[(place + other) // 2].text.lower() in {"vs", "versus", "and", "or", "/", "&", ","}
        for other in beside
    )


def _by_noun(text: str, tokens: Sequence[Token], used: frozenset[int]) -> Iterator[tuple[Dimension, str, bool]]:
    """ "queue emails", "the emails queue", "model gpt-4o", "pod checkout-7d9f"; models also by their well-known shapes."""
    for match in _MODEL.finditer(text):
        yield Dimension.MODEL, match[0], False
    for noun in phrases.nouns().find(tokens):
        if noun.meaning not in _NAMED_KINDS or tokens[noun.first].plural:
            continue
        negated = _negated(tokens, noun.first)
        after = _value_after(text, tokens, noun.last)
        if after and (
            _looks_like_name(after) or (noun.meaning in _BEFORE_NOUN and _is_free(tokens, noun.last + 1, used))
        ):
            if not (noun.meaning is Dimension.MODEL and _MODEL.fullmatch(after)):
                yield noun.meaning, after, negated
        elif noun.meaning in _BEFORE_NOUN:
            before = (
                _whole_word(text, tokens[noun.first - 1]) if noun.first and not tokens[noun.first - 1].entity else ""
            )
            if "-" in before or (before and _is_free(tokens, noun.first - 1, used)):
                yield noun.meaning, before, negated
            elif (hyphened := _HYPHENED.match(text, tokens[noun.last].end)) and not _in_entity(
                tokens, hyphened.start(1)
            ):
                yield noun.meaning, hyphened[1], negated


def _in_entity(tokens: Sequence[Token], start: int) -> bool:
    return any(token.entity and token.start <= start < token.end for token in tokens)


def _value_after(text: str, tokens: Sequence[Token], last: int) -> str:
    """What stands behind a noun, taken from the text so that hyphens and points stay."""
    place = last + 1
    if place < len(tokens) and tokens[place].text.lower() in _TITLES:
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
    return len(token.text) > 2 and token.text[0].isalpha() and not {token.stem, token.text.lower()} & _common()


@cache
def _common() -> frozenset[str]:
    return (phrases.vocabulary() - phrases.NAMES) | _FUNCTION_WORDS


_FUNCTION_WORDS = word_set(
    "the for and of in on at to is are was were be been do does did how what why when who its our your my it this that last past show me "
    "give get can you we us with from vs per has have had will over under more than now right just only also still even much many long "
    "big high low bad any all each work message job task dead new old own main kafka rabbit rabbitmq redis postgres mysql max min avg"
)


def _whole_word(text: str, token: Token) -> str:
    """The word with what is joined to it by hyphens, as in `dead-letter`."""
    start = token.start
    while start and (text[start - 1].isalnum() or text[start - 1] in "-_."):
        start -= 1
    return text[start : token.end]


def read_groups(tokens: Sequence[Token], used: frozenset[int], *, limited: bool) -> tuple[Dimension | str, ...]:
    """What series are told apart by: "by region and pod", "which services", "pods over 2GB". `limited`: there is a
    threshold, which the things that a sentence begins with are held against."""
    groups: list[Dimension | str] = [noun.meaning for noun in _group_nouns(tokens, limited=limited)]
    for place, token in enumerate(tokens[:-1]):
        following = tokens[place + 1]
        if token.text.lower() in {"by", "per"} and not token.entity and _is_label(tokens, place + 1, used):
            groups.append(following.text)
    return tuple(dict.fromkeys(groups))


_QUANTILE = re.compile(r"p\d+")


def _is_label(tokens: Sequence[Token], place: int, used: frozenset[int]) -> bool:
    """A word that no list knows, right behind "by", is taken for the name of a label: "by tenant"."""
    token = tokens[place]
    word = token.text.lower()
    known = word in phrases.PER_TIME or token.stem in phrases.PER_TIME or word in phrases.SECONDS | phrases.PER_REQUEST
    named = token.entity or place in used or phrases.nouns().at(tokens, place) or _QUANTILE.fullmatch(word)
    if known or named or _MODEL.match(word) or word in _MODEL_FAMILIES:
        return False
    return bool(re.fullmatch(r"[A-Za-z_]\w*", token.text)) and not {token.stem, word} & _common()  # fmt: skip


def _group_nouns(tokens: Sequence[Token], *, limited: bool) -> Iterator[Match[Dimension]]:
    folded = any(match.meaning in (Statistic.AVERAGE, Statistic.SUM) for match in STATISTICS.find(tokens))
    nouns = [noun for noun in phrases.nouns().find(tokens) if noun.meaning not in _UNGROUPED]
    chained = -1
    for noun in nouns:
        before = [token.text.lower() for token in tokens[max(0, noun.first - 4) : noun.first]]
        if _introduced(before, plural=tokens[noun.last].plural, folded=folded) or (
            chained >= 0 and _joined(tokens[chained + 1 : noun.first])
        ):
            chained = noun.last
            yield noun
        elif _ranked(tokens, noun) or (
            tokens[noun.last].plural and (_described(tokens, noun) or (limited and _begins(tokens, noun)))
        ):
            yield noun


def _introduced(before: list[str], *, plural: bool, folded: bool) -> bool:
    """Whether the words before a noun make it a group. `folded`: an average or a sum across pods is one number, as
    is anything "across all" of them."""
    last = before[-1] if before else ""
    if last in _PREPOSITIONS:
        return False
    # A number, an adjective or an article may stand between.
    lead = before[-2] if len(before) > 1 and (last.isdigit() or last in NUMBERS or last in _BETWEEN) else ""
    if (
        last in _GROUPING
        or lead in _GROUPING
        or before[-2:] in (["grouped", "on"], ["broken", "down"], ["for", "each"])
    ):
        return True
    if "across" in (last, lead, *before[-3:-1]):
        return plural and not folded and "all" not in before
    words = {last, lead, *before[-3:]}
    return (bool(words & (phrases.WHICH - {"find", "list"})) and (
        plural or not words & {"all", "any"} or last in {"any", "which", "what"}
    ) and not words & {"how"}) or (plural and bool(words & {"list", "find"}))  # fmt: skip


_GROUPING = frozenset({"by", "per", "each", "every", "pro", "por", "je", "nach", "cada"})
_PREPOSITIONS = frozenset({"in", "of", "on", "for", "from", "to", "at", "within"})
"""Before a noun that only says where: "which pods in namespace media"."""
_BETWEEN = frozenset({"the", "our", "my", "different", "single", "individual", "of", "various", "kafka", "http", "grpc", "k8s", "kubernetes", "cada", "all", "rabbitmq", "redis", "gpu"})  # fmt: skip


def _joined(between: Sequence[Token]) -> bool:
    return 0 < len(between) <= 2 and all(token.text.lower() in {"and", ",", "/", "&", "und", "y", "per", "by", "plus"} for token in between)  # fmt: skip


def _described(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """A condition follows: "pods over 2GB"."""
    following = tokens[noun.last + 1 : noun.last + 2]
    if following and (following[0].text.lower() in phrases.WITH - {"in", "is", "are", "by", "have", "running", "got"}):
        return True
    return bool(following and following[0].entity and following[0].entity.type is EntityType.THRESHOLD)


def _begins(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """The sentence begins with it, or with names and it: "checkout pods above 1GB"."""
    return all(token.entity for token in tokens[: noun.first])


def _ranked(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """A superlative precedes, with at most two words between: "the busiest endpoint", "top 5 kafka topics"."""
    before = tokens[max(0, noun.first - 3) : noun.first]
    return any(not token.entity or token.entity.type is EntityType.AGGREGATION for token in before) and any(
        True for _ in ORDERS.find(before)
    )


def read_top(tokens: Sequence[Token], groups: Sequence[Dimension | str]) -> Top | None:
    """A ranking: a superlative with a group, or "top 5"."""
    orders = [
        match for match in ORDERS.find(tokens) if not (tokens[match.first].stem == "top" and _is_percentile(tokens))
    ]
    if not orders:
        return _hogs(tokens, groups)
    number = _ranked_number(tokens, orders) or _number_of_nouns(tokens)
    singular = {stem(token.text) for token in tokens if not token.plural}
    if not groups and number is None and not any(tokens[m.first].stem in {"top", "bottom"} for m in orders):
        return None
    order = next((m.meaning for m in orders if m.meaning is not Order.MOST), Order.MOST)
    if number is None:
        many = any(noun.meaning in groups and tokens[noun.last].plural for noun in phrases.nouns().find(tokens))
        number = _PLURAL_K if many or not groups or "top" in singular or "bottom" in singular else 1
    return Top(number, order)


def _hogs(tokens: Sequence[Token], groups: Sequence[Dimension | str]) -> Top | None:
    """ "who is eating all the cpu", "what uses the memory"."""
    texts = [token.text.lower() for token in tokens]
    asks = bool(texts) and (texts[0] in {"who", "whos", "what", "whats"} or "who" in texts)
    return (
        Top(_PLURAL_K, Order.MOST)
        if asks and not groups and phrases.HOGGING & set(texts) and "how" not in texts
        else None
    )


def _is_percentile(tokens: Sequence[Token]) -> bool:
    return any(token.stem == "percentile" for token in tokens)


def _number_of_nouns(tokens: Sequence[Token]) -> int | None:
    """3 of "which 3 services use the most"."""
    for noun in phrases.nouns().find(tokens):
        before = [token.text.lower() for token in tokens[max(0, noun.first - 2) : noun.first]]
        if len(before) == 2 and before[0] in phrases.WHICH | {"the"} and tokens[noun.last].plural:
            if before[1] in NUMBERS:
                return NUMBERS[before[1]]
            if before[1].isascii() and before[1].isdigit() and 0 < int(before[1]) <= _MOST_RANKED:
                return int(before[1])
    return None


def _ranked_number(tokens: Sequence[Token], orders: Sequence[Match[Order]]) -> int | None:
    for match in orders:
        for place in (match.last + 1, match.first - 1, match.last + 2):
            if 0 <= place < len(tokens) and not tokens[place].entity:
                word = tokens[place].text.lower()
                if word.isascii() and word.isdigit() and 0 < int(word) <= _MOST_RANKED:
                    return int(word)
                if word in NUMBERS and word != "one":
                    return NUMBERS[word]
    return None
