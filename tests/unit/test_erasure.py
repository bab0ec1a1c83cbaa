"""What is left of a person in values of every shape."""

import pytest

from core.erasure import Erased, from_audit, from_claim, from_event, from_incoming, without, without_words
from core.messages import Account, Platform
from core.ports.records import AuditRow
from tests.contract.builders import NOW

SAM = Account(Platform.SLACK, "T1", "U1")
DISCORD = Account(Platform.DISCORD, "9", "55")
ROOT = Account(Platform.CONSOLE, "local", "root")
GONE = Erased(
    frozenset({SAM, DISCORD, ROOT}), "erased-0a1b2c3d", frozenset({"Sam Sample", "Will"}), frozenset({"slack:T1/D7"})
)
SAM_STORED = {"platform": "slack", "workspace": "T1", "id": "U1"}
LEE_STORED = {"platform": "slack", "workspace": "T1", "id": "U12"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("slack:T1/U1", "slack:T1/erased-0a1b2c3d"),
        ("slack:T1/U12", "slack:T1/U12"),
        ("slack:T12/U1", "slack:T12/U1"),
        ("by [@Sam](user:slack:T1/U1)!", "by [@erased-0a1b2c3d](user:slack:T1/erased-0a1b2c3d)!"),
        ("slack:T1/C1/@U1", "slack:T1/C1/@erased-0a1b2c3d"),
        ("discord:9/7~55", "discord:9/7~erased-0a1b2c3d"),
        ("hey <@U1> and <@U1|sam>", "hey [erased-0a1b2c3d] and [erased-0a1b2c3d]"),
        ("<@!55> <@5>", "[erased-0a1b2c3d] <@5>"),
        ("Sam Sample said so", "[erased-0a1b2c3d] said so"),
        ("Sam Samples", "Sam Samples"),
        (
            "Will it work? **Will** knows, ask @Will",
            "Will it work? **[erased-0a1b2c3d]** knows, ask @[erased-0a1b2c3d]",
        ),
        ("the root cause, console:local/root", "the root cause, console:local/erased-0a1b2c3d"),
        ("slack:T1/D7/1.2", "slack:T1/erased-0a1b2c3d/1.2"),
        ("slack:T1/D77", "slack:T1/D77"),
        ("U1", "U1"),
    ],
)
def test_a_text_is_left_without_them(text: str, left: str) -> None:
    assert without(text, GONE) == left
    assert without(without(text, GONE), GONE) == left


def test_accounts_names_and_places_inside_values_are_replaced() -> None:
    value = {
        "by": {"account": SAM_STORED, "name": "S."},
        "other": {"account": LEE_STORED, "name": "Lee"},
        "place": {"platform": "slack", "workspace": "T1", "channel": "D7", "direct": True},
        "here": {"platform": "slack", "workspace": "T1", "channel": "C1"},
        "odd": [{"platform": "pigeon", "workspace": "T1", "id": "U1"}, 1, None],
    }
    left = without(value, GONE)
    assert left["by"] == {"account": {**SAM_STORED, "id": "erased-0a1b2c3d"}, "name": "[erased-0a1b2c3d]"}
    assert left["place"]["channel"] == "erased-0a1b2c3d"
    assert [left[name] for name in ("other", "here", "odd")] == [value[name] for name in ("other", "here", "odd")]


def test_what_they_wrote_is_emptied_wherever_people_write() -> None:
    value = {"comment": "mine", "reason": "", "n": 1, "list": [{"text": "mine", "host": "web-1"}]}
    assert without_words(value, GONE) == {
        "comment": "[erased-0a1b2c3d]", "reason": "", "n": 1, "list": [{"text": "[erased-0a1b2c3d]", "host": "web-1"}]
    }  # fmt: skip


def test_the_key_of_a_message_stays_and_the_person_in_a_click_goes() -> None:
    assert from_claim("slack:msg:T1:C1:1.1", GONE) == "slack:msg:T1:C1:1.1"
    assert from_claim("slack:click:do:x:U1:9", GONE) == "slack:click:do:x:erased-0a1b2c3d:9"


def test_what_others_sent_keeps_its_words() -> None:
    item = {"claim": "slack:msg:U1:1", "person": {"account": LEE_STORED, "name": "Lee"}, "text": "ask <@U1>"}
    assert from_incoming(item, GONE) == {**item, "text": "ask [erased-0a1b2c3d]"}


def test_an_event_keeps_the_plan_and_loses_their_words() -> None:
    plan = {"host": "slack:T1/U1"}
    by = {"account": SAM_STORED, "name": "Sam"}
    left = from_event({"by": by, "comment": "mine", "reason": "", "parameters": plan}, GONE)
    assert left["parameters"] == plan
    assert (left["comment"], left["reason"]) == ("[erased-0a1b2c3d]", "")
    assert from_event({"requester": by, "parameters": plan}, GONE)["parameters"] == plan
    of_lee = {"by": {"account": LEE_STORED, "name": "Lee"}, "comment": "Sam Sample asked"}
    assert from_event(of_lee, GONE) == {**of_lee, "comment": "[erased-0a1b2c3d] asked"}


def test_what_they_asked_goes_and_so_do_they_where_somebody_spoke_for_them() -> None:
    sam, lee = {"account": SAM_STORED, "name": "Sam"}, {"account": LEE_STORED, "name": "Lee"}
    gone = {"account": {**SAM_STORED, "id": "erased-0a1b2c3d"}, "name": "[erased-0a1b2c3d]"}
    assert from_event({"by": sam, "text": "mine", "number": 1}, GONE) == {
        "by": gone,
        "text": "[erased-0a1b2c3d]",
        "number": 1,
    }
    assert from_event({"by": lee, "on_behalf": sam}, GONE) == {"by": lee, "on_behalf": gone}
    assert from_event({"by": lee, "to": sam}, GONE) == {"by": lee, "to": gone}
    assert from_event({"by": sam, "to": lee}, GONE) == {"by": gone, "to": lee}


def test_a_record_of_theirs_loses_the_reason_and_one_of_others_only_their_name() -> None:
    row = AuditRow(NOW, str(SAM), "a", "t", "done", "mine", "slack:T1/C1", details={"comment": "mine", "host": "h"})
    left = from_audit(row, GONE)
    assert (left.actor, left.reason) == ("slack:T1/erased-0a1b2c3d", "[erased-0a1b2c3d]")
    assert left.details == {"comment": "[erased-0a1b2c3d]", "host": "h"}
    other = AuditRow(
        NOW, "slack:T1/U12", "a", str(SAM), "done", "he asked", before="slack:T1/U1", details={"text": "x"}
    )
    left = from_audit(other, GONE)
    assert (left.actor, left.reason, left.details) == ("slack:T1/U12", "he asked", {"text": "x"})
    assert (left.target, left.before) == ("slack:T1/erased-0a1b2c3d", "slack:T1/erased-0a1b2c3d")
