"""The project as it is built, and one stack of it on an emulated AWS."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.emulated.emulator import Emulator, running
from tests.e2e.emulated.stacks import Deployments, Stack


@pytest.fixture(scope="session")
def lambda_python(python_3_13: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of the functions' version without packages: a function has its layer's alone."""
    if python_3_13 is None:
        pytest.fail("the emulated deploy needs a Python 3.13, to run the functions")
    folder = tmp_path_factory.mktemp("lambda") / "python"
    subprocess.run([python_3_13, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def emulator(lambda_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("emulator"), lambda_python) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def deployments(built: Path, emulator: Emulator) -> Deployments:
    return Deployments(built.parent.parent, emulator)


@pytest.fixture(scope="session")
def stack(deployments: Deployments) -> Stack:
    """The stack that `make deploy` would make, with one shard."""
    return deployments.deploy("quarterhour")
