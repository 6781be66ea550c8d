"""The slow model of houses: parameters, generated requests, and comparison."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

import pytest

from tests.models.slow_house import House, Refused, Request, bad_requests, expected, requests, same
from tests.models.slow_house.answers import VIEWS
from tests.models.slow_house.asked import INTERVALS
from tests.models.slow_house.ranges import days_of_interest
from tests.models.slow_house.small import ask, house, meter, post, sensor

ROUND = 500  # a few more than there are cells of view x interval x form
SPECIAL = date(2013, 3, 20)


@pytest.fixture(scope="module")
def small_house() -> House:
    """48 hours of January and of March 2013, the last of them after the day of 23 hours."""
    days, lots = ("2013-01-05", "2013-03-09"), 48
    posts = [post(day, used=[2] * lots, solar=[-1] * lots, ashp=[1] * lots) for day in days]
    return house(
        meter(1, *posts, channels="used solar ashp dryer"),
        sensor(4, post("2013-01-05", "degF", temperature=[41] * 48), location="outdoor"),
        sensor(5, post("2013-01-05", "degF", temperature=[68] * 48), location="first_floor"),
    )


def of_range(of: House, **params: str) -> list[str]:
    items = ask(of, "views/summary", **{"interval": "hour", **params})["items"]
    return [items[0]["date"], items[-1]["date"]] if items else []


@pytest.mark.parametrize(
    ("params", "first", "last"),
    [
        ({"start": "2013-01-06T13:45:00"}, "2013-01-06T00", "2013-03-11T00"),
        ({"start": "2013-02"}, "2013-03-09T00", "2013-03-11T00"),
        ({"start": "2013", "duration": "1month"}, "2013-01-05T00", "2013-01-06T23"),
        ({"start": "2013-01-05", "duration": "1day"}, "2013-01-05T00", "2013-01-05T23"),
        ({"start": "2013-03-10", "duration": "1day"}, "2013-03-10T00", "2013-03-10T23"),
        ({"start": "2013-03-10", "duration": "23hours"}, "2013-03-10T00", "2013-03-10T23"),
        ({"start": "2013-03-09", "duration": "30hours"}, "2013-03-09T00", "2013-03-10T06"),
        ({"end": "2013-01-06"}, "2013-01-05T00", "2013-01-05T23"),
        ({"end": "2013-01-06", "duration": "1year"}, "2013-01-05T00", "2013-01-05T23"),
        (
            {"start": "2013", "end": "2013-01-06", "duration": "9days"},
            "2013-01-05T00",
            "2013-01-06T23",
        ),
        ({"start": "", "end": "", "duration": ""}, "2013-01-05T00", "2013-03-11T00"),
    ],
)
def test_ranges(small_house: House, params: dict[str, str], first: str, last: str) -> None:
    assert of_range(small_house, **params) == [f"{first}:00:00", f"{last}:00:00"]


def test_ranges_without_data(small_house: House) -> None:
    assert of_range(small_house, start="2013-04") == []
    assert of_range(small_house, end="2013") == []
    assert of_range(small_house, start="2013-01-05", end="2013-01-05") == []


def test_a_month_from_the_31st_ends_with_february(small_house: House) -> None:
    circuit = ask(small_house, "views/usage", interval="day", start="2012-01-31", duration="1month")
    assert circuit["circuit"]["enddate"] == "2012-02-28"


def test_intervals_are_echoed_in_the_singular(small_house: House) -> None:
    echoed = {
        text: ask(small_house, "views/heatmap", interval=text)["interval"] for text in INTERVALS
    }
    assert echoed == INTERVALS
    assert len(echoed) == 12


@pytest.mark.parametrize(
    ("path", "params", "refused"),
    [
        ("views/summary", {}, Refused(400)),
        ("views/summary", {"interval": "15min"}, Refused(400)),
        ("views/summary", {"interval": "day", "start": "2013-02-29"}, Refused(400)),
        ("views/summary", {"interval": "day", "start": "2013", "duration": "1week"}, Refused(400)),
        ("views/nothing", {"interval": "day"}, Refused(404)),
        ("views/usage", {"interval": "day", "circuit": "barn"}, Refused(404)),
        ("views/temperature", {"interval": "day"}, Refused(404)),
        ("views/temperature", {"interval": "day", "location": "1"}, Refused(404)),
        ("views/basetemp", {"interval": "day", "base": "inf"}, Refused(400)),
        ("views/chart", {"interval": "day", "end": "2014"}, Refused(400)),
        ("views/water", {"interval": "hours"}, Refused(400, "Interval not available.")),
        ("views/default", {"interval": "years"}, Refused(400, "Interval 'years' does not exist")),
        ("devices/1,9", {"interval": "day"}, Refused(404)),
        ("devices/1", {"interval": "day", "fields": "used,barn"}, Refused(400)),
        ("circuits/used", {"interval": "day"}, Refused(404)),
    ],
)
def test_refusals(small_house: House, path: str, params: dict[str, str], refused: Refused) -> None:
    assert expected(small_house, Request(path, params)) == refused


def test_without_a_heat_pump_its_usage_is_unknown() -> None:
    assert expected(
        house(meter(1, channels="used dryer")),
        Request("views/usage", {"interval": "day", "circuit": "ashp"}),
    ) == Refused(404)


def test_requests_cover_every_view_interval_and_form(small_house: House) -> None:
    found = requests(small_house, Random(1), 3 * ROUND)
    views = {(one.path, INTERVALS.get(one.params["interval"], "15min")) for one in found[:ROUND]}
    assert views >= {
        (f"views/{name}", interval) for name in VIEWS for interval in INTERVALS.values()
    }
    assert {one.params["interval"] for one in found if one.path == "views/hdd"} == {*INTERVALS}
    forms = Counter(
        " ".join(name for name in ("start", "end", "duration") if name in one.params)
        for one in found[:ROUND]
        if one.path == "views/hdd"
    )
    assert forms == {
        "start duration": 4,
        "start end": 4,
        "start": 4,
        "end": 4,
        "": 4,
        "start end duration": 4,
    }
    circuits = {one.params.get("circuit") for one in found if one.path == "views/usage"}
    assert circuits >= {None, "summary", "all", "ashp", "all_other", "dryer", "used", "solar"}
    paths = {one.path.split("/")[0] for one in found}
    assert paths == {"views", "devices", "circuits", "temperatures"}


def test_ranges_begin_at_special_days_and_those_of_the_calendar(small_house: House) -> None:
    days = days_of_interest(small_house, [SPECIAL])
    assert {SPECIAL, date(2013, 3, 10), date(2013, 1, 5), date(2013, 3, 21)} <= {*days}
    starts = {
        one.params.get("start", "")[:10] for one in requests(small_house, Random(1), 2000, days)
    }
    assert {f"{day}" for day in days} <= starts


def test_a_seed_gives_the_same_requests_again(small_house: House) -> None:
    first, again, other = (requests(small_house, Random(seed), 50) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_generated_request_is_answered_or_refused_as_it_should_be(small_house: House) -> None:
    refused = Counter[str]()
    for one in requests(small_house, Random(2), ROUND, [SPECIAL]):
        answer = expected(small_house, one)
        if isinstance(answer, Refused):
            assert answer.status == 400
            refused[one.path] += 1
    assert {*refused} == {"views/water", "views/chart", "views/default"}


def test_every_bad_request_is_refused(small_house: House) -> None:
    bad = bad_requests(small_house, Random(1), 1000)
    refused = [expected(small_house, one) for one in bad]
    assert {one.status for one in refused if isinstance(one, Refused)} == {400, 404}
    assert [
        one for one, answer in zip(bad, refused, strict=True) if not isinstance(answer, Refused)
    ] == []


def test_a_target_is_percent_encoded() -> None:
    one = Request("devices/1,2", {"interval": "day", "start": "2013-01-05 00:00"})
    assert one.target(7) == "/api/houses/7/devices/1,2/?interval=day&start=2013-01-05+00%3A00"


BODY: dict[str, Any] = {
    "view": "summary",
    "totals": {"used": 1.5},
    "items": [{"date": "2013-01-05", "used": 1}, {"date": "2013-01-06", "used": 0.1234565}],
}


def test_what_is_equal_to_six_decimals_is_the_same() -> None:
    answered = deepcopy(BODY)
    answered["totals"]["used"] = 1.500001
    answered["items"][0] = {"used": 1.0, "date": "2013-01-05"}
    answered["items"][1]["used"] = 0.123456
    assert same(BODY, answered) == []


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (lambda b: b["totals"].pop("used"), ".totals.used: expected 1.5 vs nothing answered"),
        (lambda b: b.update(units="kWh"), ".units: expected nothing vs answered 'kWh'"),
        (
            lambda b: b["totals"].update(used=1.500002),
            ".totals.used: expected 1.5 vs answered 1.500002",
        ),
        (lambda b: b["totals"].update(used="1.5"), ".totals.used: expected 1.5 vs answered '1.5'"),
        (lambda b: b["totals"].update(used=None), ".totals.used: expected 1.5 vs answered None"),
        (
            lambda b: b["items"][0].update(used=True),
            ".items[0].used: expected 1 vs answered True",
        ),
        (
            lambda b: b["items"][0].update(date="2013-01-05T00:00:00"),
            ".items[0].date: expected '2013-01-05' vs answered '2013-01-05T00:00:00'",
        ),
        (lambda b: b["items"].pop(), ".items: expected 2 entries vs answered 1"),
        (lambda b: b.update(items={}), ".items: expected [{'date'"),
        (lambda b: b["items"].reverse(), ".items[0].date: expected '2013-01-05' vs"),
    ],
)
def test_planted_differences_are_found(plant: Callable[[Any], Any], told: str) -> None:
    answered = deepcopy(BODY)
    plant(answered)
    differences = same(BODY, answered)
    assert differences
    assert differences[0].startswith(told)
