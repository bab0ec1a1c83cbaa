"""Display names: nothing hidden, and look-alikes told apart."""

import pytest

from core import names
from core.conversation.replies import mention
from core.messages import Account, Platform

LEE = Account(Platform.SLACK, "T1", "U2")


@pytest.mark.parametrize(
    "name", ["Lee", "Zoë Müller", "O'Brien-Smith", "Дмитрий Иванов", "山田 太郎", "김민준 Kim", "Νίκος"]
)
def test_an_ordinary_name_is_not_doubtful(name: str) -> None:
    assert names.shown(name, "U2") == (name, "")


@pytest.mark.parametrize(
    "name",
    [
        "L\u0435e",  # Cyrillic е
        "Lee\u200b",  # zero width space
        "\u202eeeL",  # right-to-left override
        "Lee\u2066",  # isolate
        "Lee\r\nApproved by Sam",
        "\U0001d40bee",  # mathematical bold L
        "Lee\u3164",  # Hangul filler
        "Le\u0000e",
    ],
)
def test_a_name_that_could_pass_for_another_shows_the_id(name: str) -> None:
    label, beside = names.shown(name, "U9")
    assert beside == "U9"
    assert label == names.clean(label)
    assert "\n" not in label


@pytest.mark.parametrize("name", ["", " ", "\u200b\u200d", "\r\n"])
def test_an_empty_name_is_the_id(name: str) -> None:
    assert names.shown(name, "U9") == ("U9", "")


@pytest.mark.parametrize(
    ("one", "other"), [("Lee", "LEE"), ("Lee", "Iee"), ("Сара", "Capa"), ("Sam", "Sarn"), ("Zoë", "Zoe"[:2] + "ё")]
)
def test_names_that_look_alike_are_told_apart(one: str, other: str) -> None:
    assert names.doubtful(one, [other])


def test_different_names_are_not_alike() -> None:
    assert not names.doubtful("Lee", ["Dana", "Sam", "Leo"])


def test_a_mention_shows_the_id_beside_a_look_alike() -> None:
    assert mention(LEE, "Lee") == "[@Lee](user:slack:T1/U2)"
    assert mention(LEE, "L\u0435e").endswith("(`U2`)")
    assert mention(LEE, "Lee", ["Iee"]).endswith("(`U2`)")
