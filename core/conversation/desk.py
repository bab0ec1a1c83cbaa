"""What every handler of the conversation works with, and the few things all of them do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.actors import Actor, everybody
from core.conversation import replies
from core.conversation.forms import FormBook
from core.conversation.threads import answer_place, direct_place, needs_thread
from core.conversation.updates import First, RunUpdates
from core.messages import Account, Button, Click, Delivery, Handle, Incoming, Platform, Reply, Submission, Turn, Via
from core.nlp.interpretation import Intent
from core.planning.plan import Clarify
from core.planning.policy import Grants, Verdict, judge
from core.ports.clock import Clock, Ids
from core.ports.identity import Identity
from core.ports.records import ActionToken, AuditRow, InboxEntry, Records, Transaction
from core.redaction import redact
from core.tools import Toolbox
from core.tracing import correlation
from core.workflow import events as ev
from core.workflow.catalogue import Catalogue
from core.workflow.run import Run
from core.workflow.signals import Manners, Means, Origin
from core.workflow.starts import Starting

SAY = "say"
"""Purpose of a token that stands for a sentence: pressing the button is saying it."""
MEAN = "mean"
"""Purpose of a token that stands for a sentence together with the intent that it has."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What handling an item came to: a label for the metrics and what to write, all in one transaction."""

    label: str
    apply: Callable[[Transaction], Sequence[str]]
    """Returns the lanes it put deliveries in."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The means of the conversation."""

    records: Records
    clock: Clock
    ids: Ids
    identity: Identity
    grants: Grants
    catalogue: Catalogue
    toolbox: Toolbox
    updates: RunUpdates
    starting: Starting
    manners: Manners
    forms: FormBook
    max_runs: int = 0
    """Runs that may go on at the same time; 0 for any number."""

    def judge(self, actor: Actor, permission: str) -> Verdict:
        """Policy's answer."""
        return judge(actor, permission, self.grants)

    def accounts(self, tx: Transaction, account: Account) -> frozenset[Account]:
        """All accounts that count as this person in decisions, itself included: those that settings name, those that the person
        linked, and those that were linked once, so that unlinking makes nobody two people."""
        return everybody(account, lambda a: self.identity.accounts(a) | tx.people.linked(a, former=True))

    def who_may(self, roles: Sequence[str]) -> dict[str, Sequence[str]]:
        """The roles with the names of people who are listed for them."""
        return {role: self.identity.named(role) for role in roles}

    def origin(self, item: Incoming) -> Origin:
        """When and where an item came in."""
        place = answer_place(item) if isinstance(item, Turn) else item.place
        return Origin(self.clock.now(), place, correlation(item.traceparent), item.traceparent)

    def means(self, lanes: list[str], first: First | None = None) -> Means:
        """For signals to runs; the lanes of the cards that follow are added to `lanes`."""

        def announce(tx: Transaction, run: Run, events: Sequence[ev.Event]) -> None:
            lanes.extend(self.updates.announce(tx, run, events, first=first))

        return Means(self.ids, announce, self.max_runs, manners=self.manners)

    def put_reply(
        self, tx: Transaction, entry: InboxEntry, reply: Reply, *, private: bool = False, beneath: bool = False
    ) -> str:
        """Answer an item where it came from; privately where asked for and the platform can. `beneath`: in the thread of the message
        whose button was pressed, where the platform has such threads."""
        item = entry.item
        handle = handle_of(item)
        place = answer_place(item) if isinstance(item, Turn) else item.place
        if beneath and isinstance(item, Click) and item.message and place.platform is Platform.SLACK:
            place, handle = replace(place, thread=place.thread or item.message), handle if private else None
        delivery = Delivery(
            f"turn:{entry.id}",
            place,
            reply,
            handle=handle,
            private_to=item.person.account.id if private or bool(handle and handle.private) else "",
            open_thread=isinstance(item, Turn) and needs_thread(item),
            traceparent=item.traceparent,
        )
        return tx.outbox.put(self.ids.token(), delivery, now=self.clock.now())

    def tell(self, tx: Transaction, entry: InboxEntry, who: Account, reply: Reply) -> list[str]:
        """Say something to somebody else, in the direct message with this account; a terminal cannot be reached."""
        place = direct_place(who)
        if place is None:
            return []
        delivery = Delivery(f"told:{entry.id}:{who}", place, reply, private_to=who.id)
        return [tx.outbox.put(self.ids.token(), delivery, now=self.clock.now())]

    def say_buttons(self, tx: Transaction, entry: InboxEntry, choices: Sequence[tuple[str, str]]) -> list[Button]:
        """Buttons that each say a sentence for whoever presses them."""
        buttons = []
        for label, sentence in choices:
            token = self.ids.token()
            tx.tokens.put(ActionToken(token, SAY, f"turn:{entry.id}", {"text": redact(sentence)}))
            buttons.append(Button(label, f"do:{token}"))
        return buttons

    def meaning_button(self, tx: Transaction, entry: InboxEntry, asked: Clarify, meant: Intent, label: str) -> Button:
        """A button that says what a sentence means."""
        token = self.ids.token()
        data = {
            "text": redact(asked.text),
            "guessed": asked.guessed.value,
            "confidence": asked.confidence,
            "meant": meant.value,
        }
        tx.tokens.put(ActionToken(token, MEAN, f"turn:{entry.id}", data))
        return Button(label, f"do:{token}")

    def refuse(
        self, entry: InboxEntry, actor: Actor, action: str, target: str, verdict: Verdict, wanted: str
    ) -> Outcome:
        """Say no, with the reason and who may, and keep it on the record."""

        def apply(tx: Transaction) -> list[str]:
            tx.audit.add(self.audit_row(entry.item, actor, action, target, "refused", verdict.reason))
            return [
                self.put_reply(
                    tx,
                    entry,
                    replies.denied(verdict, wanted, self.who_may(verdict.who_may)),
                    private=is_command(entry.item),
                )
            ]

        return Outcome("refused", apply)

    def audit_row(
        self, item: Incoming, actor: Actor, action: str, target: str, outcome: str, reason: str = ""
    ) -> AuditRow:
        """A row of the audit for something this person did or was refused."""
        return AuditRow(
            self.clock.now(),
            str(actor.account),
            action,
            target,
            outcome,
            reason,
            str(item.place),
            correlation(item.traceparent),
        )


def handle_of(item: Incoming) -> Handle | None:
    """The right to answer directly, where the item carries one."""
    return item.handle if isinstance(item, Turn | Click | Submission) else None


def is_command(item: Incoming) -> bool:
    """True when answers about the person alone should be private: commands, clicks and forms, not conversation."""
    return not isinstance(item, Turn) or item.via is Via.COMMAND


def first_card(item: Incoming) -> First:
    """How the card of a run that this item starts is sent. A private placeholder cannot become a public card."""
    handle = handle_of(item)
    usable = handle if handle and not handle.private else None
    return First(usable, isinstance(item, Turn) and needs_thread(item))
