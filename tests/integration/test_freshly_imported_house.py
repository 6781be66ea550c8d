"""A house that was just imported, of which nothing is settled: every view answers.

The sample house of the demo: three weeks, which stand for a year that is asked for, or for its two
years where all of it is. The limit of readings is as much smaller; that of time is kept out, as of
all tests.
"""

import pytest

from local.demo.house.history import Sample
from local.demo.progress import YEARS
from quarterhour.store.read.allowance import MOST_UNSETTLED, Allowance
from quarterhour.views.by_name import VIEWS
from tests.conftest import Call
from tests.fleets import utc
from tests.integration.test_every_minute import NOTHING, ROLLED_UP, Run, Said, handler, run, said
from tests.sample_house import load, sent

__all__ = ["handler", "run", "said"]

pytestmark = pytest.mark.integration

WEEKS = Sample(utc(2013, 10, 22, 4), utc(2013, 11, 12, 5))
DAYS = (WEEKS.until - WEEKS.start).days
YEAR, DEMO = 365, YEARS.house_days
# The first and the last day are read twice for their hours, however many there are between them.
ENDS = 2
WHOLE = "start=2013-10-22&duration=21days"

# By the longest and the shortest interval; a chart is of a day.
OF_A_YEAR = [
    f"/api/houses/1/views/{name}?interval={interval}&{WHOLE}"
    for name in (*VIEWS, "default")
    for interval in ("months", "days")
    if name != "chart" and (name, interval) != ("water", "days")
]
OF_A_YEAR += [
    "/api/houses/1/views/chart?interval=hours&start=2013-11-01",
    f"/api/houses/1/views/usage?circuit=all&interval=days&{WHOLE}",
    f"/api/houses/1/views/usage?circuit=ashp&interval=days&{WHOLE}",
    f"/api/houses/1/views/heatmap?interval=hours&{WHOLE}",
]
OF_ALL = [f"/api/houses/1/views/default?interval={interval}" for interval in ("months", "days")]


@pytest.fixture
def house(call: Call) -> None:
    """The house, as it was imported."""
    load(call, sent(WEEKS))


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(("targets", "days"), [(OF_A_YEAR, YEAR), (OF_ALL, DEMO)])
def test_no_view_is_refused_for_what_is_not_settled(
    call: Call, monkeypatch: pytest.MonkeyPatch, targets: list[str], days: int
) -> None:
    limit = MOST_UNSETTLED * (DAYS + ENDS) // days
    monkeypatch.setattr(Allowance.__init__, "__defaults__", (limit,))
    found = {target: call("GET", target).status for target in targets}
    assert found == dict.fromkeys(targets, 200)


@pytest.mark.usefixtures("house")
def test_the_run_of_the_next_minute_settles_all_of_it(
    call: Call, run: Run, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then no view reads a single reading, and has the same bytes."""
    targets = [*OF_A_YEAR, *OF_ALL]
    before = {target: call("GET", target).body for target in targets}
    said()
    run()
    assert said() == ROLLED_UP
    run()
    assert said() == NOTHING
    monkeypatch.setattr(Allowance.__init__, "__defaults__", (0,))
    assert {target: call("GET", target).body for target in targets} == before
