"""What people read about alerts."""

from dataclasses import replace

import pytest

from bot.discord.render import render as render_discord
from bot.slack.render import render as render_slack
from core.alerts.group import Acknowledgement, AlertGroup, Silence
from core.conversation.alert_cards import group_card, listing
from core.conversation.investigations import suspect
from core.conversation.silencing import shared
from core.messages import Actions, Button, File, Note, Reply, Tone
from core.plain import plain_text
from core.ports.telemetry import Matcher
from tests.unit.alerts.test_merging import DANA, after, fires, minute, over, told


def file_of(reply: Reply) -> str:
    (file,) = (block for block in reply.blocks if isinstance(block, File))
    return bytes(file.content).decode()


def test_a_firing_group_says_what_fires_and_that_nobody_looks_after_it() -> None:
    reply = group_card(after(told(fires("checkout", summary="5 % fail"), over("cart"), team="shop")), minute(10))
    said = plain_text(reply)
    assert reply.tone is Tone.BAD
    assert reply.summary == "HighErrorRate: 1 of 2 firing"
    assert "5 % fail" in said
    assert "HighErrorRate service=checkout (for 10 min)" in said
    assert "HighErrorRate service=cart (lasted 5 min)" in said
    assert "team: shop" in said
    assert "Acknowledged: nobody yet" in said


def test_a_resolved_group_says_so() -> None:
    reply = group_card(after(told(over())), minute(10))
    assert (reply.summary, reply.tone) == ("HighErrorRate: resolved", Tone.GOOD)


def test_the_card_says_who_looks_after_it_and_who_silenced_it() -> None:
    group = replace(
        after(told(fires())), acknowledgement=Acknowledgement(DANA, minute(2)), silence=Silence("s1", DANA, minute(90))
    )
    reply = group_card(group, minute(10))
    said = plain_text(reply)
    assert reply.tone is Tone.WARNING
    assert "09:02 UTC" in said
    assert "until 10:30 UTC" in said
    assert said.count("Dana") == 2


def test_flaps_are_counted_on_the_card() -> None:
    assert "fired 2 times" in plain_text(group_card(after(told(over()), told(fires(began=7))), minute(10)))


def test_of_a_storm_every_alert_is_counted_and_listed() -> None:
    storm = after(told(*(fires(f"f{number:04}") for number in range(1000)), cut=7))
    reply, whole = group_card(storm, minute(10)), listing(storm)
    assert "and 990 more: List has all of them" in plain_text(reply)
    assert "the sender left out 7 or more" in plain_text(reply)
    assert all(f"service=f{number:04}" in file_of(whole) for number in range(1000))
    assert len(file_of(whole).splitlines()) == 1000


def test_a_card_offers_what_makes_sense_now() -> None:
    def offered(group: AlertGroup, *, silences: bool = False) -> list[str]:
        blocks = group_card(group, minute(10), "id", silences=silences).blocks
        return [
            item.label
            for block in blocks
            if isinstance(block, Actions)
            for item in block.items
            if isinstance(item, Button)
        ]

    assert offered(after(told(fires()))) == ["Acknowledge", "Investigate", "Declare incident"]
    assert offered(after(told(*(fires(f"f{n:04}") for n in range(11)))))[-1] == "List"
    firing = after(told(fires()))
    assert offered(firing, silences=True) == ["Acknowledge", "Investigate", "Silence 2 h", "Declare incident"]
    silent = replace(firing, silence=Silence("s1", DANA, minute(90)))
    assert offered(silent, silences=True) == ["Acknowledge", "Investigate", "End silence", "Declare incident"]
    over_again = replace(firing, silence=Silence("s1", DANA, minute(9)))
    assert offered(over_again, silences=True) == offered(firing, silences=True)
    assert offered(after(told(over()))) == []


def test_nothing_in_an_alert_pings_or_formats() -> None:
    reply = group_card(
        after(told(fires("@everyone <!channel> **x**", summary="<!here> [a](user:slack:T1/U1)"))), minute(10)
    )
    sent = f"{render_slack(reply)}"
    assert "<!channel>" not in sent
    assert "<!here>" not in sent
    assert "<@U1>" not in sent
    assert "<@U1>" not in f"{render_discord(reply)}"


def test_what_names_a_service_can_be_investigated_from_when_it_began() -> None:
    alert = suspect(after(told(fires("checkout"), fires("checkout"))))
    assert alert
    assert (alert.name, alert.service, alert.environment) == ("HighErrorRate", "checkout", "")
    assert alert.since == min(track.started for track in after(told(fires("checkout"))).tracks.values())
    assert suspect(after(told(fires("a"), fires("b")))) is None


def test_a_silence_covers_what_all_of_them_share_and_never_more_than_one_name() -> None:
    group = after(told(fires("checkout"), alertname="HighErrorRate", service="checkout", empty=""))
    assert shared(group) == (Matcher("alertname", "HighErrorRate"), Matcher("service", "checkout"))
    assert shared(after(told(fires("checkout"), service="checkout"))) == ()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://p.example/graph?g0.expr=up+%3E+0", "](https://p.example/graph?g0.expr=up+%3E+0)"),
        ("http://p:9090/graph?e=sum(up) *x*", "](http://p:9090/graph?e=sum%28up%29%20%2Ax%2A)"),
        ("javascript:alert(1)", ""),
        ("https://lee:secret@p.example/", ""),
        ("http://[bad", ""),
        ("https://p.example/" + "x" * 1000, ""),
        ("", ""),
    ],
)
def test_the_senders_page_is_linked_where_it_is_one(url: str, shown: str) -> None:
    note = group_card(after(told(replace(fires(), url=url))), minute(10)).blocks[-1]
    assert isinstance(note, Note)
    assert note.text.partition("where it comes from")[2] == shown
