"""A history folded again, event by event: what each event did, and whether the read models say what it adds up to. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.ports.records import ApprovalView, RunView, StoredEvent
from core.workflow.history import apply
from core.workflow.run import Run
from core.workflow.views import views


@dataclass(frozen=True, slots=True)
class Moment:
    """One event, and the run before and after it."""

    event: StoredEvent
    before: Run | None
    run: Run

    def changed(self) -> tuple[tuple[str, str], ...]:
        """What stands differently now: steps and approvals, each with how it stands."""
        steps = self.before.steps if self.before else {}
        approvals = self.before.approvals if self.before else {}
        return (
            *((id_, one.state.value) for id_, one in self.run.steps.items() if self.before and one != steps.get(id_)),
            *((id_, one.status.value) for id_, one in self.run.approvals.items() if one != approvals.get(id_)),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A read model says something else than the history."""

    what: str
    """`RUN-7K3QX2 status`, `APR-2B4D6F given`"""
    folded: Any
    """By the history, which is the truth."""
    stored: Any


def in_a_line(one: Moment) -> str:
    """The event in a line: version, time (UTC), kind, what stands differently now, and what was said."""
    before = one.before.status if one.before else None
    status = "" if one.run.status is before else f"  run {one.run.status.replace('_', ' ')}"
    changed = "".join(f"  {what} {how}" for what, how in one.changed())
    said = "".join(f"  {text}" for text in _words(one.event.data))
    return f"{one.event.version:>5}  {one.event.at:%Y-%m-%d %H:%M:%S}  {one.event.kind:<22}{changed}{status}{said}"


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    failure = data.get("failure")
    said = [data.get(name) for name in ("reason", "text", "comment")]
    said += [failure.get("message"), failure.get("hint")] if isinstance(failure, dict) else []
    for text in said:
        if isinstance(text, str) and text:
            yield "“" + " ".join(text.split()) + "”"


def moments(history: Iterable[StoredEvent]) -> Iterator[Moment]:
    """Each event with its effect, in order. HistoryError where it cannot be folded; those before it were given by then."""
    before: Run | None = None
    for event in history:
        after = apply(before, event)
        yield Moment(event, before, after)
        before = after


def differences(run: Run, view: RunView, approvals: Mapping[str, ApprovalView]) -> tuple[Difference, ...]:
    """Where the stored read models differ from those of the folded run. `approvals`: by id; one that lacks is a difference."""
    run_view, approval_views = views(run)
    found = [*_differing(run.id, run_view, view)]
    for expected in approval_views:
        stored = approvals.get(expected.id)
        found += [Difference(expected.id, expected.status, None)] if stored is None else _differing(
            expected.id, expected, stored
        )  # fmt: skip
    return tuple(found)


def _differing(id_: str, folded: RunView | ApprovalView, stored: RunView | ApprovalView) -> Iterator[Difference]:
    for field in fields(folded):
        expected, found = getattr(folded, field.name), getattr(stored, field.name)
        if expected != found:
            yield Difference(f"{id_} {field.name}", expected, found)
