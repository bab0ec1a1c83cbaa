"""Who a person is."""

from typing import Protocol

from core.actors import Actor
from core.messages import Account, Person


class Identity(Protocol):
    """Platform account → actor with standing and roles; the same answer in a channel, a direct message and a terminal."""

    async def actor(self, person: Person) -> Actor:
        """Look the person up (remembered for some minutes). UpstreamError when the platform cannot be asked and nothing fresh
        is known: refuse then, never guess."""
        ...

    def accounts(self, account: Account) -> frozenset[Account]:
        """All accounts of the person whose account this is, itself included: nobody approves their own request from another
        platform, and nobody counts twice."""
        ...

    def holders(self, role: str) -> tuple[Account, ...]:
        """The accounts that hold the role by name in the settings; group members are not listed."""
        ...
