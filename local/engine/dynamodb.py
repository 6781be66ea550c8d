"""The DynamoDB engine of the laptop: Dynoxide, or moto's server where it cannot be had.

A DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names is used instead of either, and LocalStack's where
LOCALSTACK_HOST is set and none is named.
"""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local.engine import logs
from local.engine.dynoxide import binary
from local.engine.npm import UnavailableError
from local.lifeline import tied
from local.template import ROOT
from quarterhour.store.table.clients import client

TOOLS = ROOT / ".tools"
STORAGE = "table.db"

_READY_S = 60.0
_STOP_S = 10.0
_ATTEMPTS = 3
_OTHERS = 0o077


class EngineError(Exception):
    """The engine did not start; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine; `process` is None where somebody else runs it."""

    url: str
    kind: str
    process: subprocess.Popen[bytes] | None

    def stop(self) -> None:
        """End the engine and wait for it; again is fine."""
        if self.process is not None:
            end(self.process, _STOP_S)


def start(data_dir: Path | None, tools: Path = TOOLS) -> Engine:
    """Start the engine with its data under `data_dir` (None: in memory) and wait until it answers.

    What the engine says goes to `engine.log` there. EngineError where it does not come up, and
    where there are data that only the fast engine can read, and it cannot be had.
    """
    if url := given():
        return Engine(url, "given", None)
    try:
        program = binary(tools)
    except UnavailableError as reason:
        _refuse_to_hide(data_dir, reason)
        print(_warning(reason), file=sys.stderr, flush=True)
        return _start(
            "moto", [sys.executable, "-m", "moto.server", "--host", "127.0.0.1"], data_dir
        )
    storage = [] if data_dir is None else ["--db-path", str(_closed(data_dir / STORAGE))]
    return _start("dynoxide", [str(program), "serve", "--host", "127.0.0.1", *storage], data_dir)


def given() -> str | None:
    """Return the URL of a DynamoDB that somebody else runs, if the environment names one."""
    url = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if not url and os.environ.get("LOCALSTACK_HOST"):
        url = client("dynamodb").meta.endpoint_url
    return url or None


def end(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """Ask `process` to end, insist after `patience_s`, and wait for it."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _refuse_to_hide(data_dir: Path | None, reason: UnavailableError) -> None:
    """Raise EngineError where a table would seem empty that is not."""
    if data_dir is not None and (data_dir / STORAGE).exists():
        raise EngineError(
            f"{data_dir / STORAGE} has data that only Dynoxide can read, and Dynoxide cannot be "
            f"had ({reason}): name another DynamoDB, such as DynamoDB Local, in "
            "AWS_ENDPOINT_URL_DYNAMODB, or give another DATA_DIR."
        )


def _closed(storage: Path) -> Path:
    """Take the table's files from everybody but their owner; give the first of them."""
    for file in storage.parent.glob(f"{storage.name}*"):
        if file.stat().st_mode & _OTHERS:
            file.chmod(0o600)
    return storage


def _warning(reason: UnavailableError) -> str:
    return (
        f"WARNING: Dynoxide cannot be used ({reason}); moto's server stands in for it: "
        "it is slow, and what it stores is gone when it stops. Another DynamoDB, such as "
        "DynamoDB Local, can be named in AWS_ENDPOINT_URL_DYNAMODB."
    )


def _start(kind: str, command: list[str], data_dir: Path | None) -> Engine:
    with _log(data_dir) as output:
        for _ in range(_ATTEMPTS):
            port = _free_port()
            process = _spawn([*command, "--port", str(port)], output)
            if _answers(process, port):
                return Engine(f"http://127.0.0.1:{port}", kind, process)
            end(process, _STOP_S)
    where = "" if data_dir is None else f": see {data_dir / 'engine.log'}"
    raise EngineError(f"the DynamoDB engine ({kind}) did not start{where}")


def _log(data_dir: Path | None) -> BinaryIO:
    return Path(os.devnull).open("ab") if data_dir is None else logs.begin(data_dir, "engine")


def _spawn(command: list[str], output: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        tied(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        umask=_OTHERS,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the port takes connections; False when the process ended or time is up."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return process.poll() is None
    return False
