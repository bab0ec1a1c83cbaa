"""Reads what is ranked: which end, how many, and in which order."""

import re
from collections.abc import Sequence

from core.query.catalogue.dimensions import Dimension
from core.query.promql import phrases
from core.query.promql.asked import Top
from core.query.promql.phrases import NUMBERS, ORDERS, Order, Statistic
from core.query.promql.reading_numbers import is_held_against
from core.query.promql.words import Match, Token, stem

_PLURAL_K = 5


_MOST_RANKED = 100


_SORTED = re.compile(
    r"\b(?:(?P<up>ascending|aufsteigend|low to high|in ascending order|(?:lowest|smallest|least|best|fastest|quietest) (?:ones? )?first)|descending|sort(?:ed)?\b|rank(?:ed|ing)?\b|(?:highest|largest|biggest|worst|slowest|most|busiest|hungriest|heaviest|fattest|hottest|fullest|top|noisiest|max) (?:(?:ones?|offenders?|pods?|consumers?) )?(?:first|on top|at the top|up top|to (?:smallest|lowest|least))|(?:desc|absteigend|größte zuerst|de mayor a menor|from (?:highest|largest|biggest|high) to (?:lowest|smallest|low)|high to low|in descending order)\b)",
    re.IGNORECASE,
)


OPENING = frozenset({"the", "show", "me", "give", "list", "get", "gimme", "our", "my", "those"})
"""Before the number of "show 3 services with the least requests"."""


def read_descending(text: str) -> bool | None:
    """The order in which everything is wanted, where nothing is cut off: "sorted", "worst first"."""
    match = _SORTED.search(text)
    return None if match is None else not match["up"]


def read_top(tokens: Sequence[Token], groups: Sequence[Dimension | str], *, whole: bool) -> Top | None:
    """A ranking: a superlative with a group, or "top 5". `whole`: an order is named, so that only a number cuts."""
    orders = [
        match
        for match in ORDERS.find(tokens)
        if not (tokens[match.first].stem == "top" and _is_percentile(tokens))
        and not _compares(tokens, match)
        and not (tokens[match.first].word == "least" and match.first and tokens[match.first - 1].word == "at")
        and not is_extreme(tokens, match)
        and not (tokens[match.first].word == "maximum" and is_held_against(tokens, match.first))
    ]
    if not orders:
        return Top(1, Order.LEAST) if _expires_first(tokens) else _hogs(tokens, groups)
    number = _ranked_number(tokens, orders) or _number_of_nouns(tokens)
    if whole and number is None:
        return None
    singular = {stem(token.text) for token in tokens if not token.plural}
    if not groups and number is None and tokens[0].word in {"who", "whos"}:
        number = 1
    if not groups and number is None and not any(tokens[m.first].stem in {"top", "bottom"} for m in orders):
        return None
    order = next((m.meaning for m in orders if m.meaning is not Order.MOST), Order.MOST)
    if number is None:
        many = any(noun.meaning in groups and tokens[noun.last].plural for noun in phrases.nouns().find(tokens))
        number = _PLURAL_K if many or not groups or "top" in singular or "bottom" in singular else 1
    return Top(number, order)


def _compares(tokens: Sequence[Token], match: Match[Order]) -> bool:
    """ "Más de", "más del doble": more than so much."""
    behind = [token.word for token in tokens[match.last + 1 : match.last + 2]]
    return tokens[match.first].word in {"más", "mas", "menos"} and behind in (["de"], ["del"], ["que"])


def _expires_first(tokens: Sequence[Token]) -> bool:
    """ "Which certificate expires first"."""
    texts = [token.word for token in tokens]
    soon = any(word in {"first", "soonest", "earliest", "zuerst", "primero"} for word in texts)
    return soon and any(word.startswith(("expir", "ablauf", "abläuft", "caduc", "vence")) for word in texts)


def is_extreme(tokens: Sequence[Token], match: Match[Order]) -> bool:
    """ "The hottest each GPU got", "the busiest it was": the highest over time, and no ranking."""
    behind = [token.word for token in tokens[match.last + 1 : match.last + 3]]
    return behind[:1] in (["each"], ["every"], ["it"], ["they"], ["any"], ["we"]) or behind[:2] == ["that", "each"]


def read_extreme(tokens: Sequence[Token]) -> Statistic | None:
    """The highest or lowest that a superlative asks for without ranking anything."""
    for match in ORDERS.find(tokens):
        if is_extreme(tokens, match):
            return Statistic.MINIMUM if match.meaning is Order.LEAST else Statistic.MAXIMUM
    return None


def _hogs(tokens: Sequence[Token], groups: Sequence[Dimension | str]) -> Top | None:
    """ "who is eating all the cpu", "what uses the memory"."""
    texts = [token.word for token in tokens]
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
        before = [token.word for token in tokens[max(0, noun.first - 2) : noun.first]]
        opened = len(before) == 1 or (len(before) == 2 and before[0] in phrases.WHICH | OPENING)
        if opened and tokens[noun.last].plural:
            if before[-1] in NUMBERS:
                return NUMBERS[before[-1]]
            if before[-1].isascii() and before[-1].isdigit() and 0 < int(before[-1]) <= _MOST_RANKED:
                return int(before[-1])
    return None


def _ranked_number(tokens: Sequence[Token], orders: Sequence[Match[Order]]) -> int | None:
    for match in orders:
        for place in (match.last + 1, match.first - 1, match.last + 2):
            if 0 <= place < len(tokens) and not tokens[place].entity:
                word = tokens[place].word
                if word.isascii() and word.isdigit() and 0 < int(word) <= _MOST_RANKED:
                    return int(word)
                if word in NUMBERS and word != "one":
                    return NUMBERS[word]
    for place, token in enumerate(tokens[:-1]):  # "7 of them"
        if tokens[place + 1].word == "of" and [t.word for t in tokens[place + 2 : place + 3]] == ["them"]:
            word = token.word
            return NUMBERS.get(word) or (
                int(word) if word.isascii() and word.isdigit() and 0 < int(word) <= _MOST_RANKED else None
            )
    return None
