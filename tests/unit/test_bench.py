"""The benchmark: what its lines say of limits, that one that fails is a line, the page of all."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bench import costs, page, postgresql, servers
from bench.alike import assert_alike
from bench.batches import DAY, READINGS_A_DAY, body, live_day
from bench.costs import Cost
from bench.counting import Count, InProcess, Most, least_s
from bench.processes import cpu_s, family_cpu_s
from bench.servers import BEFORE, POSTGRESQL, SQLITE, Server, Servers
from bench.sizes import SMOKE, WHOLE, Sizes
from bench.stages import names, stages
from bench.steps import Stage, Step
from bench.table import FAILED, Limit, Line, Table, failed, has_failed, line, markdown
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from local.template import Template
from tests.pages import ROOT, Row, rows_of

TABLE = Table("A table", ("figure", "other"))
GATEWAY = Gateway(Template((), (), {}, None, ()), {})
NO_ENGINE = Engine("http://127.0.0.1:1", "given", None)


# --- Lines and limits -----------------------------------------------------------------------------


def test_a_limit_that_is_kept_is_ok() -> None:
    assert line("a", ["1"], [Limit("<= 2", is_kept=True)]) == Line("a", ("1",), "<= 2", "ok")
    assert line("a", ["1"]) == Line("a", ("1",))


def test_of_limits_that_are_not_kept_the_worst_decides() -> None:
    short, must = Limit("<= 1x", is_kept=False), Limit("<= 3", is_kept=False, above=FAILED)
    assert line("a", ["1"], [short]).verdict == "short"
    assert line("a", ["1"], [must, short]).verdict == "FAILED"
    assert not has_failed([line("a", ["1"], [short])])
    assert has_failed([line("a", ["1"], [short, must])])


def test_what_could_not_be_measured_says_why_in_a_line() -> None:
    said = failed("a", ValueError("not\nthis | that"))
    assert said == Line("a", (), "", "FAILED: ValueError: not this / that")
    assert has_failed([said])


def test_the_columns_of_the_table_stand_below_each_other() -> None:
    rows = markdown(TABLE, [Line("longer", ("1 ms", "2"), "<= 3"), Line("b", ())]).splitlines()
    assert rows[0] == "| what   | figure | other | limit | verdict |"
    assert rows[3] == "| b      | -      | -     |       |         |"
    assert len({len(row) for row in rows}) == 1


# --- Steps ----------------------------------------------------------------------------------------


def results(stage: Stage) -> list[Line]:
    with redirect_stderr(io.StringIO()):
        return [each for table, each in stage.results() if table is TABLE]


def breaks(_: object) -> Iterator[Line]:
    yield Line("first", ("1",))
    raise RuntimeError("it broke")


def works(_: object) -> Iterator[Line]:
    yield Line("third", ("3",))


STEPS = [Step(TABLE, ("first", "second"), breaks), Step(TABLE, ("third",), works)]


def test_a_line_that_fails_is_a_line_and_the_run_goes_on() -> None:
    broken = Line("second", (), "", "FAILED: RuntimeError: it broke")
    assert results(Stage(STEPS)) == [Line("first", ("1",)), broken, Line("third", ("3",))]


def test_where_nothing_can_be_set_up_all_lines_fail() -> None:
    @contextmanager
    def opened() -> Iterator[None]:
        raise OSError("no port")
        yield

    found = results(Stage(STEPS, opened))
    assert [each.what for each in found] == ["first", "second", "third"]
    assert {each.verdict for each in found} == {"FAILED: OSError: no port"}


def test_what_cannot_be_ended_fails_though_all_was_measured() -> None:
    @contextmanager
    def opened() -> Iterator[None]:
        yield
        raise OSError("still running")

    found = results(Stage(STEPS[1:], opened))
    assert [each.what for each in found] == ["third", "ending what was measured"]
    assert has_failed(found)


@pytest.mark.parametrize("announced", [(), ("other",), ("third", "other")])
def test_lines_that_are_not_those_announced_fail(announced: tuple[str, ...]) -> None:
    found = results(Stage([Step(TABLE, announced, works), *STEPS[1:]]))
    assert found[-1] == Line("third", ("3",))
    assert not announced or has_failed(found)


# --- What is posted -------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 1, 134, 135, 136, 600, 1439])
def test_live_readings_change_only_days_that_are_open_and_last_until_now(minutes: int) -> None:
    """Whatever time of the day it is, so that it does not decide what is measured."""
    midnight = datetime(2018, 8, 24, tzinfo=UTC)
    now = midnight + timedelta(minutes=minutes)
    since, until, every = live_day(now)
    open_from = midnight if minutes >= 135 else midnight - DAY
    assert open_from + timedelta(minutes=65) <= since < until <= now
    assert every >= timedelta(seconds=1)
    assert len(json.loads(body(1, since, until, every))["data"]) == 288
    assert now - until < READINGS_A_DAY * timedelta(seconds=1)


def test_no_two_ships_use_the_same_so_that_ranks_are_the_same_for_all_peers() -> None:
    day = datetime(2018, 8, 24, tzinfo=UTC)
    ships = range(max(*WHOLE.live, *WHOLE.settled))
    posted = [json.loads(body(ship, day, day + DAY, DAY / 24))["data"] for ship in ships]
    used = sorted(sum(reading["value"] for reading in readings) for readings in posted)
    assert min(more - less for less, more in pairwise(used)) > 0.01


# --- Costs over HTTP ------------------------------------------------------------------------------


def test_the_least_of_all_rounds_counts_and_a_peers_database_with_it() -> None:
    beside = Servers(Server("", 1), {SQLITE: Server("", 2), POSTGRESQL: Server("", 3)}, NO_ENGINE)
    # Web, database, time; of the service, SQLite, PostgreSQL; in two rounds.
    rounds = [
        [Cost(0.003, 0.004, 0.030), Cost(0.002, 0, 0.010), Cost(0.003, 0.003, 0.05)],
        [Cost(0.002, 0.006, 0.020), Cost(0.004, 0, 0.008), Cost(0.001, 0.004, 0.04)],
    ]
    limits = {SQLITE: 1.1, POSTGRESQL: 0.3}
    gateway, whole, wall = costs.lines("GET", beside, rounds, limits)
    assert gateway.figures[:5] == ("2 ms", "2 ms", "1 + 4 ms", "1.00x", "0.40x")
    assert gateway.limit == "<= 1.1x SQLite, <= 0.3x PostgreSQL"
    assert gateway.verdict == "short"
    assert whole.figures[:5] == ("3 + 4 ms", "2 ms", "1 + 4 ms", "3.50x", "1.40x")
    assert wall.figures[:5] == ("20 ms", "8 ms", "40 ms", "2.50x", "0.50x")
    assert [each.what for each in (gateway, whole, wall)] == list(costs.names("GET"))


def test_a_service_before_is_compared_with_and_without_its_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BEFORE", ".")
    beside = Servers(Server("", 1), {BEFORE: Server("", 2)}, NO_ENGINE)
    rounds = [[Cost(0.001, 0.003, 0.02), Cost(0.002, 0.005, 0.02)]]
    gateway, whole, _ = costs.lines("POST", beside, rounds, {BEFORE: 0.45})
    assert gateway.figures == ("1 ms", "-", "-", "2 ms", "-", "-", "0.50x")
    assert (gateway.limit, gateway.verdict) == ("<= 0.45x before", "short")
    assert whole.figures == ("1 + 3 ms", "-", "-", "2 + 5 ms", "-", "-", "0.57x")


def test_a_peer_that_is_not_installed_leaves_its_columns_empty() -> None:
    beside = Servers(Server("", 1), {SQLITE: Server("", 2)}, NO_ENGINE)
    rounds = [[Cost(0.002, 0, 0.02), Cost(0.002, 0, 0.02)]]
    gateway, *_ = costs.lines("GET", beside, rounds, {POSTGRESQL: 1})
    assert gateway.figures == ("2 ms", "2 ms", "-", "1.00x", "-")
    assert (gateway.limit, gateway.verdict) == ("", "")


def test_answers_that_differ_are_not_compared() -> None:
    ours = b'{"data": [{"datetime": "2018-08-24T00:00:00Z", "value": 5.75}]}'
    assert_alike(ours, ours.replace(b"5.75", b"5.7500001"))
    for other in (ours.replace(b"5.75", b"5.76"), b'{"data": []}'):
        with pytest.raises(AssertionError):
            assert_alike(ours, other)


def test_the_time_of_processes_that_have_ended_counts_with_those_above_them() -> None:
    work = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    with subprocess.Popen(
        [sys.executable, "-c", f"{work}; print('it has ended', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        own_s, all_s = cpu_s(process.pid), family_cpu_s(process.pid)
        process.communicate(b"\n")
    # Adding ten million numbers takes longer than the hundredths in which ended children count.
    assert all_s > own_s + 0.02


# --- PostgreSQL -----------------------------------------------------------------------------------


def test_the_newest_postgresql_that_is_whole_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert postgresql.binaries(tmp_path) is None
    installed = {"9": ["initdb", "postgres"], "15": ["initdb", "postgres"]}
    for version, programs in (installed | {"16": ["initdb"], "17": ["postgres"]}).items():
        folder = tmp_path / "usr" / "lib" / "postgresql" / version / "bin"
        folder.mkdir(parents=True)
        for program in programs:
            (folder / program).touch()
    found = postgresql.binaries(tmp_path)
    assert found
    assert found.parent.name == "15"


# --- The page -------------------------------------------------------------------------------------


def on_the_page() -> dict[str, list[Row]]:
    """Return the rows of the page's tables of figures, by their titles."""
    _, _, rest = page.PAGE.read_text(encoding="utf-8").partition(page.BEGIN)
    figures, end, _ = rest.partition(page.END)
    assert end
    return {part.partition("\n")[0]: rows_of(part) for part in figures.split("### ")[1:]}


