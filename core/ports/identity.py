"""Who a person is."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from core.actors import Actor
from core.messages import Account, Person
from core.planning.roster import Holding


@dataclass(frozen=True, slots=True)
class Known:
    """An actor, and how that came about."""

    actor: Actor
    accounts: tuple[Account, ...] = ()
    """The person's other accounts."""
    holdings: tuple[Holding, ...] = ()
    """The entries that give the roles; several may give the same one."""


class Identity(Protocol):
    """Platform account → actor with standing and roles; the same answer in a channel, a direct message and a terminal."""

    async def actor(self, person: Person, *, groups: Collection[str] = ()) -> Actor:
        """Look the person up (remembered for some minutes). UpstreamError when the platform cannot be asked and nothing fresh
        is known: refuse then, never guess. A group that cannot be asked gives nothing: its roles are in `Actor.unsure`.
        `groups`: those (`slack:T1/role:S1`) of which it matters whether the person is in, besides the ones that give a role; they
        are in `Actor.known_as` or not, and in `Actor.unsure` when nobody knows."""
        ...

    async def explain(self, person: Person, *, groups: Collection[str] = ()) -> Known:
        """What `actor` answers, with the reasons."""
        ...

    def accounts(self, account: Account) -> frozenset[Account]:
        """The accounts that the settings name as this person's, itself included. Links that people made themselves are in
        `People.linked`; `Desk.accounts` knows both: nobody approves their own request from another platform, and nobody counts
        twice."""
        ...

    def named(self, role: str) -> tuple[str, ...]:
        """Names of people who are listed for the role; whoever holds it by a group or an address is not looked up."""
        ...
