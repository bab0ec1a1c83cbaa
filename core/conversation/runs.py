"""Runs as people meet them: started, changed, stopped, listed."""

from collections.abc import Sequence

from core.actors import Actor
from core.conversation import cards, dialogues, replies
from core.conversation.answers import Answers, engage
from core.conversation.desk import Desk, Outcome, first_card, is_command
from core.errors import NotFoundError
from core.messages import Reply
from core.nlp.interpretation import EntityType
from core.planning import permissions, plan
from core.planning.policy import Verdict, unsure_of
from core.ports.records import ApprovalView, InboxEntry, RunView, Transaction
from core.workflow import parameters as given
from core.workflow import service as runs
from core.workflow.run import Run
from core.workflow.signals import load
from core.workflow.steps.common import as_text

_LISTED = 10
"""Runs in a list."""
_OBSTACLES = {
    runs.Obstacle.ENDED: "That run is over already.",
    runs.Obstacle.NOT_WAITING: "Only a run that waits for an approval can be changed.",
    runs.Obstacle.ACTED: "A step that depends on this has acted already. Stop the run and start a new one instead.",
    runs.Obstacle.SAME: "That is what the plan says already.",
}


class RunHandler:
    """Turns plans about runs into outcomes."""

    def __init__(self, desk: Desk, answers: Answers) -> None:
        self._desk = desk
        self._answers = answers

    def start(self, entry: InboxEntry, actor: Actor, workflow: str, parameters: dict[str, str]) -> Outcome:
        """Start a run if this person may, from a form."""
        permission = permissions.start(workflow, parameters.get("environment", ""))
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "run.start", permission, verdict, f"start {workflow}")
        return self.begin(entry, actor, workflow, parameters)

    def begin(self, entry: InboxEntry, actor: Actor, workflow: str, parameters: dict[str, str]) -> Outcome:
        """Start a run of somebody who was found to be allowed to."""
        desk = self._desk
        definition = desk.catalogue.find(workflow)
        if definition is None:
            raise NotFoundError(f"There is no workflow {workflow}.", hint="`/copilot run` shows which there are.")
        read = given.read(definition, parameters)
        if read.missing:
            raise NotFoundError(
                f"{', '.join(read.missing)} is missing.", hint=f"Try `/copilot run {workflow}` for a form."
            )
        item = entry.item

        def apply(tx: Transaction) -> Sequence[str]:
            engage(desk, tx, entry)
            lanes: list[str] = []
            means = desk.means(lanes, first_card(item))
            done = runs.start(tx, means, definition, read.values, actor, origin=desk.origin(item))
            if isinstance(done, runs.NotDone):
                unsure = sorted(actor.unsure.intersection(done.who_may))
                why = unsure_of(unsure) if unsure else f"{definition.title} may be started by some roles only."
                verdict = Verdict(False, why, done.who_may)
                reply = replies.denied(verdict, f"start {workflow}", desk.who_may(done.who_may))
                return [desk.put_reply(tx, entry, reply, private=is_command(item))]
            run = done.run
            service = as_text(run.parameters.get("service", ""))
            dialogues.named(
                tx, item, desk.clock, EntityType.WORKFLOW, run.id, service=service, environment=run.environment
            )
            if first_card(item).handle is None and is_command(item):
                lanes.append(desk.put_reply(tx, entry, replies.started(done.run.id), private=True))
            return lanes

        return Outcome("run", apply)

    def change(self, entry: InboxEntry, actor: Actor, meant: plan.Change) -> Outcome:
        """Change the parameters of a run that waits."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, meant.run_id)
            if run is None:
                return [desk.put_reply(tx, entry, replies.no_such_run(meant.run_id), private=is_command(entry.item))]
            # Where it would act, and where it was to act.
            for environment in (meant.parameters.get("environment", run.environment), run.environment):
                verdict = desk.judge(actor, permissions.start(run.definition.name, environment))
                if verdict.allowed:
                    continue
                return desk.refuse(entry, actor, "run.change", run.id, verdict, "change the run").apply(tx)
            lanes: list[str] = []
            done = runs.change(tx, desk.means(lanes), run.id, actor, meant.parameters, origin=desk.origin(entry.item))
            return [
                *lanes,
                self._told(
                    tx, entry, done, f"Changed. Earlier approvals of `{run.id}` are void; the new plan needs its own."
                ),
            ]

        return Outcome("change", apply)

    def cancel(self, entry: InboxEntry, actor: Actor, run_id: str, reason: str) -> Outcome:
        """Stop a run: its requester may, and whoever holds the permission."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, run_id)
            if run is None:
                return [desk.put_reply(tx, entry, replies.no_such_run(run_id), private=is_command(entry.item))]
            verdict = self._may_stop(tx, actor, run)
            if not verdict.allowed:
                return desk.refuse(entry, actor, "run.cancel", run.id, verdict, "stop the run").apply(tx)
            lanes: list[str] = []
            done = runs.cancel(tx, desk.means(lanes), run.id, actor, origin=desk.origin(entry.item), reason=reason)
            return [*lanes, self._told(tx, entry, done, f"Stopped `{run.id}`.")]

        return Outcome("cancel", apply)

    def _may_stop(self, tx: Transaction, actor: Actor, run: Run) -> Verdict:
        own = run.requester.account in self._desk.accounts(tx, actor.account)
        return Verdict(True) if own else self._desk.judge(actor, permissions.stop(run.definition.name, run.environment))

    def _told(self, tx: Transaction, entry: InboxEntry, done: runs.Done | runs.NotDone, text: str) -> str:
        said = text if isinstance(done, runs.Done) else _OBSTACLES.get(done.obstacle, "That changed nothing.")
        return self._desk.put_reply(tx, entry, replies.line(said), private=is_command(entry.item))

    def status(self, entry: InboxEntry, run_id: str) -> Outcome:
        """Show the card of a run."""

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, run_id)
            reply = cards.run_card(run) if run else replies.no_such_run(run_id)
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("status", apply)

    async def listed(self, meant: plan.Status) -> Reply:
        """Runs, latest first."""
        found: Sequence[RunView] = await self._desk.records.read(
            lambda tx: tx.runs.find(statuses=meant.statuses, parameter=meant.parameter, limit=_LISTED)
        )
        asked = " under way" if meant.statuses else f" of {meant.parameter[1]}" if meant.parameter else ""
        return replies.run_list(found, self._desk.clock.now(), asked=asked)

    async def approvals(self) -> Reply:
        """What waits for an approval."""

        def unit(tx: Transaction) -> list[tuple[ApprovalView, RunView]]:
            waiting = tx.runs.open_approvals(limit=_LISTED)
            return [(view, run) for view in waiting if (run := tx.runs.get(view.run_id))]

        return replies.approval_list(await self._desk.records.read(unit), self._desk.clock.now())

    def startable(self, actor: Actor) -> list[str]:
        """Workflows that this person may start somewhere."""
        return [
            definition.name
            for definition in self._desk.catalogue
            if any(self._desk.judge(actor, p).allowed for p in permissions.every_start(definition))
        ]
