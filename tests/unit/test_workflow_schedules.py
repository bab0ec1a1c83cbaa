"""Schedules: what is due starts once, what was missed is made up for as asked, and what is changed begins anew."""

from datetime import datetime, timedelta

import pytest

from core.errors import ConflictError, DefinitionError
from core.messages import Place, Platform
from core.ports.records import Timer, Transaction
from core.workflow import scheduler
from core.workflow.catalogue import Catalogue
from core.workflow.reading import parse
from core.workflow.run import Run, RunStatus
from core.workflow.starts import ACCOUNT, Starting
from tests.workflow_world import PLACE, World

HEAD = """
name: nightly
version: 1.0.0
title: Nightly
parameters: {service: {required: true}}
steps: [{id: gate, type: approval, roles: [approver]}]
"""
OPS = Place(Platform.SLACK, "T1", "COPS")


class Night(World):
    """A world with one schedule; it is nine in the morning of Monday, 2 March 2026."""

    def __init__(self, schedule: str = "", more: str = "") -> None:
        written = f"schedules: [{{cron: '0 3 * * *', parameters: {{service: checkout}}{schedule}}}]"
        super().__init__(HEAD + written + more)
        self.starting = Starting(Catalogue([self.definition]), PLACE)
        self.arrange()

    def arrange(self, catalogue: Catalogue | None = None) -> None:
        wanted = catalogue or self.starting.catalogue
        self.records.now(lambda tx: scheduler.arrange(tx, wanted, now=self.clock.now()))

    def claim(self, holder: str = "h") -> list[Timer]:
        now = self.clock.now()
        claimed = self.records.now(lambda tx: tx.timers.claim_due(now=now, holder=holder, lease_seconds=9.0, limit=9))
        return [timer for timer in claimed if timer.kind == scheduler.SCHEDULE_TIMER]

    def pass_time(self, **by: float) -> list[Run]:
        """Let time pass at once, as when the bot was away; the runs that are started then, oldest first."""
        before = set(self.records.state.runs)
        self.clock.advance(**by)
        for timer in self.claim():
            self.carry_out(timer)
        return [self.run(id_) for id_ in self.records.state.runs if id_ not in before]

    def carry_out(self, timer: Timer, holder: str = "h") -> None:
        def unit(tx: Transaction) -> None:
            scheduler.fire(tx, self.means, self.starting, timer, holder=holder, at=self.clock.now())

        self.records.now(unit)

    @property
    def due(self) -> list[datetime]:
        return [t.due_at for t in self.records.state.timers.values() if t.kind == scheduler.SCHEDULE_TIMER]


def test_a_run_starts_when_it_is_due_on_behalf_of_the_installation() -> None:
    world = Night()
    assert world.pass_time(hours=17, minutes=59) == []
    (run,) = world.pass_time(minutes=1, seconds=2)
    assert (run.requester.account, run.place, run.cause) == (ACCOUNT, PLACE, "schedule “0 3 * * *”")
    assert run.parameters == {"service": "checkout"}
    assert world.due == [datetime.fromisoformat("2026-03-04T03:00:00+00:00")]
    (audited,) = [row for row in world.records.state.audit if row.action == "run.start"]
    assert audited.details["cause"] == "schedule “0 3 * * *”"


def test_of_two_replicas_that_hold_the_timer_one_starts_the_run() -> None:
    world = Night()
    world.clock.advance(hours=18)
    (timer,) = world.claim("first")
    world.claim("second")
    with pytest.raises(ConflictError):
        world.carry_out(timer, "first")
    world.carry_out(timer, "second")
    assert len(world.records.state.runs) == 1


def test_an_occasion_counts_once_even_when_its_timer_is_set_again() -> None:
    world = Night()
    world.clock.advance(hours=18)
    (timer,) = world.claim()
    world.carry_out(timer)
    world.records.now(lambda tx: tx.timers.set(timer.key, timer.kind, timer.due_at, timer.data))
    world.carry_out(world.claim()[0])
    assert len(world.records.state.runs) == 1


@pytest.mark.parametrize(
    ("policy", "started"),
    [("none", 0), ("last", 1), ("all, overlap: allow", 5)],
)
def test_what_was_missed_is_made_up_for_as_asked(policy: str, started: int) -> None:
    world = Night(f", catch_up: {policy}")
    assert len(world.pass_time(days=5)) == started
    assert world.due == [datetime.fromisoformat("2026-03-08T03:00:00+00:00")]


