"""An emulated AWS in a process of its own: ministack, with its state in memory.

It runs Lambda functions without containers, as processes of a Python of its choice, with their
layers on the path, and checks what they call against the policies of their roles.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config

from local.template import ROOT
from tests.patience import PATIENCE_S

PYTHON = ROOT / ".tools" / "emulated" / "bin" / "python"
REGION = "eu-central-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

Sight = TypeVar("Sight")

# The emulator has its own Python run the functions, and no setting for another one.
_LAUNCH = "import sys; sys.executable = sys.argv.pop(); from ministack.app import main; main()"
_SETTINGS = {
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AUTH": "true",  # what a role's policies do not allow is refused
    "LAMBDA_EXECUTOR": "local",
    "DOCKER_HOST": "unix:///nonexistent",  # it would remove containers of its name
}
# A call may start a function; a second try would be a second invocation.
_CONFIG = Config(read_timeout=PATIENCE_S, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; `folder` is the home of everything that speaks to it."""

    port: int
    folder: Path
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a program whose AWS this is, with nothing of the user's."""
        region = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        return {**_bare(self.folder), **CREDENTIALS, **region, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service, the same one for every call."""
        if service not in self._clients:
            session: Any = boto3.Session("test", "test", region_name=REGION)
            client = session.client(service, endpoint_url=self.url, config=_CONFIG)
            self._clients[service] = client
        return self._clients[service]

    def close(self) -> None:
        for each in self._clients.values():
            each.close()


def eventually(look: Callable[[], Sight | None]) -> Sight:
    """Return what `look` sees as soon as it sees something; AssertionError if it never does."""
    until = time.monotonic() + PATIENCE_S
    while (sight := look()) is None:
        assert time.monotonic() < until, f"nothing was seen in {PATIENCE_S:.0f} s"
        time.sleep(0.5)
    return sight


@contextmanager
def running(folder: Path, lambda_python: Path) -> Iterator[Emulator]:
    """Run an emulator on a free port; `lambda_python` runs its functions."""
    emulator = Emulator(_free_port(), folder)
    variables = {**_bare(folder), **CREDENTIALS, **_SETTINGS, "MINISTACK_REGION": REGION}
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-c", _LAUNCH, lambda_python],
            cwd=folder,
            env={**variables, "GATEWAY_PORT": str(emulator.port)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(lambda: _readiness(process, emulator))
        yield emulator
    finally:
        emulator.close()
        _end(process)
        for each in folder.glob("ministack-lambda-*"):  # each has the layer in it
            shutil.rmtree(each)


def _bare(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _readiness(process: subprocess.Popen[bytes], emulator: Emulator) -> bool | None:
    if process.poll() is not None:
        pytest.fail((emulator.folder / "emulator.log").read_text())
    with closing(HTTPConnection("127.0.0.1", emulator.port)) as connection, suppress(OSError):
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == 200 or None
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the emulator, and with it the functions that run: its session is theirs."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
