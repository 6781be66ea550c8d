"""A server of one function, which does what the path says: for tests of the server itself.

gunicorn loads `application()`; the folder of FOLDER is where the function and the test meet.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.engine.dynamodb import end
from local.gateway import connections
from local.gateway.application import Application
from local.gateway.http_api import Gateway
from local.gateway.turns import LIMIT_S, Turns
from local.lifeline import tied
from local.runtime.functions import LAYER
from local.template import ROOT, Function, Route, Template
from tests.patience import PATIENCE_S

LARGE_BYTES = 6_000_000
_inside: list[str] = []


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return the id of the process, or wait for what the test does, or for ever."""
    _, action, name = f"{event['rawPath']}/".split("/")[:3]
    _inside.append(name)
    try:
        body = ACTIONS[action](name)
    finally:
        _inside.remove(name)
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": body}


def _wait(name: str) -> str:
    folder = Path(os.environ["FOLDER"])
    (folder / f"{name}.begun").write_text(str(os.getpid()))
    while not (folder / name).exists():
        time.sleep(0.02)
    return name


def _alone(_name: str) -> str:
    time.sleep(0.01)  # others would come in
    return str(len(_inside))


def _for_ever(name: str) -> str:
    (Path(os.environ["FOLDER"]) / f"{name}.begun").write_text(str(os.getpid()))
    while True:
        time.sleep(1)


ACTIONS: dict[str, Callable[[str], str]] = {
    "process": lambda _name: str(os.getpid()),
    "wait": _wait,
    "alone": _alone,
    "forever": _for_ever,
    "large": lambda _name: "a" * LARGE_BYTES,
}


def application() -> Application:
    """Make the application that the server of the tests serves."""
    function = Function("one", "app.handler", {}, timeout_s=30, memory_mb=128)
    served = Template((Route("$default", "", "one"),), (function,), {}, None, ())
    limit_s = float(os.environ.get("LIMIT_S", LIMIT_S))
    for name in {"REQUEST_S", "ANSWER_S"} & os.environ.keys():
        setattr(connections, name, float(os.environ[name]))
    return Application(Gateway(served, {"one": handler}), Turns(limit_s))


@dataclass(frozen=True, slots=True)
class Server:
    """The running server, and the folder where its function and the test meet."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def let_go(self, name: str) -> None:
        """Let the function that waits for this name answer."""
        (self.folder / name).touch()

    def begun(self, name: str) -> int:
        """Wait until a function waits for this name; give its process."""
        file = self.folder / f"{name}.begun"
        deadline = time.monotonic() + PATIENCE_S
        while not file.exists() or not file.read_text():
            assert time.monotonic() < deadline, "the function was not called"
            time.sleep(0.02)
        return int(file.read_text())

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()


@contextmanager
def serving(folder: Path, workers: int = 2, **variables: str) -> Iterator[Server]:
    """Serve the one function on a free port, with the settings of the local run."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        own = {"QUARTERHOUR_SOCKET": str(listener.fileno()), "WORKERS": str(workers)}
        paths = os.pathsep.join((str(ROOT), str(LAYER)))
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                tied(
                    [
                        *(sys.executable, "-m", "gunicorn", "--log-level", "debug"),
                        *("--config", "python:local.gateway.server"),
                        "tests.e2e.one_function:application()",
                    ]
                ),
                cwd=ROOT,
                env={**os.environ, **own, "PYTHONPATH": paths, "FOLDER": str(folder), **variables},
                pass_fds=[listener.fileno()],
                stdout=log,
                stderr=log,
            )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield Server(url, folder, process)
    finally:
        end(process, 30)
