"""Who holds which role, and what each role may: the settings and the roles file as one value. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from core.errors import DefinitionError, Problem
from core.messages import Account

EMAIL = re.compile(r"[^\s@?\[\]]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII)
"""A whole domain; `*` stands for any name in it."""
ROLE = re.compile(r"[a-z][a-z0-9_-]*")
PERMISSION = re.compile(r"[a-z*]+(:[\w.*-]+){0,2}")

SETTINGS = "settings"
"""`Holding.where` of what stands in the settings."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One entry that gives a role."""

    role: str
    holder: str
    """An account, `platform:workspace/role:ID` (a Discord role or a Slack user group), or `email:pattern`."""
    where: str = SETTINGS
    """File and line, or SETTINGS."""
    name: str = ""
    """Of the person, as the file tells; for display only."""


@dataclass(frozen=True, slots=True)
class RolesFile:
    """What a roles file says."""

    holdings: tuple[Holding, ...] = ()
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Role → line that it begins at."""
    people: tuple[frozenset[Account], ...] = ()
    """Accounts that the file lists under one name: each group is one person."""


@dataclass(frozen=True)
class Roster:
    """All holdings and grants."""

    holdings: tuple[Holding, ...] = ()
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[frozenset[Account], ...] = ()

    @cached_property
    def _by_holder(self) -> Mapping[str, tuple[Holding, ...]]:
        found: dict[str, tuple[Holding, ...]] = {}
        for holding in self.holdings:
            found[holding.holder] = (*found.get(holding.holder, ()), holding)
        return found

    @cached_property
    def _by_account(self) -> Mapping[Account, frozenset[Account]]:
        """Overlapping groups are one person."""
        found: dict[Account, frozenset[Account]] = {}
        for group in self.people:
            joined = frozenset().union(group, *(found.get(account, frozenset()) for account in group))
            found |= dict.fromkeys(joined, joined)
        return found

    def of(self, holder: str) -> tuple[Holding, ...]:
        """What this account or group is given by name."""
        return self._by_holder.get(holder, ())

    def of_email(self, email: str) -> Iterator[Holding]:
        """What a verified address is given."""
        for holder, holdings in self._by_holder.items():
            if holder.startswith("email:") and matches(holder.removeprefix("email:"), email):
                yield from holdings

    def groups(self, platform: str, workspace: str) -> tuple[str, ...]:
        """Ids of the groups of a workspace that give a role."""
        prefix = f"{platform}:{workspace}/role:"
        return tuple(holder.removeprefix(prefix) for holder in self._by_holder if holder.startswith(prefix))

    def same_person(self, account: Account) -> frozenset[Account]:
        """The accounts that stand beside this one as one person's, itself included."""
        return self._by_account.get(account, frozenset()) | {account}

    def names(self, role: str) -> tuple[str, ...]:
        """Names of the people who are listed for the role, each once."""
        return tuple(dict.fromkeys(h.name for h in self.holdings if h.role == role and h.name))

    def goes_by(self, accounts: Collection[Account]) -> frozenset[str]:
        """Names that entries give these accounts, as definitions name people: `@dana`."""
        mine = set(map(str, accounts))
        return frozenset(f"@{h.name.casefold()}" for h in self.holdings if h.name and h.holder in mine)

    def accounts(self, role: str) -> tuple[Account, ...]:
        """The accounts that are listed for the role, each once; members of groups and addresses are not."""
        listed = (h.holder for h in self.holdings if h.role == role and not h.holder.startswith("email:"))
        return tuple(dict.fromkeys(Account.parse(holder) for holder in listed if "/role:" not in holder))

    def entries(self) -> frozenset[str]:
        """Everything that it says, as lines to compare."""
        held = {f"{h.role}: {shown_holder(h.holder)}" for h in self.holdings}
        may = {f"{role} may {pattern}" for role, patterns in self.grants.items() for pattern in patterns}
        same = {f"one person: {', '.join(sorted(map(str, group)))}" for group in self.people}
        return frozenset(held | may | same)


def matches(pattern: str, email: str) -> bool:
    """Whether a verified address fits `NAME@DOMAIN`. The domain must be the very same, whatever the case; an address with
    characters beyond ASCII, or with two @, fits nothing."""
    if not email.isascii() or email.count("@") != 1:
        return False
    name, _, domain = email.lower().partition("@")
    wanted, _, home = pattern.lower().partition("@")
    return bool(name) and domain == home and fnmatchcase(name, wanted)


def shown_holder(holder: str) -> str:
    """The holder as people write it."""
    return holder.replace("/role:", "/group:") if holder.startswith("slack:") else holder


def combined(
    roles: Mapping[str, Sequence[str]],
    permissions: Mapping[str, tuple[str, ...]],
    same_person: Sequence[Sequence[str]],
    file: RolesFile | None = None,
    *,
    source: str = "",
    defaults: bool = False,
) -> Roster:
    """The settings with what the file adds. DefinitionError when both say something of the same holder or the same role.
    `source`: the file's name; `defaults`: nobody has set `permissions`, so the file's own take the place of a role's."""
    inline = tuple(Holding(role, holder) for holder, names in roles.items() for role in names)
    people = tuple(frozenset(map(Account.parse, group)) for group in same_person)
    if file is None:
        return Roster(inline, dict(permissions), people)
    clashes = [
        Problem(source, int(h.where.rpartition(":")[2]), f"{shown_holder(h.holder)} stands in the setting roles, too")
        for h in file.holdings
        if h.holder in roles
    ]
    if not defaults:
        clashes += [
            Problem(source, file.lines[role], f"what {role} may stands in the setting permissions, too")
            for role in file.grants
            if role in permissions
        ]
    if clashes:
        raise DefinitionError(tuple(clashes))
    return Roster((*inline, *file.holdings), {**permissions, **file.grants}, (*people, *file.people))
