"""The running local server, started as `make start` does."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from local.template import ROOT

READY = re.compile(r"Quarterhour is ready on (http://127\.0\.0\.1:\d+) - try: curl '(.+)'\n")

# What the tests' own process has set for its functions is not the server's.
_NOT_INHERITED = {"AWS_ENDPOINT_URL_DYNAMODB", "LOCALSTACK_HOST", "TABLE_NAME", "PYTHONPATH"}


@dataclass(frozen=True, slots=True)
class Started:
    """A running `python -m local` that said it is ready."""

    url: str
    hint: str
    process: subprocess.Popen[str]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal; give the exit code and the rest of stdout and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


class StartLocal(Protocol):
    """Starts the server on a data directory, on a free port; the `with` ends it."""

    def __call__(self, data_dir: Path, **variables: str) -> AbstractContextManager[Started]: ...


def variables_for(data_dir: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a server of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    return {**inherited, "PORT": "0", "DEMO": "0", "DATA_DIR": str(data_dir), **more}


@contextmanager
def _started(data_dir: Path, **variables: str) -> Iterator[Started]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env=variables_for(data_dir, variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = READY.fullmatch(line)
        if ready is None:
            process.kill()
            _, said = process.communicate()
            pytest.fail(f"the server is not ready: {line}{said}")
        try:
            yield Started(ready[1], ready[2], process)
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="session")
def start_local() -> StartLocal:
    """What starts a server for the length of a `with`."""
    return _started


@pytest.fixture(scope="session")
def server(start_local: StartLocal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of one running server without demo data, for all tests of the session."""
    with start_local(tmp_path_factory.mktemp("server")) as started:
        yield started.url
