"""Platform account → actor: standing from the platform, roles from the settings, both by id, never by display name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import structlog

from core.actors import Actor, Standing
from core.errors import NotFoundError
from core.messages import Account, Person, Platform
from core.ports.cache import Cache
from core.ports.platforms import KnowsPeople, Profile

log = structlog.get_logger()

_FRESH = 300.0
"""Seconds that a profile is believed. Somebody deactivated can act no longer than that."""


class PlatformIdentity:
    """Implements `core.ports.identity.Identity` over the connectors of all platforms."""

    def __init__(
        self,
        platforms: Mapping[Platform, KnowsPeople],
        *,
        cache: Cache,
        roles: Mapping[str, Sequence[str]],
        same_person: Sequence[Sequence[str]] = (),
        homes: Mapping[Platform, str] | None = None,
    ) -> None:
        """`roles`: account, `platform:workspace/role:ID` or `email:pattern` → roles. `same_person`: groups of accounts that
        belong to one person. `homes`: the workspace that accounts belong to when a payload names none (Discord direct messages)."""
        self._platforms = platforms
        self._cache = cache
        self._roles = roles
        self._homes = homes or {}
        self._same = {Account.parse(a): frozenset(map(Account.parse, group)) for group in same_person for a in group}

    async def actor(self, person: Person) -> Actor:
        """See `Identity.actor`."""
        account = self.canonical(person.account)
        if person.is_bot:
            return Actor(account, person.name, Standing.BOT)
        if person.home and person.home != account.workspace:
            return Actor(account, person.name, Standing.STRANGER)
        if account.platform in (Platform.CONSOLE, Platform.API):
            return Actor(account, person.name, Standing.MEMBER, frozenset(self._held(account, (), "")))
        try:
            profile = await self._profile(account)
        except NotFoundError:
            return Actor(account, person.name, Standing.STRANGER)
        groups = tuple(dict.fromkeys((*person.groups, *profile.groups)))
        roles = (
            frozenset(self._held(account, groups, profile.email))
            if profile.standing is Standing.MEMBER
            else frozenset()
        )
        return Actor(account, profile.name or person.name, profile.standing, roles)

    def accounts(self, account: Account) -> frozenset[Account]:
        """All accounts of the person whose account this is, itself included."""
        return self._same.get(account, frozenset()) | {account}

    def canonical(self, account: Account) -> Account:
        """The account as roles name it: direct messages decide like channels."""
        home = self._homes.get(account.platform, "")
        return account if account.workspace or not home else replace(account, workspace=home)

    def holders(self, role: str) -> tuple[Account, ...]:
        """See `Identity.holders`."""
        named = (key for key, roles in self._roles.items() if role in roles)
        return tuple(Account.parse(key) for key in named if "/" in key and ":" not in key.rpartition("/")[2])

    def _held(self, account: Account, groups: Sequence[str], email: str) -> Iterator[str]:
        """Roles of this very account, of its other linked accounts, of its groups and of its verified e-mail address."""
        for own in self.accounts(account):
            yield from self._roles.get(str(own), ())
        prefix = f"{account.platform}:{account.workspace}"
        for group in groups:
            yield from self._roles.get(f"{prefix}/role:{group}", ())
        for key, roles in self._roles.items():
            if email and key.startswith("email:") and fnmatchcase(email.lower(), key[6:].lower()):
                yield from roles

    async def _profile(self, account: Account) -> Profile:
        key = f"profile:{account}"
        if kept := await self._cache.get(key):
            data = json.loads(kept)
            return Profile(
                data["name"], Standing(data["standing"]), data["timezone"], data["email"], tuple(data["groups"])
            )
        profile = await self._platforms[account.platform].profile(account)
        data = {
            "name": profile.name,
            "standing": profile.standing.value,
            "timezone": profile.timezone,
            "email": profile.email,
            "groups": profile.groups,
        }
        await self._cache.set(key, json.dumps(data).encode(), ttl=_FRESH)
        return profile
