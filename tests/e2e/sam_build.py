"""What `make build` makes of a copy of the project, once for all tests of a run."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.template import ROOT

SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
BUILT_FROM = ("Makefile", "template.yaml", "samconfig.toml", "functions", "layers", "requirements")


def run(command: list[str | Path], cwd: Path, stdin: str = "", **variables: str) -> str:
    """Return what a command printed; AssertionError with all of it when it failed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", **variables},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copied(project: Path) -> Path:
    """Copy what a build reads, and nothing else."""
    project.mkdir(exist_ok=True)
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, project / name, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / name, project / name)
    return project


def build(project: Path, architecture: str) -> Path:
    """Return the folder of what was built in `project`, which is built there the first time."""
    with _alone(project):
        done = project / "built"
        if not done.exists():
            (copied(project) / ".tools").symlink_to(ROOT / ".tools")
            # The tools are there, whatever the age of the copied lists.
            run(
                ["make", "-o", ".tools/sam.stamp", "build", f"ARCHITECTURE={architecture}"], project
            )
            done.touch()
    return project / ".aws-sam" / "build"


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """Wait for the other processes of the tests."""
    with project.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
