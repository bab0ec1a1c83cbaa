"""Declaring incidents, seeing how they stand, changing and closing them."""

import re

from core.errors import UserInputError
from core.incidents.incident import CLOSED, Link, Report, Role, Severity, Status, severity_of
from core.incidents.lifecycle import Wanted
from core.incidents.severity import propose
from core.intents.known import Known
from core.messages import Turn
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import (
    Attach,
    ChangeIncident,
    Choose,
    Declare,
    DraftPostmortem,
    Fill,
    ListIncidents,
    NoteIncident,
    Plan,
    ShowIncident,
    ShowTimeline,
    TakeRole,
    UpdateIncident,
)

_PAIR = re.compile(r"""(?:^|(?<=\s))([a-z_]+)=("[^"]*"|'[^']*'|\S+)""", re.IGNORECASE)
_INCIDENT = re.compile(r"INC-\d{1,9}", re.IGNORECASE)
_RUN = re.compile(r"RUN-[0-9A-HJKMNP-TV-Z]{6}", re.IGNORECASE)
_REOPENED = re.compile(r"\b(re-?open|un-?resolve|not (fixed|resolved)|(is|it'?s|came) back)\b", re.IGNORECASE)
_STATUSES = (
    (Status.MONITORING, re.compile(r"\b(monitoring|watching|keep (it )?open|rolled back|mitigated)\b", re.IGNORECASE)),
    (Status.IDENTIFIED, re.compile(r"\b(identified|root cause|found (it|the)|cause is)\b", re.IGNORECASE)),
    (Status.INVESTIGATING, re.compile(r"\b(investigating|looking into)\b", re.IGNORECASE)),
)
"""Words by which people tell where an incident stands."""
_YES = frozenset({"yes", "true", "on", "1", "private"})
MAX_TITLE = 200
"""Characters of a title; the rest becomes the details."""


