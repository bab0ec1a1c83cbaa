"""The roles file: YAML text → holdings and grants, or every fault with its line. Pure."""

import re
from collections.abc import Callable
from dataclasses import replace

from core.errors import DefinitionError
from core.messages import Account, Platform
from core.planning.policy import EVERYBODY
from core.planning.roster import EMAIL, PERMISSION, ROLE, Holding, RolesFile
from core.workflow.source import Faults, Section, compose

_SHAPE = "a roles file is a mapping: roles, with what each may and who holds it"
_SLACK_GROUP = re.compile(r"(T[A-Z0-9]+)/(S[A-Z0-9]+)")
_DISCORD_ROLE = re.compile(r"(\d+)/(\d+)")


def read(text: str, file: str) -> RolesFile:
    """What the file says; DefinitionError lists every fault of it."""
    faults = Faults(file)
    found = RolesFile()
    if top := compose(text, faults, shape=_SHAPE):
        section = Section(top, faults, "roles file")
        roles = section.section("roles")
        if roles is None and not section.has("roles"):
            section.fault("roles", "is missing")
        section.close()
        for name in roles.names() if roles else ():
            if role := roles.section(name) if roles else None:
                found = _with_role(found, name, role, faults)
    if faults.problems:
        raise DefinitionError(tuple(faults.problems))
    return found


def _with_role(found: RolesFile, name: str, section: Section, faults: Faults) -> RolesFile:
    if not ROLE.fullmatch(name):
        faults.add(section.node, f"{name!r} is no role: expected lower-case letters, digits, - and _")
    grants = dict(found.grants)
    if section.has("may"):
        grants[name] = tuple(pattern for pattern, _ in section.lines("may"))
    for pattern, line in section.lines("may"):
        if not PERMISSION.fullmatch(pattern):
            faults.at_line(line, f"{name}: {pattern!r}: expected verb, verb:target or verb:target:environment")
    holdings, people = _people(name, section, faults)
    for key, holder, expected in (
        ("slack_groups", _slack_group, "TEAM/GROUP, such as T0123/S0456"),
        ("discord_roles", _discord_role, "SERVER/ROLE, two numbers"),
        ("emails", _email, "NAME@DOMAIN with a whole domain; * stands for any name"),
    ):
        holdings += _holdings(name, section, key, holder, expected)
    section.close()
    if name == EVERYBODY and holdings:
        faults.add(section.node, f"every member holds {EVERYBODY}; list nobody for it")
    for n, holding in enumerate(holdings):
        if any(holding.holder == other.holder for other in holdings[:n]):
            line = int(holding.where.rpartition(":")[2])
            faults.at_line(line, f"{name}: {holding.holder} is listed twice")
    line = section.node.start_mark.line + 1
    return replace(
        found,
        holdings=(*found.holdings, *holdings),
        grants=grants,
        lines={**found.lines, name: line},
        people=(*found.people, *people),
    )


def _people(role: str, section: Section, faults: Faults) -> tuple[list[Holding], list[frozenset[Account]]]:
    """`people` is a mapping: the name to show → the person's accounts."""
    holdings: list[Holding] = []
    groups: list[frozenset[Account]] = []
    listed = section.section("people")
    for person in listed.names() if listed else ():
        accounts = []
        for text, line in listed.lines(person) if listed else ():
            account = _account(text)
            if account is None:
                platforms = ", ".join(Platform)
                faults.at_line(
                    line, f"{role}: {text!r}: expected platform:workspace/ID, with a platform of {platforms}"
                )
                continue
            accounts.append(account)
            holdings.append(Holding(role, str(account), f"{faults.file}:{line}", person))
        if len(accounts) > 1:
            groups.append(frozenset(accounts))
    return holdings, groups


def _holdings(role: str, section: Section, key: str, holder: Callable[[str], str], expected: str) -> list[Holding]:
    found = []
    for text, line in section.lines(key):
        if named := holder(text):
            found.append(Holding(role, named, f"{section.faults.file}:{line}"))
        else:
            section.faults.at_line(line, f"{role}: {text!r}: expected {expected}")
    return found


def _account(text: str) -> Account | None:
    try:
        account = Account.parse(text)
    except ValueError:
        return None
    return account if account.workspace and re.fullmatch(r"[\w.@-]+", account.id) else None


def _slack_group(text: str) -> str:
    match = _SLACK_GROUP.fullmatch(text)
    return f"slack:{match[1]}/role:{match[2]}" if match else ""


def _discord_role(text: str) -> str:
    match = _DISCORD_ROLE.fullmatch(text)
    return f"discord:{match[1]}/role:{match[2]}" if match else ""


def _email(text: str) -> str:
    return f"email:{text.lower()}" if EMAIL.fullmatch(text) else ""
