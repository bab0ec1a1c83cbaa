"""Who acts: a platform account with its standing in the organisation and its roles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.messages import Account


class Standing(StrEnum):
    """What an account is to the organisation. Everything but MEMBER is refused by default."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Somebody from another organisation in a shared channel, or outside our servers."""
    BOT = "bot"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as policy sees them."""

    account: Account
    name: str
    """For display only."""
    standing: Standing
    roles: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    """Roles that count as not held because the group or account that may give them could not be looked up."""
    known_as: frozenset[str] = frozenset()
    """What definitions may name the person by besides roles and accounts: groups of the platform (`slack:T1/role:S1`) and names of
    the roles file (`@dana`)."""
    timezone: str = "UTC"
    """IANA name, from the platform's profile: what "since lunch" is counted in."""

    def __str__(self) -> str:
        return str(self.account)


@dataclass(frozen=True, slots=True)
class By:
    """The person behind a fact on the record."""

    account: Account
    name: str
    """For display only."""

    @classmethod
    def of(cls, actor: Actor) -> "By":
        """This actor, as a fact names them."""
        return cls(actor.account, actor.name)


def everybody(account: Account, neighbours: Callable[[Account], Iterable[Account]]) -> frozenset[Account]:
    """All accounts of one person: whoever can be reached over `neighbours`, the account itself included."""
    found, ahead = {account}, [account]
    while ahead:
        fresh = set(neighbours(ahead.pop())) - found
        found |= fresh
        ahead += fresh
    return frozenset(found)
