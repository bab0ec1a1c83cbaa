"""The roles file: what it says, and every fault with its line."""

from pathlib import Path

import pytest

from core.errors import DefinitionError
from core.messages import Account
from core.planning.policy import judge
from core.planning.roles_file import read
from core.planning.roster import Roster, combined, matches

GOOD = """\
roles:
  operator:
    may: [run, "cancel:deploy"]
    people:
      Dana: [slack:T1/U1, "discord:9/5"]
      Lee: slack:T1/U2
    slack_groups: [T1/S1]
    discord_roles: [9/7]
    emails: ["*@acme.example"]
  approver:
    people: {Lee: slack:T1/U2}
"""


def roster(text: str = GOOD) -> Roster:
    return combined({}, {"member": ("help",)}, (), read(text, "roles.yaml"), source="roles.yaml", defaults=True)


def faults(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(text, "roles.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_it_gives_roles_to_accounts_groups_and_addresses() -> None:
    found = roster()
    assert {h.role for h in found.of("slack:T1/U2")} == {"operator", "approver"}
    assert [h.role for h in found.of("discord:9/role:7")] == ["operator"]
    assert found.groups("slack", "T1") == ("S1",)
    assert found.grants == {"member": ("help",), "operator": ("run", "cancel:deploy")}
    assert found.names("operator") == ("Dana", "Lee")
    assert found.of("slack:T1/U1")[0].where == "roles.yaml:5"


def test_accounts_in_one_line_are_one_person() -> None:
    dana, other = Account.parse("slack:T1/U1"), Account.parse("discord:9/5")
    assert roster().same_person(other) == {dana, other}


def test_overlapping_groups_of_accounts_are_one_person() -> None:
    found = combined({}, {}, (("slack:T1/U1", "api:x/1"), ("api:x/1", "discord:9/5"), ("discord:9/5", "console:l/d")))
    assert len(found.same_person(Account.parse("slack:T1/U1"))) == 4


def test_the_example_is_valid() -> None:
    path = Path("docs/roles.example.yaml")
    assert {"member", "operator", "approver", "stager", "admin"} == set(read(path.read_text("utf-8"), str(path)).lines)


def test_every_fault_is_told_with_its_line() -> None:
    text = """\
roles:
  Operator:
    may: [run, "RUN: x"]
  approver:
    people:
      Lee: U2
    slack_groups:
      - T1/S1
      - oncall
    emails: ["*@*"]
    holders: [x]
"""
    found = faults(text)
    assert [fault.split(":")[1] for fault in found] == ["3", "3", "6", "9", "10", "11"]
    assert "unknown key holders" in found[-1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a roles file is a mapping"),
        ("roles: [a", "not YAML"),
        ("other: 1", "roles is missing"),
        ("roles: {a: &x {may: [ask]}, b: *x}", "aliases"),
        ("roles: {member: {people: {Lee: slack:T1/U2}}}", "every member holds member"),
        ("roles: {a: {people: {Lee: slack:T1/U2, Lea: slack:T1/U2}}}", "listed twice"),
        ("roles: {a: {emails: ['*@асme.example']}}", "whole domain"),
    ],
)
def test_broken_files_are_refused(text: str, reason: str) -> None:
    assert any(reason in fault for fault in faults(text))


def test_what_settings_and_file_both_say_is_an_error() -> None:
    file = read(GOOD, "roles.yaml")
    with pytest.raises(DefinitionError, match=r"roles.yaml:5: slack:T1/U1 stands in the setting roles"):
        combined({"slack:T1/U1": ("admin",)}, {}, (), file, source="roles.yaml")
    with pytest.raises(DefinitionError, match=r"roles.yaml:3: what operator may"):
        combined({}, {"operator": ("run",)}, (), file, source="roles.yaml")


@pytest.mark.parametrize("email", ["dana@acme.example", "DANA@ACME.EXAMPLE", "dana+test@acme.example"])
def test_an_address_of_the_domain_fits(email: str) -> None:
    assert matches("*@acme.example", email)


@pytest.mark.parametrize(
    "email",
    [
        "dana@acme.example.evil.com", "dana@evil-acme.example", "dana@sub.acme.example", "dana@acmе.example",
        "dana@evil.com@acme.example", "dana@acme.example@evil.com", "@acme.example", "dana", "",
    ],
)  # fmt: skip
def test_a23_look_alike_domains_fit_nothing(email: str) -> None:
    assert not matches("*@acme.example", email)


def test_an_exact_address_is_no_plus_address() -> None:
    assert not matches("dana@acme.example", "dana+x@acme.example")


def test_a_role_that_could_not_be_looked_up_refuses_and_says_so() -> None:
    from core.actors import Actor, Standing

    actor = Actor(Account.parse("slack:T1/U9"), "Kim", Standing.MEMBER, unsure=frozenset({"operator"}))
    verdict = judge(actor, "run:deploy", roster().grants)
    assert not verdict.allowed
    assert "could not look up" in verdict.reason
