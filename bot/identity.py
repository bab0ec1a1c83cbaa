"""Platform account → actor: standing from the platform, roles from the roster, both by id, never by display name."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from bot.roles import RoleBook
from core.actors import Actor, Standing, everybody
from core.errors import BotError, NotFoundError
from core.messages import Account, Person, Platform
from core.planning.roster import Holding
from core.ports.cache import Cache
from core.ports.identity import Known
from core.ports.platforms import KnowsGroups, KnowsPeople, Profile
from core.ports.records import Records

log = structlog.get_logger()

_FRESH = 300.0
"""Seconds that a profile, and the members of a group, are believed. Somebody deactivated can act no longer than that."""
_STALE = 900.0
"""Seconds that the members of a group are believed while the platform cannot be asked; then nobody is in it."""
_AGAIN = 10.0
"""Seconds until a group that could not be looked up is asked for again."""
_LOCAL = (Platform.CONSOLE, Platform.API)
"""Whoever is here was let in by this installation: no platform is asked."""


@dataclass(slots=True)
class _Found:
    """What an account is given."""

    holdings: list[Holding] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    """Roles, and groups that were asked for, that could not be looked up."""
    groups: set[str] = field(default_factory=set)
    """Groups that it is in, as far as they were looked at."""

    def add(self, other: "_Found") -> None:
        self.holdings += other.holdings
        self.unsure |= other.unsure
        self.groups |= other.groups


class PlatformIdentity:
    """Implements `core.ports.identity.Identity` over the connectors of all platforms."""

    def __init__(
        self,
        platforms: Mapping[Platform, KnowsPeople],
        *,
        records: Records,
        cache: Cache,
        book: RoleBook,
        homes: Mapping[Platform, str] | None = None,
    ) -> None:
        """`homes`: the workspace that accounts belong to when a payload names none (Discord direct messages)."""
        self._platforms = platforms
        self._records = records
        self._cache = cache
        self._book = book
        self._homes = homes or {}

    async def actor(self, person: Person, *, groups: Collection[str] = ()) -> Actor:
        """See `Identity.actor`."""
        return (await self.explain(person, groups=groups)).actor

    async def explain(self, person: Person, *, groups: Collection[str] = ()) -> Known:
        """See `Identity.explain`."""
        account = self.canonical(person.account)
        if person.is_bot:
            return Known(Actor(account, person.name, Standing.BOT))
        if person.home and person.home != account.workspace:
            return Known(Actor(account, person.name, Standing.STRANGER))
        try:
            profile = await self._profile(account, person.name)
        except NotFoundError:
            return Known(Actor(account, person.name, Standing.STRANGER))
        name = profile.name or person.name
        if profile.standing is not Standing.MEMBER:
            return Known(Actor(account, name, profile.standing))
        found = await self._given(account, replace(profile, groups=(*person.groups, *profile.groups)), groups)
        others = await self._others(account)
        for other in others:
            found.add(await self._given_to_other(account, other, groups))
        roles = frozenset(holding.role for holding in found.holdings)
        known_as = found.groups | self._book.roster.goes_by((account, *others))
        unsure = frozenset(found.unsure) - roles - known_as
        actor = Actor(account, name, profile.standing, roles, unsure, frozenset(known_as), profile.timezone)
        return Known(actor, others, tuple(dict.fromkeys(found.holdings)))

    def accounts(self, account: Account) -> frozenset[Account]:
        """See `Identity.accounts`."""
        return self._book.roster.same_person(account)

    def named(self, role: str) -> tuple[str, ...]:
        """See `Identity.named`."""
        return self._book.roster.names(role)

    def canonical(self, account: Account) -> Account:
        """The account as roles name it: direct messages decide like channels."""
        home = self._homes.get(account.platform, "")
        return account if account.workspace or not home else replace(account, workspace=home)

    async def _others(self, account: Account) -> tuple[Account, ...]:
        """The person's other accounts: those that settings name and those that they linked."""
        same = self._book.roster.same_person
        found = await self._records.read(lambda tx: everybody(account, lambda a: same(a) | tx.people.linked(a)))
        return tuple(sorted(found - {account}, key=str))

    async def _given(self, account: Account, profile: Profile, groups: Collection[str]) -> _Found:
        """By the account itself, by its groups, and by its verified address."""
        roster = self._book.roster
        found = _Found([*roster.of(str(account)), *roster.of_email(profile.email)])
        prefix = f"{account.platform}:{account.workspace}/role:"
        for group in dict.fromkeys(profile.groups):
            found.groups.add(prefix + group)
            found.holdings += roster.of(prefix + group)
        platform: object = self._platforms.get(account.platform)
        if isinstance(platform, KnowsGroups):
            asked = (name.removeprefix(prefix) for name in groups if name.startswith(prefix))
            for group in dict.fromkeys((*roster.groups(account.platform, account.workspace), *asked)):
                holdings = roster.of(prefix + group)
                members = await self._members(platform, account.workspace, group)
                if members is None:
                    found.unsure |= {holding.role for holding in holdings} | ({prefix + group} & set(groups))
                elif account.id in members:
                    found.groups.add(prefix + group)
                    found.holdings += holdings
        return found

    async def _given_to_other(self, account: Account, other: Account, groups: Collection[str]) -> _Found:
        """What another account of the person brings along: nothing unless it is a member's, too."""
        roster = self._book.roster
        named = roster.of(str(other))
        if other.platform not in self._platforms and other.platform not in _LOCAL:
            # This process cannot ask (a terminal's): what the operator wrote side by side is believed, a link is not.
            if other in roster.same_person(account):
                return _Found(list(named))
            return _Found(unsure=_roles(named))
        try:
            profile = await self._profile(other)
        except NotFoundError:
            return _Found()
        except BotError as error:
            log.warning("identity.other_unknown", account=str(other), error=error.message)
            return _Found(unsure=_roles(named))
        return await self._given(other, profile, groups) if profile.standing is Standing.MEMBER else _Found()

    async def _members(self, platform: KnowsGroups, workspace: str, group: str) -> frozenset[str] | None:
        """Who is in a group; None when nobody knows now."""
        key = f"group:{workspace}/{group}"
        kept = await self._cache.get(key)
        known = frozenset[str](json.loads(kept)) if kept else None
        if known is not None and await self._cache.get(f"{key}/fresh"):
            return known
        if await self._cache.get(f"{key}/failed"):
            return known
        try:
            members = await platform.group_members(workspace, group)
        except NotFoundError:
            log.warning("identity.no_such_group", workspace=workspace, group=group)
            members = frozenset()
        except BotError as error:
            log.warning("identity.group_unknown", workspace=workspace, group=group, error=error.message)
            await self._cache.set(f"{key}/failed", b"1", ttl=_AGAIN)
            return known
        await self._cache.set(key, json.dumps(sorted(members)).encode(), ttl=_STALE)
        await self._cache.set(f"{key}/fresh", b"1", ttl=_FRESH)
        return members

    async def _profile(self, account: Account, name: str = "") -> Profile:
        if account.platform in _LOCAL:
            return Profile(name, Standing.MEMBER)
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


def _roles(holdings: Iterable[Holding]) -> set[str]:
    return {holding.role for holding in holdings}
