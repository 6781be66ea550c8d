"""The two servers under test, each with one worker, and what they use of the processor.

What the client uses never counts: it is this process.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from local.engine import dynamodb as engines
from local.engine.dynamodb import Engine
from local.lifeline import tied
from local.template import ROOT

HOST = "127.0.0.1"
_OK = 200
_READY_S = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_OURS = {"DEMO": "0", "WORKERS": "1", "PORT": "0"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `web` is the process above its worker, `engine` its database's, if any."""

    url: str
    web: int
    engine: int | None = None

    def post(self, path: str, body: bytes) -> bytes:
        """Send JSON; return the body of a 200."""
        return self._ask("POST", path, body)

    def get(self, path: str) -> bytes:
        """Return the body of a 200."""
        return self._ask("GET", path, None)

    def web_s(self) -> float:
        """Return the processor seconds of the workers so far."""
        return sum(_cpu_s(pid) for pid in _below(self.web) if _is_gunicorn(pid))

    def all_s(self) -> float:
        """Return the processor seconds of the workers and the engine so far."""
        return self.web_s() + (_cpu_s(self.engine) if self.engine else 0.0)

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


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """Run a DynamoDB engine with its data in a file, as `make start` does."""
    running = engines.start(folder)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def ours(database: Engine, folder: Path) -> Iterator[Server]:
    """Run `python -m local` on an engine."""
    own = {**_OURS, "DATA_DIR": str(folder), "AWS_ENDPOINT_URL_DYNAMODB": database.url}
    with _running([sys.executable, "-m", "local"], own, subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().decode()
        url = ready.partition(" is ready on ")[2].partition(" ")[0]
        if not url:
            raise RuntimeError(f"the local server did not start: {ready}")
        yield Server(url, process.pid, database.process.pid if database.process else None)


@contextmanager
def baseline(folder: Path) -> Iterator[Server]:
    """Run the baseline under gunicorn, its SQLite file in the folder."""
    with socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--worker-class", "sync"]
    command += [
        "--preload",
        "--no-control-socket",
        "--log-level",
        "warning",
        "--bind",
        f"{HOST}:{port}",
    ]
    own = {"BASELINE_DB": str(folder / "baseline.db")}
    with _running([*command, "bench.baseline.app:app"], own, None) as process:
        server = Server(f"http://{HOST}:{port}", process.pid)
        _wait_for(server)
        yield server


@contextmanager
def _running(
    command: Sequence[str], own: Mapping[str, str], output: int | None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        tied(command), cwd=ROOT, env={**os.environ, **own}, stdout=output, stderr=None
    )
    try:
        yield process
    finally:
        engines.end(process, _READY_S)
        if process.stdout:
            process.stdout.close()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            server.get("/health")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the baseline did not start")


def _below(pid: int) -> list[int]:
    """Return all processes below this one."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    children = [int(child) for child in text.split()]
    return [*children, *(deeper for child in children for deeper in _below(child))]


def _is_gunicorn(pid: int) -> bool:
    """Return whether a process is the server or its worker, and none of what runs beside them."""
    return b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
