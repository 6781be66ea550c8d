"""`make bench SMOKE=1`: the benchmark does all it can do, once and in small."""

import os
import subprocess

import pytest

from bench import page, postgresql
from bench.sizes import SMOKE
from bench.stages import names, stages
from local.template import ROOT
from tests.pages import rows_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_smoke_run_has_a_figure_in_every_line_and_leaves_the_page_as_it_is() -> None:
    was = page.PAGE.read_bytes()
    done = subprocess.run(
        ["make", "--silent", "bench", "SMOKE=1"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    tables = {part.partition("\n")[0]: part for part in done.stdout.split("### ")[1:]}
    for table, lines in names(stages(SMOKE)).items():
        rows = rows_of(tables[table.title])
        assert [row["what"] for row in rows] == lines
        assert {row["verdict"] for row in rows} <= {"", "ok"}
        assert all(row["quarterhour"] != "-" for row in rows if "quarterhour" in row)
        if "Flask + PostgreSQL" in table.head:
            # It cannot be presumed: where it is not installed, the run says so.
            has_it = bool(postgresql.version())
            assert {row["Flask + PostgreSQL"] != "-" for row in rows} == {has_it}
    assert postgresql.version() in done.stdout
    assert ("PostgreSQL is not installed" in done.stdout) == (not postgresql.version())
    assert page.PAGE.read_bytes() == was
