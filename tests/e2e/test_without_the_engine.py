"""A clone that cannot have Dynoxide, and a folder with data that only Dynoxide can read."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.template import ROOT
from tests.builders import batch, in_range, readings
from tests.e2e.conftest import variables_for
from tests.e2e.over_http import call
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.e2e.conftest import StartLocal

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CLONED = ("functions", "layers", "local", "requirements", "Makefile", "template.yaml")
DEMO = '{"until": "2018-08-24T00:00:00+00:00", "extent": [1, 1, 1], "done": ["a", "b"]}'
REBUILD = {"SOURCE": "1", "FROM": "2018-08-24", "TO": "2018-08-25"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the project with its packages, without .tools/, and a PATH to it without npm."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in CLONED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / ".venv" / "bin").mkdir(parents=True)
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o700)
    (folder / ".venv" / "local.stamp").touch()
    (folder / "bin").mkdir()
    for name in ("make", "sh", "env"):
        found = shutil.which(name)
        assert found is not None
        (folder / "bin" / name).symlink_to(found)
    return folder


@pytest.fixture
def data_dir(start_local: "StartLocal", tmp_path: Path) -> Path:
    """A folder with readings, which a run with Dynoxide left, and demo data half loaded."""
    folder = tmp_path / "data"
    with start_local(folder) as started:
        assert call(started.url, "POST", "/data", batch(readings([12, 24]))).status == 200
    if not (folder / "table.db").exists():
        pytest.skip("Dynoxide is not to be had here")
    (folder / "demo.json").write_text(DEMO)
    return folder


def make(clone: Path, target: str, data_dir: Path, more: Mapping[str, str]) -> tuple[int, str, str]:
    """Run `make <target>` in the clone; give code, stdout and stderr."""
    variables = variables_for(data_dir, {"PATH": str(clone / "bin"), **more})
    done = subprocess.run(
        ["make", "--silent", target],
        cwd=clone,
        env={name: value for name, value in variables.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("target", ["start", "rollup", "rebuild"])
def test_data_that_cannot_be_read_are_not_hidden_behind_an_empty_table(
    start_local: "StartLocal", clone: Path, data_dir: Path, target: str
) -> None:
    before = {path.name: path.read_bytes() for path in data_dir.iterdir()}
    code, out, err = make(clone, target, data_dir, REBUILD)
    assert code != 0
    assert out == ""
    sentence, *others = err.splitlines()
    assert all(line.startswith("make: ") for line in others)
    assert sentence.startswith(f"quarterhour: {data_dir / 'table.db'} ")
    assert "npm is not installed" in sentence
    assert "AWS_ENDPOINT_URL_DYNAMODB" in sentence
    assert {path.name: path.read_bytes() for path in data_dir.iterdir()} == before
    with start_local(data_dir) as again:
        hours = call(again.url, "GET", in_range(interval="hour")).json["data"]
        assert [hour["value"] for hour in hours] == [12, 24]


def test_a_folder_without_data_is_served_by_the_slow_engine_and_one_line_says_so(
    clone: Path, tmp_path: Path
) -> None:
    variables = variables_for(tmp_path / "new", {"PATH": os.devnull})
    with subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=clone,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("Quarterhour is ready on ")
        finally:
            process.terminate()
        assert process.stderr is not None
        (warning,) = process.stderr.read().splitlines()
    assert warning.startswith("WARNING: Dynoxide cannot be used (npm is not installed)")
