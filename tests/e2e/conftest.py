"""The running local server, started as `make start` does."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Protocol

import pytest

from local.engine import dynamodb, dynoxide, npm
from local.engine.npm import UnavailableError
from local.template import ROOT
from tests.e2e import sam_build
from tests.e2e.over_http import call
from tests.patience import PATIENCE_S

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
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


BuiltFor = Callable[[str], Path]


class StartLocal(Protocol):
    """Starts the server on a data directory, on a free port; the `with` ends it."""

    def __call__(self, data_dir: Path, **variables: str) -> AbstractContextManager[Started]: ...


def variables_for(data_dir: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    return {**inherited, "PORT": "0", "DEMO": "0", "DATA_DIR": str(data_dir), **more}


def sentence_of(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a command that cannot do its work; give the one sentence that it says."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    # The first command on a machine says that it fetches the engine; which one it is is chance.
    said = done.stderr.removeprefix(f"{npm.FETCHING}\n")
    assert said.startswith("quarterhour: ")
    assert said.count("\n") == 1
    return said


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
            process.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def start_local() -> StartLocal:
    """What starts a server for the length of a `with`; its engine was fetched before."""
    with suppress(UnavailableError):
        dynoxide.binary(dynamodb.TOOLS)
    return _started


@pytest.fixture(scope="session")
def server(start_local: StartLocal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of one running server, for all tests of the session.

    It is the service that QH_URL names (`make e2e URL=...`), else one without demo data of our own.
    """
    given = os.environ.get("QH_URL", "").rstrip("/")
    if given:
        yield _answering(given)
        return
    with start_local(tmp_path_factory.mktemp("server")) as started:
        yield started.url


def _answering(url: str) -> str:
    """Return the URL of a service that answers; else end the session with a sentence."""
    if not re.match(r"https?://\w", url):
        pytest.exit(f"URL={url}: give it as http://host:port or https://host", 2)
    try:
        status = call(url, "GET", "/health").status
    except (OSError, HTTPException) as error:
        pytest.exit(f"nothing answers at {url}: {error}", 2)
    if status != 200:
        pytest.exit(f"there is no Quarterhour at {url}: GET /health is answered {status}", 2)
    return url


@pytest.fixture(scope="session")
def sam() -> Path:
    """The SAM CLI, which is set up if it is not there."""
    if not sam_build.SAM.exists():
        made = subprocess.run(["make", "tools"], cwd=ROOT, check=False, capture_output=True)
        if made.returncode and os.environ.get("QH_CI") != "1":
            pytest.skip("the SAM CLI cannot be installed here")
        assert made.returncode == 0, made.stderr.decode()
    return sam_build.SAM


def _python_3_13_at() -> Iterator[Path]:
    """Yield where a Python of Lambda's version may be; a shim that is found may lead nowhere."""
    if found := shutil.which("python3.13"):
        yield Path(found)
    yield from sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"))


@pytest.fixture(scope="session")
def python_3_13() -> Path | None:
    """A Python of Lambda's version, if the machine has one."""
    for each in _python_3_13_at():
        if subprocess.run([each, "-c", ""], check=False, capture_output=True).returncode == 0:
            return each
    return None


@pytest.fixture(scope="session")
def built_for(sam: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltFor:
    """What gives the folder of a build for an architecture; all processes of the tests share it."""
    del sam
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return lambda architecture: sam_build.build(shared / architecture, architecture)


@pytest.fixture(scope="session")
def built(built_for: BuiltFor) -> Path:
    """The folder of what `make build` makes if nothing else is said."""
    return built_for("x86_64")
