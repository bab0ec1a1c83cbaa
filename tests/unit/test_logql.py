"""LogQL: what is read, how it is printed, what must not run, and what is said of it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query import running
from core.query.literals import quoted, unquoted
from core.query.logql.explain import explain
from core.query.logql.guard import check
from core.query.logql.model import (
    Aggregation,
    Binary,
    Compare,
    Either,
    Every,
    Grouping,
    LabelFilter,
    LineFilter,
    Logs,
    Matcher,
    Number,
    Parser,
    Quantity,
    Range,
    Unwrap,
)
from core.query.logql.printer import show
from core.query.logql.reader import read
from core.query.translation import QueryRefused
from tests.unit.queries import lines

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DURATIONS = st.sampled_from(["5m", "1h30m", "250ms", "7d"])
MATCHERS = st.builds(Matcher, NAMES, st.sampled_from(["=", "!=", "=~", "!~"]), TEXTS)
COMPARES = st.builds(
    Compare,
    NAMES,
    st.sampled_from([">", ">=", "<", "<=", "=", "!="]),
    st.builds(Quantity, st.sampled_from(["5", "1.5s", "20MB", "-1e3"])),
)
UNITS = MATCHERS | COMPARES
CONDITIONS = (
    UNITS
    | st.builds(Every, st.tuples(UNITS, UNITS))
    | st.builds(Either, st.tuples(UNITS, st.builds(Every, st.tuples(UNITS, UNITS))))
    | st.builds(Every, st.tuples(UNITS, st.builds(Either, st.tuples(UNITS, UNITS))))
)
LINE_FILTERS = st.builds(
    LineFilter,
    st.sampled_from(["|=", "!=", "|~", "!~", "|>", "!>"]),
    st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
)
STAGES = (
    LINE_FILTERS
    | st.builds(LabelFilter, CONDITIONS)
    | st.just(Parser("json"))
    | st.builds(Parser, st.just("regexp"), TEXTS)
)
LOGS = st.builds(Logs, st.lists(MATCHERS, max_size=3).map(tuple), st.lists(STAGES, max_size=4).map(tuple))
RANGES = st.builds(Range, st.sampled_from(["count_over_time", "rate"]), LOGS, DURATIONS, st.sampled_from(["", "1h"]))
GROUPINGS = st.none() | st.builds(Grouping, st.lists(NAMES, max_size=2).map(tuple), st.booleans())
METRICS = st.recursive(
    RANGES | st.builds(Number, st.sampled_from(["1", "2.5", "-3"])),
    lambda inner: (
        st.builds(Aggregation, st.just("sum"), inner, GROUPINGS)
        | st.builds(
            Binary,
            st.sampled_from(["+", "-", "*", "/", "^", "%", ">", "==", "!=", "and", "or", "unless"]),
            inner,
            inner,
        )
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("query", lines("logql_valid"))
def test_what_loki_accepts_is_read_and_printing_it_is_stable(query: str) -> None:
    if query.startswith("#"):
        return
    tree = read(query)
    assert read(show(tree)) == tree
    assert show(read(show(tree))) == show(tree)
    assert explain(tree).endswith(".")


@pytest.mark.parametrize("query", lines("logql_invalid"))
def test_what_loki_refuses_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        read(query)


@given(LOGS | METRICS)
def test_what_is_printed_reads_as_the_same_tree(tree: Logs | Range | Aggregation | Binary | Number) -> None:
    assert read(show(tree)) == tree


@given(TEXTS)
def test_a_text_comes_back_from_its_quotes(text: str) -> None:
    assert unquoted(quoted(text)) == text


@given(TEXTS, TEXTS)
def test_no_text_leaves_its_quotes(value: str, line: str) -> None:
    logs = Logs((Matcher("service", "=", value),), (LineFilter("|=", (line,)),))
    assert read(show(logs)) == logs


@given(st.text(max_size=200))
def test_reading_anything_gives_a_tree_or_a_refusal(text: str) -> None:
    try:
        show(read(text))
    except QueryRefused as refusal:
        assert refusal.message  # noqa: PT017  # both ends are fine; anything else is raised


@pytest.mark.parametrize("name", ["a b", "a-b", 'x="y"', "", "a}"])
def test_what_is_no_label_is_never_printed(name: str) -> None:
    with pytest.raises(ValueError, match="no label"):
        show(Logs((Matcher(name, "=", "x"),)))


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        ('{a="b"}|="x"', '{a="b"} |= "x"'),
        (r'{a="b"} |~ "\\d\"+"', r'{a="b"} |~ `\d"+`'),
        ("{a=`b`}", '{a="b"}'),
        ("{a=`b\nc`}", r'{a="b\nc"}'),
        ("sum(rate({a='b'}[5m]))".replace("'", '"'), 'sum(rate({a="b"} [5m]))'),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("1 + (2 * 3)", "1 + 2 * 3"),
        ("1 - (2 - 3)", "1 - (2 - 3)"),
    ],
)
def test_how_it_is_printed(query: str, printed: str) -> None:
    assert show(read(query)) == printed


@pytest.mark.parametrize(
    "query",
    [
        "{}",
        '{a!="b"}',
        '{a=""}',
        '{a=~".*"}',
        '{a=~".+"}',
        '{a=~"(?i).+"}',
        '{a=~"a?"}',
        '{a=~"x*|y"}',
        '{a=~"api|.*"}',
        '{a=~"^.*$"}',
        '{a=~"[a-z]+"}',
        r'{a=~"\\w+"}',
        '{a=~"(foo)?"}',
        '{a=~""}',
        'rate({a=~".+"}[5m])',
        '{a=~".+"} |= ""',
        '{a=~".+"} |~ ".*"',
        '{a=~".+"} != "debug"',
        '{a!="b"} |= "panic"',
        'sum(rate({a="b"}[5m])) / sum(rate({a!="c"}[5m]))',
        "1 + 1",
        "vector(1)",
        'rate({a="b"}[31d])',
        'rate({a="b"}[20d] offset 11d)',
        'rate({a="b"}[0s])',
    ],
)
def test_what_would_read_everything_or_reach_too_far_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        check(read(query))
    assert refused.value.message


@pytest.mark.parametrize(
    "query",
    [
        '{a="b"}',
        '{a=~"api.*"}',
        '{a=~"x|y", b!="c"}',
        '{a=~".*api"}',
        r'{a=~"\\d{3}-x"}',
        'rate({a="b"}[30d])',
        '{a=~".+"} |= "panic"',
        '{a=~".+", a!="b"} |~ "(?i)panic"',
        '{a=~".+"} | json | status >= 500',
        'sum by (a) (count_over_time({a=~".+"}[1h]))',
    ],
)
def test_what_chooses_something_may_run(query: str) -> None:
    check(read(query))


def test_an_unknown_label_is_refused_with_the_nearest() -> None:
    with pytest.raises(QueryRefused) as refused:
        check(read('{servce="auth"}'), labels={"service", "pod", "namespace"})
    assert refused.value.nearest[0] == "service"
    check(read('{service="auth"} | json | anything="x"'), labels={"service"})


@pytest.mark.parametrize(
    "query",
    ['{a="b"} ' + '|= "x" ' * 300, "(" * 50 + "1" + ")" * 50, '{a="' + "x" * 6000 + '"}', "1" + "+1" * 500],
)
def test_giants_are_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        read(query)


def test_a_refusal_says_where() -> None:
    with pytest.raises(QueryRefused, match="character 14"):
        read('{app="x"} |= error')
    with pytest.raises(QueryRefused, match="ends too early"):
        read('{app="x"')


@pytest.mark.parametrize(
    ("query", "explanation"),
    [
        ('{service="auth"} |~ "(?i)error"', "Lines of service auth matching “error” in any case."),
        ('sum by (pod) (count_over_time({a="b"}[1h]))', "The number of lines of a b over 1h by pod."),
        (
            'topk(5, sum by (pod) (rate({a="b"}[5m])))',
            "The 5 highest of the number a second of lines of a b, averaged over 5m by pod.",
        ),
        ('{a="b"} | json | status >= 500', "Lines of a b read as json and where status is at least 500."),
    ],
)
def test_what_is_said_of_it(query: str, explanation: str) -> None:
    assert explain(read(query)) == explanation


def test_unwrap_takes_its_conversion() -> None:
    tree = read('sum_over_time({a="b"} | json | unwrap bytes(size) [5m])')
    assert isinstance(tree, Range)
    assert tree.logs.stages[-1] == Unwrap("size", "bytes")


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ('{service="a"} | json | level="error"', '{service="a"} |~ "(?i)(error)"'),
        ('{service="a"} |= "db" | logfmt | level=~"warn|error"', '{service="a"} |= "db" |~ "(?i)(warn|error)"'),
        ('{service="a"} | json | level!="debug"', None),
        ('{service="a"} | json | level="error" | status>=500', None),
        ('{service="a"} |= "error"', None),
        ('sum(count_over_time({service="a"} | json | level="error" [5m]))', None),
    ],
)
def test_a_level_can_be_looked_for_in_the_text(query: str, other: str | None) -> None:
    assert running.by_text(query) == other
