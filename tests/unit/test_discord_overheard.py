"""What is remembered of Discord's messages that ask nothing of the bot."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.inbound import Message, Sender, Where
from bot.discord.overheard import edited, overhear, shown_in
from bot.discord.reduce import reduce_raw
from core.messages import Place, Platform, Withdrawn
from tests.unit.test_discord_inbound import JSON, ME

RAW: dict[str, Any] = {
    "id": "1574900587831492608",
    "author": {"id": "7", "username": "Prometheus", "bot": True},
    "content": "",
    "embeds": [
        {
            "title": "HighErrorRate",
            "description": "5xx of checkout",
            "fields": [{"name": "env", "value": "production"}],
            "author": {"name": "Alertmanager"},
        }
    ],
    "edited_timestamp": "2030-01-01T00:00:00+00:00",
    "message_reference": {"message_id": "99"},
    "type": 19,
}
TALK = Message("1001", Where("9", "60", "55"), Sender("7", "Dana"), "<@8> is it auth?", 12.5, {"8": "lee"})


def test_what_an_alert_says_stands_in_its_embeds() -> None:
    message = reduce_raw(RAW, Where("9", "55"))
    found = overhear(message, ME)
    assert found
    assert found.text.splitlines() == ["Alertmanager", "HighErrorRate", "5xx of checkout", "env: production"]
    assert found.person.is_bot
    assert found.changed_at == 1893456000.0
    assert message.replies_to == "99"


def test_a_message_built_of_components_is_read() -> None:
    container = {"type": 17, "components": [{"type": 10, "content": "payments is slow"}, {"type": 14}]}
    assert shown_in([], [container, {"type": 10, "content": "in staging"}]) == "payments is slow\nin staging"


def test_talk_of_people_is_heard_in_its_thread() -> None:
    found = overhear(TALK, ME)
    assert found
    assert found.place == Place(Platform.DISCORD, "9", "55", "60")
    assert (found.text, found.changed_at) == ("@lee is it auth?", 12.5)


@pytest.mark.parametrize(
    "silent",
    [replace(TALK, sender=Sender(ME, "me", bot=True)), replace(TALK, content=" "), replace(TALK, ordinary=False)],
)
def test_the_bots_own_and_notices_of_discord_are_not_heard(silent: Message) -> None:
    assert overhear(silent, ME) is None


def test_an_edit_that_leaves_nothing_to_read_withdraws_the_message() -> None:
    found = edited(replace(TALK, content="", changed_at=20.0), ME)
    assert isinstance(found, Withdrawn)
    assert (found.message, found.place.thread) == ("1001", "60")
    assert edited(replace(TALK, sender=Sender(ME, "me", bot=True), content=""), ME) is None


@given(JSON, JSON)
def test_no_embed_makes_it_raise(embeds: object, components: object) -> None:
    assert isinstance(shown_in([embeds, components], [components, embeds]), str)
    assert isinstance(shown_in(embeds, components), str)


@given(st.integers(1, 60))
def test_components_within_components_end(depth: int) -> None:
    nested: dict[str, Any] = {"type": 10, "content": "deep"}
    for _ in range(depth):
        nested = {"type": 17, "components": [nested]}
    assert shown_in(None, [nested]) in ("", "deep")
