"""The cast of the tests of runs: people, recording tools, a workflow, and a world where runs happen by hand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from core.actors import Actor, Standing
from core.messages import Account, Place, Platform
from core.ports.records import Transaction
from core.tools import FunctionTool, Risk, Toolbox, ToolContext, ToolParameter, ToolResult, ValueType
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.definition import Definition
from core.workflow.parameters import read
from core.workflow.reading import parse
from core.workflow.run import Run
from core.workflow.runner import Runner
from core.workflow.shift import RunnerSettings
from core.workflow.signals import Means, Origin, load
from core.workflow.steps.common import Scalar
from tests.fake_records import FakeClock, FakeDelivery, FakeIds, FakeRecords

PLACE = Place(Platform.SLACK, "T1", "C1", "1.1")


def account(name: str) -> Account:
    return Account(Platform.SLACK, "T1", f"U{name}")


def person(name: str, *roles: str, standing: Standing = Standing.MEMBER) -> Actor:
    return Actor(account(name), name, standing, frozenset(roles))


REQUESTER = person("Dana", "approver")
ALICE = person("Alice", "approver")
BOB = person("Bob", "approver")
ADMIN = person("Ada", "admin")
NOBODY = person("Nils")

WORKFLOW = """
name: ship
version: 1.0.0
title: Ship it
parameters:
  service: {required: true}
  environment: {type: choice, choices: [production, staging], default: production}
  note: {default: none}
steps:
  - {id: check, type: action, tool: test.check, with: {service: "${{ parameters.service }}"}}
  - id: gate
    type: approval
    roles: [approver]
    needed: 2
    when: {parameter: environment, in: [production]}
    expires_after: 100m
    escalate_to: [admin]
  - id: act
    type: action
    tool: test.act
    with: {service: "${{ parameters.service }}"}
    retries: {count: 2, backoff: 10s}
    time_limit: 1m
"""

Tool = Callable[[ToolContext], Awaitable[ToolResult]]


class World:
    """Records, time and tools; what happens in it happens when the test says so."""

    def __init__(self, text: str = WORKFLOW, *, heartbeat: float = 0.005, **tools: Tool) -> None:
        self.records = FakeRecords()
        self.clock = FakeClock()
        self.announced: list[ev.Event] = []
        self.mute = False
        """True: announcing is broken."""
        self.means = Means(FakeIds(), self._announce)
        self.calls: list[tuple[str, dict[str, Scalar], str]] = []
        """(tool, parameters, idempotency key) of every call."""
        self.tools = Toolbox(
            self._tool(name, Risk.READ if name == "check" else Risk.WRITE, tools) for name in ("check", "act", "once")
        )
        self.definition = parse(text, "ship.yaml", self.tools)
        self.settings = RunnerSettings(heartbeat_seconds=heartbeat, progress_seconds=0.0, max_deliveries=3)
        self.runner = Runner(self.records, self.tools, self.clock, self.means, self.settings)

    def _announce(self, tx: Transaction, run: Run, events: Sequence[ev.Event]) -> None:
        assert tx.runs.get(run.id) is not None
        if self.mute:
            raise RuntimeError("cannot announce")
        self.announced += events

    def _tool(self, name: str, risk: Risk, tools: Mapping[str, Tool]) -> FunctionTool:
        async def call(parameters: Mapping[str, Scalar], context: ToolContext) -> ToolResult:
            self.calls.append((name, dict(parameters), context.idempotency_key))
            return await tools[name](context) if name in tools else ToolResult(outputs={"url": "http://x"}, text="done")

        outputs = {"url": ValueType.STRING}
        idempotent = name != "once"
        return FunctionTool(f"test.{name}", name, risk, call, {"service": ToolParameter()}, outputs, idempotent)

    @property
    def origin(self) -> Origin:
        return Origin(self.clock.now(), PLACE, "trace-1")

    def start(self, definition: Definition | None = None, who: Actor = REQUESTER, **given: str) -> Run:
        wanted = definition or self.definition
        service_too = {"service": "checkout"} if wanted.parameter("service") else {}
        values = read(wanted, service_too | given).values
        done = self.records.now(lambda tx: service.start(tx, self.means, wanted, values, who, origin=self.origin))
        assert isinstance(done, service.Done)
        return done.run

    def decide(
        self, run: Run, who: Actor, verdict: Verdict = Verdict.APPROVE, seen: str = ""
    ) -> service.Decided | service.Refused:
        id_ = list(self.run(run).approvals)[-1]
        return self.records.now(
            lambda tx: service.decide_approval(tx, self.means, id_, who, verdict, origin=self.origin, shown_digest=seen)
        )

    def cancel(self, run: Run, who: Actor = REQUESTER) -> service.Done | service.NotDone:
        return self.records.now(lambda tx: service.cancel(tx, self.means, run.id, who, origin=self.origin, reason="no"))

    def change(self, run: Run, who: Actor = REQUESTER, **given: str) -> service.Done | service.NotDone:
        return self.records.now(lambda tx: service.change(tx, self.means, run.id, who, given, origin=self.origin))

    def ask_again(self, approval_id: str) -> service.Done | service.NotDone:
        return self.records.now(
            lambda tx: service.ask_again(tx, self.means, approval_id, REQUESTER, origin=self.origin)
        )

    def fire(self, **by: float) -> int:
        """Let time pass; fire every timer that is due by then, each at its own time. How many."""
        start, fired = self.clock.now(), 0
        until = self.clock.advance(**by)
        while (due := self._next_due()) <= until:
            self.clock.time = max(start, due)
            self.records.now(self._fire_one)
            fired += 1
        self.clock.time = until
        return fired

    def _next_due(self) -> datetime:
        return min(
            (timer.due_at for timer in self.records.state.timers.values()), default=datetime.max.replace(tzinfo=UTC)
        )

    def _fire_one(self, tx: Transaction) -> None:
        (timer,) = tx.timers.claim_due(now=self.clock.now(), holder="h", lease_seconds=9, limit=1)
        service.fire_timer(tx, self.means, timer, holder="h", origin=self.origin)

    async def work(self) -> list[FakeDelivery]:
        """Let a worker handle everything on the queue until it is empty or comes back."""
        done = []
        for delivery in self.records.deliver():
            await self.runner.handle(delivery)
            done.append(delivery)
        return done

    def run(self, run: Run | str) -> Run:
        loaded = load(self._tx(), run if isinstance(run, str) else run.id)
        assert loaded is not None
        return loaded

    def _tx(self) -> Transaction:
        found: list[Transaction] = []
        self.records.now(found.append)
        return found[0]

    def audited(self, action: str) -> list[tuple[str, str, str]]:
        """(actor, outcome, reason), oldest first."""
        return [(r.actor, r.outcome, r.reason) for r in self.records.state.audit if r.action == action]

    async def waiting(self) -> Run:
        """A run that was started and came to its gate."""
        run = self.start()
        await self.work()
        return self.run(run)
