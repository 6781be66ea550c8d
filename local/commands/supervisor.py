"""What runs until it is stopped: its port, its children, their logs, a sentence when it fails."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from local.commands.failures import FAILURES, RunError, failed
from local.commands.settings import Settings
from local.engine import logs
from local.lifeline import tied

HOST = "127.0.0.1"

_ANSWER_S = 60.0
_LOOK_S = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Process = subprocess.Popen[bytes]


class _Stop(BaseException):
    """A signal asked us to stop: like KeyboardInterrupt a wish, and no failure."""


def supervise(go: Callable[[Settings, ExitStack], None]) -> int:
    """Call `go`, and end what it put on the stack; 0 after a signal, 1 and a sentence else."""
    for number in _SIGNALS:
        signal.signal(number, _stop)
    try:
        with ExitStack() as stack:
            go(Settings.read(os.environ), stack)
    except _Stop:
        pass
    except FAILURES as error:
        return failed(error)
    return 0


def _stop(_number: int, _frame: Any) -> None:
    # A second signal must not cut the cleaning up short: every wait in it has its own limit.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise _Stop


def listen(port: int) -> socket.socket:
    """Listen on a port of this machine (0: any free one); RunError where it cannot be used."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise RunError(
            f"port {port} cannot be used ({error.strerror}): give another PORT."
        ) from None
    return listener


def logged(
    name: str, module: list[str], data_dir: Path, variables: Mapping[str, str], *files: int
) -> _Process:
    """Start a module with its output in `<name>.log`; it keeps these open `files`."""
    with logs.begin(data_dir, name) as output:
        return subprocess.Popen(
            tied([sys.executable, "-m", *module]),
            env={**variables, "PYTHONUNBUFFERED": "1"},
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def health(url: str, patience_s: float = _ANSWER_S) -> int:
    """Return the status of GET /health; OSError where there is no answer."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=patience_s)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    finally:
        connection.close()


def watch(
    children: Mapping[str, _Process | None], data_dir: Path, goes_on: Callable[[], bool]
) -> None:
    """Wait while it `goes_on`, and keep the logs short; RunError when a child has died."""
    while goes_on():
        for name, child in children.items():
            if child is not None and child.poll() is not None:
                raise RunError(f"{name} ended ({child.returncode}): see the logs in {data_dir}")
        logs.cut(data_dir)
        time.sleep(_LOOK_S)
