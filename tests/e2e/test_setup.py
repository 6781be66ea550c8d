"""What `make` says while it sets up what a target uses: once, and on stderr."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.template import ROOT
from tests.patience import PATIENCE_S

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed"),
]

# Stands for Python: makes an environment of itself, and installs nothing.
PYTHON = """#!/bin/sh
echo "$*" >> calls
if [ "$1 $2" = "-m venv" ]; then mkdir -p $3/bin && cp "$0" $3/bin/python; fi
case "$*" in *pip*wrong*) echo 'ERROR: no such package' >&2; exit 1 ;; esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone of as much as `make start` reads, with a Python that only takes notes."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in ("layers", "requirements"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "layers" / "build.mk", tmp_path / "layers")
    shutil.copy(ROOT / "requirements" / "local.txt", tmp_path / "requirements")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o700)
    return tmp_path


def make(project: Path, target: str) -> tuple[int, str, str]:
    """Run make; return its exit code, stdout and stderr."""
    done = subprocess.run(
        ["make", target, f"PYTHON={project}/python"],
        cwd=project,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_first_start_says_what_it_sets_up_and_the_next_nothing(project: Path) -> None:
    pinned = (project / "requirements" / "local.txt").read_text()
    count = sum(line[:1].isalpha() and "==" in line for line in pinned.splitlines())
    said = f"Setting up Python in .venv: {count} packages of requirements/local.txt (once, "
    code, out, err = make(project, "start")
    assert (code, out, err.count("\n")) == (0, "", 1)
    assert err.startswith(said)
    assert (project / "calls").read_text().splitlines()[-1] == "-m local"
    assert make(project, "start") == (0, "", "")


def test_a_tool_s_environment_is_told_of_too(project: Path) -> None:
    shutil.copy(project / "requirements" / "local.txt", project / "requirements" / "sam.txt")
    code, _, err = make(project, "tools")
    assert code == 0
    assert err.startswith("Setting up Python in .tools/sam: ")


def test_what_cannot_be_installed_is_set_up_again_the_next_time(project: Path) -> None:
    requirements = project / "requirements" / "wrong.txt"
    requirements.write_text("wrong==1\n")
    for _ in range(2):
        code, _, err = make(project, ".venv/wrong.stamp")
        assert code != 0
        assert err.startswith("Setting up Python in .venv: 1 packages")
        assert "ERROR: no such package" in err
