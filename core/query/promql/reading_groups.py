"""Reads what series are told apart by."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.nlp.interpretation import EntityType
from core.query.catalogue.dimensions import BY_ENTITY, Dimension
from core.query.promql import phrases
from core.query.promql.phrases import NUMBERS, ORDERS, STATISTICS, Statistic
from core.query.promql.reading_filters import MODEL_FAMILIES, MODEL_NAME, common_words
from core.query.promql.reading_ranking import OPENING
from core.query.promql.words import Match, Token

_UNGROUPED = frozenset({Dimension.PHASE, Dimension.REASON})


def read_groups(tokens: Sequence[Token], used: frozenset[int], *, limited: bool) -> tuple[Dimension | str, ...]:
    """What series are told apart by: "by region and pod", "which services", "pods over 2GB". `limited`: there is a
    threshold, which the things that a sentence begins with are held against."""
    groups: list[Dimension | str] = [noun.meaning for noun in _group_nouns(tokens, limited=limited)]
    for place, token in enumerate(tokens[:-1]):
        following = tokens[place + 1]
        if token.word in {"by", "per", "par", "pro", "por"} and not token.entity and _is_label(tokens, place + 1, used):
            groups.append(following.text)
        behind = {one.word for one in tokens[max(0, place - 3) : place]}
        if token.word in {"and", ",", "/"} and following.word in _LABELS and behind & {"by", "per"}:
            groups.append(following.text)
        if token.stem in _RANKED_LABELS and token.plural and not groups and _heads_ranking(tokens, place):
            groups.append(token.stem)
    return tuple(dict.fromkeys(groups))


def read_sorted(tokens: Sequence[Token]) -> tuple[Dimension, ...]:
    """What is put in order where nothing says so but its plural: "lag of all groups, highest first"."""
    nouns = (noun for noun in phrases.nouns().find(tokens) if tokens[noun.last].plural and not _named(tokens, noun))
    return next(((noun.meaning,) for noun in nouns if noun.meaning not in _UNGROUPED), ())


def read_labels(tokens: Sequence[Token]) -> tuple[str, ...]:
    """What a metric of their own is told apart by: whoever knows its name knows its labels, and says them as they are."""
    found: list[str] = []
    last = 0
    for before, word in pairwise(tokens):
        joined = bool(found) and before.word in {"and", "&"} and before.start - 2 <= last <= before.start
        if not (before.word in {"by", "per"} or joined) or word.entity or not _LABEL.fullmatch(word.text):
            continue
        if not {word.word, word.stem} & _NO_LABELS:
            found.append(word.text)
            last = word.end
    return tuple(dict.fromkeys(found))


_NO_LABELS = phrases.PER_TIME.keys() | phrases.SECONDS | phrases.PER_REQUEST | {"the", "our", "each"}


_LABEL = re.compile(r"[A-Za-z_]\w*")


_QUANTILE = re.compile(r"p\d+")


_LABELS = frozenset(
    {
        "state",
        "mode",
        "area",
        "level",
        "table",
        "result",
        "outcome",
        "cause",
        "severity",
        "alertname",
        "type",
        "kind",
        "command",
        "cmd",
        "user",
        "query",
        "client",
        "tenant",
        "customer",
        "team",
        "caller",
        "upstream",
        "org",
        "organization",
        "currency",
        "country",
        "plan",
        "channel",
        "platform",
    }
)
"""Labels of exporters whose names are ordinary words."""


_RANKED_LABELS = frozenset({"client", "tenant", "customer", "user", "team", "caller", "org", "organization"})


def _heads_ranking(tokens: Sequence[Token], place: int) -> bool:
    """ "Top 10 customers by requests"."""
    return any(True for _ in ORDERS.find(tokens[max(0, place - 3) : place]))


_PARTS_OF_ONE = frozenset({"half", "third", "quarter", "thirds", "default", "itself", "much", "how", "hand", "now"})


def _is_label(tokens: Sequence[Token], place: int, used: frozenset[int]) -> bool:
    """A word that no list knows, right behind "by", is taken for the name of a label: "by tenant"."""
    token = tokens[place]
    word = token.word
    known = word in phrases.PER_TIME or token.stem in phrases.PER_TIME or word in phrases.SECONDS | phrases.PER_REQUEST
    named = token.entity or place in used or phrases.nouns().at(tokens, place) or _QUANTILE.fullmatch(word)
    if word in _LABELS and not token.entity:
        return True
    if word in _PARTS_OF_ONE or known or named or MODEL_NAME.match(word) or word in MODEL_FAMILIES:
        return False
    return bool(re.fullmatch(r"[A-Za-z_]\w*", token.text)) and not {token.stem, word} & common_words()  # fmt: skip


def _group_nouns(tokens: Sequence[Token], *, limited: bool) -> Iterator[Match[Dimension]]:
    folded = any(match.meaning in (Statistic.AVERAGE, Statistic.SUM) for match in STATISTICS.find(tokens))
    folded = folded or any(token.word in _TOGETHER for token in tokens)
    nouns = [noun for noun in phrases.nouns().find(tokens) if noun.meaning not in _UNGROUPED]
    chained = -1
    apart = any(token.word in {"by", "per"} for token in tokens)
    spread = {token.word for token in tokens} & _SPREAD
    for noun in nouns:
        named = _named(tokens, noun)
        before = _words_before(tokens, noun.first)
        directly = before[-1:] in _DIRECTLY or (before[-1:] == ["every"] and not apart)
        if (not named or directly) and (
            _introduced(before, plural=tokens[noun.last].plural, folded=folded)
            or (chained >= 0 and _joined(tokens[chained + 1 : noun.first]))
        ):
            chained = noun.last
            yield noun
        elif named:
            continue
        elif (
            (
                noun.first == 0
                and (
                    (limited and noun.meaning is Dimension.HOST)  # "node cpu above 85%" asks which
                    or (tokens[noun.last].plural and _is_ranking_by(tokens, noun))
                )
            )
            or _leads(tokens, noun)
            or (tokens[noun.last].plural and any(t.word in {"their", "ihrem", "ihres"} for t in tokens[noun.last :]))
            or (_ranked(tokens, noun) and not (before and before[-1] in _PREPOSITIONS))
            or (
                tokens[noun.last].plural
                and (
                    (spread and before and before[-1] in _OVER)
                    or _described(tokens, noun)
                    or (limited and _begins(tokens, noun))
                    or (
                        limited
                        and noun.last == len(tokens) - 1
                        and before[-1:] == ["on"]
                        and noun.meaning in _EACH_BY_ITSELF
                    )
                )
            )
        ):
            yield noun


def named_one_by_one(tokens: Sequence[Token]) -> frozenset[Dimension]:
    """What is asked for one by one, as "by card" and "for each card" do and "any card over 90%" does not."""
    return frozenset(
        noun.meaning
        for noun in phrases.nouns().find(tokens)
        if {token.word for token in tokens[max(0, noun.first - 3) : noun.first]} & _GROUPING
    )


def _words_before(tokens: Sequence[Token], place: int) -> list[str]:
    """Up to four words; whose pods they are says nothing of groups: "any checkout pod"."""
    if place and (entity := tokens[place - 1].entity) and entity.type in _OWNERS:
        place -= 1
    return [token.word for token in tokens[max(0, place - 4) : place]]


def _named(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """A value stands beside it, or what it is not: "namespace media", "the eu-west-1 region", "any env but prod"."""
    if [token.word for token in tokens[noun.last + 1 : noun.last + 2]] in _BUT:
        return True
    beside = (tokens[place].entity for place in (noun.first - 1, noun.last + 1) if 0 <= place < len(tokens))
    return any(entity and BY_ENTITY.get(entity.type) is noun.meaning for entity in beside)


def _introduced(before: list[str], *, plural: bool, folded: bool) -> bool:
    """Whether the words before a noun make it a group. `folded`: an average or a sum across pods is one number, as
    is anything "across all" of them."""
    last = before[-1] if before else ""
    if last in _PREPOSITIONS or (folded and before[-2:] in (["by", "all"], ["of", "all"])):
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
        plural or not words & {"all", "any"} or {last, lead} & {"any", "which", "what"}
    ) and not words & {"how"}) or (plural and bool(words & {"list", "find", "rank", "sort", "order", "compare"}))  # fmt: skip


_GROUPING = frozenset({"by", "per", "each", "every", "pro", "por", "par", "je", "nach", "cada"})


_BUT = (["but"], ["other"], ["except"], ["besides"], ["apart"], ["excluding"], ["not"], ["outside"])


_OWNERS = frozenset({EntityType.SERVICE, EntityType.ENVIRONMENT})


_DIRECTLY = (["by"], ["per"], ["each"])


_SPREAD = frozenset({"distributed", "distribution", "spread", "split", "broken", "breakdown", "divided", "balanced"})
"""With these, "over regions" and "between pods" are groups."""


_OVER = frozenset({"over", "across", "between", "among", "amongst"})


_TOGETHER = frozenset({"together", "combined", "altogether", "jointly", "zusammen", "juntos"})


_EACH = frozenset({"each", "individually", "separately", "respectively"})


_EACH_BY_ITSELF = frozenset({Dimension.HOST, Dimension.POD, Dimension.GPU, Dimension.CONTAINER})
"""A limit "on nodes" is that of each of them."""


_PREPOSITIONS = frozenset({"in", "of", "on", "for", "from", "to", "at", "within"})
"""Before a noun that only says where: "which pods in namespace media"."""


_BETWEEN = frozenset({"the", "our", "my", "different", "single", "individual", "of", "various", "kafka", "http", "grpc", "k8s", "kubernetes", "cada", "all", "rabbitmq", "redis", "gpu", "postgres", "pg", "mysql", "vllm", "jvm", "llm"})  # fmt: skip


def _joined(between: Sequence[Token]) -> bool:
    return 0 < len(between) <= 2 and all(token.word in {"and", ",", "/", "&", "und", "y", "per", "by", "plus", "then", "x"} for token in between)  # fmt: skip


_STATES_OF_BEING = frozenset({"running", "serving", "waiting", "during", "pending"})


_HAPPENING = frozenset({"restarted", "restarting", "oomkilled", "crashlooping", "evicted", "failing", "failed", "crashing", "killed", "throttled", "pending", "stuck"})  # fmt: skip


def _leads(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """ "Endpoint with the most 4xx" asks which one it is, "containers killed today" which ones."""
    last = _behind_owner(tokens, noun.last)
    behind = [token.word for token in tokens[last + 1 : last + 4]]
    before = [token.word for token in tokens[max(0, noun.first - 3) : noun.first] if not token.entity]
    if not set(before) <= OPENING | {
        "any",
        "find",
        "what",
        "which",
        "kafka",
        "all",
        "was",
        "is",
        "are",
        "one",
        "single",
    }:
        return False
    if tokens[noun.last].plural and behind[:1] and behind[0] in _HAPPENING:
        return True
    if (
        tokens[noun.last].plural
        and noun.first == 0
        and behind[:1]
        and behind[0].endswith("ing")
        and behind[0] not in _STATES_OF_BEING
    ):
        return True
    acts = behind[:1] in (["with"], ["having"]) or bool(behind and behind[0].endswith("ing"))
    return acts and any(True for _ in ORDERS.find(tokens[last + 2 : last + 4]))


def _behind_owner(tokens: Sequence[Token], last: int) -> int:
    """Where what is said of a thing begins: "pods of checkout | over 2GB"."""
    while len(tokens) > last + 2 and tokens[last + 1].word in _PREPOSITIONS:
        end = _end_of_name(tokens, last + 2)
        if end is None:
            break
        last = end
    return last


def _end_of_name(tokens: Sequence[Token], place: int) -> int | None:
    """Where a name with its noun ends: "shop", "namespace shop", "the shop namespace"."""
    if tokens[place].word == "the":
        place += 1
    end = None
    for at in range(place, min(place + 3, len(tokens))):
        noun = phrases.nouns().at(tokens, at)
        if tokens[at].entity or noun:
            end = noun.last if noun else at
        elif end is not None or at > place:
            break
    return end


def _described(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """A condition follows: "pods over 2GB", "pods of checkout with 2GB"."""
    noun = Match(noun.meaning, noun.first, _behind_owner(tokens, noun.last))
    following = tokens[noun.last + 1 : noun.last + 2]
    if {token.word for token in tokens[noun.last + 1 : noun.last + 3]} & _EACH:
        return True
    if noun.first == 0 and any(
        token.word in _EACH and not (place + 1 < len(tokens) and phrases.nouns().at(tokens, place + 1))
        for place, token in enumerate(tokens)
        if place > noun.last
    ):
        return True  # "nodes egress bytes/s each, …"
    if len(tokens) > noun.last + 2 and (time := tokens[noun.last + 2].entity) and time.type is EntityType.TIME_RANGE:
        return False  # "over the last day"
    if following and (following[0].word in phrases.WITH - {"in", "is", "are", "by", "have", "running", "got"}):
        return True
    return bool(following and following[0].entity and following[0].entity.type is EntityType.THRESHOLD)


def _is_ranking_by(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """ "Namespaces by memory, top 6", "pods in namespace ml by cpu"."""
    for place in range(noun.last + 1, len(tokens) - 1):
        named = phrases.nouns().at(tokens, place + 1)
        if tokens[place].word == "by" and not named and phrases.subjects().at(tokens, place + 1):
            return True
    return [t.word for t in tokens[noun.last + 1 : noun.last + 2]] == ["by"] and any(ORDERS.find(tokens))


def _begins(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """The sentence begins with it, or with names and it: "checkout pods above 1GB"."""
    return all(token.entity for token in tokens[: noun.first])


def _ranked(tokens: Sequence[Token], noun: Match[Dimension]) -> bool:
    """A superlative precedes, with at most two words between: "the busiest endpoint", "top 5 kafka topics"."""
    before = tokens[max(0, noun.first - 3) : noun.first]
    return any(not token.entity or token.entity.type is EntityType.AGGREGATION for token in before) and any(
        True for _ in ORDERS.find(before)
    )


def read_across(tokens: Sequence[Token]) -> tuple[Dimension, ...]:
    """What a statistic is taken over: "the worst p99 among the pods", "max cpu over all instances", "of any pod"."""
    for noun in phrases.nouns().find(tokens):
        before = [token.word for token in tokens[max(0, noun.first - 4) : noun.first] if not token.entity]
        lead = [word for word in before if word not in _BETWEEN or word in {"of", "all"}]
        plural = tokens[noun.last].plural
        if _named(tokens, noun) or noun.meaning in _UNGROUPED:
            continue
        if not plural and set(before[-2:]) & {"one", "single"} and "average" in {token.word for token in tokens}:
            return (noun.meaning,)  # "what one pod handles on average"
        if (plural and set(lead[-2:]) & _OVER) or lead[-2:] in (
            ["of", "any"],
            ["of", "all"],
            ["for", "any"],
            ["any", "single"],
        ):
            return (noun.meaning,)
    return ()
