"""What a replay says of read models that are not what the history adds up to."""

from dataclasses import replace

import pytest

from core.errors import HistoryError
from core.workflow.replay import differences, moments
from core.workflow.views import views
from tests.workflow_world import ALICE, World


async def test_a_request_that_the_lists_lack_or_tell_otherwise_is_a_difference() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE)
    run = world.run(run)
    view, (approval,) = views(run)
    assert differences(run, view, {approval.id: approval}) == ()
    (lacking,) = differences(run, view, {})
    assert (lacking.what, lacking.folded, lacking.stored) == (approval.id, "open", None)
    (other,) = differences(run, view, {approval.id: replace(approval, given=2)})
    assert (other.what, other.folded, other.stored) == (f"{approval.id} given", 1, 2)


async def test_what_came_before_a_broken_event_is_told() -> None:
    world = World()
    run = await world.waiting()
    history = list(world.records.state.histories[run.id])
    folded = moments([*history[:2], history[3]])
    assert [next(folded).changed(), next(folded).changed()] == [(), (("check", "running"),)]
    with pytest.raises(HistoryError, match="event 4 stands where 3 belongs"):
        next(folded)
