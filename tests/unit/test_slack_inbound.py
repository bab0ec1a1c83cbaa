"""What Slack's payloads mean to the bot."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.inbound import Ignored, Me, understand
from bot.slack.text import readable
from core.messages import (
    PIN,
    Click,
    HomeOpened,
    Incoming,
    Joined,
    Marked,
    Submission,
    Turn,
    Via,
    dump_incoming,
    load_incoming,
)

Json = dict[str, Any]
Nested = dict[Any, Any] | list[Any]
Path = tuple[Any, ...]

ME = Me("T1", "UBOT")
NOW = 1_700_000_000.0


def read(payload: object) -> Incoming | Ignored:
    return understand(payload, ME, now=NOW, traceparent="00-aa-bb-01")


def turn(payload: object) -> Turn:
    found = read(payload)
    assert isinstance(found, Turn)
    return found


def event(kind: str, **fields: object) -> Json:
    body = {"type": kind, "user": "U1", "ts": "1700000001.000100", "channel": "C1", **fields}
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event_time": 1700000001,
        "event": {name: value for name, value in body.items() if value is not None},
    }


def command(**fields: object) -> Json:
    base = {
        "command": "/copilot",
        "team_id": "T1",
        "user_id": "U1",
        "user_name": "dana",
        "channel_id": "C1",
        "text": "status",
    }
    return {**base, "trigger_id": "1.2.abc", "response_url": "https://hooks.example/1", **fields}


def click(action: Json | None = None, **fields: object) -> Json:
    pressed = {"type": "button", "action_id": "do:tok", "action_ts": "1700000002.5", **(action or {})}
    base = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "username": "dana", "team_id": "T1"},
        "trigger_id": "9.9.z",
        "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1", "thread_ts": "1.0"},
        "actions": [pressed],
        "response_url": "https://hooks.example/2",
    }
    return {**base, **fields}


def submission(**fields: object) -> Json:
    view = {
        "id": "V1",
        "hash": "h1",
        "callback_id": "run",
        "private_metadata": '{"token": "tok", "place": "C1/1.0"}',
        "state": {
            "values": {
                "service": {"value": {"type": "plain_text_input", "value": "checkout"}},
                "where": {"value": {"type": "static_select", "selected_option": {"value": "staging"}}},
                "note": {"value": {"type": "plain_text_input", "value": None}},
            }
        },
    }
    return {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "view": {**view, **fields},
    }


def reaction(**fields: object) -> Json:
    item = {"type": "message", "channel": "C1", "ts": "1700000000.000100"}
    return event("reaction_added", **{"reaction": "eyes", "item": item, "event_ts": "1700000009.5", **fields})


def pin(**fields: object) -> Json:
    item = {"type": "message", "channel": "C1", "message": {"ts": "1700000000.000100", "text": "x"}}
    return event("pin_added", **{"channel_id": "C1", "item": item, "event_ts": "1700000009.5", **fields})


def shortcut(**fields: object) -> Json:
    base = {
        "type": "message_action",
        "callback_id": "declare",
        "user": {"id": "U1", "name": "dana", "team_id": "T1"},
        "channel": {"id": "C1", "name": "checkout"},
        "message": {"ts": "1.5", "text": "checkout is <https://a.example|down> &amp; out", "thread_ts": "1.0"},
        "message_ts": "1.5",
        "trigger_id": "9.9.s",
        "response_url": "https://hooks.example/3",
    }
    return {**base, **fields}


SAMPLES = [
    event("message", text="<@UBOT> hi"),
    event("app_mention", text="<@UBOT> hi"),
    event("message", text="hi", channel="D1"),
    event("member_joined_channel", user="UBOT"),
    event("app_home_opened", tab="home", event_ts="1.0"),
    command(),
    click(),
    submission(),
    reaction(),
    pin(),
    shortcut(),
]


# --- messages -----------------------------------------------------------------------------------------------


def test_a03_message_and_mention_of_it_are_the_same_turn() -> None:
    kinds = [
        event("message", text="<@UBOT> status", channel_type="channel"),
        event("app_mention", text="<@UBOT> status"),
    ]
    for first, second in itertools.permutations(kinds):
        one, other = turn({**first, "event_id": "Ev1"}), turn({**second, "event_id": "Ev2"})
        assert one == other
        assert one.claim == "slack:msg:T1:C1:1700000001.000100"


def test_a_mention_is_a_turn_without_the_mention() -> None:
    found = turn(event("app_mention", text=" <@UBOT>  run deploy &lt;x&gt; &amp;amp; <https://a.example/x|docs>"))
    assert found.text == "run deploy <x> &amp; docs (https://a.example/x)"
    assert (found.via, found.place.thread, found.place.direct) == (Via.MENTION, None, False)
    assert found.sent_at == 1700000001.0001


def test_a_direct_message_is_for_the_bot() -> None:
    found = turn(event("message", text="status", channel="D1", channel_type="im"))
    assert (found.via, found.place.direct, found.place.thread) == (Via.DIRECT, True, None)


def test_a14_a_verb_after_a_bang_works_in_a_thread() -> None:
    found = turn(event("message", text="!run deploy", thread_ts="1.0"))
    assert (found.via, found.text, found.place.thread) == (Via.BANG, "run deploy", "1.0")


def test_a_bang_after_the_mention_is_no_part_of_the_verb() -> None:
    found = turn(event("app_mention", text="<@UBOT> !status"))
    assert (found.via, found.text) == (Via.MENTION, "status")


def test_a_plain_message_in_a_thread_may_be_for_the_bot() -> None:
    assert turn(event("message", text="and staging?", thread_ts="1.0")).via is Via.THREAD


def test_the_first_message_of_a_thread_stands_in_the_channel() -> None:
    assert turn(event("app_mention", text="<@UBOT> hi", thread_ts="1700000001.000100")).place.thread is None


@pytest.mark.parametrize(("text", "other"), [("<@U2> you?", True), ("<@UBOT> <@U2>", False), ("hi <@U2>", False)])
def test_a16_a_message_that_opens_with_somebody_else_is_marked(text: str, other: bool) -> None:
    assert turn(event("message", text=text, thread_ts="1.0")).opens_with_other is other


@pytest.mark.parametrize("field", ["user_team", "source_team"])
def test_a24_a_stranger_has_another_home(field: str) -> None:
    assert turn(event("app_mention", text="<@UBOT> hi", **{field: "T2"})).person.home == "T2"
    assert turn(event("app_mention", text="<@UBOT> hi", **{field: "T1"})).person.home == ""


@pytest.mark.parametrize(
    "payload",
    [
        event("message", text="plain talk"),
        event("message", text="!!!"),
        event("message", text="<@UBOT> hi", user="UBOT"),
        event("message", text="<@UBOT> hi", bot_id="B1"),
        event("message", text="<@UBOT> hi", user=None),
        event("message", text="<@UBOT> hi", subtype="message_changed"),
        event("message", text="<@UBOT> hi", subtype="bot_message"),
        event("member_joined_channel", user="U2"),
        event("app_home_opened", tab="messages"),
        reaction(user="UBOT"),
        reaction(item={"type": "file", "file": "F1"}),
        event("reaction_removed"),
        shortcut(callback_id="somebody_elses"),
        click({"type": "overflow"}),
        click(message={"user": "UOTHER", "bot_id": "B2", "text": "looks like a card of ours"}),
        {"type": "view_closed"},
        {},
        [],
        None,
    ],
)
def test_what_is_not_for_the_bot_is_ignored_with_a_reason(payload: object) -> None:
    found = read(payload)
    assert isinstance(found, Ignored)
    assert found.reason


# --- interactions -------------------------------------------------------------------------------------------------


def test_a_command_is_claimed_by_its_trigger_and_can_be_answered() -> None:
    found = turn(command())
    assert (found.claim, found.text, found.via, found.sent_at) == ("slack:command:1.2.abc", "status", Via.COMMAND, NOW)
    assert found.handle is not None
    assert found.handle.expires_at == NOW + 1800
    assert found.person.name == "dana"


def test_a24_a_command_from_another_workspace_has_another_home() -> None:
    assert turn(command(team_id="T2")).person.home == "T2"


def test_a_click_is_claimed_by_action_person_and_trigger() -> None:
    found = read(click())
    assert isinstance(found, Click)
    assert found.claim == "slack:click:do:tok:U1:9.9.z"
    assert (found.action, found.message, found.place.thread, found.sent_at) == ("do:tok", "1.5", "1.0", 1700000002.5)


def test_a_numbered_button_has_its_own_action_again() -> None:
    found = read(click({"action_id": "do:tok#2"}))
    assert isinstance(found, Click)
    assert found.action == "do:tok"


def test_a_choice_carries_its_value() -> None:
    found = read(click({"type": "static_select", "selected_option": {"value": "staging"}}))
    assert isinstance(found, Click)
    assert found.values == ("staging",)


def test_a_click_on_the_home_page_is_answered_in_the_direct_message() -> None:
    found = read(click(container={"type": "view", "view_id": "V1"}))
    assert isinstance(found, Click)
    assert (found.place.channel, found.place.direct) == ("U1", True)


def test_a_form_brings_back_its_fields_token_and_place() -> None:
    found = read(submission())
    assert isinstance(found, Submission)
    assert found.fields == {"service": "checkout", "where": "staging", "note": ""}
    assert (found.form, found.token, found.place.channel, found.place.thread) == ("run", "tok", "C1", "1.0")
    assert found.claim == "slack:view:V1:h1"


def test_a_form_of_unknown_place_is_answered_in_the_direct_message() -> None:
    found = read(submission(private_metadata=""))
    assert isinstance(found, Submission)
    assert (found.place.channel, found.place.direct) == ("U1", True)


def test_the_bot_joins_and_the_home_opens() -> None:
    assert isinstance(read(event("member_joined_channel", user="UBOT")), Joined)
    assert isinstance(read(event("app_home_opened", tab="home", event_ts="1.0")), HomeOpened)


# --- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slack", "person"),
    [
        ("see <#C1|ops> and <#C2>", "see #ops and #C2"),
        ("<@U1> <@U2|lee>", "@U1 @lee"),
        ("<!here> <!channel|channel> <!subteam^S1|@oncall>", "@here @channel @oncall"),
        ("<https://a.example>", "https://a.example"),
        ("<http://a.example|a.example>", "a.example"),
        ("<mailto:x@a.example|x@a.example>", "x@a.example"),
        ("rate(x[5m]) &gt; 3 &amp;&amp; y -- z", "rate(x[5m]) > 3 && y -- z"),
        ("&amp;lt; &copy;", "&lt; &copy;"),
    ],
)
def test_text_reads_as_the_person_typed_it(slack: str, person: str) -> None:
    assert readable(slack) == person


def test_what_no_database_keeps_is_replaced() -> None:
    assert turn(event("app_mention", text="<@UBOT> a\x00b\ud800c")).text == "a�b�c"


# --- whatever comes ---------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def spots(found: object, path: Path = ()) -> list[Path]:
    """All paths into a payload."""
    keys = list(found) if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else []
    return [path, *(spot for key in keys for spot in spots(found[key], (*path, key)))]


def replaced(found: Nested, path: Path, value: object) -> object:
    if not path:
        return value
    copy = dict(found) if isinstance(found, dict) else list(found)
    copy[path[0]] = replaced(found[path[0]], path[1:], value)
    return copy


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_malformed_payload_is_ignored_or_fit_for_the_inbox(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from(spots(sample)))
    found = read(replaced(sample, path, data.draw(VALUES)))
    if not isinstance(found, Ignored):
        assert load_incoming(dump_incoming(found)) == found


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_payload_without_one_of_its_fields_never_raises(sample: Json) -> None:
    for path in spots(sample)[1:]:
        if isinstance(path[-1], str):
            shorter = replaced(sample, path[:-1], {k: v for k, v in at(sample, path[:-1]).items() if k != path[-1]})
            assert read(shorter)


def at(found: Nested, path: Path) -> Nested:
    for key in path:
        found = found[key]
    return found


@pytest.mark.parametrize("metadata", ["[" * 3_000, "[1]", "no json", '{"token": 1}'])
def test_metadata_that_is_not_ours_is_malformed(metadata: str) -> None:
    assert isinstance(read(submission(private_metadata=metadata)), Ignored)


@pytest.mark.parametrize("ts", ["soon", "nan", "1e999", 10**400, True, None, []])
def test_a_time_that_is_none_is_malformed(ts: object) -> None:
    assert isinstance(read(event("app_mention", text="<@UBOT> hi", ts=ts)), Ignored)


# --- marks and menus ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("payload", "mark"), [(reaction(), "eyes"), (pin(), PIN)])
def test_a_reaction_and_a_pin_are_marks_on_their_message(payload: Json, mark: str) -> None:
    found = read(payload)
    assert isinstance(found, Marked)
    assert (found.message, found.mark, found.sent_at) == ("1700000000.000100", mark, 1700000009.5)
    assert (found.place.channel, found.place.thread, found.person.account.id) == ("C1", None, "U1")
    assert found.claim == f"slack:mark:T1:C1:1700000000.000100:U1:{mark}"


def test_a_messages_menu_opens_the_form_with_its_text() -> None:
    found = read(shortcut())
    assert isinstance(found, Click)
    assert (found.action, found.values) == ("form:declare:C1/1.5", ("checkout is down (https://a.example) & out",))
    assert (found.place.thread, found.message) == ("1.0", "1.5")
    assert found.handle


def test_what_an_alert_says_in_attachments_alone_is_its_text() -> None:
    attachments = [{"fallback": "p95 is high"}, {"text": "since 12:00", "fallback": "x"}, {"color": "red"}]
    found = read(shortcut(message={"ts": "1.5", "text": "", "attachments": attachments}))
    assert isinstance(found, Click)
    assert found.values == ("p95 is high\nsince 12:00",)
