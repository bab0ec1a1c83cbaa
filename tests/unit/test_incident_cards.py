"""What people read about incidents."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.discord.render import render as render_discord
from bot.slack.render import render as render_slack
from core.conversation import incident_cards as cards
from core.incidents import service
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role, RoomState, Severity, Status
from core.incidents.lifecycle import NEXT, Obstacle
from core.incidents.postmortem import draft
from core.incidents.service import NotDone
from core.messages import Actions, Button, File, Reply, Select
from core.plain import plain_text
from tests.unit.test_incident_lifecycle import LEE, PLACE, START, closed, incident

TOKENS = {
    purpose: f"token-{purpose}"
    for purpose in (service.SEVERITY, service.STATUS, service.SNOOZE, service.POSTMORTEM, *(f"{service.ROLE}/{r}" for r in Role))
}  # fmt: skip


def elements(reply: Reply) -> list[Button | Select]:
    return [item for block in reply.blocks if isinstance(block, Actions) for item in block.items]


def labels(reply: Reply) -> list[str]:
    return [item.label for item in elements(reply) if isinstance(item, Button)]


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.RESOLVED, Status.CANCELLED)])
def test_the_menus_offer_what_may_follow_and_nothing_else(status: Status) -> None:
    card = cards.incident_card(incident(status=status, tokens=TOKENS), controls=True)
    menus = {item.action: {o.value for o in item.options} for item in elements(card) if isinstance(item, Select)}
    statuses = {s.value for s in NEXT[status]} - {Status.RESOLVED, Status.CANCELLED}
    assert menus[f"do:{TOKENS[service.STATUS]}"] == statuses
    assert menus[f"do:{TOKENS[service.SEVERITY]}"] == {s.value for s in Severity} - {"sev2"}


def test_a_taken_role_is_not_offered() -> None:
    card = cards.incident_card(incident(tokens=TOKENS, roles={Role.COMMANDER: LEE}), controls=True)
    assert "I am commander" not in labels(card)
    assert "I am scribe" in labels(card)


def test_a_closed_one_offers_the_post_mortem_and_to_reopen() -> None:
    card = cards.incident_card(closed(tokens=TOKENS), controls=True)
    assert labels(card) == ["Draft the post-mortem", "Reopen …"]
    assert "rolled back" in plain_text(card)


def test_elsewhere_the_card_has_no_controls() -> None:
    assert not elements(cards.incident_card(incident(tokens=TOKENS), controls=False))


def test_why_there_is_no_room_is_shown() -> None:
    card = cards.incident_card(incident(room_state=RoomState(trouble="The scope is missing.")), controls=False)
    assert "The scope is missing." in plain_text(card)


@pytest.mark.parametrize(
    "one", [incident(tokens=TOKENS, details="# x\n" * 3000, title="<!channel> @everyone " * 9), closed(tokens=TOKENS)]
)
def test_every_card_is_within_the_limits_and_pings_nobody(one: Incident) -> None:
    timeline = cards.timeline(one, [Entry(START, EntryKind.NOTE, "<!channel> @everyone", LEE)])
    for reply in (cards.incident_card(one, controls=True), cards.reminder(one, START + timedelta(hours=1)), timeline):
        in_slack = [str(payload.blocks) for payload in render_slack(reply).messages]
        # A header is plain text, in which Slack makes no mention.
        assert not [
            text for text in in_slack if "<!channel>" in re.sub(r"'type': 'plain_text', 'text': '[^']*'", "", text)
        ]
        assert not [payload for payload in render_discord(reply).messages if "@everyone" in str(payload)]


@pytest.mark.parametrize("kind", list(EntryKind))
def test_elsewhere_only_what_people_must_notice_is_told(kind: EntryKind) -> None:
    told = cards.news(incident(), Entry(START, kind, "text", LEE), room=False)
    wanted = {EntryKind.SEVERITY, EntryKind.UPDATE, EntryKind.RESOLVED, EntryKind.CANCELLED, EntryKind.REOPENED}
    assert (told is not None) == (kind in wanted)
    if told:
        assert "INC-1" in plain_text(told)


def test_a_long_timeline_shows_its_end_and_has_all_of_it_in_a_file() -> None:
    entries = [Entry(START + timedelta(minutes=n), EntryKind.NOTE, f"note {n}", LEE) for n in range(100)]
    reply = cards.timeline(incident(), entries)
    files = [block for block in reply.blocks if isinstance(block, File)]
    assert "note 99" in plain_text(reply)
    assert "note 3\n" not in plain_text(reply)
    assert b"note 3\n" in files[0].content


@pytest.mark.parametrize("obstacle", [None, *Obstacle])
def test_every_refusal_says_what_to_do(obstacle: Obstacle | None) -> None:
    reply = cards.not_done(NotDone(obstacle, incident() if obstacle else None))
    assert "Nothing was changed" in plain_text(reply)


def test_the_post_mortem_has_what_the_record_knows() -> None:
    ended = START + timedelta(minutes=42)
    one = closed(details="# Nobody | could pay", service="checkout", roles={Role.COMMANDER: LEE}, title="a|b <i>")
    entries = [
        Entry(START + timedelta(minutes=9), EntryKind.UPDATE, "rolling back\n# now", LEE),
        Entry(START, EntryKind.DECLARED, "a | b"),
    ]
    text = draft(replace(one, ended_at=ended), entries, [Link("run", "RUN-1", "Deploy"), Link("query", "up")])
    assert text.startswith("# INC-1: a\\|b &lt;i>\n")
    assert "| **Resolved** | 2026-03-02 09:42:00, 42 min after the declaration |" in text
    assert "| **First update** | 2026-03-02 09:09:00, 9 min after the declaration |" in text
    assert text.index("a \\| b") < text.index("rolling back")
    assert "\\# now" in text
    assert "\\# Nobody" in text
    assert "- run: RUN-1 (Deploy)\n- query: up" in text
    assert "| **Commander** | Lee |" in text


def test_the_draft_of_a_bare_incident_asks_for_what_it_lacks() -> None:
    text = draft(incident(), [], [])
    assert "Who was affected" in text
    assert "What people were told" not in text
    assert "Runs, queries" not in text


def test_the_topic_says_it_in_one_line() -> None:
    assert (
        cards.topic(incident(roles={Role.COMMANDER: LEE}))
        == "🔎 SEV2 INC-1: Checkout fails | investigating | commander: Lee"
    )
    assert PLACE.channel not in cards.topic(incident())
