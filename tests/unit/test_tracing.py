"""Traces survive being handed on, and what is no trace starts a new one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tracing import Trace, child, correlation, new_trace, parse

KNOWN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_traceparent_is_read() -> None:
    assert parse(KNOWN) == Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)


def test_a_new_trace_is_valid_and_its_own() -> None:
    assert parse(new_trace())
    assert correlation(new_trace()) != correlation(new_trace())


def test_a_child_keeps_the_trace_and_has_its_own_span() -> None:
    below = parse(child(KNOWN))
    assert below
    assert (below.trace_id, below.sampled) == ("4bf92f3577b34da6a3ce929d0e0e4736", True)
    assert below.parent_id != "00f067aa0ba902b7"


def test_a_child_of_an_unsampled_trace_is_unsampled() -> None:
    assert child(KNOWN.removesuffix("1") + "0").endswith("-00")


def test_a_child_of_nothing_is_a_new_trace() -> None:
    assert parse(child(""))


def test_the_correlation_is_the_same_over_a_trace() -> None:
    assert correlation(KNOWN) == correlation(child(KNOWN)) == "4bf92f3577b3"


def test_a_later_version_is_read_as_far_as_this_one_goes() -> None:
    assert parse(f"cc{KNOWN[2:]}-what-comes") == parse(KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no trace",
        KNOWN.upper(),
        f"{KNOWN}-more",
        f"ff{KNOWN[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        f" {KNOWN}",
        f"{KNOWN}\n",
    ],
)
def test_what_is_no_traceparent_is_refused(text: str) -> None:
    assert parse(text) is None
    assert correlation(text) == ""


@given(st.text(max_size=80))
def test_reading_never_fails(text: str) -> None:
    assert parse(child(text))
