"""Runs as people meet them: started, changed, stopped, listed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.actors import Actor
from core.conversation import cards, dialogues, replies
from core.conversation.answers import Answers, engage
from core.conversation.desk import Desk, Outcome, first_card, is_command
from core.conversation.forms import form_for
from core.conversation.updates import card_of
from core.errors import NotFoundError, UserInputError, describe
from core.messages import Button, ButtonStyle, Reply
from core.nlp.interpretation import EntityType
from core.planning import permissions, plan
from core.planning.policy import Verdict, unsure_of
from core.ports.pictures import Pictures
from core.ports.records import ActionToken, InboxEntry, RunView, Transaction
from core.tracing import correlation
from core.workflow import parameters as given
from core.workflow import service as runs
from core.workflow.definition import Definition
from core.workflow.events import Answer
from core.workflow.layout import of_run
from core.workflow.replay import in_a_line, moments
from core.workflow.run import Run
from core.workflow.signals import load
from core.workflow.steering import STARTS, Steering, steer
from core.workflow.steps.common import as_text

_LISTED = 10
"""Runs in a list."""
OBSTACLES = {
    runs.Obstacle.ENDED: "That run is over already.",
    runs.Obstacle.NOT_WAITING: "Only a run that waits for an approval can be changed.",
    runs.Obstacle.ACTED: "A step that depends on this has acted already. Stop the run and start a new one instead.",
    runs.Obstacle.SAME: "That is what the plan says already.",
    runs.Obstacle.ROLLING_BACK: "That run is being rolled back. It can be stopped, but not paused.",
    runs.Obstacle.ROLLED_BACK: "That run was rolled back before.",
    runs.Obstacle.NOTHING_TO_UNDO: "Nothing of that run can be undone by me: no step that has acted says how.",
    runs.Obstacle.NOT_FAILED: "That is for a run that failed, was stopped or ran out of time.",
    runs.Obstacle.NOT_ASKED: "That question was answered already.",
    runs.Obstacle.SECRETS: "Its secret parameters were forgotten when it ended. Start a new run instead.",
}
STANDS = {Steering.PAUSE: "That run is paused already.", Steering.RESUME: "That run is not paused."}
"""What `Obstacle.SAME` means here."""
DONE = {
    Steering.PAUSE: "Paused `{}`: nothing new begins; what is under way goes on to its end.",
    Steering.RESUME: "`{}` goes on.",
    Steering.RETRY: "`{}` goes on from the step that failed.",
    Steering.SKIP: "`{}` goes on without the step that failed.",
    Steering.ROLL_BACK: "Rolling back `{}`.",
    Steering.CANCEL: "Stopped `{}`.",
}
_WANTED = {
    Steering.PAUSE: "pause the run",
    Steering.RESUME: "resume the run",
    Steering.RETRY: "go on with the run",
    Steering.SKIP: "go on with the run",
    Steering.ROLL_BACK: "roll the run back",
    Steering.CANCEL: "stop the run",
}


class RunHandler:
    """Turns plans about runs into outcomes."""

    def __init__(self, desk: Desk, answers: Answers, pictures: Pictures) -> None:
        self._desk = desk
        self._answers = answers
        self._pictures = pictures

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
        try:
            read = given.read(definition, parameters)
        except UserInputError as error:
            return self._ask_again(entry, definition, parameters, error)
        if read.missing:
            lacking = UserInputError(f"{', '.join(read.missing)} is missing.")
            return self._ask_again(entry, definition, parameters, lacking)
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

    def _ask_again(
        self, entry: InboxEntry, definition: Definition, parameters: dict[str, str], error: UserInputError
    ) -> Outcome:
        """Say what does not fit, with the form to correct it: it opens with what was typed, secrets left out."""
        desk, token = self._desk, self._desk.ids.token()
        desk.forms.keep(definition.name, token, parameters)
        button = Button("Correct it", f"form:{form_for(definition, {}).name}:{token}", ButtonStyle.PRIMARY)
        reply = replies.failed(describe(error), correlation(entry.item.traceparent), button)
        return Outcome("refused", lambda tx: [desk.put_reply(tx, entry, reply, private=is_command(entry.item))])

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

    def steer(self, entry: InboxEntry, actor: Actor, meant: plan.Steer) -> Outcome:
        """Pause, stop, go on with or undo a run. Its requester may pause and stop it, and whoever holds the permission; what sets
        something going takes the right to start."""
        desk, wanted = self._desk, meant.wanted

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, meant.run_id)
            if run is None:
                return [desk.put_reply(tx, entry, replies.no_such_run(meant.run_id), private=is_command(entry.item))]
            start = permissions.start(run.definition.name, run.environment)
            verdict = desk.judge(actor, start) if wanted in STARTS else self._may_stop(tx, actor, run)
            if not verdict.allowed:
                return desk.refuse(entry, actor, f"run.{wanted}", run.id, verdict, _WANTED[wanted]).apply(tx)
            lanes: list[str] = []
            origin = desk.origin(entry.item)
            done = steer(tx, desk.means(lanes), run.id, wanted, actor, origin=origin, reason=meant.reason)
            said = DONE[wanted].format(run.id)
            if isinstance(done, runs.Done) and wanted is Steering.CANCEL and done.run.rollback and not done.run.ended:
                said = f"Stopping `{run.id}`: what it has done is undone first."
            if isinstance(done, runs.NotDone) and done.obstacle is runs.Obstacle.SAME:
                return [
                    *lanes,
                    desk.put_reply(tx, entry, replies.line(STANDS[wanted]), private=is_command(entry.item)),
                ]
            return [*lanes, self._told(tx, entry, done, said)]

        return Outcome(wanted.value, apply)

    def answer(self, entry: InboxEntry, actor: Actor, token: ActionToken) -> Outcome:
        """Somebody says what to do about an attempt that may have happened: who may start the workflow."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, token.data["run"])
            if run is None:
                return [desk.put_reply(tx, entry, replies.expired_button(), private=True)]
            verdict = desk.judge(actor, permissions.start(run.definition.name, run.environment))
            if not verdict.allowed:
                return desk.refuse(entry, actor, "step.answer", run.id, verdict, "answer this").apply(tx)
            lanes: list[str] = []
            said, origin = Answer(token.data["answer"]), desk.origin(entry.item)
            done = runs.answer(tx, desk.means(lanes), run.id, token.data["step"], said, actor, origin=origin)
            if isinstance(done, runs.NotDone):
                lanes.append(self._told(tx, entry, done, ""))
            return lanes

        return Outcome("answer", apply)

    def _may_stop(self, tx: Transaction, actor: Actor, run: Run) -> Verdict:
        own = run.requester.account in self._desk.accounts(tx, actor.account)
        return Verdict(True) if own else self._desk.judge(actor, permissions.stop(run.definition.name, run.environment))

    def _told(self, tx: Transaction, entry: InboxEntry, done: runs.Done | runs.NotDone, text: str) -> str:
        said = text if isinstance(done, runs.Done) else OBSTACLES.get(done.obstacle, "That changed nothing.")
        return self._desk.put_reply(tx, entry, replies.line(said), private=is_command(entry.item))

    def status(self, entry: InboxEntry, run_id: str) -> Outcome:
        """Show the card of a run."""

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, run_id)
            reply = card_of(tx, run) if run else replies.no_such_run(run_id)
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("status", apply)

    async def graph(self, entry: InboxEntry, actor: Actor, run_id: str) -> Outcome:
        """Show the picture of a run as it stands now."""

        async def draw(run: Run) -> Reply:
            drawn = await asyncio.to_thread(of_run, run)
            return cards.graph(run, drawn.title, await self._pictures.png(drawn))

        return await self._look(entry, actor, run_id, "graph", draw)

    async def log(self, entry: InboxEntry, actor: Actor, run_id: str) -> Outcome:
        """Show all that has happened to a run, as a file."""

        async def write(run: Run) -> Reply:
            history = await self._desk.records.read(lambda tx: tx.runs.history(run.id))
            return cards.log(run, await asyncio.to_thread(lambda: [in_a_line(one) for one in moments(history)]))

        return await self._look(entry, actor, run_id, "log", write)

    async def _look(
        self, entry: InboxEntry, actor: Actor, run_id: str, what: str, show: Callable[[Run], Awaitable[Reply]]
    ) -> Outcome:
        """Show something of a run to who may look at runs."""
        verdict = self._desk.judge(actor, permissions.needed(plan.Status()))
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, f"run.{what}", run_id, verdict, "look at runs")
        run = await self._desk.records.read(lambda tx: load(tx, run_id))
        reply = replies.no_such_run(run_id) if run is None else await show(run)
        return Outcome(what, lambda tx: [self._desk.put_reply(tx, entry, reply, private=run is None, beneath=True)])

    async def listed(self, meant: plan.Status) -> Reply:
        """Runs, latest first."""
        found: Sequence[RunView] = await self._desk.records.read(
            lambda tx: tx.runs.find(statuses=meant.statuses, parameter=meant.parameter, limit=_LISTED)
        )
        asked = " under way" if meant.statuses else f" of {meant.parameter[1]}" if meant.parameter else ""
        return replies.run_list(found, self._desk.clock.now(), asked=asked)

    def startable(self, actor: Actor) -> list[str]:
        """Workflows that this person may start somewhere."""
        return [
            definition.name
            for definition in self._desk.catalogue
            if any(self._desk.judge(actor, p).allowed for p in permissions.every_start(definition))
        ]
