"""The schedule of the local run, and the commands `make rollup`, `rebuild` and `check`."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.template import ROOT
from tests.builders import batch, readings
from tests.e2e.over_http import call
from tests.patience import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import StartLocal

pytestmark = pytest.mark.e2e

DAYS = {"SOURCE": "1", "FROM": "2018-08-24", "TO": "2018-08-26"}
FLEET = "/data/fleet?start=2018-08-24T00:00:00Z&end=2018-08-26T00:00:00Z&interval=day"
MODULES = {
    "rollup": ("local.commands.rollup", "rollup"),
    "rebuild": ("local.commands.rollup", "rebuild"),
    "check": ("local.commands.check",),
}
_DROPPED = {"AWS_ENDPOINT_URL_DYNAMODB", "TABLE_NAME", "SHARDS"}


def command(name: str, data_dir: Path, **variables: str) -> tuple[int, str, str]:
    """Run `make rollup`, `rebuild` or `check` as the Makefile does; give code, stdout, stderr."""
    inherited = {key: value for key, value in os.environ.items() if key not in _DROPPED}
    layer = str(ROOT / "layers" / "common" / "python")
    done = subprocess.run(
        [sys.executable, "-m", *MODULES[name]],
        cwd=ROOT,
        env={**inherited, "PYTHONPATH": layer, "DATA_DIR": str(data_dir), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def logged(data_dir: Path, runs: int) -> list[dict[str, object]]:
    """Wait until the schedule has made so many runs; give what they said."""
    log = data_dir / "schedule.log"
    wait_until(lambda: len(_rollups(log)) >= runs)
    return _rollups(log)


def _rollups(log: Path) -> list[dict[str, object]]:
    text = log.read_text() if log.exists() else ""
    # What is being written has no end yet.
    whole = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
    said = [json.loads(line) for line in whole if line.startswith("{")]
    return [each for each in said if each.get("message") == "rolled up"]


def test_the_schedule_runs_soon_after_the_start(start_local: "StartLocal", tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with start_local(tmp_path):
        (run,) = logged(tmp_path, 1)
    assert before <= datetime.fromisoformat(str(run["scheduled"])) <= datetime.now(UTC)
    assert (run["due"], run["left"]) == (0, 0)


def test_what_is_posted_wakes_the_schedule(start_local: "StartLocal", tmp_path: Path) -> None:
    """It settles what was marked without waiting for its next time."""
    with start_local(tmp_path) as started:
        logged(tmp_path, 1)
        assert call(started.url, "POST", "/data", batch(readings([12, 24, 48] * 16))).status == 200
        (_, woken, *_) = logged(tmp_path, 2)
    assert (woken["due"], woken["left"]) == (1, 0)


def test_by_hand_beside_a_running_server(start_local: "StartLocal", tmp_path: Path) -> None:
    with start_local(tmp_path) as started:
        logged(tmp_path, 1)
        posted = batch(readings([12, 24, 48] * 16))
        assert call(started.url, "POST", "/data", posted).status == 200
        before = call(started.url, "GET", FLEET).body
        code, out, err = command("rollup", tmp_path)
        assert (code, err) == (0, "")
        assert out.startswith("Rolled up in ")
        assert call(started.url, "GET", FLEET).body == before
        code, out, err = command("rebuild", tmp_path, **DAYS)
        assert (code, err) == (0, "")
        assert out.startswith("Rebuilt S1, 2018-08-24 to 2018-08-25 in ")
        assert call(started.url, "GET", FLEET).body == before
        # From the first reading to the last day that one could change; the demo's are left out.
        checked = command("check", tmp_path, SOURCE="1")
        assert checked == (0, "Checked 4 days of 1 site: none differs.\n", "")
    assert not (tmp_path / "engine.url").exists()


@pytest.mark.parametrize("written", ["", "http://", "abc"])
def test_beside_a_server_whose_address_is_lost_is_one_sentence(
    start_local: "StartLocal", tmp_path: Path, written: str
) -> None:
    with start_local(tmp_path):
        (tmp_path / "engine.url").write_text(written)
        code, out, err = command("rollup", tmp_path)
    assert (code, out) == (1, "")
    assert err == (
        f"quarterhour: {tmp_path} is in use, and does not say where its engine is: "
        "try again in a moment, or after a new `make start`.\n"
    )


def test_by_hand_when_nothing_runs(start_local: "StartLocal", tmp_path: Path) -> None:
    with start_local(tmp_path) as started:
        call(started.url, "POST", "/data", batch(readings([1] * 24)))
        before = call(started.url, "GET", FLEET).body
    if not (tmp_path / "table.db").exists():
        pytest.skip("moto keeps nothing")
    # A run that was killed leaves its engine's address behind.
    (tmp_path / "engine.url").write_text("http://127.0.0.1:9")
    code, out, err = command("rebuild", tmp_path, **DAYS)
    assert (code, out[:7], err) == (0, "Rebuilt", "")
    with start_local(tmp_path) as started:
        assert call(started.url, "GET", FLEET).body == before


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SOURCE": ""}, "SOURCE is ''"),
        ({"SOURCE": "X5"}, "SOURCE is 'X5': give the number of a ship"),
        ({"FROM": "yesterday"}, "FROM is 'yesterday': it must be an ISO 8601 time"),
        ({"TO": "2018-08-24"}, "FROM must be before TO"),
        ({"TO": "2099-01-01"}, "TO lies in the future"),
    ],
    ids=["no source", "no ship", "no time", "no days", "future"],
)
def test_what_is_not_said_well_is_one_sentence(
    tmp_path: Path, wrong: dict[str, str], sentence: str
) -> None:
    code, out, err = command("rebuild", tmp_path, **{**DAYS, **wrong})
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"quarterhour: {sentence}")


def test_a_ship_that_never_posted_is_one_sentence(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path):
        code, _, err = command("rebuild", tmp_path, **{**DAYS, "SOURCE": "S9"})
    assert (code, err) == (1, "quarterhour: S9 never posted: there is nothing to rebuild.\n")


def test_where_there_is_no_table_is_one_sentence(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        code, _, err = command("rollup", folder)
        assert (code, err.count("\n")) == (1, 1)
        assert err.endswith("`make start` first.\n")


def test_a_named_table_needs_its_number_of_shards(tmp_path: Path) -> None:
    code, _, err = command("rollup", tmp_path, TABLE_NAME="quarterhour-live")
    assert (code, err) == (
        1,
        "quarterhour: TABLE_NAME is set: set SHARDS too, as the stack has it.\n",
    )
