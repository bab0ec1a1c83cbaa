"""What people typed becomes values, or a clear answer."""

import pytest

from core.errors import UserInputError
from core.workflow.definition import Definition, Parameter, ParameterType, shown
from core.workflow.parameters import Given, read

DEFINITION = Definition(
    "w",
    "1.0.0",
    "W",
    (),
    parameters=(
        Parameter("host", required=True, pattern="[a-z]+"),
        Parameter("size", ParameterType.CHOICE, required=True, choices=("small", "large")),
        Parameter("count", ParameterType.NUMBER, default=2),
        Parameter("force", ParameterType.BOOLEAN),
        Parameter("key", secret=True),
    ),
)
GOOD = {"host": "web", "size": "small"}


def test_values_are_typed_and_defaults_filled_in() -> None:
    given = read(DEFINITION, {"force": "Yes", "size": "LARGE", "host": " web ", "count": "2.50"})
    assert given == Given({"host": "web", "size": "large", "count": 2.5, "force": True})
    assert list(given.values) == ["host", "size", "count", "force"]


def test_what_is_missing_is_reported_apart() -> None:
    assert read(DEFINITION, {"host": " "}) == Given({"count": 2}, ("host", "size"))


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("host", "WEB", "host: 'WEB' does not match [a-z]+"),
        ("host", "a\x00b", "host: contains a null byte"),
        ("host", "a" * 1001, "host: longer than 1000 characters"),
        ("size", "smal", "size: 'smal' is none of small, large (did you mean small?)"),
        ("size", "zzz", "size: 'zzz' is none of small, large"),
        ("count", "many", "count: 'many' is not a number"),
        ("count", "inf", "count: 'inf' is not a finite number"),
        ("force", "maybe", "force: 'maybe' is neither true nor false"),
        ("hots", "x", "w takes no hots; did you mean host?"),
        ("zzzz", "x", "w takes no zzzz"),
    ],
)
def test_each_fault_is_named(name: str, text: str, fault: str) -> None:
    with pytest.raises(UserInputError) as caught:
        read(DEFINITION, {**GOOD, name: text})
    assert caught.value.message == fault
    assert caught.value.hint == "w takes: host, size, [count], [force], [key]"


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UserInputError) as caught:
        read(DEFINITION, {"host": "1", "size": "x", "what": "?"})
    assert len(caught.value.message.splitlines()) == 3


def test_whole_numbers_and_no_stay_what_they_are() -> None:
    values = read(DEFINITION, {**GOOD, "count": "3.0", "force": "off"}).values
    assert (values["count"], type(values["count"]), values["force"]) == (3, int, False)


def test_secrets_are_masked_when_shown() -> None:
    values = read(DEFINITION, {**GOOD, "key": "hush", "force": "true"}).values
    assert shown(DEFINITION, values) == {"host": "web", "size": "small", "count": "2", "force": "true", "key": "•••"}
