"""What people say about incidents becomes the right plan."""

import pytest

from core.errors import UserInputError
from core.incidents.incident import Link, Report, Role, Severity, Status
from core.incidents.lifecycle import Wanted
from core.intents.known import Known
from core.intents.registry import plan_for
from core.messages import Account, Person, Place, Platform, Turn, Via
from core.nlp import rules
from core.planning import plan
from core.workflow.catalogue import Catalogue

KNOWN = Known(Catalogue([]), ("checkout", "payments"))


def planned(text: str, *, via: Via = Via.COMMAND) -> plan.Plan:
    person = Person(Account(Platform.SLACK, "T1", "U1"))
    turn = Turn("claim", Place(Platform.SLACK, "T1", "C1"), person, text, 0.0, via)
    said = rules.interpret(text, command=via is Via.COMMAND, services=KNOWN.services)
    return plan_for(turn, said, KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("declare checkout is down", Report("checkout is down")),
        ("declare severity=P1 checkout is down", Report("checkout is down", Severity.SEV1)),
        ("declare a b service=checkout private=yes key=k", Report("a b", service="checkout", private=True, dedup_key="k")),
        ('declare it broke service="check out"', Report("it broke", service="check out")),
    ],
)  # fmt: skip
def test_a_spelt_out_declaration_is_a_report(text: str, expected: Report) -> None:
    assert planned(text) == plan.Declare(expected)


def test_a_long_title_is_cut_and_kept_whole_in_the_details() -> None:
    report = planned("declare " + "x" * 300)
    assert isinstance(report, plan.Declare)
    assert (len(report.report.title), len(report.report.details)) == (200, 300)


@pytest.mark.parametrize("text", ["declare severity=sev1", "declare x severity=worst", "declare x colour=red"])
def test_a_faulty_declaration_says_what_is_wrong(text: str) -> None:
    with pytest.raises(UserInputError):
        planned(text)


def test_a_sentence_declares_nothing_by_itself() -> None:
    asked = planned("payments is down a=b, please open a sev1", via=Via.MENTION)
    assert isinstance(asked, plan.Choose)
    words = asked.choices[0][1]
    assert words == "declare payments is down a = b, please open a sev1 severity=sev1 service=payments"
    assert planned(words) == plan.Declare(
        Report("payments is down a = b, please open a sev1", Severity.SEV1, "payments")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("declare", plan.Fill("What is wrong? The form asks for what matters.", "Declare an incident …", "form:declare")),
        ("incidents", plan.ListIncidents()),
        ("incidents all", plan.ListIncidents(open_only=False)),
        ("incidents checkout", plan.ListIncidents(service="checkout")),
        ("incident", plan.ShowIncident()),
        ("incident inc-4", plan.ShowIncident("INC-4")),
        ("incident INC-4 severity=low", plan.ChangeIncident("INC-4", Wanted(Severity.SEV4))),
        ("incident status=Monitoring", plan.ChangeIncident("", Wanted(status=Status.MONITORING))),
        ("incident INC-4 status=resolved all is well", plan.ChangeIncident("INC-4", Wanted(status=Status.RESOLVED, because="all is well"))),
        ("incident INC-4 title='New name'", plan.ChangeIncident("INC-4", Wanted(title="New name"))),
        ("update INC-4 we are on it", plan.UpdateIncident("INC-4", "we are on it")),
        ("update we are on INC-4", plan.UpdateIncident("INC-4", "we are on")),
        ("update", plan.Fill("What should everybody know?", "Write an update …", "form:update")),
        ("note a=b", plan.NoteIncident("", "a=b")),
        ("role Commander", plan.TakeRole("", Role.COMMANDER)),
        ("role scribe INC-4", plan.TakeRole("INC-4", Role.SCRIBE)),
        ("attach INC-4 run-7k3qx2 the rollback", plan.Attach("INC-4", Link("run", "RUN-7K3QX2", "the rollback"))),
        ("attach https://acme.example/a b c", plan.Attach("", Link("link", "https://acme.example/a", "b c"))),
        ("attach sum(rate(x[5m]))", plan.Attach("", Link("query", "sum(rate(x[5m]))"))),
        ("resolve rolled back", plan.ChangeIncident("", Wanted(status=Status.RESOLVED, because="rolled back"))),
        ("resolve INC-4", plan.Fill("How did **INC-4** end?", "Resolve …", "form:resolve:INC-4")),
        ("timeline INC-4", plan.ShowTimeline("INC-4")),
        ("postmortem", plan.DraftPostmortem()),
    ],
)  # fmt: skip
def test_verbs(text: str, expected: plan.Plan) -> None:
    assert planned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("close the incident INC-4", plan.Fill("How did **INC-4** end?", "Resolve …", "form:resolve:INC-4")),
        ("what incidents are open?", plan.ListIncidents()),
        ("how is INC-12 going", plan.ShowIncident("INC-12")),
        ("draft the post-mortem for inc-3", plan.DraftPostmortem("INC-3")),
    ],
)
def test_sentences(text: str, expected: plan.Plan) -> None:
    assert planned(text, via=Via.MENTION) == expected


def test_the_role_is_asked_for_with_the_incident_kept() -> None:
    asked = planned("role INC-4")
    assert isinstance(asked, plan.Choose)
    assert ("Scribe", "role scribe INC-4") in asked.choices


@pytest.mark.parametrize("text", ["incident nonsense", "incident status=over", "incident owner=me", "note", "attach"])
def test_what_cannot_be_done_says_how_to_say_it(text: str) -> None:
    with pytest.raises(UserInputError) as caught:
        planned(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["role models are important", "timeline looks tight", "incident management is hard work"]
)
def test_ordinary_sentences_are_no_commands(text: str) -> None:
    said = rules.interpret(text, command=False)
    assert not said.explicit
