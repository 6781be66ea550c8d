"""DATA_DIR as a person may leave it: read-only, open to others, full of logs, of another table."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.engine import dynamodb, logs
from local.engine.dynamodb import Engine
from local.template import ROOT
from tests.builders import batch, readings
from tests.e2e.conftest import sentence_of, variables_for
from tests.e2e.over_http import call
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.e2e.conftest import StartLocal

pytestmark = pytest.mark.e2e

COMMANDS = {"start": ["local"], "rollup": ["local.commands.rollup", "rollup"]}
# Root may write everywhere, unless it gives that up (prctl 24) before the program begins.
BOUND = (
    "import ctypes, os, sys; [ctypes.CDLL(None).prctl(24, each) for each in (1, 2)]; "
    "os.execv(sys.executable, [sys.executable, '-m', *sys.argv[1:]])"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="root cannot be bound elsewhere")


def refused(command: str, data_dir: Path, **variables: str) -> str:
    """Run a command that cannot do its work, bound by the modes of files; give its sentence."""
    layer = str(ROOT / "layers" / "common" / "python")
    environ = variables_for(data_dir, {"PYTHONPATH": layer, **variables})
    return sentence_of([sys.executable, "-c", BOUND, *COMMANDS[command]], environ)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder as an older run has left it, with an empty table that everybody may read."""
    folder = tmp_path / "used"
    folder.mkdir()
    for name in ("lock", "engine.log", "table.db"):
        (folder / name).touch(0o644)
    return folder


@pytest.fixture
def read_only(used: Path) -> Iterator[Path]:
    """A folder that a run has left, in which nothing can be made any more."""
    used.chmod(0o500)
    yield used
    used.chmod(0o700)


@linux
@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_folder_is_one_sentence(tmp_path: Path, command: str) -> None:
    tmp_path.chmod(0o500)
    assert f"DATA_DIR {tmp_path} cannot be written (Permission denied)" in refused(
        command, tmp_path
    )
    tmp_path.chmod(0o700)


@linux
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_has_become_read_only_is_one_sentence(read_only: Path, command: str) -> None:
    assert f"{read_only / 'engine.log'} cannot be used (Permission denied)" in refused(
        command, read_only
    )


@linux
@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_lock_is_one_sentence(used: Path, command: str) -> None:
    (used / "lock").chmod(0o400)
    assert f"DATA_DIR {used} cannot be written (Permission denied)" in refused(command, used)


def test_a_data_dir_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made (File exists)" in refused("start", tmp_path / "file")


def test_a_given_dynamodb_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    given = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}
    assert "the table cannot be used: " in refused("start", tmp_path, **given)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A DynamoDB that somebody else runs."""
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    running = dynamodb.start(None)
    yield running
    running.stop()


def test_the_state_of_the_demo_is_kept_when_another_dynamodb_is_used_once(
    start_local: "StartLocal", used: Path, given: Engine
) -> None:
    (used / "demo.json").write_text("what is posted to the table here")
    with start_local(used, AWS_ENDPOINT_URL_DYNAMODB=given.url) as started:
        assert call(started.url, "GET", "/health").status == 200
    assert (used / "demo.json").read_text() == "what is posted to the table here"


def test_the_table_s_files_become_their_owner_s_alone(
    start_local: "StartLocal", used: Path
) -> None:
    with start_local(used) as started:
        assert call(started.url, "POST", "/data", batch(readings([1]))).status == 200
        modes = {path.name: path.stat().st_mode & 0o777 for path in used.glob("table.db*")}
    assert len(modes) > 1, "the engine keeps files beside the table"
    assert set(modes.values()) == {0o600}


def test_the_last_run_s_logs_are_kept_and_a_long_log_is_cut_while_its_child_writes(
    start_local: "StartLocal", used: Path
) -> None:
    names = [f"{name}.log" for name in ("engine", "server", "schedule")]
    for name in names:
        (used / name).write_text("of the last run\n")
    with start_local(used):
        for name in names:
            log, cut = used / name, (used / name).with_suffix(".log.old")
            assert_soon(log.exists)
            assert log.with_suffix(".log.1").read_text() == "of the last run\n"
            with log.open("ab") as file:
                file.write(b"many words\n" + b" " * logs.LIMIT_BYTES)
            assert_soon(cut.exists)
            assert_soon(partial(is_short, log))
            assert b"many words\n" in cut.read_bytes()


def is_short(log: Path) -> bool:
    return log.stat().st_size < logs.LIMIT_BYTES


def assert_soon(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_a_child_says_after_a_cut_is_at_the_start_of_the_log(tmp_path: Path) -> None:
    with logs.begin(tmp_path, "child") as output:
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=output)
        assert child.stdin is not None
        with child.stdin:
            child.stdin.write(b"before\n" * 10)
            child.stdin.flush()
            assert_soon(lambda: (tmp_path / "child.log").stat().st_size > 0)
            logs.cut(tmp_path, limit_bytes=20)
            child.stdin.write(b"after\n")
        child.wait(PATIENCE_S)
    assert (tmp_path / "child.log").read_bytes() == b"after\n"
    assert (tmp_path / "child.log.old").read_bytes() == b"before\n" * 10
