"""The circuit breaker: random calls of random ends, with a model that counts in the plainest way."""

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from integrations.breaker import Breaker, Call, Limits, State

LIMITS = Limits(window=10.0, least=4, share=0.5, pause=5.0, longest=20.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Calls(RuleBasedStateMachine):
    """Calls that overlap, time that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock, LIMITS)
        self.calls: list[tuple[Call, bool]] = []
        """Under way, with whether it tries."""

    @rule()
    def enter(self) -> None:
        before, trying = self.breaker.state, any(tries for _, tries in self.calls)
        call = self.breaker.enter()
        assert (call is not None) == (before is State.CLOSED or (before is State.HALF_OPEN and not trying))
        if call is not None:
            self.calls.append((call, before is State.HALF_OPEN))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), end=st.sampled_from(["succeeded", "failed", "left"]))
    def end(self, data: st.DataObject, end: str) -> None:
        call, tries = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        before = self.breaker.state
        getattr(call, end)()
        if tries:
            expected = {"succeeded": State.CLOSED, "failed": State.OPEN, "left": State.HALF_OPEN}
            assert self.breaker.state is expected[end]
        elif before is not State.CLOSED:
            assert self.breaker.state is before, "calls from before tell nothing of now"

    @rule(seconds=st.floats(0.0, 30.0))
    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def it_never_stays_away_for_longer_than_it_may(self) -> None:
        assert 0.0 <= self.breaker.wait() <= LIMITS.longest
        assert (self.breaker.state is State.OPEN) <= (self.breaker.wait() > 0.0)


Calls.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestCalls = Calls.TestCase


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        call = breaker.enter()
        assert call
        call.failed()


def test_it_opens_at_the_share_of_failures_and_not_before_the_least_number() -> None:
    breaker = Breaker(Clock(), LIMITS)
    fail(breaker, 3)
    assert breaker.state is State.CLOSED
    fail(breaker, 1)
    assert (breaker.state, breaker.enter()) == (State.OPEN, None)


def test_successes_outweigh_failures() -> None:
    breaker = Breaker(Clock(), LIMITS)
    for _ in range(6):
        call = breaker.enter()
        assert call
        call.succeeded()
    fail(breaker, 5)
    assert breaker.state is State.CLOSED
    fail(breaker, 1)
    assert breaker.state is State.OPEN


def test_failures_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    breaker = Breaker(clock, LIMITS)
    fail(breaker, 3)
    clock.now = 10.1
    fail(breaker, 3)
    assert breaker.state is State.CLOSED


def test_one_call_tries_and_its_success_closes() -> None:
    clock = Clock()
    breaker = Breaker(clock, LIMITS)
    fail(breaker, 4)
    clock.now = 5.0
    assert breaker.state is State.HALF_OPEN
    call = breaker.enter()
    assert call
    assert breaker.enter() is None, "one tries, the others wait for how it ends"
    call.succeeded()
    assert breaker.state is State.CLOSED


def test_each_try_that_fails_doubles_the_pause_to_its_longest() -> None:
    clock = Clock()
    breaker = Breaker(clock, LIMITS)
    fail(breaker, 4)
    pauses = []
    for _ in range(4):
        pauses.append(breaker.wait())
        clock.now += breaker.wait()
        fail(breaker, 1)
    assert pauses == pytest.approx([5.0, 10.0, 20.0, 20.0])


def test_a_try_that_was_broken_off_tells_nothing_and_another_one_may_be_made() -> None:
    clock = Clock()
    breaker = Breaker(clock, LIMITS)
    fail(breaker, 4)
    clock.now = 5.0
    call = breaker.enter()
    assert call
    call.left()
    assert breaker.state is State.HALF_OPEN
    assert breaker.enter()
