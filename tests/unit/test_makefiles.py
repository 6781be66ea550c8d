"""What `make build` and `make deploy` do with and without a Python of Lambda's version."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD_MK = ROOT / "layers" / "build.mk"
# Where version managers keep the Pythons that their shims lead to, below the home folder.
INSTALLED = (
    ".pyenv/versions/3.13.1/bin",
    ".asdf/installs/python/3.13.1/bin",
    ".local/share/mise/installs/python/3.13.1/bin",
    ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin",
)
MOVED = {
    "PYENV_ROOT": "versions/3.13.1/bin",
    "ASDF_DATA_DIR": "installs/python/3.13.1/bin",
    "MISE_DATA_DIR": "installs/python/3.13.1/bin",
    "UV_PYTHON_INSTALL_DIR": "cpython-3.13.1-macos-aarch64-none/bin",
}
# A Python is asked for its version, and exits with 0 if it is Lambda's; a shim exits with 127.
LAMBDAS, ANOTHER, SHIM = 0, 1, 127
SILENCE = "No bytecode"
TOOLS = ("make", "sh", "awk", "test", "echo", "env", "find")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with these programs and nothing else: a home folder, and a PATH of one folder."""

    home: Path
    path: Path

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run make in the project's folder."""
        return subprocess.run(
            [self.path / "make", *arguments],
            cwd=ROOT,
            env={"HOME": str(self.home), "PATH": str(self.path), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def compiler(self, **variables: str) -> str:
        """Return the Python that the makefiles compile with."""
        makefile = self.home / "makefile"
        makefile.write_text(f'include {BUILD_MK}\nsay:\n\t@echo "$(LAMBDA_PYTHON)"\n')
        done = self.make("-f", str(makefile), "say", **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "home", tmp_path / "bin")
    made.home.mkdir()
    made.path.mkdir()
    for name in TOOLS:
        (made.path / name).symlink_to(shutil.which(name) or "")
    program(made.path / "python3", ANOTHER)
    return made


def program(path: Path, status: int) -> Path:
    """Write a program that exits with a status."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


# --- The Python that compiles ---------------------------------------------------------------------


def test_a_python_of_another_version_does_not_compile(machine: Machine) -> None:
    assert machine.compiler() == ""


def test_the_python_that_is_given_compiles_if_it_is_lambdas(machine: Machine) -> None:
    program(machine.path / "python3.13", LAMBDAS)
    given = program(machine.home / "mine", LAMBDAS)
    assert machine.compiler(PYTHON=str(given)) == str(given)


def test_else_one_on_the_path(machine: Machine) -> None:
    program(machine.path / "python3.13", LAMBDAS)
    program(machine.home / INSTALLED[0] / "python3.13", LAMBDAS)
    assert machine.compiler() == "python3.13"


@pytest.mark.parametrize("folder", INSTALLED)
def test_else_one_behind_a_shim_that_leads_nowhere(machine: Machine, folder: str) -> None:
    program(machine.path / "python3.13", SHIM)
    installed = program(machine.home / folder / "python3.13", LAMBDAS)
    assert machine.compiler() == str(installed)


@pytest.mark.parametrize("variable", MOVED)
def test_version_managers_may_be_elsewhere(machine: Machine, variable: str) -> None:
    elsewhere = machine.home / "elsewhere"
    installed = program(elsewhere / MOVED[variable] / "python3.13", LAMBDAS)
    assert machine.compiler(**{variable: str(elsewhere)}) == str(installed)


def test_one_that_does_not_run_is_passed_over(machine: Machine) -> None:
    program(machine.home / INSTALLED[0] / "python3.13", SHIM)
    installed = program(machine.home / INSTALLED[1] / "python3.13", LAMBDAS)
    assert machine.compiler() == str(installed)


# --- The targets ----------------------------------------------------------------------------------


@pytest.fixture
def calls(machine: Machine) -> Path:
    """The file in which a program in the place of SAM CLI writes how it is called."""
    written = machine.home / "calls"
    sam = program(machine.path / "sam", 0)
    sam.write_text(f'#!/bin/sh\necho "$@; ARCHITECTURE=$ARCHITECTURE" >> {written}\n')
    return written


def run(machine: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
    sam = machine.path / "sam"
    return machine.make("-o", ".tools/sam.stamp", f"SAM={sam}", *arguments)


def test_a_build_without_bytecode_says_so_and_what_it_costs(machine: Machine, calls: Path) -> None:
    done = run(machine, "build")
    assert done.returncode == 0
    assert SILENCE in done.stderr
    assert "2.6 to 3.2 times" in done.stderr
    assert calls.exists()


def test_a_build_with_bytecode_says_nothing_of_it(machine: Machine, calls: Path) -> None:
    program(machine.path / "python3.13", LAMBDAS)
    done = run(machine, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert calls.exists()


def test_a_deploy_without_bytecode_is_refused_before_anything_is_built(
    machine: Machine, calls: Path
) -> None:
    done = run(machine, "deploy")
    assert done.returncode != 0
    assert SILENCE in done.stderr
    assert "BYTECODE=no" in done.stderr
    assert not calls.exists()


@pytest.mark.parametrize("python", [LAMBDAS, ANOTHER])
def test_a_deploy_with_bytecode_or_told_to_do_without_is_made(
    machine: Machine, calls: Path, python: int
) -> None:
    program(machine.path / "python3.13", python)
    done = run(machine, "deploy", *([] if python == LAMBDAS else ["BYTECODE=no"]))
    assert done.returncode == 0, done.stderr
    assert (SILENCE in done.stderr) == (python != LAMBDAS)
    assert [line.split()[0] for line in calls.read_text().splitlines()] == [
        *("validate", "build", "deploy"),
    ]


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_what_is_built_and_what_is_deployed_are_of_one_architecture(
    machine: Machine, calls: Path, architecture: str
) -> None:
    given = [] if architecture == "x86_64" else [f"ARCHITECTURE={architecture}"]
    done = run(machine, "deploy", "BYTECODE=no", *given, "PARAMETERS=Shards=4 ExistingTable=old")
    assert done.returncode == 0, done.stderr
    parameters = f"--parameter-overrides Architecture={architecture}"
    told = f"; ARCHITECTURE={architecture}"
    assert calls.read_text().splitlines()[1:] == [
        f"build {parameters}{told}",
        f"deploy {parameters} Shards=4 ExistingTable=old{told}",
    ]
