"""Which workflow a sentence means, and what it says of its parameters."""

import pytest

from core.intents import workflows
from core.intents.known import Known
from core.intents.registry import plan_for
from core.messages import Account, Person, Place, Platform, Turn, Via
from core.nlp import entities, rules
from core.nlp.interpretation import Command, Intent, Interpretation
from core.planning import plan
from core.workflow.catalogue import Catalogue
from core.workflow.definition import Definition
from core.workflow.reading import parse
from tests.workflow_world import World

SERVICES = ("checkout", "billing", "search")


def workflow(name: str, title: str, description: str, **parameters: str) -> Definition:
    lines = "\n".join(f"  {parameter}: {said}" for parameter, said in parameters.items())
    text = f"name: {name}\nversion: 1.0.0\ntitle: {title}\ndescription: {description}\nparameters:\n{lines}\nsteps:\n"
    return parse(
        text + "  - {id: a, type: action, tool: test.act, with: {service: x}}\n", f"{name}.yaml", World().tools
    )


SERVICE = "{required: true, pattern: '[a-z-]+'}"
ENVIRONMENT = "{type: choice, choices: [production, staging], default: staging}"
CATALOGUE = Catalogue(
    (
        workflow("deploy", "Deploy a service", "Rolls out (ships, releases) a version.", service=SERVICE,
                 environment=ENVIRONMENT, version="{default: latest}"),
        workflow("deploy-canary", "Deploy to a few hosts", "A careful rollout.", service=SERVICE),
        workflow("db-migration", "Migrate a database", "Changes the schema of a service's tables.", service=SERVICE,
                 mode="{type: choice, choices: [online, offline], default: online}"),
        workflow("restart", "Restart a service", "Bounces all of its instances.", service=SERVICE, environment=ENVIRONMENT,
                 delay="{type: duration, default: 5s}", token="{type: secret}"),
        workflow("maintenance", "Maintain a host", "Drains and upgrades it.", host="{required: true}",
                 window="{type: choice, choices: [now, tonight], default: now}"),
        workflow("smoke-tests", "Smoke tests", "A quick check.", service=SERVICE),
    )
)  # fmt: skip


def interpreted(text: str, intent: Intent = Intent.WORKFLOW_TRIGGER) -> Interpretation:
    found = entities.find(text, services=SERVICES, workflows=CATALOGUE.names())
    return Interpretation(Command.UNKNOWN, text, entities=found, intent=intent, confidence=0.9)


def planned(said: Interpretation) -> plan.Plan:
    place, person = Place(Platform.SLACK, "T1", "C1"), Person(Account(Platform.SLACK, "T1", "U1"))
    return plan_for(Turn("c", place, person, said.rest, 1.0, Via.MENTION), said, Known(CATALOGUE, SERVICES))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("deploy checkout 2.4.1 to production", "run deploy service=checkout environment=production version=2.4.1"),
        ("ship checkout", "run deploy service=checkout"),
        ("bring search 2.3 live", "run deploy service=search environment=production version=2.3"),
        ("run the migration of billing", "run db-migration service=billing"),
        ("migrate the database of billing offline", "run db-migration service=billing mode=offline"),
        ("restart checkout", "run restart service=checkout"),
        ("bounce the service search in production please", "run restart service=search environment=production"),
        ("restart checkout with delay 30s", "run restart service=checkout delay=30s"),
        ("restart checkout, delay=1m, token=abcdef123", "run restart service=checkout delay=1m"),
        ("start maintenance on host7 tonight", "run maintenance host=host7 window=tonight"),
        ("deploy the canary of checkout", "run deploy-canary service=checkout"),
    ],
)
def test_a_sentence_leads_to_its_workflow_with_what_it_names(text: str, command: str) -> None:
    meant = planned(interpreted(text))
    assert isinstance(meant, plan.Choose)
    assert meant.choices[0] == ("Start", command)
    assert meant.choices[1] == ("Show the plan", f"plan{command.removeprefix('run')}")


def test_what_is_missing_is_asked_with_what_was_said() -> None:
    meant = planned(interpreted("restart everything in production"))
    assert isinstance(meant, plan.Complete)
    assert (meant.workflow, meant.given, meant.missing) == ("restart", {"environment": "production"}, ("service",))


def test_a_value_that_does_not_fit_is_not_taken() -> None:
    said = interpreted("restart checkout delay=soon")
    assert workflows.given(said, CATALOGUE.get("restart")) == {"service": "checkout"}


def test_several_that_fit_equally_well_are_offered_with_their_parameters() -> None:
    twins = Catalogue(
        (
            workflow("failover-db", "Fail over", "x", service=SERVICE),
            workflow("failover-lb", "Fail over", "x", to="{default: b}"),
        )
    )
    said = interpreted("failover of billing")
    assert [definition.name for definition in workflows.meant(said, twins)] == ["failover-db", "failover-lb"]
    place, person = Place(Platform.SLACK, "T1", "C1"), Person(Account(Platform.SLACK, "T1", "U1"))
    turn = Turn("c", place, person, said.rest, 1.0, Via.MENTION)
    meant = plan_for(turn, said, Known(twins, SERVICES))
    assert isinstance(meant, plan.Choose)
    assert [command for _, command in meant.choices] == ["run failover-db service=billing", "run failover-lb"]


def test_where_none_fits_all_are_listed() -> None:
    meant = planned(interpreted("rotate the certificates of billing"))
    assert isinstance(meant, plan.Choose)
    assert len(meant.choices) == 5
    assert "1 more" in meant.question
    assert "run db-migration service=billing" in [command for _, command in meant.choices]


def test_tests_that_are_a_workflow_are_run_as_one() -> None:
    meant = planned(interpreted("run the smoke tests for checkout", Intent.TEST_EXECUTE))
    assert isinstance(meant, plan.Choose)
    assert meant.choices[0][1] == "run smoke-tests service=checkout"
    assert isinstance(planned(interpreted("run the integration tests", Intent.TEST_EXECUTE)), plan.Say)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plan restart service=checkout", plan.Preview("restart", {"service": "checkout"})),
        ("plan maintenance on host7", plan.Preview("maintenance", {"host": "host7"})),
        ("show me the plan for the maintenance of host7", plan.Preview("maintenance", {"host": "host7"})),
        (
            "restart checkout in staging, dry run",
            plan.Preview("restart", {"service": "checkout", "environment": "staging"}),
        ),
    ],
)
def test_a_plan_is_shown_and_nothing_is_started(text: str, meant: plan.Plan) -> None:
    assert planned(rules.interpret(text, command=False, services=SERVICES, workflows=CATALOGUE.names())) == meant


def test_run_with_a_sentence_behind_it_is_shown_back_first() -> None:
    said = rules.interpret("run maintenance on host7", command=True, workflows=CATALOGUE.names())
    meant = planned(said)
    assert isinstance(meant, plan.Choose)
    assert meant.choices[0] == ("Start", "run maintenance host=host7")
