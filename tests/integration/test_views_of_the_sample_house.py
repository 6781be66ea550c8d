"""Every view of the sample house against the slow model, before a rollup and after it."""

from random import Random

import pytest

from local.house.history import Sample
from tests.conftest import Call
from tests.fleets import settle, utc
from tests.models.slow_house import House, Request, requests
from tests.sample_house import differences, load, model, sent, special_days

pytestmark = pytest.mark.integration

# Three weeks around the day on which clocks change, with a change of meters in the middle.
WEEKS = Sample(utc(2013, 10, 22, 4), utc(2013, 11, 12, 5))
YEARS = Sample(utc(2012, 1, 1, 5), utc(2014, 1, 1, 5))


def check(call: Call, house: House, asked: list[Request]) -> None:
    """Compare answers with the model's; all that differ are shown."""
    found = [line for request in asked for line in differences(call, house, request)]
    assert not found, f"{len(found)} of {len(asked)} requests:\n" + "\n".join(found[:40])


def test_weeks_are_answered_as_the_model_says_settled_or_not(call: Call) -> None:
    parts = sent(WEEKS)
    load(call, parts)
    house = model(WEEKS, parts)
    asked = requests(house, Random(1), 100, special_days(WEEKS))
    check(call, house, asked[:30])
    settle()
    check(call, house, asked)


@pytest.mark.slow
def test_two_years_are_answered_as_the_model_says(call: Call) -> None:
    parts = sent(YEARS)
    load(call, parts)
    house = model(YEARS, parts)
    asked = requests(house, Random(2), 600, special_days(YEARS))
    settle()
    check(call, house, asked)
