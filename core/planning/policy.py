"""May this actor do that? Pure: actor, permission and grants in, verdict out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from core.actors import Actor, Standing

Grants = Mapping[str, Sequence[str]]
"""Role → permission patterns. A permission is `verb:target:environment`, shorter when there is no target; a pattern is the same
with `*` for any part, and covers everything below it: `run:deploy` covers `run:deploy:production`."""

EVERYBODY = "member"
"""The role that every member of the organisation holds."""

_STANDING_REASONS = {
    Standing.GUEST: "You are a guest here, and guests may not use me.",
    Standing.STRANGER: "You belong to another organisation, and I work for members of this one only.",
    Standing.BOT: "I take no orders from bots.",
    Standing.DEACTIVATED: "Your account is deactivated.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of policy. When refused, `reason` and `who_may` go to the person and the audit."""

    allowed: bool
    reason: str = ""
    who_may: tuple[str, ...] = ()
    """Roles whose holders may."""


def judge(actor: Actor, permission: str, grants: Grants) -> Verdict:
    """Allow what a role of the actor grants; refuse everything else. Guests, strangers, bots and the deactivated get nothing."""
    if actor.standing is not Standing.MEMBER:
        return Verdict(False, _STANDING_REASONS[actor.standing])
    if any(covers(pattern, permission) for role in roles_of(actor) for pattern in grants.get(role, ())):
        return Verdict(True)
    who = tuple(sorted(role for role, patterns in grants.items() if any(covers(p, permission) for p in patterns)))
    unsure = sorted(actor.unsure.intersection(who))
    if unsure:
        return Verdict(False, f"{unsure_of(unsure)} Try again in a minute.", who)
    return Verdict(False, f"This needs the permission {permission}.", who)


def may_somewhere(actor: Actor, verb: str, grants: Grants) -> bool:
    """Whether some permission with this verb is granted, for whatever target and environment."""
    patterns = (pattern for role in roles_of(actor) for pattern in grants.get(role, ()))
    return any(fnmatchcase(verb, pattern.partition(":")[0]) for pattern in patterns)


def unsure_of(roles: Sequence[str]) -> str:
    """Says that it is not known whether a person holds these roles."""
    return f"I could not look up just now whether you hold the role {' or '.join(roles)}, so I take it that you do not."


def roles_of(actor: Actor) -> frozenset[str]:
    """The actor's roles, with the one that every member has."""
    return actor.roles | {EVERYBODY} if actor.standing is Standing.MEMBER else frozenset()


def covers(pattern: str, permission: str) -> bool:
    """True when every part of the pattern matches; parts that the pattern lacks match anything."""
    wanted, given = permission.split(":"), pattern.split(":")
    if len(given) > len(wanted):
        return False
    return all(fnmatchcase(part, mask) for part, mask in zip(wanted, given, strict=False))
