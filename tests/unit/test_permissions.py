"""Which permission each plan needs, and who holds one somewhere."""

import pytest

from core.actors import Actor, Standing
from core.incidents.incident import Link as Linked
from core.incidents.incident import Report, Role
from core.incidents.lifecycle import Wanted
from core.messages import Account, Platform
from core.planning import permissions, plan
from core.planning.policy import may_somewhere
from core.workflow.steering import Steering

GRANTS = {"member": ("help", "ask"), "operator": ("run:deploy:staging",), "admin": ("*",)}


def actor(*roles: str, standing: Standing = Standing.MEMBER) -> Actor:
    return Actor(Account(Platform.SLACK, "T1", "U1"), "Dana", standing, frozenset(roles))


@pytest.mark.parametrize(
    ("meant", "permission"),
    [
        (plan.Help(), "help"),
        (plan.WhoAmI(), "help"),
        (plan.Silence("not for us"), "help"),
        (plan.Choose("Which?", ()), "help"),
        (plan.Fill("What?", "Say it", "form:update"), "help"),
        (plan.ShowChannel(), "help"),
        (plan.Ask("delivery.status", {"service": "checkout"}, "version"), "ask:delivery.status"),
        (plan.Ask("delivery.status", {"environment": "production"}, "version"), "ask:delivery.status:production"),
        (plan.Status(), "status"),
        (plan.Approvals(), "status"),
        (plan.Preview("deploy", {"environment": "production"}), "status"),
        (plan.Change("RUN-1", {}), "status"),
        (plan.Steer("RUN-1", Steering.CANCEL), "status"),
        (plan.Start("deploy", {"environment": "staging"}), "run:deploy:staging"),
        (plan.Start("maintenance", {}), "run:maintenance"),
        (plan.SetChannel("muted", "yes"), "settings:muted"),
        (plan.Declare(Report("down")), "incident:declare"),
        (plan.ChangeIncident("", Wanted()), "incident:update"),
        (plan.UpdateIncident("", "x"), "incident:update"),
        (plan.NoteIncident("", "x"), "incident:update"),
        (plan.TakeRole("", Role.SCRIBE), "incident:update"),
        (plan.Attach("", Linked("link", "x")), "incident:update"),
        (plan.ShowIncident(), "incident:read"),
        (plan.ListIncidents(), "incident:read"),
        (plan.ShowTimeline(), "incident:read"),
        (plan.DraftPostmortem(), "incident:read"),
    ],
)
def test_what_a_plan_needs(meant: plan.Plan, permission: str) -> None:
    assert permissions.needed(meant) == permission


def test_a_permission_for_one_environment_is_one_somewhere() -> None:
    assert may_somewhere(actor("operator"), "run", GRANTS)
    assert not may_somewhere(actor(), "run", GRANTS)
    assert may_somewhere(actor(), "ask", GRANTS)
    assert may_somewhere(actor("admin"), "incident", GRANTS)
    assert not may_somewhere(actor("admin", standing=Standing.GUEST), "help", GRANTS)