def test_the_page_has_the_lines_of_the_benchmark() -> None:
    announced = {table.title: lines for table, lines in names(stages(WHOLE)).items()}
    shown = {title: [row["what"] for row in rows] for title, rows in on_the_page().items()}
    assert shown == announced


def test_the_page_has_the_columns_of_the_benchmark() -> None:
    shown = on_the_page()
    for table in names(stages(WHOLE)):
        columns = [name for name in shown[table.title][0] if servers.BEFORE not in name]
        assert columns == list(table.head)


@pytest.mark.parametrize("sizes", [WHOLE, SMOKE], ids=["whole", "smoke"])
def test_no_two_lines_of_a_table_have_one_name(sizes: Sizes) -> None:
    for lines in names(stages(sizes)).values():
        assert len(lines) == len(set(lines))


def test_a_smoke_run_has_the_tables_of_a_whole_one_and_the_same_steps() -> None:
    whole, smoke = names(stages(WHOLE)), names(stages(SMOKE))
    assert list(whole) == list(smoke)
    plain = [{re.sub(r"[\d,]+", "N", name) for name in _all(found)} for found in (whole, smoke)]
    assert plain[0] == plain[1]


def test_what_people_wrote_on_the_page_stays(tmp_path: Path) -> None:
    own = tmp_path / "page.md"
    own.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    page.write("new", own)
    page.write("newer", own)
    assert own.read_text("utf-8") == f"before\n{page.BEGIN}\n\nnewer\n\n{page.END}\nafter\n"
    own.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        page.write("new", own)


