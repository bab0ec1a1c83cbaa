"""What is kept of a run for lists and look-ups: the read models, written with its events."""

from core.ports.records import ApprovalView, RunView
from core.workflow.approvals import Approval
from core.workflow.definition import shown
from core.workflow.run import Run


def views(run: Run) -> tuple[RunView, tuple[ApprovalView, ...]]:
    """The read models of the run and of all its approvals."""
    return run_view(run), tuple(approval_view(approval) for approval in run.approvals.values())


def run_view(run: Run) -> RunView:
    """One line about the run; secrets masked."""
    parameters = shown(run.definition, run.parameters)
    return RunView(
        id=run.id,
        workflow=run.definition.name,
        workflow_version=run.definition.version,
        status=run.status.value,
        requester=str(run.requester.account),
        summary=" ".join([run.definition.name, *(f"{name}={value}" for name, value in parameters.items())]),
        place=run.place,
        started_at=run.started_at,
        updated_at=run.updated_at,
        finished_at=run.finished_at,
        parameters=parameters,
        slot=run.slot,
        slot_limit=run.definition.concurrency.limit if run.definition.concurrency else 0,
    )


def approval_view(approval: Approval) -> ApprovalView:
    """One line about the request. Who was handed a say may decide as well."""
    delegates = (str(delegation.to.account) for delegation in approval.delegations)
    return ApprovalView(
        id=approval.id,
        run_id=approval.run_id,
        step=approval.step,
        status=approval.status.value,
        environment=approval.environment,
        eligible=tuple(dict.fromkeys((*approval.eligible, *delegates))),
        needed=approval.needed,
        given=approval.given,
        requested_by=str(approval.authors[0]),
        requested_at=approval.requested_at,
        expires_at=approval.expires_at,
    )
