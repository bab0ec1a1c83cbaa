"""Bodies of webhooks: flat fields of bounded size, whatever is sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hook_body import MOST_DEPTH, MOST_FIELDS, MOST_TEXT, fields_of
from core.errors import UserInputError
from core.workflow.steps.common import Expression, Scalar
from core.workflow.values import matches


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {}),
        ({"branch": "main", "green": True, "count": 3, "rate": 0.5}, {"branch": "main", "green": True, "count": 3, "rate": 0.5}),
        ({"build": {"head.commit": {"id": "a1"}}}, {"build_head_commit_id": "a1"}),
        ({"labels": ["bug", {"name": "p1"}]}, {"labels_0": "bug", "labels_1_name": "p1"}),
        ({"nothing": None, "empty": {}, "none": []}, {}),
        ({"a_b": 1, "a": {"b": 2}}, {"a_b": 1}),
        ({"id": 2**53 + 1}, {"id": "9007199254740993"}),
        ({"text": "a\x00b\ud800c"}, {"text": "ab?c"}),
        ({"long": "x" * 5000}, {"long": "x" * MOST_TEXT}),
    ],
)  # fmt: skip
def test_values_by_flat_names(body: object, fields: dict[str, Scalar]) -> None:
    assert fields_of(json.dumps(body).encode()) == fields


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[1]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"a": NaN}', "no JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (json.dumps({str(n): n for n in range(MOST_FIELDS + 1)}).encode(), "more than 1000 values"),
        (b'{"a":' * (MOST_DEPTH + 1) + b"1" + b"}" * (MOST_DEPTH + 1), "deeper than 10 levels"),
    ],
    ids=range(9),
)
def test_what_is_no_event_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(UserInputError, match=reason):
        fields_of(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_whatever_is_sent_can_be_stored_and_asked_about(body: dict[str, object]) -> None:
    fields = fields_of(json.dumps(body).encode())
    for name, value in fields.items():
        assert "\x00" not in f"{name}{value}"
        f"{name}{value}".encode()
    assert matches(Expression("event.sure"), {**fields, "sure": True})


SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@pytest.mark.parametrize(
    "asked", ['event.x == "main"', "event.x > 1.0", "event.x", 'event.x.startswith("v")', "event.y"]
)
@given(value=SCALARS)
def test_a_condition_over_what_is_sent_holds_or_does_not(asked: str, value: Scalar) -> None:
    assert matches(Expression(asked), {"x": value}) in (True, False)
