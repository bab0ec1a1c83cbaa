"""Forms and homes within Slack's limits, whatever they hold."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulators.slack.views_check import check_view
from bot.slack.views import render_form, render_home
from core.messages import Actions, Button, FieldKind, Form, FormField, Option, Reply, Text
from tests.replies import REPLIES, TEXTS, many

OPTIONS = st.builds(Option, TEXTS, st.text(max_size=200), TEXTS)
FIELD = st.builds(
    FormField,
    id=st.uuids().map(str),
    label=TEXTS,
    kind=st.sampled_from(FieldKind),
    required=st.booleans(),
    placeholder=TEXTS,
    value=TEXTS,
    choices=st.lists(OPTIONS, max_size=4).map(tuple),
    max_length=st.integers(-5, 10_000),
)
FORMS = st.builds(Form, TEXTS, TEXTS, st.lists(FIELD, max_size=5).map(tuple), TEXTS, TEXTS)


@given(FORMS)
@many
def test_any_form_is_a_view_that_slack_takes(form: Form) -> None:
    check_view(render_form(form, token="t" * 22, place="C1/1.2"), kinds=("modal",))


@given(REPLIES)
@settings(parent=many, max_examples=30)
def test_any_home_is_a_view_that_slack_takes(reply: Reply) -> None:
    check_view(render_home(reply), kinds=("home",))


def test_a_home_that_is_too_long_says_so() -> None:
    view = render_home(Reply(tuple(Actions((Button("Go", f"do:{n}"),)) for n in range(150)), "Home"))
    check_view(view, kinds=("home",))
    assert len(view["blocks"]) == 100
    assert "more than this page can show" in json.dumps(view["blocks"][-1])


def test_a_home_of_large_blocks_stays_below_the_size_of_a_view() -> None:
    view = render_home(Reply((Text("🙂" * 100_000),), "Home"))
    check_view(view, kinds=("home",))
    assert "more than this page can show" in json.dumps(view["blocks"][-1])


def test_a_form_brings_its_token_and_place_back() -> None:
    choices = (Option("Staging", "staging"), Option("Production", "production"))
    where = FormField("environment", "Where", FieldKind.CHOICE, value="production", choices=choices)
    view = render_form(Form("run", "Start a run of something", (where,)), token="tok", place="C1/1.2")
    assert json.loads(view["private_metadata"]) == {"token": "tok", "place": "C1/1.2"}
    assert view["callback_id"] == "run"
    assert view["blocks"][0]["element"]["initial_option"]["value"] == "production"
