"""How an approval step is read from its YAML section."""

import re

from core.messages import Account
from core.quiet_hours import QuietHours
from core.workflow.reading_inputs import Reach
from core.workflow.reading_steps import Base
from core.workflow.source import Section
from core.workflow.steps.approval import ApprovalStep, Quorum

_GROUP = re.compile(r"(slack:[^/\s:]+/)group:([^/\s:]+)|(discord:\d+/)role:(\d+)")
_NO_HOURS = "none"


def read_approval(base: Base, section: Section, _reach: Reach) -> ApprovalStep:
    """Read a step of the type `approval`. Whether the gates of `not_by` exist is looked at when all steps are known."""
    environments = section.section("environments")
    named = {name: environments.section(name) for name in environments.names()} if environments else {}
    expires = section.duration("expires_after", 24 * 3600.0)
    step = ApprovalStep(
        **base,
        quorum=_quorum(section),
        environments={name: _quorum(one, close=True) for name, one in named.items() if one},
        expires_after_seconds=expires,
        escalate_to=section.texts("escalate_to"),
        escalate_after_seconds=section.duration("escalate_after", expires * 0.75),
        self_approval=section.boolean("self_approval", default=False),
        channel=section.text("channel", "approvals"),
        not_by=section.texts("not_by"),
        deny_reason=_deny_reason(section),
        quiet_hours=_quiet_hours(section),
    )
    if step.escalate_after_seconds >= expires:
        section.fault("escalate_after", "must be shorter than expires_after")
    return step


def _quorum(section: Section, *, close: bool = False) -> Quorum:
    roles, people, groups = section.texts("roles"), _people(section), _groups(section)
    quorum = Quorum(roles, section.integer("needed", 1, least=1, most=20), people, groups)
    if not (roles or people or groups):
        section.fault("roles", "is missing: say who decides with roles, people or groups")
    elif not (roles or groups) and quorum.needed > len(people):
        section.fault("needed", f"is more than the {len(people)} people who may decide")
    if close:
        section.close()
    return quorum


def _people(section: Section) -> tuple[str, ...]:
    people = []
    for text, line in section.lines("people"):
        if text.startswith("@") and text[1:].strip():
            people.append(f"@{text[1:].strip().casefold()}")
        elif (account := _account(text)) is not None:
            people.append(str(account))
        else:
            reason = f"{text!r} is neither an account, platform:workspace/ID, nor @NAME of the roles file"
            section.faults.at_line(line, f"{section.what}: people: {reason}")
    return tuple(dict.fromkeys(people))


def _account(text: str) -> Account | None:
    try:
        return Account.parse(text)
    except ValueError:
        return None


def _groups(section: Section) -> tuple[str, ...]:
    groups = []
    for text, line in section.lines("groups"):
        if match := _GROUP.fullmatch(text):
            groups.append(f"{match[1] or match[3]}role:{match[2] or match[4]}")
        else:
            reason = f"{text!r} is neither slack:TEAM/group:ID nor discord:SERVER/role:ID"
            section.faults.at_line(line, f"{section.what}: groups: {reason}")
    return tuple(dict.fromkeys(groups))


def _deny_reason(section: Section) -> bool | None:
    text = section.text("deny_reason")
    if text not in ("", "required", "optional"):
        section.fault("deny_reason", f"{text!r} is neither required nor optional")
    return text == "required" if text else None


def _quiet_hours(section: Section) -> str | None:
    if not section.has("quiet_hours"):
        section.text("quiet_hours")
        return None
    text = section.text("quiet_hours")
    if text == _NO_HOURS:
        return ""
    try:
        QuietHours.parse(text)
    except ValueError:
        section.fault("quiet_hours", f"{text!r} is neither {_NO_HOURS} nor such as 22:00-07:00 Europe/Berlin")
    return text
