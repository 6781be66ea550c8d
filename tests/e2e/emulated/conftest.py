"""The project, built in a copy, and one stack of it on an emulated AWS."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.template import ROOT
from tests.e2e.emulated.emulator import Emulator, running
from tests.e2e.emulated.stacks import SAM, Deployments, Stack, run

BUILT_FROM = ("template.yaml", "samconfig.toml", "functions", "layers", "requirements")


def _candidates() -> Iterator[Path]:
    if path := shutil.which("python3.13"):
        yield Path(path)
    yield from sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"))


@pytest.fixture(scope="session")
def python_3_13() -> Path:
    """A Python of the functions' version: the layer's compiled code is for no other one."""
    for each in _candidates():
        if subprocess.run([each, "-c", ""], check=False, capture_output=True).returncode == 0:
            return each
    pytest.fail("the emulated deploy needs a Python 3.13, to run the functions")


@pytest.fixture(scope="session")
def lambda_python(python_3_13: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without packages of its own, so that a function has its layer's and no others."""
    folder = tmp_path_factory.mktemp("lambda") / "python"
    subprocess.run([python_3_13, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def built(python_3_13: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built copy of what a build reads: the project's own folder stays as it is."""
    copy = tmp_path_factory.mktemp("project")
    for name in BUILT_FROM:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
    # Last on the path: to be found by its version, and not to stand in for the host's python3.
    path = os.pathsep.join([os.environ["PATH"], str(python_3_13.parent)])
    run([SAM, "build"], copy, {**os.environ, "PYTHON": sys.executable, "PATH": path})
    return copy


@pytest.fixture(scope="session")
def emulator(lambda_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("emulator"), lambda_python) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def deployments(built: Path, emulator: Emulator) -> Deployments:
    return Deployments(built, emulator)


@pytest.fixture(scope="session")
def stack(deployments: Deployments) -> Stack:
    """The stack that `make deploy` would make, with one shard."""
    return deployments.deploy("quarterhour")
