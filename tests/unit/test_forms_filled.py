"""A form shows on both platforms what is filled in already."""

from bot.discord.render import render_form as discord_form
from bot.slack.views import render_form as slack_form
from core.conversation.forms import DECLARE, filled

FORM = filled(DECLARE, "checkout is down")


def test_slack_shows_the_text_and_the_chosen_option() -> None:
    blocks = {
        block["block_id"]: block["element"]
        for block in slack_form(FORM, token="t", place="C1/")["blocks"]
        if block["type"] == "input"
    }
    assert blocks["details"]["initial_value"] == "checkout is down"
    assert blocks["severity"]["initial_option"]["value"] == "sev3"
    assert "initial_value" not in blocks["title"]


def test_discord_shows_the_text_and_the_chosen_option() -> None:
    found = discord_form(FORM, token="t")["components"]
    fields = {label["component"]["custom_id"]: label["component"] for label in found}
    assert fields["details"]["value"] == "checkout is down"
    assert [one["value"] for one in fields["severity"]["options"] if one.get("default")] == ["sev3"]
    assert (fields["visibility"]["type"], fields["visibility"]["required"]) == (3, False)
    assert "value" not in fields["title"]
