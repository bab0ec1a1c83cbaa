"""What the fake delivery service knows and does, without HTTP: versions, operations, effects. Time comes from outside."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SERVICES = ("checkout", "payments", "search", "auth", "catalog", "inventory", "web", "notifications")
ENVIRONMENTS = ("production", "staging", "development")
LATEST = "latest"
MESSAGES = {
    "preflight": ("Comparing configuration", "Image found, configuration valid"),
    "deploy": ("Rolling out", "All replicas are up"),
    "verify": ("Watching error rate and latency", "Error rate and latency are as before"),
    "drain": ("Moving traffic away", "No traffic left"),
    "upgrade": ("Installing packages", "Upgraded and restarted"),
    "undrain": ("Moving traffic back", "Serving traffic"),
    "rollback": ("Putting the version back", "All replicas run the version from before"),
    "scale": ("Starting replicas", "All replicas are up"),
}
"""What an operation of each kind says while it runs, and when it is done."""
_EFFECTS = ("deploy", "drain", "upgrade", "undrain", "rollback", "scale")
_REPLICAS = 3
_USUAL_ERRORS, _MANY_ERRORS = 0.2, 12.0
"""Percent of the requests."""

Versions = dict[str, dict[str, dict[str, str]]]


@dataclass
class FakeOperation:
    """One operation; `state` is running until its time has come or somebody ends it."""

    id: str
    key: str
    kind: str
    target: dict[str, str]
    began: float
    state: str = "running"
    message: str = ""
    result: dict[str, str] = field(default_factory=dict)


class FakeService:
    """The state of the fake. Every look at it first does what is due, so that an operation ends whether or not it is watched."""

    def __init__(
        self, *, seconds: float, data: Path | None, now: Callable[[], datetime], latest: Mapping[str, datetime]
    ) -> None:
        """`seconds`: how long an operation takes. `data`: a file that keeps everything over restarts. `latest`: service → when it was
        deployed to production last, where that matters."""
        self.seconds = seconds
        self._data = data
        self._now = now
        self._effects: Counter[str] = Counter()
        self._versions = first_versions(now())
        for service, at in latest.items():
            self._versions[service]["production"]["deployed_at"] = at.isoformat()
        self._operations: dict[str, FakeOperation] = {}
        self._doomed: list[str] = []
        self._replicas: dict[str, int] = {}
        self._demand: dict[str, int] = {}
        self._bad: set[str] = set()
        self.settling_seconds = 0.0
        """How long a version runs before its health counts."""
        self._load()

    def services(self) -> list[str]:
        """Names of all services."""
        return list(self._versions)

    def deployed(self, service: str, environment: str) -> dict[str, str] | None:
        """What runs there; None when there is no such place."""
        self._do_what_is_due()
        return self._versions.get(service, {}).get(environment)

    def break_version(self, version: str) -> None:
        """Wherever this version runs, many requests fail."""
        self._bad.add(version)

    def ask_much(self, service: str, environment: str, replicas: int) -> None:
        """Many requests fail there while fewer replicas than these run."""
        self._demand[f"{service}/{environment}"] = replicas

    def health(self, service: str, environment: str) -> dict[str, Any] | None:
        """How the service does there; None when there is no such place."""
        found = self.deployed(service, environment)
        if found is None:
            return None
        place = f"{service}/{environment}"
        replicas, needed = self._replicas.get(place, _REPLICAS), self._demand.get(place, 0)
        bad = found["version"] in self._bad or replicas < needed
        settling = self.age_seconds(found) < self.settling_seconds
        errors = _MANY_ERRORS if bad else _USUAL_ERRORS
        state = "degraded" if bad else "settling" if settling else "healthy"
        return {
            "state": state,
            "error_percent": errors,
            "replicas": replicas,
            "message": f"{errors:g} % of the requests fail on {replicas} replicas",
        }

    def age_seconds(self, deployed: dict[str, str]) -> float:
        """How long what `deployed` gave has been running."""
        return (self._now() - datetime.fromisoformat(deployed["deployed_at"])).total_seconds()

    def effects(self, kind: str) -> int:
        """How often something of this kind really happened."""
        self._do_what_is_due()
        return self._effects[kind]

    def fail_operation(self, message: str) -> None:
        """The next operation that begins will fail with this message."""
        self._doomed.append(message)

    def find(self, id_: str) -> FakeOperation | None:
        """An operation by its id."""
        self._do_what_is_due()
        return self._operations.get(id_)

    def by_key(self, key: str) -> FakeOperation | None:
        """The operation that was begun with this key."""
        self._do_what_is_due()
        return next((operation for operation in self._operations.values() if operation.key == key), None)

    def begin(self, key: str, kind: str, target: dict[str, str]) -> FakeOperation:
        """Begin a new operation."""
        id_ = f"op-{len(self._operations) + 1}"
        operation = FakeOperation(id_, key, kind, target, self._now().timestamp())
        if self._doomed:
            operation.state, operation.message = "failed", self._doomed.pop(0)
        self._operations[id_] = operation
        self._save()
        self._do_what_is_due()
        return operation

    def cancel(self, operation: FakeOperation) -> None:
        """End an operation without its effect; what is over stays as it is."""
        if operation.state == "running":
            operation.state, operation.message = "cancelled", "Cancelled"
            self._save()

    def show(self, operation: FakeOperation) -> dict[str, Any]:
        """The operation as the contract words it."""
        done = operation.state == "succeeded"
        passed = self._now().timestamp() - operation.began
        return {
            "id": operation.id,
            "state": operation.state,
            "progress": 1.0 if done else min(1.0, max(0.0, passed / self.seconds)) if self.seconds else 0.0,
            "message": operation.message or MESSAGES[operation.kind][done],
            "result": operation.result,
        }

    def _do_what_is_due(self) -> None:
        end = self._now().timestamp() - self.seconds
        due = [o for o in self._operations.values() if o.state == "running" and o.began <= end]
        for operation in due:
            operation.state = "succeeded"
            self._take_effect(operation)
        for operation in due:
            if operation.kind == "verify" and (reason := self._unsound(operation.target)):
                operation.state, operation.message = "failed", reason
        if due:
            self._save()

    def _take_effect(self, operation: FakeOperation) -> None:
        target = operation.target
        version = target.get("version", "")
        if version == LATEST:
            version = self._versions[target["service"]]["development"]["version"]
        if version:
            operation.result = {"version": version}
        if operation.kind in _EFFECTS:
            self._effects[operation.kind] += 1
        if operation.kind == "scale":
            self._replicas[f"{target['service']}/{target['environment']}"] = int(target["replicas"])
        if operation.kind in ("deploy", "rollback"):
            place = self._versions[target["service"]]
            before = place[target["environment"]]
            same = before["version"] == version
            place[target["environment"]] = {
                "version": version,
                "previous": before.get("previous", "") if same else before["version"],
                "deployed_at": self._now().isoformat(),
                "deployed_by": "copilot",
            }

    def _unsound(self, target: dict[str, str]) -> str:
        """Why a service counts as broken, "" when it does not."""
        found = self.health(target["service"], target["environment"])
        return str(found["message"]) if found and found["state"] == "degraded" else ""

    def _save(self) -> None:
        if self._data:
            kept = {"versions": self._versions, "operations": [asdict(o) for o in self._operations.values()]}
            whole = self._data.with_suffix(".new")
            whole.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            whole.replace(self._data)

    def _load(self) -> None:
        """Go on where an earlier life ended; a file of another shape counts as none."""
        if not self._data or not self._data.exists():
            return
        kept = json.loads(self._data.read_text(encoding="utf-8"))
        if "operations" in kept:
            self._versions = kept["versions"]
            self._operations = {entry["id"]: FakeOperation(**entry) for entry in kept["operations"]}


def first_versions(now: datetime) -> Versions:
    """Plausible versions: development ahead of staging, staging of production."""
    return {
        service: {
            environment: {
                "version": f"2.{n}.{5 - m}" if m < 2 else f"2.{n + 1}.0",
                "previous": f"2.{n}.{4 - m}" if m < 2 else f"2.{n}.5",
                "deployed_at": (now - timedelta(hours=7 * (n + 1) * (3 - m))).isoformat(),
                "deployed_by": ("lee", "sam", "dana")[(n + m) % 3],
            }
            for m, environment in enumerate(ENVIRONMENTS)
        }
        for n, service in enumerate(SERVICES, 3)
    }
