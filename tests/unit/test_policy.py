"""Who may do what."""

import pytest

from core.actors import Actor, Standing
from core.messages import Account, Platform
from core.planning.policy import covers, judge, roles_of

ACCOUNT = Account(Platform.SLACK, "T1", "U1")
GRANTS = {"member": ["help", "ask"], "operator": ["run:*"], "stager": ["run:deploy:staging"]}


def actor(*roles: str, standing: Standing = Standing.MEMBER) -> Actor:
    return Actor(ACCOUNT, "Dana", standing, frozenset(roles))


@pytest.mark.parametrize(
    ("pattern", "permission", "expected"),
    [
        ("run:*", "run:deploy:production", True),
        ("run:deploy", "run:deploy:production", True),
        ("run:deploy:staging", "run:deploy:production", False),
        ("run:deploy:staging", "run:deploy", False),
        ("*", "settings:muted", True),
        ("run:dep*", "run:deploy", True),
        ("ask", "run", False),
    ],
)
def test_a_pattern_covers_what_is_below_it(pattern: str, permission: str, expected: bool) -> None:
    assert covers(pattern, permission) is expected


def test_every_member_may_what_the_member_role_grants() -> None:
    assert judge(actor(), "ask:delivery.status", GRANTS).allowed


def test_a_refusal_names_the_roles_that_may() -> None:
    verdict = judge(actor(), "run:deploy:staging", GRANTS)
    assert not verdict.allowed
    assert verdict.who_may == ("operator", "stager")


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_a24_everybody_but_members_is_refused_whatever_their_roles(standing: Standing) -> None:
    verdict = judge(actor("operator", standing=standing), "help", GRANTS)
    assert not verdict.allowed
    assert verdict.reason


def test_strangers_hold_no_role_at_all() -> None:
    assert roles_of(actor("operator", standing=Standing.STRANGER)) == frozenset()
