"""Every view of the sample house against the slow model, before a rollup and after it."""

from collections import Counter
from random import Random

import pytest

from local.demo.house.history import Sample
from tests import patience
from tests.conftest import Call
from tests.counting import Counted, forget_blocks
from tests.fleets import settle, utc
from tests.models.slow_house import House, Request, requests
from tests.pages import ROOT, table
from tests.sample_house import differences, load, model, sent, special_days

pytestmark = pytest.mark.integration

COSTS = table(ROOT / "docs" / "table.md", "Views of a house")

# Three weeks around the day on which clocks change, with a change of meters in the middle.
WEEKS = Sample(utc(2013, 10, 22, 4), utc(2013, 11, 12, 5))
YEARS = Sample(utc(2012, 1, 1, 5), utc(2014, 1, 1, 5))

# Views of all there is also look for readings since the house was put: what these cost depends on
# the day of the month.
PUT_AT = utc(2018, 8, 28, 12)


def check(call: Call, house: House, asked: list[Request]) -> None:
    """Compare answers with the model's; all that differ are shown."""
    found = [line for request in asked for line in differences(call, house, request)]
    assert not found, f"{len(found)} of {len(asked)} requests:\n" + "\n".join(found[:40])


@pytest.mark.slow
def test_weeks_are_answered_as_the_model_says_settled_or_not(call: Call) -> None:
    parts = sent(WEEKS)
    load(call, parts)
    house = model(WEEKS, parts)
    asked = requests(house, Random(1), 100, special_days(WEEKS))
    check(call, house, asked[:30])
    settle()
    check(call, house, asked)


@pytest.mark.slow
def test_two_years_are_answered_as_the_model_says(
    call: Call, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience.begun_at(monkeypatch, PUT_AT.timestamp)
    parts = sent(YEARS)
    load(call, parts)
    house = model(YEARS, parts)
    asked = requests(house, Random(2), 600, special_days(YEARS))
    settle()
    assert [cost(call, counted, row["request"]) for row in COSTS] == [
        (row["calls"], row["in turn"], row["read units"]) for row in COSTS
    ]
    check(call, house, asked)


def cost(call: Call, counted: Counted, request: str) -> tuple[str, str, str]:
    """Return the calls, those of them in turn, and the read units of a GET below the house."""
    forget_blocks()
    counted.clear()
    assert call("GET", f"/api/houses/1/{request.strip('`')}").status == 200
    calls = (f"{n} {name}" for name, n in sorted(Counter(counted.calls).items()))
    return ", ".join(calls), str(counted.in_turn), f"{counted.read_units:g}"


def test_the_costs_on_the_page_are_within_what_they_may_be() -> None:
    """A house of ten devices, settled."""
    most = {
        "summary?interval=months": (4, 30),
        "heatmap?": (6, 1_000),
        "chart?": (4, 1_000),
        "temperature?interval=days": (6, 1_000),
    }
    for name, (calls, units) in most.items():
        (row,) = (row for row in COSTS if name in row["request"])
        assert sum(int(part.split()[0]) for part in row["calls"].split(", ")) <= calls
        assert float(row["read units"]) <= units
