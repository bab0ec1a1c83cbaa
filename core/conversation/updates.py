"""Keeps the cards of runs and approvals up to date: outbox rows in the transaction of the events they tell of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.conversation import approval_cards, cards
from core.conversation.incident_updates import IncidentUpdates, place_of
from core.conversation.threads import direct_place
from core.incidents.incident import Entry, EntryKind, Incident, Link
from core.incidents.service import Means, link, of_room
from core.messages import Delivery, Handle, Place, Reply
from core.ports.clock import Clock, Ids
from core.ports.records import Transaction
from core.workflow import events as ev
from core.workflow.approvals import Approval, Question
from core.workflow.run import Run, RunStatus
from core.workflow.signals import ahead


def card_of(tx: Transaction, run: Run) -> Reply:
    """The run's card, with its place in the line when it waits for its turn."""
    return cards.run_card(run, ahead(tx, run) if run.status is RunStatus.PENDING else 0)


QUESTIONS = "questions"
"""In `Session.pending`: the questions that were asked there and wait for an answer, `[approval, number]` each, oldest first."""


@dataclass(frozen=True, slots=True)
class First:
    """How the first card of a run is sent: it answers the command that started it."""

    handle: Handle | None
    open_thread: bool = False


class RunUpdates:
    """Puts the deliveries that follow from new events of a run; returns their lanes."""

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        channels: Mapping[str, Sequence[Place]],
        observe: Callable[[Sequence[ev.Event]], None] = lambda _events: None,
        incidents: IncidentUpdates | None = None,
    ) -> None:
        """`channels`: kind of channel (`approvals`) → the places that requests of that kind are shown in. `observe`: is told of
        all events that are announced, whoever caused them. `incidents`: told of the runs that were started in the room of one."""
        self._incidents = incidents
        self._clock = clock
        self._ids = ids
        self._channels = channels
        self._observe = observe

    def announce(
        self, tx: Transaction, run: Run, events: Sequence[ev.Event], *, first: First | None = None
    ) -> list[str]:
        """Bring the run's card and those of the approvals concerned up to date."""
        self._observe(events)
        lanes = self._show_run(tx, run, first)
        for approval in self._concerned(run, events):
            for place in self._places(tx, run, approval):
                lanes.append(
                    self._put(tx, f"approval:{approval.id}", place, approval_cards.approval_card(run, approval))
                )
        for event in events:
            lanes += self._extra(tx, run, event)
            lanes += self._in_incident(tx, run, event)
        return lanes

    def _in_incident(self, tx: Transaction, run: Run, event: ev.Event) -> list[str]:
        """A run that was started in the room of an incident belongs to it."""
        if not isinstance(event, ev.RunStarted | ev.EndEvent) or run.place is None or self._incidents is None:
            return []
        incident_id = of_room(tx, run.place)
        if not incident_id:
            return []
        lanes: list[str] = []
        incidents = self._incidents

        def announce(tx: Transaction, incident: Incident, entries: Sequence[Entry]) -> None:
            lanes.extend(incidents.announce(tx, incident, entries))

        now, title = self._clock.now(), f"{run.id} {run.definition.title} ({cards.inline(run)})"
        if isinstance(event, ev.RunStarted):
            entry = Entry(now, EntryKind.RUN, f"started {title}", run.requester, f"{run.id}/started")
            link(tx, Means(self._ids, announce), incident_id, Link("run", run.id, title), entry, at=now)
        elif tx.incidents.log(
            incident_id, Entry(now, EntryKind.RUN, f"{title}: {run.status}", source=f"{run.id}/ended")
        ):
            incident = tx.incidents.get(incident_id)
            if incident:
                announce(tx, incident, ())
        return lanes

    def show(self, tx: Transaction, run: Run, place: Place, subject: str, handle: Handle | None) -> list[str]:
        """Show the run's card in another place too."""
        return [self._put(tx, subject, place, card_of(tx, run), handle=handle)]

    def _show_run(self, tx: Transaction, run: Run, first: First | None) -> list[str]:
        if run.place is None:
            return []
        card = card_of(tx, run)
        subject = f"run:{run.id}"
        if first:
            return [self._put(tx, subject, run.place, card, handle=first.handle, open_thread=first.open_thread)]
        return [self._put(tx, subject, run.place, card)]

    def _concerned(self, run: Run, events: Sequence[ev.Event]) -> list[Approval]:
        """Approvals whose card changed: all of them when the plan changed or the run ended, else those of the events."""
        if any(isinstance(event, ev.PlanChanged | ev.EndEvent) for event in events):
            return list(run.approvals.values())
        ids = dict.fromkeys(event.approval_id for event in events if isinstance(event, ev.ApprovalEvent))
        return [run.approvals[id_] for id_ in ids]

    def _extra(self, tx: Transaction, run: Run, event: ev.Event) -> list[str]:
        """Messages of their own, so that people notice: reminders and escalations."""
        now = self._clock.now()
        if isinstance(event, ev.ApprovalReminded):
            approval = run.approvals[event.approval_id]
            subject, reply = f"remind:{approval.id}:{event.number}", approval_cards.reminder(run, approval, now)
        elif isinstance(event, ev.ApprovalEscalated):
            approval = run.approvals[event.approval_id]
            subject, reply = f"escalate:{approval.id}", approval_cards.escalation(run, approval, now)
        elif isinstance(event, ev.ApprovalQuestioned):
            return self._ask(tx, run, run.approvals[event.approval_id].questions[event.number - 1], event.approval_id)
        elif isinstance(event, ev.ApprovalQuestionAnswered):
            return self._pass_on(tx, run, run.approvals[event.approval_id], event.number)
        elif isinstance(event, ev.ApprovalDelegated):
            return self._hand(tx, run, run.approvals[event.approval_id], event)
        else:
            return []
        return [self._put(tx, subject, place, reply) for place in self._places(tx, run, approval)]

    def _ask(self, tx: Transaction, run: Run, question: Question, approval_id: str) -> list[str]:
        """In the thread of the run, where what its author says next is the answer."""
        if run.place is None:
            return []
        subject, reply = f"question:{approval_id}:{question.number}", approval_cards.question(run, question)
        # Under the card of the run, which may not have been sent yet, unless the run lives in a thread itself.
        under = "" if run.place.thread or run.place.direct else f"run:{run.id}"
        awaits = (QUESTIONS, (approval_id, question.number))
        return [self._put(tx, subject, run.place, reply, under=under, awaits=awaits)]

    def _pass_on(self, tx: Transaction, run: Run, approval: Approval, number: int) -> list[str]:
        """To whoever asked: on their platform, where the request is shown."""
        question = approval.questions[number - 1]
        places = self._places(tx, run, approval)
        near = [place for place in places if place.platform is question.by.account.platform] or places
        subject, reply = f"answer:{approval.id}:{number}", approval_cards.answered(run, question)
        return [self._put(tx, subject, place, reply) for place in near]

    def _hand(self, tx: Transaction, run: Run, approval: Approval, event: ev.ApprovalDelegated) -> list[str]:
        """To whoever may decide from now on."""
        place = direct_place(event.to.account)
        if place is None:
            return []
        subject = f"handed:{approval.id}:{event.to.account}"
        delivery = Delivery(subject, place, approval_cards.handed(run, approval), private_to=event.to.account.id)
        return [tx.outbox.put(self._ids.token(), delivery, now=self._clock.now())]

    def _places(self, tx: Transaction, run: Run, approval: Approval) -> Sequence[Place]:
        """The configured channels of the request's kind and those that asked for it; where there are none, the place of the run."""
        asked = [place_of(lane) for lane, _ in tx.channels.having(approval.channel)]
        places = {place.lane: place for place in (*self._channels.get(approval.channel, ()), *asked)}
        return list(places.values()) or ([run.place] if run.place else [])

    def _put(
        self,
        tx: Transaction,
        subject: str,
        place: Place,
        reply: Reply,
        *,
        handle: Handle | None = None,
        open_thread: bool = False,
        under: str = "",
        awaits: tuple[str, tuple[Any, ...]] | None = None,
    ) -> str:
        delivery = Delivery(subject, place, reply, handle=handle, open_thread=open_thread, under=under, awaits=awaits)
        return tx.outbox.put(self._ids.token(), delivery, now=self._clock.now())