def test_a_report_says_where_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "version", "1.2.3".format)
    monkeypatch.setattr(postgresql, "version", str)
    said = page.report({TABLE: [Line("a", ("1", "2"))]})
    assert "PostgreSQL is not installed" in said
    assert f"{os.cpu_count()} x " in said
    assert said.endswith(markdown(TABLE, [Line("a", ("1", "2"))]))


def _all(found: dict[Table, list[str]]) -> Iterator[str]:
    for lines in found.values():
        yield from lines


def test_make_knows_the_variables_of_the_benchmark() -> None:
    exported = re.search(r"^export (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert exported
    assert {"SMOKE", "BEFORE"} <= set(exported[1].split())


# --- Counts ---------------------------------------------------------------------------------------


def test_a_count_is_held_against_its_limits_and_its_time_against_that_before() -> None:
    here = InProcess(GATEWAY, has_units=True)
    count = Count(calls=3, in_turn=2, read=1.5, write=2, cpu_s=0.002)
    kept = here.line("a", count, Most(calls=3, in_turn=2, units=3.5, cpu_s=0.002))
    assert kept.figures == ("3", "2", "1.50", "2", "2 ms")
    assert kept.limit == "calls <= 3, in turn <= 2, units <= 3.5, CPU <= 2 ms"
    assert kept.verdict == "ok"
    for most in (Most(calls=2), Most(in_turn=1), Most(units=3)):
        assert here.line("a", count, most).verdict == FAILED
    assert here.line("a", count, Most(cpu_s=0.001)).verdict == "short"
    slower = here.line("a", count, Most(of_before=0.5), before_s=0.003)
    assert (slower.figures[-1], slower.limit) == ("3 ms", "CPU <= 0.5x before")
    assert slower.verdict == "short"
    assert here.line("a", count, Most(of_before=0.5), before_s=0.004).verdict == "ok"


def test_units_of_another_engine_say_nothing() -> None:
    here = InProcess(GATEWAY, has_units=False)
    said = here.line("a", Count(calls=1, in_turn=1, read=5, write=5), Most(units=1))
    assert said == Line("a", ("1", "1", "-", "-", "-"))


def test_what_is_short_is_timed_more_often() -> None:
    short, long = iter(range(1, 100)), iter([3.0, 2.0, 1.0])
    assert least_s(lambda: next(short) / -1e6, 2) == -10e-6
    assert least_s(lambda: next(long), 2) == 2.0
