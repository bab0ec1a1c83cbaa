"""Events: what they wake, what they start, and what they do not."""

from collections.abc import Mapping

import pytest

from core.errors import DefinitionError
from core.messages import Place, Platform
from core.workflow.catalogue import Catalogue
from core.workflow.happenings import Happening
from core.workflow.reading import parse
from core.workflow.starts import Starting
from core.workflow.steps.common import Scalar
from core.workflow.triggers import Delivered, deliver
from tests.workflow_world import PLACE, World

HEAD = """
name: mitigate
version: 1.0.0
title: Mitigate
parameters:
  service: {required: true, pattern: "[a-z]+"}
  count: {type: number, default: 1}
steps: [{id: act, type: action, tool: test.act, with: {service: "${{ parameters.service }}"}}]
"""
TRIGGER = """
triggers:
  - event: incident.opened
    match: event.severity in ["sev1", "sev2"]
    parameters: {service: "${{ event.service }}", count: "${{ event.affected_users }}"}
    at_most: {runs: 2, per: 1h}
"""
ROOM = Place(Platform.SLACK, "T1", "CROOM")


class Eventful(World):
    """A world in which things happen to one workflow."""

    def __init__(self, text: str = HEAD + TRIGGER) -> None:
        super().__init__(text)
        self.starting = Starting(Catalogue([self.definition]), PLACE)

    def tell(self, id_: str = "1", kind: str = "incident.opened", **fields: Scalar) -> Delivered:
        told: Mapping[str, Scalar] = {"severity": "sev1", "service": "checkout", "affected-users": 3, **fields}
        happening = Happening(kind, id_, told, "INC-1 checkout fails", self.clock.now(), place=ROOM)
        return self.records.now(lambda tx: deliver(tx, self.means, self.starting, happening, correlation="abc"))

    def refused(self) -> list[str]:
        return [row.reason for row in self.records.state.audit if row.outcome == "refused"]


def test_an_event_starts_a_run_with_what_it_says() -> None:
    (run,) = Eventful().tell().started
    assert run.parameters == {"service": "checkout", "count": 3}
    assert (run.cause, run.place, run.correlation) == ("incident.opened: INC-1 checkout fails", ROOM, "abc")


@pytest.mark.parametrize("fields", [{"severity": "sev3"}, {"severity": 1}])
def test_an_event_that_does_not_match_starts_nothing(fields: dict[str, Scalar]) -> None:
    world = Eventful()
    assert world.tell(**fields) == Delivered()
    assert world.refused() == []


def test_another_kind_of_event_starts_nothing() -> None:
    assert Eventful().tell(kind="incident.resolved").started == ()


def test_the_same_event_counts_once() -> None:
    world = Eventful()
    assert len(world.tell().started) == 1
    assert world.tell() == Delivered(fresh=False)
    assert len(world.records.state.runs) == 1


def test_no_more_runs_than_agreed_start_within_the_time() -> None:
    world = Eventful()
    assert [len(world.tell(str(number)).started) for number in range(4)] == [1, 1, 0, 0]
    assert world.refused() == ["it started 2 runs already"] * 2
    world.clock.advance(hours=1, seconds=1)
    assert len(world.tell("later").started) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"service": ""}, "the event says nothing of service"), ({"service": "Bad!"}, "does not match")],
)
def test_what_does_not_fit_starts_nothing_and_is_kept_on_the_record(fields: dict[str, Scalar], reason: str) -> None:
    world = Eventful()
    assert world.tell(**fields).started == ()
    (why,) = world.refused()
    assert reason in why
    assert len(world.tell("2").started) == 1


def test_an_event_wakes_the_steps_that_wait_for_it_and_no_others() -> None:
    wait = '{id: over, type: wait, event: incident.resolved, match: event.service == "checkout"}'
    world = Eventful(HEAD.replace("steps: [", f"steps: [{wait}, "))
    waiting = world.start()
    assert world.tell("1", "incident.resolved", service="search").woken == ()
    (woken,) = world.tell("2", "incident.resolved").woken
    assert woken.id == waiting.id
    assert woken.steps["over"].outputs == {"service": "checkout"}, "the history keeps what the step asked for"
    assert not world.records.state.waits


def test_a_run_that_cannot_be_read_keeps_nothing_from_the_others() -> None:
    world = Eventful(HEAD.replace("steps: [", "steps: [{id: over, type: wait, event: alert.fired}, "))
    broken, sound = world.start(), world.start()
    world.records.state.histories[broken.id].pop(0)
    assert [run.id for run in world.tell(kind="alert.fired").woken] == [sound.id]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("incident.open", "did you mean incident.opened"),
        ("webhook.", "is none of"),
        ("webhook.Build", "is none of"),
        ("nothing", "is none of"),
    ],
)
def test_an_event_that_nothing_tells_of_is_refused(event: str, told: str) -> None:
    trigger = HEAD + f"triggers: [{{event: {event}, parameters: {{service: x}}}}]"
    wait = HEAD.replace("steps: [", f"steps: [{{id: w, type: wait, event: {event}}}, ")
    for text in (trigger, wait):
        with pytest.raises(DefinitionError, match=told):
            parse(text, "f.yaml", World().tools)


def test_a_webhook_has_a_name_of_its_own() -> None:
    definition = parse(
        HEAD + "triggers: [{event: webhook.build-done_2, parameters: {service: x}}]", "f.yaml", World().tools
    )
    assert definition.triggers[0].event == "webhook.build-done_2"
