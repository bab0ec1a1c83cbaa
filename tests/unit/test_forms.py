"""Which form opens for what, and what it knows already."""

import pytest

from core.alerts import tools as alert_tools
from core.conversation.forms import ASK, FormBook, filled, parse_run, spelt
from core.incidents import tools as incident_tools
from core.intents.verbs import Completes
from core.messages import FieldKind, Form, FormField
from core.tools import Toolbox
from core.workflow import catalogue
from core.workflow.reading import parse
from integrations.delivery.client import DeliveryClient
from integrations.delivery.tools import tools
from integrations.http import Reach

TOOLS = Toolbox(
    tools(DeliveryClient(Reach(""))),
    incident_tools.tools(incident_tools.unposted),
    alert_tools.tools(alert_tools.unconnected),
)
BOOK = FormBook(catalogue.load(TOOLS, ()))


def completed(typed: str, *context: str) -> list[str]:
    return [o.value for o in BOOK.complete(Completes.PARAMETERS, typed, context=context)]


def test_fixed_forms_and_one_for_each_workflow_are_found_by_name() -> None:
    assert BOOK.get("ask") is ASK
    deploy = BOOK.get("run.deploy")
    assert deploy is not None
    assert "service" in [field.id for field in deploy.fields]


@pytest.mark.parametrize("name", ["nothing", "run.nothing", "other.deploy", ""])
def test_unknown_names_have_no_form(name: str) -> None:
    assert BOOK.get(name) is None


def test_a_question_without_words_asks_for_them() -> None:
    assert BOOK.for_command("ask ") is ASK
    assert BOOK.for_command("ask which version?") is None


def test_run_alone_lets_a_person_choose() -> None:
    form = BOOK.for_command("run")
    assert form is not None
    assert [field.id for field in form.fields] == ["workflow", "parameters"]


def test_a_missing_parameter_opens_the_workflows_form_with_what_was_given() -> None:
    form = BOOK.for_command("run deploy service=checkout")
    assert form is not None
    assert form.name == "run.deploy"
    assert {f.id: f.value for f in form.fields}["service"] == "checkout"


@pytest.mark.parametrize(
    "text", ["run deploy service=checkout environment=production", "run nothing", "status", "", "help run"]
)
def test_what_can_go_ahead_or_is_unknown_opens_no_form(text: str) -> None:
    assert BOOK.for_command(text) is None


def test_workflows_are_completed_by_any_part_of_name_or_title() -> None:
    assert [o.value for o in BOOK.complete(Completes.WORKFLOW, "DEPL", context=())] == ["deploy"]
    assert BOOK.complete(Completes.WORKFLOW, "zzz", context=()) == []


def test_parameters_are_completed_by_name_and_not_twice() -> None:
    assert "service=" in completed("", "deploy")
    assert "service=checkout service=" not in completed("service=checkout ", "deploy")
    assert "service=checkout environment=" in completed("service=checkout env", "deploy")


def test_choices_of_a_parameter_are_completed() -> None:
    assert completed("environment=prod", "deploy") == ["environment=production"]
    assert completed("nothing=prod", "deploy") == []


def test_nothing_is_completed_without_a_known_workflow() -> None:
    assert completed("", "nothing") == []
    assert completed("") == []
    assert BOOK.complete(Completes.NOTHING, "", context=()) == []


def test_quotes_hold_words_together_and_open_ones_count_as_text() -> None:
    assert parse_run('deploy note="two words"') == ("deploy", {"note": "two words"})
    assert parse_run('deploy note="two words') == ("deploy", {"note": '"two'})
    assert parse_run("service=checkout") == ("", {"service": "checkout"})


def test_a_form_is_filled_in_its_last_free_field_cut_to_what_it_takes() -> None:
    form = Form("f", "F", (FormField("a", "A", FieldKind.TEXT, max_length=3), FormField("b", "B")), "Go")
    assert [field.value for field in filled(form, "12345").fields] == ["123", ""]


def test_a_form_without_a_free_field_stays_as_it_is() -> None:
    form = Form("f", "F", (FormField("b", "B"),), "Go")
    assert filled(form, "text") is form


TYPES = """
name: typed
version: 1.0.0
title: Types
parameters:
  service: {required: true, description: which service}
  grace: {type: duration, default: 1h30m}
  careful: {type: boolean, default: true}
  where: {type: choice, choices: [east, west], required: true}
  token: {type: secret, required: true}
steps: [{id: a, type: wait, for: 1m}]
"""
TYPED = FormBook(catalogue.Catalogue((parse(TYPES, "typed.yaml", Toolbox()),)))


def field(form: Form | None, name: str) -> FormField:
    assert form is not None
    return next(one for one in form.fields if one.id == name)


def test_each_type_of_parameter_has_its_field() -> None:
    form = TYPED.get("run.typed")
    assert [option.value for option in field(form, "careful").choices] == ["true", "false"]
    assert field(form, "careful").value == "true"
    assert (field(form, "grace").value, field(form, "grace").placeholder) == ("1h30m", "such as 90s, 30m or 1h30m")
    assert [option.value for option in field(form, "where").choices] == ["east", "west"]
    assert field(form, "token").label == "Token (kept secret)"


def test_a_form_that_is_corrected_opens_with_what_was_typed_but_for_secrets() -> None:
    TYPED.keep("typed", "T1", {"service": "password=hunter22secret", "grace": "soon", "where": "north", "token": "abc"})
    form = TYPED.get("run.typed", "T1")
    assert form is not None
    assert {one.id: one.value for one in form.fields if one.value} == {"grace": "soon", "careful": "true"}
    assert field(TYPED.get("run.typed", "T2"), "grace").value == "1h30m"


def test_only_the_latest_are_remembered() -> None:
    for number in range(1200):
        TYPED.keep("typed", str(number), {"service": str(number)})
    assert field(TYPED.get("run.typed", "1199"), "service").value == "1199"
    assert field(TYPED.get("run.typed", "100"), "service").value == ""


@pytest.mark.parametrize("given", [{}, {"a": "b"}, {"note": "two words"}, {"note": 'it\'s "so"', "b": "x=y"}])
def test_what_is_spelt_out_is_read_back(given: dict[str, str]) -> None:
    verb, _, rest = spelt("run", "deploy", given).partition(" ")
    assert verb == "run"
    assert parse_run(rest) == ("deploy", given)
