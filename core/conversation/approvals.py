"""Approvals as people meet them: decided, asked about, handed over, and listed by what waits for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import structlog

from core.actors import Actor, By, Standing
from core.conversation import approval_cards as cards
from core.conversation import replies
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.threads import conversation_of
from core.conversation.updates import QUESTIONS
from core.errors import BotError, UserInputError
from core.markup import literal
from core.messages import Account, Click, Incoming, Person, Platform, Reply, Turn, Via
from core.nlp import rules
from core.planning import permissions, plan
from core.planning.until import until
from core.ports.records import ActionToken, InboxEntry, StandingDelegation, Transaction
from core.workflow import approving
from core.workflow import service as runs
from core.workflow.approvals import Accepted, Approval, ApprovalStatus, Verdict, Voice, judge
from core.workflow.run import Run
from core.workflow.signals import load
from core.workflow.steps.approval import ApprovalStep
from core.workflow.upkeep import APPROVE, DENY

log = structlog.get_logger()

VERDICTS = {APPROVE: Verdict.APPROVE, DENY: Verdict.DENY}
"""By the purposes of the buttons."""
_MINE = 5
"""Requests with buttons in a list."""
_OTHERS, _ALL = 5, 25
"""Requests of others in a list, in the short one and in the one of all."""
_LOOKED_AT = 100
"""Open requests that a list is made from."""
_LONGEST_DAYS = 90
"""Of a delegation."""


@dataclass(frozen=True, slots=True)
class _Speakers:
    """Whoever acts, and those who may have handed them their say."""

    me: Voice
    principals: tuple[Voice, ...] = ()


class ApprovalHandler:
    """Turns clicks, forms and plans about approvals into outcomes."""

    def __init__(self, desk: Desk, answers: Answers) -> None:
        self._desk = desk
        self._answers = answers

    # --- decisions -------------------------------------------------------------------------------------

    async def decide(
        self, entry: InboxEntry, actor: Actor, token: ActionToken, verdict: Verdict, comment: str = ""
    ) -> Outcome:
        """By a button, or the form that a button opened."""
        return await self._decide(entry, actor, token.data["approval"], verdict, comment, token.data["digest"])

    async def said(self, entry: InboxEntry, actor: Actor, meant: plan.Decide) -> Outcome:
        """By name. A request has one plan for as long as it is open: its id stands for that."""
        verdict = Verdict.APPROVE if meant.approve else Verdict.DENY
        return await self._decide(entry, actor, meant.approval_id, verdict, meant.comment)

    async def _decide(
        self, entry: InboxEntry, actor: Actor, approval_id: str, verdict: Verdict, comment: str, digest: str = ""
    ) -> Outcome:
        """The card shows a decision that counts; a refusal is told to the person alone."""
        desk = self._desk
        speakers = await self._speakers(entry.item, actor, approval_id)

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            me = speakers.me
            result = approving.decide_approval(
                tx,
                desk.means(lanes),
                approval_id,
                me.actor,
                verdict,
                origin=desk.origin(entry.item),
                shown_digest=digest,
                comment=comment,
                accounts=me.accounts,
                principals=speakers.principals,
            )
            if isinstance(result, approving.Refused):
                return [*lanes, self._refused(tx, entry, me.actor, result)]
            if not self._pressed_on_card(tx, entry.item, result.approval):
                lanes.append(desk.put_reply(tx, entry, cards.counted(result.approval, verdict), private=True))
            return lanes

        return Outcome("approval", apply)

    def ask_again(self, entry: InboxEntry, actor: Actor, token: ActionToken) -> Outcome:
        """Ask an expired request again: whoever may start such a run may."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            view = tx.runs.approval(token.data["approval"])
            run = load(tx, view.run_id) if view else None
            if run is not None:
                permission = permissions.start(run.definition.name, run.environment)
                verdict = desk.judge(actor, permission)
                if not verdict.allowed:
                    wanted = "ask again"
                    return desk.refuse(entry, actor, "approval.ask_again", permission, verdict, wanted).apply(tx)
            lanes: list[str] = []
            done = runs.ask_again(tx, desk.means(lanes), token.data["approval"], actor, origin=desk.origin(entry.item))
            if isinstance(done, runs.NotDone):
                return [*lanes, desk.put_reply(tx, entry, replies.expired_button(), private=True)]
            return lanes

        return Outcome("approval", apply)

    # --- questions -------------------------------------------------------------------------------------

    async def question(self, entry: InboxEntry, actor: Actor, token: ActionToken, text: str) -> Outcome:
        """Ask the requester something; where the run lives, they are asked."""
        if not text:
            raise UserInputError("There is no question in the form.")
        desk, approval_id = self._desk, token.data["approval"]
        speakers = await self._speakers(entry.item, actor, approval_id)

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            result = approving.ask(
                tx,
                desk.means(lanes),
                approval_id,
                speakers.me,
                text,
                origin=desk.origin(entry.item),
                shown_digest=token.data["digest"],
                principals=speakers.principals,
            )
            if isinstance(result, approving.Refused):
                return [*lanes, self._refused(tx, entry, speakers.me.actor, result)]
            asked = replies.line("Asked. The answer comes here, and stands on the card.")
            return [*lanes, desk.put_reply(tx, entry, asked, private=True)]

        return Outcome("approval", apply)

    async def answer(self, entry: InboxEntry, turn: Turn, actor: Actor) -> Outcome | None:
        """What somebody says where a question about their plan was asked; None when it is no answer to one."""
        if turn.via not in (Via.THREAD, Via.DIRECT):
            return None
        desk, conversation, text = self._desk, conversation_of(turn), turn.text.strip()
        if not text or rules.interpret(text, command=False, workflows=desk.catalogue.names()).explicit:
            return None

        def unit(tx: Transaction) -> tuple[str, int] | None:
            mine = desk.accounts(tx, actor.account)
            for approval_id, number in tx.sessions.get(conversation).pending.get(QUESTIONS, ()):
                _, approval = approving.find_approval(tx, approval_id)
                waits = approval is not None and any(q.number == number for q in approval.unanswered)
                if (
                    approval
                    and waits
                    and approval.status is ApprovalStatus.OPEN
                    and not mine.isdisjoint(approval.authors)
                ):
                    return approval_id, number
            return None

        found = await desk.records.read(unit)
        if found is None:
            return None
        approval_id, number = found

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            me = Voice.of(actor, desk.accounts(tx, actor.account))
            session = tx.sessions.get(conversation)
            left = [q for q in session.pending.get(QUESTIONS, ()) if tuple(q) != found]
            tx.sessions.put(replace(session, pending={**session.pending, QUESTIONS: left}), now=desk.clock.now())
            done = approving.answer_question(
                tx, desk.means(lanes), approval_id, number, me, text, origin=desk.origin(turn)
            )
            told = "Passed on: it stands on the request now."
            if isinstance(done, runs.NotDone):
                told = "That question waits for an answer no more: the request was decided, or answered before."
            return [*lanes, self._answers.put(tx, entry, replies.line(told))]

        return Outcome("approval", apply)

    # --- handing over ----------------------------------------------------------------------------------

    async def hand_over(self, entry: InboxEntry, actor: Actor, token: ActionToken, person: str) -> Outcome:
        """Let somebody of the same workspace decide one request."""
        desk, approval_id = self._desk, token.data["approval"]
        speakers = await self._speakers(entry.item, actor, approval_id)
        chosen = await desk.identity.actor(Person(replace(speakers.me.actor.account, id=person)))

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            to = Voice.of(chosen, desk.accounts(tx, chosen.account))
            result = approving.delegate(
                tx,
                desk.means(lanes),
                approval_id,
                speakers.me,
                to,
                origin=desk.origin(entry.item),
                shown_digest=token.data["digest"],
            )
            if isinstance(result, approving.Refused):
                return [*lanes, self._refused(tx, entry, speakers.me.actor, result)]
            told = replies.line(f"**{literal(chosen.name)}** may decide this for you, and so may you.")
            return [*lanes, desk.put_reply(tx, entry, told, private=True)]

        return Outcome("approval", apply)

    async def delegate(self, entry: InboxEntry, turn: Turn, actor: Actor, meant: plan.Delegate) -> Outcome:
        """Let somebody decide whatever one may decide, for a while; show who does, or end it."""
        if meant.off:
            return self._end_delegations(entry, actor)
        if meant.to is None and not meant.text:
            return self._show_delegations(entry, actor)
        to = meant.to or _only_other(turn.mentions)
        if to is None:
            hint = "Write @ and choose one person from the list: `/copilot delegate @lee until friday`."
            raise UserInputError("I do not know who is to decide for you.", hint=hint)
        desk, now = self._desk, self._desk.clock.now()
        end = until(meant.text, now, actor.timezone)
        if end is None or (end - now).days >= _LONGEST_DAYS:
            hint = f"For example: `until friday`, `until 18:00`, `until 2026-03-06`, `for 3 days`; {_LONGEST_DAYS} days at most."
            raise UserInputError("I do not know until when.", hint=hint)
        chosen = await desk.identity.actor(Person(to))
        if chosen.standing is not Standing.MEMBER:
            raise UserInputError("Only members of your organisation can decide.", hint="Choose somebody else.")
        if chosen.account in await desk.records.read(partial(desk.accounts, account=actor.account)):
            raise UserInputError("That is you.", hint="Choose somebody else.")

        def apply(tx: Transaction) -> Sequence[str]:
            made = StandingDelegation(By.of(actor), By.of(chosen), end)
            tx.delegations.put(made, now=now)
            row = desk.audit_row(entry.item, actor, "delegation.begin", str(chosen.account), "done")
            tx.audit.add(replace(row, details={"until": end.isoformat()}))
            lanes = desk.tell(tx, entry, chosen.account, cards.taken(made))
            return [*lanes, desk.put_reply(tx, entry, cards.delegated(made), private=is_command(entry.item))]

        return Outcome("delegate", apply)

    def _end_delegations(self, entry: InboxEntry, actor: Actor) -> Outcome:
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            over = tx.delegations.end(desk.accounts(tx, actor.account), now=desk.clock.now())
            for delegation in over:
                taker = delegation.to.account
                tx.audit.add(desk.audit_row(entry.item, actor, "delegation.end", str(taker), "done"))
                lanes += desk.tell(tx, entry, taker, cards.taken_back(delegation))
            return [*lanes, desk.put_reply(tx, entry, cards.ended(over), private=is_command(entry.item))]

        return Outcome("delegate", apply)

    def _show_delegations(self, entry: InboxEntry, actor: Actor) -> Outcome:
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            mine, now = desk.accounts(tx, actor.account), desk.clock.now()
            reply = cards.delegations(tx.delegations.by(mine, now=now), tx.delegations.to(mine, now=now))
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("delegate", apply)

    # --- what waits ------------------------------------------------------------------------------------

    async def listed(self, turn: Turn, actor: Actor, *, everything: bool) -> Reply:
        """What waits, this person's first."""
        waiting = await self.waiting(turn, actor, others=_ALL if everything else _OTHERS)
        reply = cards.queue(waiting, self._desk.clock.now())
        if waiting.mine and turn.place.platform in (Platform.CONSOLE, Platform.API):
            return cards.with_commands(reply, waiting)
        return reply

    async def waiting(self, item: Incoming, actor: Actor, *, others: int = _OTHERS) -> cards.Queue:
        """What waits for approval, as this person sees it."""
        speakers = await self._speakers(item, actor)
        desk, me = self._desk, speakers.me
        voices = (me, *speakers.principals)
        holders = {name for v in voices for name in (*v.actor.roles, *v.actor.known_as, *map(str, v.accounts))}

        def unit(tx: Transaction) -> cards.Queue:
            named = tx.runs.open_approvals(holders=holders, limit=_LOOKED_AT)
            found = (approving.find_approval(tx, view.id) for view in named)
            decidable = ((a, r) for r, a in found if r and a and self._may_approve(tx, r, a, speakers, item))
            mine = list(islice(decidable, _MINE))
            shown = {approval.id for approval, _ in mine}
            left = [view for view in tx.runs.open_approvals(limit=_LOOKED_AT) if view.id not in shown]
            lines = [(view, run) for view in left[:others] if (run := tx.runs.get(view.run_id))]
            return cards.Queue(mine, lines, len(left) - len(lines))

        return await desk.records.read(unit)

    def _may_approve(self, tx: Transaction, run: Run, approval: Approval, speakers: _Speakers, item: Incoming) -> bool:
        origin, me = self._desk.origin(item), speakers.me
        judged = judge(
            approval,
            me.actor,
            Verdict.APPROVE,
            now=origin.at,
            digest=approval.digest,
            accounts=me.accounts,
            principals=approving.handed_over(tx, approval, me.accounts, speakers.principals, origin),
            apart=approving.approved_apart(run, approval),
        )
        return isinstance(judged, Accepted)

    # --- helpers ---------------------------------------------------------------------------------------

    async def _speakers(self, item: Incoming, actor: Actor, approval_id: str = "") -> _Speakers:
        """Who acts, with the groups that matter: those that the request names, without one those of all workflows. A principal who
        cannot be looked up now has no say."""
        desk = self._desk

        def unit(tx: Transaction) -> tuple[frozenset[Account], Collection[str], frozenset[Account]]:
            mine = desk.accounts(tx, actor.account)
            _, approval = approving.find_approval(tx, approval_id) if approval_id else (None, None)
            givers = {d.by.account for d in tx.delegations.to(mine, now=desk.clock.now())}
            if approval:
                givers |= approval.delegators(mine)
            return mine, approval.groups if approval else self._groups(), frozenset(givers - mine)

        mine, groups, givers = await desk.records.read(unit)
        if groups:
            actor = await desk.identity.actor(item.person, groups=groups)
        principals = []
        for giver in sorted(givers, key=str):
            try:
                found = await desk.identity.actor(Person(giver), groups=groups)
            except BotError as error:
                log.warning("approval.principal_unknown", account=str(giver), error=error.message)
                continue
            theirs = await desk.records.read(partial(desk.accounts, account=giver))
            principals.append(Voice.of(found, theirs))
        return _Speakers(Voice.of(actor, mine), tuple(principals))

    def _groups(self) -> frozenset[str]:
        gates = (s for d in self._desk.catalogue for s in d.steps if isinstance(s, ApprovalStep))
        return frozenset(group for gate in gates for quorum in gate.quorums for group in quorum.groups)

    def _refused(self, tx: Transaction, entry: InboxEntry, actor: Actor, result: approving.Refused) -> str:
        desk, said = self._desk, result.refusal
        return desk.put_reply(tx, entry, cards.refusal(said, desk.who_may(said.who_may), actor.unsure), private=True)

    def _pressed_on_card(self, tx: Transaction, item: Incoming, approval: Approval) -> bool:
        """Whether the person sees the card that shows the decision."""
        if not isinstance(item, Click) or not item.message:
            return False
        return any(item.message in ref.parts for ref in tx.outbox.refs(f"approval:{approval.id}"))


def _only_other(accounts: Sequence[Account]) -> Account | None:
    """The one account, if it is one."""
    return accounts[0] if len(set(accounts)) == 1 else None