def declare(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Open an incident at once when the verb was spelt out; a sentence is shown back with a button first."""
    if said.explicit:
        return Declare(report_of(said.rest)) if said.rest.strip() else Fill(
            "What is wrong? The form asks for what matters.", "Declare an incident …", "form:declare"
        )  # fmt: skip
    proposed = propose(said.rest)
    title = " ".join(said.rest.split())[:MAX_TITLE]
    service = said.first(EntityType.SERVICE)
    about = f" service={service}" if service else ""
    others = () if proposed.stated else tuple(one for one in Severity if one is not proposed.severity)
    choices = [
        (
            f"Declare a {one.upper()}" if one is proposed.severity else one.upper(),
            f"declare {_safe(title)} severity={one}{about}",
        )
        for one in (proposed.severity, *others)
    ]
    of = f" of **{service}**" if service else ""
    because = f" Why: {'; '.join(proposed.reasons)}." if proposed.reasons else ""
    return Choose(
        f"Shall I declare a **{proposed.severity.upper()}**{of}?{because}", (*choices, ("Not now", "incidents"))
    )


def incidents(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """What is open; `all` shows closed ones too, another word those of a service."""
    word = said.rest.strip() if said.explicit else said.first(EntityType.SERVICE)
    everything = word.lower() == "all"
    return ListIncidents(not everything, "" if everything else word)


def incident(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Show one, or change it by `name=value`."""
    incident_id, rest = _named(said)
    pairs, words = _pairs(rest) if said.explicit else ({}, "")
    if not pairs:
        if words and not incident_id:
            raise UserInputError(
                f"{words[:40]} is no incident.", hint="For example: `/copilot incident INC-42 severity=sev2`"
            )
        return ShowIncident(incident_id)
    return ChangeIncident(incident_id, _wanted(pairs, words))


def update(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Tell everybody."""
    incident_id, text = _named(said)
    return UpdateIncident(incident_id, text) if text else Fill(
        "What should everybody know?", "Write an update …", f"form:update:{incident_id}".rstrip(":")
    )  # fmt: skip


def changed(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """A sentence about an incident that goes on: what it would change is shown back with buttons; words alone can be told to
    everybody or noted."""
    incident_id, text = said.first(EntityType.INCIDENT), " ".join(said.rest.split())
    about = f" {incident_id}" if incident_id else ""
    choices = []
    severities = [entity.value for entity in said.entities if entity.type is EntityType.SEVERITY]
    if severities:
        # "from sev3 to sev1": the last one is meant.
        choices.append((f"Make it {severities[-1].upper()}", f"incident{about} severity={severities[-1]}"))
    if _REOPENED.search(text):
        choices.append(("Reopen it", f"incident{about} status=investigating because={_quoted(text)}"))
    else:
        status = next((status for status, pattern in _STATUSES if pattern.search(text)), None)
        if status:
            choices.append((f"Set it to {status}", f"incident{about} status={status}"))
    if role := next((role for role in Role if re.search(rf"\b{role.value}\b", text, re.IGNORECASE)), None):
        choices.append((f"I am {role.value}", f"role {role.value}{about}"))
    choices += [
        ("Tell everybody", f"update{about} {_safe(text)}"),
        ("Put it on the timeline", f"note{about} {_safe(text)}"),
    ]
    named = f"**{incident_id}**" if incident_id else "the incident of this room"
    return Choose(f"What shall I do with {named}?", tuple(choices))


def note(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Put a note on the timeline."""
    incident_id, text = _named(said)
    if not text:
        raise UserInputError("Say what to note.", hint="For example: `/copilot note INC-42 traffic moved to eu-west`")
    return NoteIncident(incident_id, text)


def role(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Take a role."""
    incident_id, rest = _named(said)
    word = rest.split()[0].lower() if rest.split() else ""
    if word in list(Role):
        return TakeRole(incident_id, Role(word))
    suffix = f" {incident_id}" if incident_id else ""
    return Choose("Which role do you take?", tuple((r.value.capitalize(), f"role {r}{suffix}") for r in Role))


def attach(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Link a run, an address or a query; alerts come by marking the message that brought them."""
    incident_id, rest = _named(said)
    target, _, title = rest.strip().partition(" ")
    if not target:
        raise UserInputError("Say what to link.", hint="For example: `/copilot attach INC-42 RUN-7K3QX2`")
    if _RUN.fullmatch(target):
        return Attach(incident_id, Link("run", target.upper(), title.strip()))
    if target.startswith(("http://", "https://")):
        return Attach(incident_id, Link("link", target[:2000], title.strip()))
    return Attach(incident_id, Link("query", rest.strip()[:2000]))


def resolve(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Close one with a summary; without one, a form asks for it."""
    incident_id, text = _named(said)
    if said.explicit and text:
        return ChangeIncident(incident_id, Wanted(status=Status.RESOLVED, because=text))
    ended = f"How did **{incident_id}** end?" if incident_id else "How did it end?"
    return Fill(ended, "Resolve …", f"form:resolve:{incident_id}".rstrip(":"))


def timeline(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """What happened."""
    return ShowTimeline(_named(said)[0])


def postmortem(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Draft the post-mortem."""
    return DraftPostmortem(_named(said)[0])


def report_of(text: str) -> Report:
    """`checkout is down severity=sev1 private=yes` → the report; UserInputError for a severity that is none."""
    pairs, title = _pairs(text)
    known = {name: value for name, value in pairs.items() if name in ("severity", "service", "private", "key")}
    unknown = next((name for name in pairs if name not in known), None)
    if unknown:
        raise UserInputError(
            f"{unknown}= is nothing I know here.", hint="There are: severity=, service=, private=yes, key=."
        )
    if not title:
        raise UserInputError(
            "Say what is wrong.", hint="For example: `/copilot declare checkout is down severity=sev1`"
        )
    return Report(
        title=title[:MAX_TITLE],
        severity=_severity(known["severity"]) if "severity" in known else Severity.SEV3,
        service=known.get("service", ""),
        details=title if len(title) > MAX_TITLE else "",
        private=known.get("private", "").lower() in _YES,
        dedup_key=known.get("key", ""),
    )


def _wanted(pairs: dict[str, str], words: str) -> Wanted:
    unknown = next((name for name in pairs if name not in ("severity", "status", "title", "because")), None)
    if unknown:
        raise UserInputError(f"{unknown}= cannot be changed.", hint="There are: severity=, status=, title=, because=.")
    status = pairs.get("status")
    if status is not None and status.lower() not in list(Status):
        raise UserInputError(f"{status[:40]} is no status.", hint=f"There are: {', '.join(Status)}.")
    wanted = Status(status.lower()) if status else None
    because = pairs.get("because", "") or (words if wanted in CLOSED else "")
    severity = _severity(pairs["severity"]) if "severity" in pairs else None
    return Wanted(severity, wanted, pairs.get("title", "")[:MAX_TITLE] or None, because)


def _severity(text: str) -> Severity:
    found = severity_of(text)
    if found is None:
        raise UserInputError(f"{text[:40]} is no severity.", hint="There are: sev1, sev2, sev3, sev4.")
    return found


def _pairs(text: str) -> tuple[dict[str, str], str]:
    """`name=value` pairs, and the words between them."""
    pairs = {match[1].lower(): match[2].strip("\"'") for match in _PAIR.finditer(text)}
    return pairs, " ".join(_PAIR.sub(" ", text).split())


def _named(said: Interpretation) -> tuple[str, str]:
    """The incident that is named, or "", and the rest of what was said."""
    if not said.explicit:
        return said.first(EntityType.INCIDENT), said.rest
    words = said.rest.strip()
    if match := _INCIDENT.match(words):
        return match[0].upper(), words[match.end() :].strip()
    last = words.rpartition(" ")
    if _INCIDENT.fullmatch(last[2]):
        return last[2].upper(), last[0].strip()
    return "", words


def _quoted(text: str) -> str:
    """As one value of `name=value`."""
    return '"' + text.replace('"', "'") + '"'


def _safe(title: str) -> str:
    """A sentence in which nothing looks like `name=value`."""
    return title.replace("=", " = ")
