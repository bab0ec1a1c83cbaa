"""Who may decide, and what a decision does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.actors import Actor, By, Standing
from core.messages import Account, Platform
from core.workflow.approvals import (
    Accepted,
    Approval,
    ApprovalStatus,
    Decision,
    DueKind,
    Reason,
    Refusal,
    Verdict,
    Voice,
    judge,
    judge_delegation,
    schedule,
)
from core.workflow.digests import digest, shorten
from tests.fake_records import START
from tests.workflow_world import ADMIN, ALICE, BOB, NOBODY, REQUESTER, World, account, person

OPEN = Approval(
    id="APR-1",
    run_id="RUN-1",
    step="gate",
    title="Gate",
    digest="d1",
    environment="production",
    authors=(REQUESTER.account,),
    roles=("approver",),
    needed=2,
    requested_at=START,
    expires_at=START + timedelta(hours=1),
    escalate_at=START + timedelta(minutes=45),
    escalate_to=("admin", "approver"),
)


def say(
    approval: Approval | None, who: Actor, verdict: Verdict = Verdict.APPROVE, *, minutes: float = 1, seen: str = "d1"
) -> Accepted | Refusal:
    return judge(approval, who, verdict, now=START + timedelta(minutes=minutes), digest=seen, comment="ok")


CAST = person("Cast", "approver")
"""Has approved."""


def approved_by(*people: Actor) -> Approval:
    decisions = tuple(Decision(who.account, who.name, Verdict.APPROVE, START) for who in people)
    return replace(OPEN, decisions=decisions)


def test_the_first_of_two_leaves_it_open() -> None:
    accepted = say(OPEN, ALICE)
    decision = Decision(ALICE.account, "Alice", Verdict.APPROVE, START + timedelta(minutes=1), "ok")
    assert accepted == Accepted(decision, ApprovalStatus.OPEN, 1)


def test_the_second_person_grants_it() -> None:
    accepted = say(approved_by(ALICE), BOB)
    assert isinstance(accepted, Accepted)
    assert (accepted.status, accepted.given) == (ApprovalStatus.GRANTED, 2)


def test_one_eligible_no_is_enough() -> None:
    accepted = say(approved_by(ALICE), BOB, Verdict.DENY)
    assert isinstance(accepted, Accepted)
    assert (accepted.status, accepted.given) == (ApprovalStatus.DENIED, 1)


def test_who_approved_may_still_say_no_while_it_is_open() -> None:
    accepted = say(approved_by(ALICE), ALICE, Verdict.DENY)
    assert isinstance(accepted, Accepted)
    assert accepted.status is ApprovalStatus.DENIED


@pytest.mark.parametrize(
    ("approval", "who", "reason"),
    [
        (None, ALICE, Reason.UNKNOWN),
        (replace(OPEN, status=ApprovalStatus.GRANTED), ALICE, Reason.GRANTED),
        (replace(OPEN, status=ApprovalStatus.DENIED), ALICE, Reason.DENIED),
        (replace(OPEN, status=ApprovalStatus.EXPIRED), ALICE, Reason.EXPIRED),
        (replace(OPEN, status=ApprovalStatus.VOID), ALICE, Reason.VOID),
        (replace(OPEN, status=ApprovalStatus.CANCELLED), ALICE, Reason.CANCELLED),
        (OPEN, REQUESTER, Reason.REQUESTER),
        (replace(OPEN, authors=(BOB.account, ALICE.account)), ALICE, Reason.REQUESTER),
        (OPEN, NOBODY, Reason.NOT_ELIGIBLE),
        (OPEN, ADMIN, Reason.NOT_ELIGIBLE),
        (OPEN, person("Gus", "approver", standing=Standing.GUEST), Reason.NOT_ELIGIBLE),
        (approved_by(ALICE), ALICE, Reason.REPEATED),
    ],
)
def test_each_reason_refuses(approval: Approval | None, who: Actor, reason: Reason) -> None:
    refusal = say(approval, who)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


def test_a_click_at_the_very_end_is_too_late_before_the_timer_has_fired() -> None:
    assert isinstance(say(OPEN, ALICE, minutes=59.9), Accepted)
    refusal = say(OPEN, ALICE, minutes=60)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.EXPIRED


def test_a_click_on_another_plan_does_not_count() -> None:
    refusal = say(OPEN, ALICE, seen="d2")
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.VOID


def test_a_refusal_names_who_may_and_who_decided() -> None:
    refusal = say(approved_by(BOB), NOBODY)
    assert isinstance(refusal, Refusal)
    assert (refusal.who_may, refusal.decisions[0].account) == (("approver",), BOB.account)


def test_self_approval_counts_where_the_definition_allows_it() -> None:
    assert isinstance(say(replace(OPEN, self_approval=True), REQUESTER), Accepted)


def test_a_second_account_of_the_same_person_counts_as_that_person() -> None:
    twin = Actor(Account(Platform.DISCORD, "1", "2"), "Dana", Standing.MEMBER, frozenset({"approver"}))
    now = START + timedelta(minutes=1)
    own = judge(OPEN, twin, Verdict.APPROVE, now=now, digest="d1", accounts=frozenset({REQUESTER.account}))
    again = judge(approved_by(ALICE), twin, Verdict.APPROVE, now=now, digest="d1", accounts=frozenset({ALICE.account}))
    assert isinstance(own, Refusal)
    assert isinstance(again, Refusal)
    assert (own.reason, again.reason) == (Reason.REQUESTER, Reason.REPEATED)


def test_the_same_name_on_another_account_is_another_person() -> None:
    namesake = Actor(account("Other"), "Dana", Standing.MEMBER, frozenset({"approver"}))
    assert isinstance(say(OPEN, namesake), Accepted)


def test_after_escalation_the_other_role_may_decide_too() -> None:
    escalated = replace(OPEN, escalated=True)
    assert escalated.eligible == ("approver", "admin")
    assert isinstance(say(escalated, ADMIN), Accepted)


NAMED = replace(OPEN, roles=(), people=("@dora", "slack:T1/UCleo"), groups=("slack:T1/role:S1",))


@pytest.mark.parametrize(
    ("who", "others", "may"),
    [
        (replace(person("Dora"), known_as=frozenset({"@dora"})), (), True),
        (replace(person("Gil"), known_as=frozenset({"slack:T1/role:S1"})), (), True),
        (person("Cleo"), (), True),
        (person("Dora", "approver"), (), False),
        (replace(person("Dora"), known_as=frozenset({"dora", "@other"})), (), False),
        (person("Twin"), (account("Cleo"),), True),
        (replace(person("Gil", standing=Standing.GUEST), known_as=frozenset({"slack:T1/role:S1"})), (), False),
    ],
)
def test_people_groups_and_linked_accounts_may_decide_and_nobody_else(
    who: Actor, others: tuple[Account, ...], may: bool
) -> None:
    judged = judge(NAMED, who, Verdict.APPROVE, now=START, digest="d1", accounts=frozenset(others))
    assert isinstance(judged, Accepted) is may
    assert may or (isinstance(judged, Refusal) and judged.reason is Reason.NOT_ELIGIBLE)


def for_(approval: Approval, who: Actor, *principals: Actor, apart: frozenset[Account] = frozenset()) -> object:
    voices = [Voice.of(principal) for principal in principals]
    judged = judge(approval, who, Verdict.APPROVE, now=START, digest="d1", principals=voices, apart=apart)
    return judged.reason if isinstance(judged, Refusal) else judged.decision.on_behalf


def test_who_was_handed_a_say_decides_for_its_owner_and_both_count_once() -> None:
    assert for_(OPEN, NOBODY, ALICE) == By.of(ALICE)
    assert for_(OPEN, BOB, ALICE) is None, "in their own right first"
    assert for_(approved_by(ALICE), NOBODY, ALICE) is Reason.REPEATED
    said = Decision(NOBODY.account, "Nils", Verdict.APPROVE, START, on_behalf=By.of(ALICE))
    spent = replace(OPEN, decisions=(said,))
    assert (spent.given, for_(spent, ALICE), for_(spent, NOBODY, BOB)) == (1, Reason.REPEATED, Reason.REPEATED)


def test_nobody_decides_their_own_plan_through_somebody_else() -> None:
    assert for_(OPEN, REQUESTER, ALICE) is Reason.REQUESTER
    assert for_(OPEN, NOBODY, REQUESTER) is Reason.NOT_ELIGIBLE, "what the requester may not do, nobody does for them"
    assert for_(OPEN, NOBODY, person("Gus", "approver", standing=Standing.DEACTIVATED)) is Reason.NOT_ELIGIBLE


def test_separation_of_duty_holds_for_both_and_leaves_a_no_free() -> None:
    apart = frozenset({ALICE.account})
    assert for_(OPEN, ALICE, apart=apart) is Reason.SEPARATED
    assert for_(OPEN, NOBODY, ALICE, apart=apart) is Reason.SEPARATED
    assert for_(OPEN, NOBODY, BOB, apart=frozenset({NOBODY.account})) is Reason.SEPARATED
    assert for_(OPEN, BOB, apart=apart) is None
    denied = judge(OPEN, ALICE, Verdict.DENY, now=START, digest="d1", apart=apart)
    assert isinstance(denied, Accepted)


def test_a_denial_takes_a_reason_where_it_must() -> None:
    strict = replace(OPEN, reason_needed=True)
    for comment, accepted in (("", False), ("  ", False), ("freeze", True)):
        judged = judge(strict, ALICE, Verdict.DENY, now=START, digest="d1", comment=comment)
        assert isinstance(judged, Accepted) is accepted
    assert isinstance(judge(strict, ALICE, Verdict.APPROVE, now=START, digest="d1"), Accepted)
    stranger = judge(strict, NOBODY, Verdict.DENY, now=START, digest="d1")
    assert isinstance(stranger, Refusal)
    assert stranger.reason is Reason.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("by", "to", "reason"),
    [
        (ALICE, NOBODY, None),
        (NOBODY, BOB, Reason.NOT_ELIGIBLE),
        (REQUESTER, BOB, Reason.REQUESTER),
        (ALICE, REQUESTER, Reason.TO_REQUESTER),
        (ALICE, ALICE, Reason.TO_SELF),
        (ALICE, person("Gus", standing=Standing.GUEST), Reason.TO_STRANGER),
        (ALICE, CAST, Reason.TO_DECIDED),
        (CAST, NOBODY, Reason.REPEATED),
    ],
)
def test_a_say_is_handed_over_by_who_has_one_to_who_may_have_it(by: Actor, to: Actor, reason: Reason | None) -> None:
    refused = judge_delegation(approved_by(CAST), Voice.of(by), Voice.of(to), now=START, digest="d1")
    assert (refused and refused.reason) == reason


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("", [("remind", 30, 1), ("escalate", 45, 1), ("remind", 54, 2), ("expire", 60, 1)]),
        # Held up to 09:50; the first reminder would then come a moment before the second.
        ("09:15-09:50", [("escalate", 50, 1), ("remind", 50, 1), ("remind", 54, 2), ("expire", 60, 1)]),
        ("09:15-09:55", [("escalate", 55, 1), ("remind", 55, 2), ("expire", 60, 1)]),
        ("09:15-12:00", [("expire", 60, 1)]),
        ("10:15-10:55 Europe/Berlin", [("escalate", 55, 1), ("remind", 55, 2), ("expire", 60, 1)]),
    ],
)
def test_quiet_hours_hold_up_what_calls_people_and_never_the_end(
    hours: str, expected: list[tuple[str, float, int]]
) -> None:
    due = schedule(replace(OPEN, quiet_hours=hours))
    told = [(item.kind.value, (item.at - START) / timedelta(minutes=1), item.number) for item in due]
    assert sorted(told, key=lambda one: (one[1], one[0])) == expected


def test_time_reminds_twice_escalates_and_expires() -> None:
    due = [(item.kind, (item.at - START) / timedelta(minutes=1), item.number) for item in schedule(OPEN)]
    assert due == [
        (DueKind.REMIND, 30, 1),
        (DueKind.ESCALATE, 45, 1),
        (DueKind.REMIND, 54, 2),
        (DueKind.EXPIRE, 60, 1),
    ]


def test_without_an_escalation_target_nothing_escalates() -> None:
    kinds = [item.kind for item in schedule(replace(OPEN, escalate_at=None))]
    assert kinds == [DueKind.REMIND, DueKind.REMIND, DueKind.EXPIRE]


def test_the_digest_changes_with_every_parameter_and_with_the_definition() -> None:
    definition = World().definition
    plans = [
        digest(definition, {"service": "a", "n": 1}),
        digest(definition, {"service": "a", "n": "1"}),
        digest(definition, {"service": "b", "n": 1}),
        digest(replace(definition, version="1.0.1"), {"service": "a", "n": 1}),
    ]
    assert len(set(plans)) == 4


def test_the_digest_does_not_depend_on_the_order_of_parameters() -> None:
    definition = World().definition
    full = digest(definition, {"a": "1", "b": "2"})
    assert full == digest(definition, {"b": "2", "a": "1"})
    assert shorten(full) == full[:8]
