"""What is remembered of Slack's messages that ask nothing of the bot."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.contents import text_of
from bot.slack.inbound import Me
from bot.slack.overheard import heard_in, overhear
from core.messages import Heard, Withdrawn
from tests.unit.test_slack_inbound import VALUES, at, event, replaced, spots

Json = dict[str, Any]
ME = Me("T1", "UBOT")

ALERT: Json = {
    "subtype": "bot_message",
    "user": None,
    "bot_id": "B1",
    "username": "Prometheus",
    "text": "",
    "attachments": [
        {
            "fallback": "[FIRING] all of it once more",
            "pretext": "[FIRING:1]",
            "title": "HighErrorRate",
            "text": "5xx of <https://x.example/checkout|checkout> above 5 % &amp; rising",
            "fields": [{"title": "env", "value": "production", "short": True}],
        }
    ],
}
BLOCKS: Json = {
    "bot_id": "B2",
    "bot_profile": {"name": "Grafana"},
    "text": "payments is slow",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "payments is slow"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "p99 *2 s*"}, "fields": [{"type": "mrkdwn", "text": "env: staging"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "since 09:12"}, {"type": "image", "image_url": "x"}]},
    ],
}  # fmt: skip


def changed(message: Json, **fields: object) -> Json:
    return event("message", subtype="message_changed", message=message, user=None, **fields)


def heard(payload: object) -> Heard:
    found = overhear(payload, ME)
    assert isinstance(found, Heard)
    return found


def test_what_an_alert_says_stands_in_its_attachments() -> None:
    found = heard(event("message", **ALERT))
    assert found.text.splitlines() == [
        "[FIRING:1]",
        "HighErrorRate",
        "5xx of checkout above 5 % & rising",
        "env: production",
    ]
    assert (found.person.name, found.person.account.id, found.person.is_bot) == ("Prometheus", "B1", True)


def test_blocks_are_read_and_what_the_text_says_already_is_not_repeated() -> None:
    found = heard(event("message", **BLOCKS))
    assert found.text.splitlines() == ["payments is slow", "p99 *2 s*", "env: staging", "since 09:12"]
    assert (found.person.name, found.person.account.id) == ("Grafana", "U1")


def test_rich_text_is_read_where_there_is_no_text() -> None:
    pieces = [{"type": "text", "text": "auth is "}, {"type": "text", "text": "down", "style": {"bold": True}}, {"type": "emoji", "name": "fire"}]  # fmt: skip
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}
    assert text_of({"blocks": [block]}) == "auth is down:fire:"
    assert text_of({"text": "auth", "blocks": [block]}) == "auth"


def test_the_fallback_is_read_where_an_attachment_says_nothing_else() -> None:
    assert text_of({"attachments": [{"fallback": "disk full"}]}) == "disk full"


def test_talk_of_people_is_heard_in_its_thread() -> None:
    found = heard(event("message", text="<@U2> is it checkout?", thread_ts="1.0"))
    assert (found.place.thread, found.text, found.person.is_bot) == ("1.0", "@U2 is it checkout?", False)
    assert heard(event("message", text="root", thread_ts="1700000001.000100")).place.thread is None
    assert heard(event("message", text="hi", channel="D1")).place.direct


def test_an_edit_is_the_message_once_more_and_newer() -> None:
    message = {
        "type": "message",
        "user": "U1",
        "ts": "5.0",
        "thread_ts": "1.0",
        "text": "after",
        "edited": {"ts": "9.0"},
    }
    found = heard(changed(message))
    assert (found.message, found.text, found.sent_at, found.changed_at) == ("5.0", "after", 5.0, 9.0)
    assert found.place.thread == "1.0"


@pytest.mark.parametrize(
    "payload",
    [
        event("message", subtype="message_deleted", deleted_ts="5.0", previous_message={"ts": "5.0", "user": "U1", "thread_ts": "1.0"}),
        event("message", subtype="message_deleted", deleted_ts="5.0"),
        changed({"ts": "5.0", "user": "U1", "text": "", "edited": {"ts": "9.0"}}),
        changed({"ts": "5.0", "user": "USLACKBOT", "subtype": "tombstone", "text": "This message was deleted."}),
    ],
)  # fmt: skip
def test_a_deletion_withdraws_the_message(payload: Json) -> None:
    found = overhear(payload, ME)
    assert isinstance(found, Withdrawn)
    assert (found.message, found.sent_at) == ("5.0", 5.0)


@pytest.mark.parametrize(
    "payload",
    [
        event("message", text="mine", user="UBOT"),
        event("message", text="mine", user="UBOT", bot_id="B0"),
        changed({"ts": "5.0", "user": "UBOT", "text": "my card"}),
        event("message", subtype="message_deleted", deleted_ts="5.0", previous_message={"ts": "5.0", "user": "UBOT"}),
        event("message", text="joined", subtype="channel_join"),
        event("message", text=""),
        event("app_mention", text="comes as a message too"),
        event("reaction_added"),
        {},
        None,
    ],
)
def test_the_bots_own_and_notices_of_slack_are_not_heard(payload: object) -> None:
    assert overhear(payload, ME) is None


def test_a_page_of_history_is_read_the_same_way() -> None:
    page = [{"ts": "1.0", "user": "U1", "text": "root", "thread_ts": "1.0"}, {"ts": "1.1", "user": "UBOT", "text": "mine", "thread_ts": "1.0"}, "odd", {"ts": "x", "text": "odd"}, {"ts": "1.2", "user": "U2", "text": "reply", "thread_ts": "1.0"}]  # fmt: skip
    assert [(m.text, m.place.thread) for m in heard_in(page, "C1", ME)] == [("root", None), ("reply", "1.0")]
    assert heard_in(None, "C1", ME) == ()


SAMPLES = [
    event("message", **ALERT),
    event("message", **BLOCKS),
    changed({"ts": "5.0", "user": "U1", "text": "x", "edited": {"ts": "9.0"}}),
    event("message", subtype="message_deleted", deleted_ts="5.0", previous_message={"ts": "5.0", "user": "U1"}),
]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_comes_it_never_raises(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from(spots(sample)))
    found = overhear(replaced(sample, path, data.draw(VALUES)), ME)
    assert found is None or found.message


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_payload_without_one_of_its_fields_never_raises(sample: Json) -> None:
    for path in spots(sample)[1:]:
        if isinstance(path[-1], str):
            shorter = replaced(sample, path[:-1], {k: v for k, v in at(sample, path[:-1]).items() if k != path[-1]})
            overhear(shorter, ME)
