"""The model, its printer and its reader hold together, and no text gets out of its quotes."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.query.promql.model import (
    Aggregation,
    Binary,
    Call,
    Grouping,
    Matcher,
    Matching,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
    normalised,
    walk,
)
from core.query.promql.printer import duration, quoted, show
from core.query.promql.reader import MAX_DEPTH, MAX_LENGTH, read
from core.query.translation import QueryRefused

SPELLINGS = [
    ("-up", "-up"),
    ("(-1)^2", "(-1) ^ 2"),
    ("-1^2", "-1 ^ 2"),
    ("2^3^2", "2 ^ 3 ^ 2"),
    ("(2^3)^2", "(2 ^ 3) ^ 2"),
    ("a-(b-c)", "a - (b - c)"),
    ("(a-b)-c", "a - b - c"),
    ("-(a*b)", "-(a * b)"),
    ("a or (b and c)", "a or b and c"),
    ("(a or b) and c", "(a or b) and c"),
    ("a>bool 1", "a > bool 1"),
    ("up @ start()", "up @ start()"),
    ("up @ 1700000000.125 offset -5m", "up @ 1700000000.125 offset -5m"),
    ("rate(up[5m:1m] @ end() offset 1h)", "rate(up[5m:1m] @ end() offset 1h)"),
    ("(a+b)[5m:]", "(a + b)[5m:]"),
    ("(up offset 5m)[1h:]", "(up offset 5m)[1h:]"),
    ('{"weird.name",a="b"}', '{__name__="weird.name",a="b"}'),
    ('{__name__="sum"}', '{__name__="sum"}'),
    ('{__name__=~"a|b"}', '{__name__=~"a|b"}'),
    ("a * on(x) group_left(z) b", "a * on (x) group_left (z) b"),
    ("a * ignoring(y) group_right b", "a * ignoring (y) group_right () b"),
    ("sum without () (up)", "sum without () (up)"),
    ("sum by () (up)", "sum(up)"),
    ("topk by (a) (5, x)", "topk by (a) (5, x)"),
    ("Inf", "Inf"),
    ("1e22", "1e+22"),
    ('count_values("v", up)', 'count_values("v", up)'),
]


@pytest.mark.parametrize(("written", "printed"), SPELLINGS)
def test_reading_and_printing_agree(written: str, printed: str) -> None:
    assert show(read(written)) == printed
    assert read(printed) == read(written)


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
ANY_TEXT = st.text(max_size=20)
SPANS = st.integers(1, 10**9).map(lambda ms: timedelta(milliseconds=ms))
OFFSETS = st.integers(-(10**9), 10**9).map(lambda ms: timedelta(milliseconds=ms))
MATCHERS = st.builds(Matcher, NAMES.filter(lambda n: n != "__name__"), st.sampled_from(["=", "!="]), ANY_TEXT)
INSTANT = st.builds(
    Selector,
    st.one_of(NAMES, ANY_TEXT.filter(lambda t: t.strip() != "")),
    st.lists(MATCHERS, max_size=3).map(tuple),
    st.none(),
    OFFSETS,
    st.sampled_from([None, "start", "end", 17.5]),
)
NUMBERS = st.floats(allow_nan=False).map(Number)
LABELS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
GROUPINGS = st.one_of(st.none(), st.builds(Grouping, LABELS, st.booleans()))
ARITHMETIC = st.sampled_from(["+", "-", "*", "/", "%", "^", "atan2"])


def _bigger(vectors: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    matching = st.one_of(st.none(), st.builds(Matching, LABELS, st.booleans()))
    return st.one_of(
        st.builds(Aggregation, st.sampled_from(["sum", "avg", "max"]), vectors, GROUPINGS),
        st.builds(Aggregation, st.sampled_from(["topk", "quantile"]), vectors, GROUPINGS, NUMBERS),
        st.builds(Binary, ARITHMETIC, vectors, st.one_of(vectors, NUMBERS)),
        st.builds(Binary, st.sampled_from(["and", "or", "unless", "+"]), vectors, vectors, st.just(False), matching),
        st.builds(Binary, st.sampled_from([">", "==", "<="]), vectors, NUMBERS, st.booleans()),
        st.builds(Negation, vectors),
        st.builds(lambda x: Call("abs", (x,)), vectors),
        st.builds(lambda x, r, s, o: Call("rate", (Subquery(x, r, s, o),)), vectors, SPANS, st.none() | SPANS, OFFSETS),
        st.builds(
            lambda x, a, b: Call("label_replace", (x, Text(a), Text(b), Text(""), Text(""))), vectors, NAMES, ANY_TEXT
        ),
    )


TREES = st.recursive(st.one_of(INSTANT, st.builds(lambda s, r: Call("rate", (Selector(s.metric, s.matchers, r, s.offset),)), INSTANT, SPANS)), _bigger, max_leaves=8)  # fmt: skip


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_every_tree_prints_to_text_that_reads_back_as_itself(tree: Node) -> None:
    assert read(show(tree)) == tree


@given(TREES)
@settings(max_examples=50, deadline=None)
def test_normal_form_is_stable(tree: Node) -> None:
    assert normalised(normalised(tree)) == normalised(tree)


def test_normal_form_forgets_the_order_of_matchers_and_labels() -> None:
    left = normalised(read('sum by (a, b) (x{c="1",d="2"})'))
    assert left == normalised(read('sum by (b, a) (x{d="2",c="1"})'))
    assert left != normalised(read('sum by (a) (x{d="2",c="1"})'))


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_value_never_leaves_its_quotes(value: str) -> None:
    tree = read(show(Selector("up", (Matcher("service", "=", value),))))
    assert isinstance(tree, Selector)
    assert tree.metric == "up"
    assert [matcher.value for matcher in tree.matchers] == [value.encode("utf-8", "replace").decode()]


@pytest.mark.parametrize("name", ["a b", 'a"}', "1a", "", "é"])
def test_a_label_that_cannot_be_written_is_not_printed(name: str) -> None:
    with pytest.raises(ValueError, match="no label"):
        show(Selector("up", (Matcher(name, "=", "x"),)))


@pytest.mark.parametrize(
    ("span", "text"),
    [(timedelta(minutes=90), "1h30m"), (timedelta(days=7), "7d"), (timedelta(milliseconds=1), "1ms"), (timedelta(0), "0s"), (-timedelta(hours=1), "-1h")],
)  # fmt: skip
def test_durations(span: timedelta, text: str) -> None:
    assert duration(span) == text


def test_quotes() -> None:
    assert quoted('a"\\\n\x00é') == '"a\\"\\\\\\n\\u0000é"'


HOSTILE = {
    "brackets": "(" * 3000 + "1" + ")" * 3000,
    "signs": "-" * 9000 + "1",
    "sums": "+".join(["a"] * 3000),
    "a chain": "+".join(["a"] * (MAX_DEPTH + 5)),
    "powers": "1" + "^1" * 3000,
    "subqueries": "up" + "[1h:1m]" * 900,
    "signs and brackets": "-(" * 2000 + "1" + ")" * 2000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_towers_are_refused_before_the_stack_ends(name: str) -> None:
    with pytest.raises(QueryRefused):
        read(HOSTILE[name])


def test_brackets_in_strings_are_text() -> None:
    tree = read('up{a="' + "(" * (MAX_DEPTH + 5) + '"}')
    assert [type(node) for node in walk(tree)] == [Selector]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("up{", "no valid PromQL"),
        ("rate(up)", "no valid PromQL"),
        ("", "no valid PromQL"),
        ("x" * (MAX_LENGTH + 1), "characters"),
        ('up{a="b" or c="d"}', "between label matchers"),
        ("a + fill(0) b", "experimental"),
        ('x{a="\ud800"}', "no valid PromQL"),
    ],
)
def test_what_is_no_promql_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason):
        read(text)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_reading_any_text_gives_a_tree_or_a_refusal(text: str) -> None:
    with suppress(QueryRefused):
        assert show(read(text))
