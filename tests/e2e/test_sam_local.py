"""`make sam-local` as a person runs it: containers, the table, and that nothing of it stays.

It runs on the container engine that is up; else on podman, with an image that is made of Debian.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from local import template
from local.commands import containers
from local.template import ROOT
from tests.e2e import lambda_image
from tests.e2e.conftest import variables_for
from tests.e2e.test_start import family, wait_until_gone

pytestmark = [pytest.mark.e2e, pytest.mark.opt_in]

READY = re.compile(r"^Quarterhour is ready on (\S+)", re.MULTILINE)
OURS = ("ps", "--all", "--quiet", "--filter", "label=sam.cli.container.type=lambda")
MODULE = [sys.executable, "-m", "local.commands.sam_local"]


class Engine(NamedTuple):
    """A container engine: its command, and what a run on it needs in its environment."""

    command: str
    variables: Mapping[str, str]

    def containers(self) -> list[str]:
        """Return the containers of SAM CLI, running or not."""
        return self.run(*OURS).split()

    def run(self, *arguments: str) -> str:
        """Return what the engine's command printed."""
        return subprocess.run(
            [self.command, *arguments],
            env={**os.environ, **self.variables},
            check=True,
            capture_output=True,
            text=True,
        ).stdout


class Served(NamedTuple):
    """A run of sam-local that said it is ready."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    if os.environ.get("DOCKER_HOST") or containers.Containers(containers.DOCKER).answers():
        yield Engine("docker", {})
        return
    if missing := lambda_image.missing():
        pytest.fail(f"there is no Docker, and for podman this is missing: {', '.join(missing)}")
    store = lambda_image.podman()
    yield Engine("podman", {**store, "SAM_SKIP_PULL_IMAGE": "1"})
    lambda_image.remove_what_was_built(store)


@contextmanager
def served(engine: Engine, command: list[str], folder: Path) -> Iterator[Served]:
    """Run sam-local until it is ready; the `with` ends it."""
    log = folder / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**variables_for(folder / "data", engine.variables), "SAM_CLI_TELEMETRY": "0"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Served(ready(process, log), process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the URL; the first run installs and builds, so only its end ends the waiting."""
    while process.poll() is None:
        if found := READY.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.2)
    pytest.fail(f"sam-local ended ({process.returncode}):\n{log.read_text(errors='replace')}")


def test_the_api_answers_from_containers_and_ctrl_c_ends_all(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(engine, ["make", "sam-local"], tmp_path) as run:
        suite = subprocess.run(
            ["make", "e2e", f"URL={run.url}"], cwd=ROOT, check=False, capture_output=True, text=True
        )
        with capsys.disabled():
            print(suite.stdout)  # noqa: T201
        assert suite.returncode == 0, f"{suite.stderr}\n{run.log.read_text(errors='replace')}"
        # One for each function of a route, whatever was asked of it: they stay warm.
        routed = {route.function for route in template.load().routes}
        assert len(engine.containers()) == len(routed)
        children = family(run.process.pid)
        os.killpg(run.process.pid, signal.SIGINT)
        run.process.wait()
    wait_until_gone(children)
    assert engine.containers() == []


@pytest.mark.parametrize(
    ("died", "sentence"),
    [
        ("start-api", "quarterhour: SAM CLI ended"),
        ("dynoxide", "quarterhour: the DynamoDB engine ended"),
        ("local.engine.relay", "quarterhour: the relay ended"),
        ("podman", "quarterhour: podman ended"),
    ],
)
def test_when_something_dies_the_rest_is_ended(
    engine: Engine, tmp_path: Path, died: str, sentence: str
) -> None:
    """Killed with -9 it cannot clean up: SAM CLI's containers are ended all the same."""
    with served(engine, MODULE, tmp_path) as run:
        assert len(engine.containers()) == 1
        children = family(run.process.pid)
        named = [pid for pid in children if died in Path(f"/proc/{pid}/cmdline").read_text()]
        if not named:
            pytest.skip(f"{died} is not there: Docker or moto stands for it")
        os.kill(named[0], signal.SIGKILL)
        assert run.process.wait() == 1
    wait_until_gone(children)
    assert engine.containers() == []
    assert sentence in run.log.read_text(errors="replace").splitlines()[-1]
