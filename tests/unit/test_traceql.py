"""TraceQL: what is read, how it is printed, what must not run, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query.traceql.explain import explain
from core.query.traceql.guard import check
from core.query.traceql.model import (
    STRUCTURE,
    Aggregate,
    Attribute,
    Combined,
    Filter,
    Intrinsic,
    Keyword,
    Metric,
    Operation,
    Pipeline,
    Quantity,
    Query,
    ScalarFilter,
    Text,
    Unary,
)
from core.query.traceql.printer import show
from core.query.traceql.reader import read
from core.query.translation import QueryRefused
from tests.unit.queries import lines

NAMES = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Cn"]),
    min_size=1,
    max_size=10,
)
ATTRIBUTES = st.builds(Attribute, st.sampled_from(["", "span", "resource", "event", "parent.span"]), NAMES)
TEXTS = st.builds(Text, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
NUMBERS = st.builds(Quantity, st.sampled_from(["5", "1.5s", "200ms", "-3", ".5"]))
COMPARISONS = (
    st.builds(Operation, st.sampled_from(["=", "!=", ">", ">=", "<", "<="]), ATTRIBUTES, TEXTS | NUMBERS | ATTRIBUTES)
    | st.builds(Operation, st.sampled_from(["=~", "!~"]), ATTRIBUTES, TEXTS)
    | st.builds(
        Operation, st.just("="), st.just(Intrinsic("status")), st.sampled_from([Keyword("error"), Keyword("ok")])
    )
    | st.builds(Operation, st.sampled_from([">", "<="]), st.just(Intrinsic("duration")), NUMBERS)
)
CONDITIONS = st.recursive(
    COMPARISONS | ATTRIBUTES,
    lambda inner: (
        st.builds(Operation, st.sampled_from(["&&", "||"]), inner, inner) | st.builds(Unary, st.just("!"), inner)
    ),
    max_leaves=5,
)
FILTERS = st.builds(Filter, st.none() | CONDITIONS)
SPANSETS = st.recursive(
    FILTERS, lambda inner: st.builds(Combined, st.sampled_from(["&&", "||", *STRUCTURE]), inner, inner), max_leaves=4
)
COUNTS = st.builds(ScalarFilter, st.sampled_from(["=", ">", "<="]), st.just(Aggregate("count")), NUMBERS)
PIPELINES = st.builds(Pipeline, st.tuples(SPANSETS) | st.tuples(SPANSETS, COUNTS))
METRICS = st.none() | st.builds(
    Metric, st.sampled_from(["rate", "count_over_time"]), st.just(()), st.lists(ATTRIBUTES, max_size=2).map(tuple)
)
QUERIES = st.builds(Query, PIPELINES, METRICS)


@pytest.mark.parametrize("query", lines("traceql_valid"))
def test_what_tempo_accepts_is_read_and_printing_it_is_stable(query: str) -> None:
    tree = read(query)
    assert read(show(tree)) == tree
    assert show(read(show(tree))) == show(tree)
    assert explain(tree).endswith(".")


@pytest.mark.parametrize("query", lines("traceql_invalid"))
def test_what_tempo_refuses_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        read(query)


@given(QUERIES)
def test_what_is_printed_reads_as_the_same_tree(tree: Query) -> None:
    assert read(show(tree)) == tree


@given(st.text(max_size=200))
def test_reading_anything_gives_a_tree_or_a_refusal(text: str) -> None:
    try:
        show(read(text))
    except QueryRefused as refusal:
        assert refusal.message  # noqa: PT017  # both ends are fine; anything else is raised


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        ("{}", "{ }"),
        ('{resource.service.name="a"&&duration>1s}', '{ resource.service.name = "a" && duration > 1s }'),
        ("{ .a=1 } | count()>2", "{ .a = 1 } | count() > 2"),
        ("{ (.a=1 || .b=2) && .c=3 }", "{ .a = 1 || .b = 2 && .c = 3 }"),
        ("{ .c=3 && (.a=1 || .b=2) }", "{ .c = 3 && (.a = 1 || .b = 2) }"),
        ('{ span."a b".c = 1 }', '{ span."a b.c" = 1 }'),
    ],
)
def test_how_it_is_printed(query: str, printed: str) -> None:
    """&& and || bind alike and from left to right, as in Tempo: the first pair of brackets says nothing new."""
    assert show(read(query)) == printed


@pytest.mark.parametrize(
    "query",
    [
        "{}",
        "{ true }",
        '{ name =~ ".*" }',
        '{ name =~ ".+|x" }',
        '{ name != "x" || true }',
        "{ } >> { }",
        "{ } | rate()",
        "{ !(.a = 1) }",
        "{ .a = .b }",
        "count() > 1",
        '{ .a = 1 || name =~ ".*" }',
    ],
)
def test_what_would_read_every_trace_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused, match="every trace"):
        check(read(query))


@pytest.mark.parametrize(
    "query",
    [
        "{ status = error }",
        "{ .a = 1 } >> { }",
        "{ nestedSetParent < 0 }",
        "{ duration > 1s } | count() > 3",
        "{ kind = server } | rate()",
    ],
)
def test_what_chooses_something_may_run(query: str) -> None:
    check(read(query))


def test_an_unknown_attribute_is_refused_with_the_nearest() -> None:
    known = {"span.http.route", "resource.service.name"}
    with pytest.raises(QueryRefused) as refused:
        check(read('{ resource.service.nam = "a" }'), attributes=known)
    assert refused.value.nearest[0] == "resource.service.name"
    with pytest.raises(QueryRefused, match=r"span\.http\.rute"):
        check(read('{ resource.service.name = "a" } | rate() by (span.http.rute)'), attributes=known)
    check(
        read('{ .http.route = "/" && parent.resource.service.name = "a" } | select(span.http.route)'), attributes=known
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ .a = 1 } " + "&& { .a = 1 } " * 300,
        "{ " + "(" * 60 + ".a = 1" + ")" * 60 + " }",
        '{ .a = "' + "x" * 6000 + '" }',
    ],
)
def test_giants_are_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        read(query)


def test_a_status_is_no_http_status_and_the_refusal_says_so() -> None:
    with pytest.raises(QueryRefused) as refused:
        read("{ status = 500 }")
    assert "span.http.status_code" in refused.value.hint


@pytest.mark.parametrize(
    ("query", "explanation"),
    [
        ('{ resource.service.name = "a" && duration > 1s }', "Spans whose service is a and duration is over 1s."),
        (
            '{ resource.service.name = "a" } >> { status = error }',
            "Spans whose service is a and, somewhere below them, spans whose status is error.",
        ),
        (
            "{ .a = 1 } | quantile_over_time(duration, .95) by (span.http.route)",
            "The 95th percentile of duration of spans whose .a is 1, over time by route.",
        ),
    ],
)
def test_what_is_said_of_it(query: str, explanation: str) -> None:
    assert explain(read(query)) == explanation
