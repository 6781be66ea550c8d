"""The servers under test, each with one worker: the service, and what one might use instead.

What the client uses of the processor never counts: it is this process.
"""

import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import TypeVar

from bench import before, postgresql
from bench.in_process import settle
from bench.processes import below, command, cpu_s, family_cpu_s
from local.engine import dynamodb as engines
from local.engine.dynamodb import Engine
from local.lifeline import tied
from local.template import ROOT

HOST = "127.0.0.1"
SQLITE, POSTGRESQL, BEFORE = "Flask + pandas + SQLite", "Flask + PostgreSQL", "before"
_Found = TypeVar("_Found")
_OK = 200
_READY_S = 60.0
# These two run in a checkout, and use only what an earlier commit has, too.
_SETTLE_BEFORE = """
import sys
from local.engine.dynamodb import Engine
from bench.in_process import settle
settle(Engine(sys.argv[1], "given", None))
"""
_START = """
import sys
from dataclasses import replace
from local import template
from local.commands.start import main
load = template.load
template.load = lambda **parameters: replace(load(**parameters), schedules=())
sys.exit(main())
"""
_OURS = {"DEMO": "0", "WORKERS": "1", "PORT": "0"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `web` is the process above its worker; its database's seconds, if any.

    `settle` does now what the server or its database does with readings in its own time.
    """

    url: str
    web: int
    database_s: Callable[[], float] = float
    settle: Callable[[], object] = bool

    def post(self, path: str, body: bytes) -> bytes:
        """Send JSON; return the body of a 200."""
        return self._ask("POST", path, body)

    def get(self, path: str) -> bytes:
        """Return the body of a 200."""
        return self._ask("GET", path, None)

    def web_s(self) -> float:
        """Return the processor seconds of the workers so far."""
        return sum(cpu_s(pid) for pid in below(self.web) if b"gunicorn" in command(pid))

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        headers = {"content-type": "application/json"} if body else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != _OK:
            raise RuntimeError(f"{method} {self.url}{path}: {answer.status} {said[:300]!r}")
        return said


@dataclass(frozen=True, slots=True)
class Servers:
    """The service and its peers, by name, on data of their own.

    `engine` is the service's, `engine_before` that of the service before, if there is one.
    """

    ours: Server
    peers: Mapping[str, Server]
    engine: Engine
    engine_before: Engine | None = None

    @property
    def all(self) -> list[Server]:
        """All of them, the service first."""
        return [self.ours, *self.peers.values()]

    def settle(self) -> None:
        """Let all of them settle what was posted so far."""
        for server in self.all:
            server.settle()


def peers() -> list[str]:
    """Return the names of all that the service is compared with on this machine."""
    return [SQLITE, POSTGRESQL, *([BEFORE] if before.checkout() else [])]


@contextmanager
def running() -> Iterator[Servers]:
    """Run the service and its peers on fresh data; there is no PostgreSQL where none is installed.

    BEFORE names a checkout of an earlier commit: its service is a peer, too.
    """
    with ExitStack() as stack:
        database = stack.enter_context(engine())
        ours = stack.enter_context(_service(database, ROOT))
        found = {SQLITE: stack.enter_context(_on_sqlite())}
        if postgresql.binaries():
            found[POSTGRESQL] = stack.enter_context(_on_postgresql())
        its_own = None
        if checkout := before.checkout():
            its_own = stack.enter_context(engine())
            found[BEFORE] = stack.enter_context(_service(its_own, checkout))
        yield Servers(ours, found, database, its_own)


@contextmanager
def engine() -> Iterator[Engine]:
    """Run a DynamoDB engine with its data in a file, as `make start` does."""
    with _folder() as folder:
        running = engines.start(Path(folder))
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def _service(database: Engine, checkout: Path) -> Iterator[Server]:
    """Run `python -m local` of a checkout on an engine, but for its schedule.

    That would settle what is to be measured before any rollup.
    """

    def engine_s() -> float:
        return cpu_s(database.process.pid) if database.process else 0.0

    def settled() -> None:
        if checkout == ROOT:
            settle(database)
            return
        start = [sys.executable, "-c", _SETTLE_BEFORE, database.url]
        subprocess.run(start, cwd=checkout, env=before.variables(), check=True)

    with _folder() as folder:
        own = {**_OURS, "DATA_DIR": folder, "AWS_ENDPOINT_URL_DYNAMODB": database.url}
        start = [sys.executable, "-c", _START]
        with _running(start, own, subprocess.PIPE, checkout) as process:
            assert process.stdout is not None
            ready = process.stdout.readline().decode()
            url = ready.partition(" is ready on ")[2].partition(" ")[0]
            if not url:
                raise RuntimeError(f"the local server did not start: {ready}")
            settled()
            yield Server(url, process.pid, engine_s, settled)


@contextmanager
def _on_sqlite() -> Iterator[Server]:
    with _folder() as folder, _flask("sqlite", f"{folder}/baseline.db") as (url, pid):
        yield Server(url, pid)


@contextmanager
def _on_postgresql() -> Iterator[Server]:
    with postgresql.running() as database, _flask("postgresql", database.url) as (url, pid):
        yield Server(url, pid, lambda: family_cpu_s(database.pid), database.analyze)


@contextmanager
def _flask(baseline: str, database: str) -> Iterator[tuple[str, int]]:
    """Run the baseline under gunicorn; yield its URL and its process."""
    with socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    options = (
        "--workers=1",
        "--worker-class=sync",
        "--timeout=0",
        "--preload",
        "--no-control-socket",
    )
    bound = ("--log-level=warning", f"--bind={HOST}:{port}")
    start = [sys.executable, "-m", "gunicorn", *options, *bound, "bench.peers.app:app"]
    own = {"BASELINE": baseline, "BASELINE_DB": database}
    with _running(start, own, None) as process:
        url = f"http://{HOST}:{port}"
        _awaited(lambda: Server(url, process.pid).get("/health"))
        yield url, process.pid


@contextmanager
def _running(
    start: Sequence[str], own: Mapping[str, str], output: int | None, folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(tied(start), cwd=folder, env=before.variables(**own), stdout=output)
    try:
        yield process
    finally:
        engines.end(process, _READY_S)
        if process.stdout:
            process.stdout.close()


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="quarterhour-bench-")


def _awaited(found: Callable[[], _Found | None]) -> _Found:
    """Return what is there sooner or later; RuntimeError where it takes too long."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        with suppress(OSError):  # nothing answers yet, or a process has just ended
            if thing := found():
                return thing
        time.sleep(0.05)
    raise RuntimeError("a server did not start")
