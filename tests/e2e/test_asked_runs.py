"""What is said where a run that was asked for cannot be: one sentence, and no traceback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.template import ROOT
from tests.e2e.conftest import variables_for

pytestmark = pytest.mark.e2e

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def done(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project's folder to its end."""
    environ = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True
    )


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nothing listens on; it stays taken, so nothing will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def test_sam_local_without_a_container_engine(tmp_path: Path) -> None:
    variables = variables_for(tmp_path / "data", {"DOCKER_HOST": f"unix://{tmp_path}/nowhere"})
    run = done(sys.executable, "-m", "local.commands.sam_local", **variables)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("quarterhour: no container engine answers at unix://")
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_url_without_a_scheme(free_port: int) -> None:
    run = done(*PYTEST, "-m", "http", "tests/e2e/test_http.py", QH_URL=f"127.0.0.1:{free_port}")
    assert run.returncode == 2
    assert f"URL=127.0.0.1:{free_port}: give it as http://host:port or https://host" in run.stdout
    assert "Traceback" not in run.stdout


@pytest.mark.slow
def test_a_url_where_nothing_answers(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    run = done(*PYTEST, "-m", "http", "tests/e2e/test_http.py", QH_URL=url)
    assert run.returncode == 2
    assert f"nothing answers at {url}: " in run.stdout
    assert "Traceback" not in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("selection", "collected"),
    [("not slow and not real_data", 0), ("opt_in", 5)],
)
def test_opt_in_tests_run_only_when_they_are_named(selection: str, collected: int) -> None:
    run = done(*PYTEST, "--collect-only", "-m", selection, "tests/e2e/test_sam_local.py", QH_CI="1")
    assert run.stdout.count("test_sam_local.py::") == collected, run.stdout