def test_there_is_an_end_to_what_is_made_up_for() -> None:
    world = Night(", catch_up: all, overlap: allow")
    assert len(world.pass_time(days=300)) == scheduler.MOST_CAUGHT_UP
    occasions = sorted(when for _, when in world.records.state.firings)
    assert occasions[-1].startswith("2026-12-27T03:00")


def test_a_little_late_is_not_missed() -> None:
    world = Night(", catch_up: none")
    assert len(world.pass_time(hours=18, minutes=4)) == 1


@pytest.mark.parametrize(
    ("overlap", "statuses"),
    [
        ("skip", [RunStatus.WAITING]),
        ("allow", [RunStatus.WAITING, RunStatus.WAITING]),
        ("replace", [RunStatus.CANCELLED, RunStatus.WAITING]),
    ],
)
def test_a_run_that_still_goes_on_at_the_next_time(overlap: str, statuses: list[RunStatus]) -> None:
    world = Night(f", overlap: {overlap}")
    (first,) = world.pass_time(hours=19)
    world.pass_time(days=1)
    runs = sorted(world.records.state.runs.values(), key=lambda run: run.started_at)
    assert [run.status for run in runs] == statuses
    refused = [(row.outcome, row.reason) for row in world.records.state.audit if row.action == "run.start"][1:]
    assert refused == ([("refused", f"{first.id} still goes on")] if overlap == "skip" else [("done", "")])


def test_a_run_that_cannot_be_read_is_in_nobodys_way() -> None:
    world = Night(", overlap: replace")
    (first,) = world.pass_time(hours=19)
    world.records.state.histories[first.id][0].data.clear()
    world.clock.advance(days=1)
    for timer in world.claim():
        world.carry_out(timer)
    assert len(world.records.state.runs) == 2


def test_a_run_that_is_over_is_in_nobodys_way() -> None:
    world = Night()
    (first,) = world.pass_time(hours=19)
    world.cancel(first)
    assert len(world.pass_time(days=1)) == 1


def test_a_channel_of_the_workflow_comes_before_that_of_the_settings() -> None:
    world = Night(more="\nchannel: slack:T1/COPS")
    (run,) = world.pass_time(hours=19)
    assert run.place == OPS


def test_a_changed_schedule_begins_anew_and_a_removed_one_ends() -> None:
    world = Night()
    changed = parse(HEAD + "schedules: [{cron: '0 12 * * *', parameters: {service: x}}]", "f", world.tools)
    world.arrange(Catalogue([changed]))
    assert world.due == [datetime.fromisoformat("2026-03-02T12:00:00+00:00")]
    world.arrange(Catalogue([]))
    assert world.due == []


def test_a_restart_forgets_nothing_that_is_due() -> None:
    world = Night()
    before = world.due
    world.clock.advance(days=2)
    world.arrange()
    assert world.due == before
    assert len(world.pass_time(seconds=1)) == 1


def test_a_replica_with_other_workflows_leaves_the_timer_to_those_that_know_it() -> None:
    world = Night()
    world.clock.advance(days=1)
    (timer,) = world.claim()
    world.starting = Starting(Catalogue([]), None)
    with pytest.raises(ConflictError, match="another version"):
        world.carry_out(timer)
    assert world.due == [timer.due_at]


def test_who_may_start_it_by_hand_is_no_matter() -> None:
    world = Night(more="\nroles: [release]")
    assert len(world.pass_time(hours=19)) == 1


def test_making_up_for_all_needs_runs_that_go_on_beside_each_other() -> None:
    with pytest.raises(DefinitionError, match="catch_up all goes with `overlap: allow` only"):
        Night(", catch_up: all")


@pytest.mark.parametrize("channel", ["ops", "slack:T1", "irc:T1/C1"])
def test_a_channel_that_is_none_is_refused(channel: str) -> None:
    with pytest.raises(DefinitionError, match="is no channel such as slack:T0123/C0456"):
        Night(more=f"\nchannel: {channel}")


def test_the_next_times_are_told_as_the_zones_clocks_show_them() -> None:
    (schedule,) = Night(", timezone: Europe/Berlin").definition.schedules
    start = datetime.fromisoformat("2026-03-28T12:00:00+00:00")
    assert scheduler.upcoming(schedule, start, 2) == ["2026-03-29 03:00 CEST", "2026-03-30 03:00 CEST"]
    assert scheduler.describe(schedule) == "schedule “0 3 * * *” Europe/Berlin"
    assert scheduler.due_times(schedule, start, start - timedelta(hours=1)) == []
