"""Dry runs as people ask for them."""

from collections.abc import Sequence

from core.actors import Actor
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.forms import form_for, holds_secret, spelt
from core.conversation.plan_card import plan_card
from core.messages import Button, ButtonStyle
from core.planning import permissions, plan
from core.ports.records import InboxEntry, Transaction
from core.workflow.dry_run import foresee
from core.workflow.parameters import read
from core.workflow.steps.approval import ApprovalStep


def preview(desk: Desk, answers: Answers, entry: InboxEntry, actor: Actor, meant: plan.Preview) -> Outcome:
    """Show what a run would do, with a button that starts it where this person may and nothing is missing; UserInputError when a
    parameter does not fit, NotFoundError for an unknown workflow."""
    definition = desk.catalogue.get(meant.workflow)
    given = read(definition, meant.parameters)
    dry = foresee(definition, given.values)
    verdict = desk.judge(actor, permissions.start(definition.name, dry.environment))

    def apply(tx: Transaction) -> Sequence[str]:
        buttons: list[Button] = []
        if verdict.allowed and not given.missing and not holds_secret(definition, meant.parameters):
            buttons = desk.say_buttons(tx, entry, [("Start", spelt("run", definition.name, meant.parameters))])
        elif verdict.allowed:
            # A button that starts it would keep what was typed; the form asks for the secret again.
            token = desk.ids.token()
            desk.forms.keep(definition.name, token, meant.parameters)
            action = f"form:{form_for(definition, {}).name}:{token}"
            buttons = [Button("Fill in and start", action, ButtonStyle.PRIMARY)]
        gates = [step.quorum_for(dry.environment) for step in definition.steps if isinstance(step, ApprovalStep)]
        people = desk.who_may([role for quorum in gates for role in quorum.roles])
        reply = plan_card(dry, given.missing, verdict, buttons, people)
        return [answers.put(tx, entry, reply, private=is_command(entry.item))]

    return Outcome("plan", apply)
