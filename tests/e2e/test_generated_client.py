"""A client program generated from the OpenAPI document has every operation, and each of them works.

`openapi-python-client` has an environment of its own, which is made where it is missing.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.commands.openapi import PATH
from local.template import ROOT
from tests.documented import operation, operations

PROGRAMS = ROOT / ".tools" / "client" / "bin"
PACKAGE = "quarterhour_client"
CALLS = "tests.e2e.client"
CONFIG = ROOT / "tests" / "e2e" / "client" / "generator.yaml"

pytestmark = [pytest.mark.slow, pytest.mark.e2e]


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output and errors come together."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def generator() -> Path:
    program = PROGRAMS / "openapi-python-client"
    if not program.exists():
        made = run("make", ".tools/client.stamp", **os.environ)
        if made.returncode and os.environ.get("QH_CI") != "1":
            pytest.skip("the generator of clients cannot be installed here")
        assert made.returncode == 0, made.stdout
    return program


@pytest.fixture(scope="module")
def generated(generator: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the client's package is in, and what its generator said."""
    folder = tmp_path_factory.mktemp("generated")
    where = ("--path", PATH, "--output-path", folder / PACKAGE, "--meta", "none")
    made = run(generator, "generate", *where, "--config", CONFIG, "--fail-on-warning")
    assert made.returncode == 0, made.stdout
    return folder, made.stdout


def test_a_client_is_generated_without_a_warning(generated: tuple[Path, str]) -> None:
    folder, said = generated
    assert said == f"Generating {folder / PACKAGE}\n"


def test_no_operation_is_missing_in_the_client(generated: tuple[Path, str]) -> None:
    folder, _ = generated
    modules = {
        f"{path.parent.name}.{path.stem}"
        for path in (folder / PACKAGE / "api").glob("*/*.py")
        if path.stem != "__init__"
    }
    assert modules == {
        f"{one.said['tags'][0].lower()}.{_snake_case(one.said['operationId'])}"
        for one in operations()
    }


def test_every_operation_is_used_and_answers_as_the_document_says(
    generated: tuple[Path, str], server: str
) -> None:
    folder, _ = generated
    paths = os.pathsep.join(map(str, (folder, ROOT)))
    used = run(PROGRAMS / "python", "-m", CALLS, server, PYTHONPATH=paths)
    assert used.returncode == 0, used.stdout
    requests = [line.split(" ") for line in used.stdout.splitlines()]
    answered = {
        str(operation(method, path)) for method, path, status in requests if status.startswith("20")
    }
    assert answered == {str(one) for one in operations()}
    assert {status for *_, status in requests} == {"200", "201", "404"}


def test_what_the_client_returns_is_typed(generated: tuple[Path, str]) -> None:
    folder, _ = generated
    installed = ("--python-executable", PROGRAMS / "python", "--cache-dir", folder / "types")
    checked = ("--follow-imports", "silent", Path(__file__).parent / "client")
    found = run(sys.executable, "-m", "mypy", *installed, *checked, MYPYPATH=str(folder))
    assert found.returncode == 0, found.stdout


def _snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
