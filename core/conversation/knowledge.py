"""Wording of what is known about a service, and of what was taken over from earlier messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.alerts.group import AlertGroup
from core.context import gathering
from core.conversation import replies
from core.conversation.alert_cards import headline
from core.conversation.facts import Facts, RunFact
from core.intents.ask import ENVIRONMENT
from core.markup import literal
from core.messages import Account, Block, Heard, Note, Reply, Text
from core.nlp.interpretation import Command, EntityType, Interpretation
from core.ports.records import ApprovalView, RunView
from core.telemetry.numbers import told
from core.telemetry.vitals import Vital

_QUOTED = 300
"""Characters of an alert that are repeated."""
_GAPS = {
    gathering.TOO_SOON: "it may be read back only once a minute here, and that was used up",
    gathering.REFUSED: "the platform did not let me read back",
    gathering.UNREADABLE: "I cannot read back here",
    gathering.KNOWN_NO_MORE: "I keep no more of it",
}


def what_i_know(facts: Facts, now: datetime) -> Reply:
    """Facts about a service, labelled as such: never a cause."""
    about = facts.about
    where = f"**{literal(about.service)}** in **{literal(about.environment)}**"
    lines = [
        *_vitals(facts),
        *_firing(facts, now),
        *([f"⚠️ Objectives not met: {literal(facts.broken)}"] if facts.broken else []),
        _deployed(facts, now),
        *_runs(facts, now),
        *(_waiting(*pair, now) for pair in facts.waiting),
    ]
    if about.version:
        lines.append(f"Version named here: {literal(about.version)}")
    verdict = _verdict(facts)
    known = min((vital.known_since for vital in facts.vitals or () if vital.known_since), default=None)
    blocks: list[Block] = [Text(f"What I know about {where}{verdict}:"), Text("\n".join(f"- {line}" for line in lines))]
    if facts.alert:
        blocks.append(Text(_quote(facts.alert, about.service, now)))
    if known:
        age = replies.ago((now - known).total_seconds())
        blocks.append(Note(f"**What is measured is {age} old**: the backend does not answer now."))
    blocks.append(Note("These are facts, not a cause: whether one led to the other is yours to judge."))
    return Reply(tuple(blocks), f"What I know about {about.service} in {about.environment}")


def _verdict(facts: Facts) -> str:
    """In one word what the evidence beneath says; "" where nothing is measured."""
    if any(vital.bad for vital in facts.vitals or ()) or any(_critical(group) for group in facts.firing):
        return ", which is **not well**"
    if facts.firing or facts.broken or any(vital.odd for vital in facts.vitals or ()):
        return ", which is **worth a look**"
    return ", which does **as usual**" if facts.vitals else ""


def _critical(group: AlertGroup) -> bool:
    return group.labels.get("severity", "").lower() in ("critical", "page")


def _vitals(facts: Facts) -> list[str]:
    if facts.vitals is None:
        return []
    return [_vital(vital) for vital in facts.vitals] or ["Nothing is measured of it that I know."]


def _vital(vital: Vital) -> str:
    mark = "⚠️ " if vital.odd else ""
    now = "no value now" if vital.now is None else f"**{told(vital.now, vital.quantity)}**"
    before = [
        f"{told(value, vital.quantity)} {when}"
        for value, when in ((vital.hour_ago, "an hour ago"), (vital.day_ago, "yesterday at this time"))
        if value is not None
    ]
    told_before = f" ({', '.join(before)})" if before else ""
    return f"{mark}{vital.name[0].upper()}{vital.name[1:]}: {now}{told_before}"


def _firing(facts: Facts, now: datetime) -> list[str]:
    return [
        f"🔥 {literal(headline(group))} since {replies.ago((now - group.first_seen).total_seconds())}"
        for group in facts.firing
    ]


def with_sources(reply: Reply, said: Interpretation, asker: Account, now: datetime) -> Reply:
    """The answer, with what the sentence left out and where it was taken from, so that a wrong guess is seen."""
    return replace(reply, blocks=(*reply.blocks, *map(Note, _sources(said, asker, now))))


def with_gap(reply: Reply, gap: str) -> Reply:
    """The answer, with what is not known of the thread and why; `gap` is one of the reasons in `gathering`, or ""."""
    if not gap:
        return reply
    note = f"The beginning of this thread was written before I listened, and {_GAPS[gap]}: I may lack some of it."
    return replace(reply, blocks=(*reply.blocks, Note(note)))


def _sources(said: Interpretation, asker: Account, now: datetime) -> list[str]:
    values: dict[str, list[str]] = {}
    for carried in said.carried:
        source = _source(carried.source, asker, now) if carried.source else "earlier in this conversation"
        values.setdefault(source, []).append(literal(carried.value))
    lines = [f"{', '.join(found)}: from {source}" for source, found in values.items()]
    if said.command is Command.WHY and not said.first(EntityType.ENVIRONMENT):
        lines.append(f"{ENVIRONMENT}: assumed, since no environment was named")
    return lines


def _source(message: Heard, asker: Account, now: datetime) -> str:
    person = message.person
    by = literal(person.name or person.account.id).replace("\n", " ")
    if person.is_bot:
        what = f"the alert by {by}"
    elif person.account == asker:
        what = "your message"
    else:
        what = f"the message by {by}"
    return f"{what} at {_at(message.sent_at, now)}"


def _deployed(facts: Facts, now: datetime) -> str:
    found = facts.deployed
    if found is None:
        return "Which version runs I could not find out: the delivery service did not answer."
    version = str(found.get("version", ""))
    if not version:
        return f"It is not deployed in {literal(facts.about.environment)}."
    line = f"Version **{literal(version)}** runs"
    if since := replies.moment(str(found.get("deployed_at", ""))):
        line += f" since {replies.when(since)} ({replies.ago((now - since).total_seconds())} ago)"
    by = str(found.get("deployed_by", ""))
    return f"{line}, deployed by {literal(by)}" if by else line


def _runs(facts: Facts, now: datetime) -> Sequence[str]:
    if facts.runs is None:
        return []
    return [_run(fact, now) for fact in facts.runs] or ["I started no run for it."]


def _run(fact: RunFact, now: datetime) -> str:
    run = fact.run
    age = replies.ago((now - run.started_at).total_seconds())
    by = f" by {literal(fact.requester)}" if fact.requester else ""
    return f"`{run.id}` {literal(run.summary)}: **{run.status}**, started{by} {age} ago"


def _waiting(view: ApprovalView, run: RunView, now: datetime) -> str:
    roles = " or ".join(map(replies.holder, view.eligible))
    age = replies.ago((now - view.requested_at).total_seconds())
    return f"`{run.id}` waits for an approval by {roles} since {age}: {view.given} of {view.needed} given"


def _quote(alert: Heard, service: str, now: datetime) -> str:
    """The line that names the service, else the first one."""
    lines = [line for line in alert.text.splitlines() if line.strip()] or [""]
    line = next((line for line in lines if service.lower() in line.lower()), lines[0]).strip()
    shown = line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…"
    by = literal(alert.person.name or alert.person.account.id).replace("\n", " ")
    return f"{by} wrote at {_at(alert.sent_at, now)}:\n> {literal(shown)}"


def _at(seconds: float, now: datetime) -> str:
    """The time, with the day when it was another one."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%H:%M} UTC" if at.date() == now.date() else replies.when(at)
