"""The functions of another checkout, in a process of their own: what they use of the processor."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.engine.dynamodb import Engine

_GOOD = {200, 201}
# Runs in the checkout and uses only what an earlier commit has, too. A line is a request.
_SERVE = """
import io, json, os, sys, time
from contextlib import redirect_stdout
from local import template
from local.gateway.http_api import Gateway
from local.runtime import functions
loaded = template.load()
os.environ.update(functions.environment(loaded, sys.argv[1]))
gateway = Gateway(loaded, functions.load(loaded))
for line in sys.stdin:
    method, target, sent = json.loads(line)
    began = time.process_time()
    with redirect_stdout(io.StringIO()):
        headers = (("content-type", "application/json"),)
        answer = gateway.handle(method, target, headers, sent.encode())
    print(json.dumps([answer.status, time.process_time() - began]), flush=True)
"""


def checkout() -> Path | None:
    """Return the checkout that BEFORE names, if it does."""
    named = os.environ.get("BEFORE")
    return Path(named).resolve() if named else None


def variables(**own: str) -> dict[str, str]:
    """Return the environment of a process that finds the package in its own checkout."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, **own}


@dataclass(frozen=True, slots=True)
class Functions:
    """The running functions of a checkout."""

    process: subprocess.Popen[str]

    def cpu_s(self, method: str, target: str, sent: bytes = b"") -> float:
        """Send a request; return its processor seconds. AssertionError unless it succeeds."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([method, target, sent.decode()]), file=self.process.stdin, flush=True)
        said = self.process.stdout.readline()
        assert said, "the functions before ended"
        status, seconds = json.loads(said)
        assert status in _GOOD, f"before: {method} {target}: {status}"
        return float(seconds)


@contextmanager
def functions_on(database: Engine, folder: Path) -> Iterator[Functions]:
    """Run the functions of a checkout on the table of a running engine."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, database.url],
        cwd=folder,
        env=variables(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Functions(process)
        process.communicate()
