import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import copysign, fsum
from statistics import correlation, linear_regression, mean
from typing import Any

import pytest

from local.demo.house import catalogue
from local.demo.house.catalogue import Id
from local.demo.house.history import Sample
from local.demo.house.hours import ZONE
from local.demo.house_parts import WINDOW, parts, requests
from local.demo.part import Part
from quarterhour.energy.readings import MAX_READINGS, MAX_SPAN_DAYS
from quarterhour.http.ingest.catalogues import Budgets, CatalogueEntry
from quarterhour.sites import catalogue as catalogues

# Leap day, changes of clocks, and at both ends what does not belong to the two years.
YEARS = Sample(datetime(2011, 12, 31, 5, tzinfo=UTC), datetime(2014, 1, 1, 5, tzinfo=UTC))
DAYS = Sample(datetime(2026, 11, 17, 13, tzinfo=UTC), datetime(2026, 11, 20, 13, tzinfo=UTC))
SAMPLES = pytest.mark.parametrize("house", [YEARS, DAYS], ids=["two years", "three days"])

CIRCUITS = [
    *("water_heater", "ashp", "water_pump", "dryer", "washer", "dishwasher", "stove"),
    *("refrigerator", "living_room", "aux_heat_bedrooms", "aux_heat_living", "study", "barn"),
    *("basement_west", "basement_east", "ventilation", "ventilation_preheat"),
    "kitchen_recept_rt",
]
HOUR = timedelta(hours=1)

Values = dict[str, float | None]
Measured = dict[datetime, Values]


@cache
def sent_in(house: Sample, window: timedelta) -> list[tuple[Part, Any]]:
    return [(part, part.body()) for part in requests(house, window)]


def sent(house: Sample, window_days: int = WINDOW.days) -> list[tuple[Part, Any]]:
    """Return every part of a house with its body."""
    return sent_in(house, timedelta(days=window_days))


def posts(house: Sample, window_days: int = WINDOW.days) -> Iterator[tuple[Id, Any]]:
    """Yield the device and the body of every batch of readings."""
    for part, body in sent(house, window_days):
        if part.method == "POST":
            yield Id(int(part.path.split("/")[5])), body


@cache
def measured(house: Sample, device: Id, window_days: int = WINDOW.days) -> Measured:
    """Return what a device reported in intervals of up to an hour, ascending."""
    found = {
        datetime.fromisoformat(one["datetime"]): one["values"]
        for posted, body in posts(house, window_days)
        if posted is device and body["interval"] != "P1M"
        for one in body["data"]
    }
    return dict(sorted(found.items()))


def at_clock(rows: Measured, channel: str, clock: int, *months: int) -> list[float]:
    """Return a channel's values of the hours that a clock in the house shows in these months."""
    local = ((at.astimezone(ZONE), values[channel]) for at, values in rows.items())
    return [
        value
        for at, value in local
        if value is not None and at.hour == clock and at.month in months
    ]


def days_of(rows: Measured, month: str) -> set[date]:
    """Return the local days of a month that there is anything of."""
    return {at.astimezone(ZONE).date() for at in rows if f"{at.astimezone(ZONE):%Y-%m}" == month}


def together(
    one: Measured, channel: str, other: Measured, of_other: str
) -> list[tuple[float, float]]:
    """Return two channels' values at the instants that have both."""
    pairs = ((one[at][channel], other[at][of_other]) for at in one if at in other)
    return [(a, b) for a, b in pairs if a is not None and b is not None]


def test_a_house_has_ten_devices_and_18_circuits_in_the_order_of_frontends() -> None:
    entry = catalogue.entry(hdd_station=False)
    assert [one["id"] for one in entry["devices"]] == [*range(10)]
    assert [one["circuit_id"] for one in entry["circuits"]] == CIRCUITS
    for monitor in (Id.OLD_MONITOR, Id.NEW_MONITOR):
        channels = [*entry["devices"][monitor]["channels"]]
        assert channels == ["used", "solar", "adjusted_load", *CIRCUITS]


def test_a_house_that_is_asked_to_has_a_weather_station() -> None:
    house = Sample(DAYS.start, DAYS.until, id=4, hdd_station=True)
    entry = sent(house)[0][1]
    assert [one.get("role") for one in entry["devices"]][-1] == "hdd_station"
    assert len(entry["devices"]) == 11
    hdd = {at: values["hdd"] for at, values in measured(house, Id.HDD_STATION).items()}
    assert len(hdd) > 60
    assert all(value is not None and 0 < value < 3 for value in hdd.values())
    assert {part.path.split("/")[3] for part, _ in sent(house)} == {"4"}


@SAMPLES
def test_the_api_takes_the_entry_and_the_budgets(house: Sample) -> None:
    (entry, entry_body), (budgets, budgets_body) = sent(house)[:2]
    assert (entry.method, entry.path) == ("PUT", "/api/houses/1/")
    assert CatalogueEntry.model_validate(entry_body).entry() == entry_body
    catalogues.check(catalogues.house(1, entry_body))
    assert (budgets.method, budgets.path) == ("PUT", "/api/houses/1/budgets/")
    by_month = Budgets.model_validate(budgets_body).by_month()
    assert all(budget.keys() == {"solar", "used", "hdd", "water"} for budget in by_month.values())


def test_there_is_a_budget_for_every_month() -> None:
    months = [one["month"] for one in sent(YEARS)[1][1]["budgets"]]
    assert len(months) == 25
    assert (months[0], months[1], months[-1]) == ("2011-12", "2012-01", "2013-12")
    assert [one["month"] for one in sent(DAYS)[1][1]["budgets"]] == ["2026-11"]


@SAMPLES
def test_every_batch_is_one_that_the_api_takes(house: Sample) -> None:
    channels = {one["id"]: one["channels"].keys() for one in sent(house)[0][1]["devices"]}
    for device, body in posts(house):
        at = [datetime.fromisoformat(one["datetime"]) for one in body["data"]]
        assert at == sorted(set(at))
        assert house.start <= at[0]
        assert at[-1] < house.until
        assert body["interval"] == "P1M" or at[-1] - at[0] <= timedelta(days=MAX_SPAN_DAYS)
        assert sum(len(one["values"]) for one in body["data"]) <= MAX_READINGS
        assert {name for one in body["data"] for name in one["values"]} == channels[device]
        units = body["units"]
        assert isinstance(units, str) or units.keys() == channels[device]


@SAMPLES
def test_no_figure_is_without_a_value_or_minus_zero(house: Sample) -> None:
    for _, body in posts(house):
        json.dumps(body, allow_nan=False)
        seen = [value for one in body["data"] for value in one["values"].values()]
        assert [value for value in seen if value == 0 and copysign(1, value) < 0] == []
        assert all(any(v is not None for v in one["values"].values()) for one in body["data"])


def test_only_energy_of_signed_channels_is_negative() -> None:
    for device, body in posts(YEARS):
        signed = {"solar", "adjusted_load", "temperature"}
        for one in body["data"]:
            below = {name for name, value in one["values"].items() if value and value < 0}
            assert below <= signed, device


@SAMPLES
def test_the_parts_have_names_of_their_own(house: Sample) -> None:
    for window_days in (1, WINDOW.days) if house is DAYS else (WINDOW.days,):
        names = [part.name for part, _ in sent(house, window_days)]
        assert len({*names}) == len(names)


def test_readings_come_newest_first() -> None:
    last = [body["data"][-1]["datetime"] for _, body in posts(YEARS) if body["interval"] != "P1M"]
    days = [(YEARS.until - datetime.fromisoformat(one)).days // 30 for one in last]
    assert days == sorted(days)
    assert days[0] == 0
    assert days[-1] == 24


def test_there_is_no_part_of_what_nobody_measured() -> None:
    day = timedelta(days=1)
    begin, _ = YEARS.outage
    assert [*parts(YEARS, begin, begin + day)] == []
    begin, _ = YEARS.broken_sensor
    found = [part.path.split("/")[5] for part in parts(YEARS, begin, begin + day)]
    assert str(Id.BASEMENT.value) in found
    assert str(Id.SECOND_FLOOR.value) not in found


def test_a_house_is_the_same_whoever_makes_it_in_whatever_parts() -> None:
    again = [(part.name, part.body()) for part in requests(DAYS)]
    assert again == [(part.name, body) for part, body in sent(DAYS)]
    for device in catalogue.DEVICES:
        assert measured(DAYS, Id(device), 1) == measured(DAYS, Id(device))


def test_an_hour_is_the_same_in_every_house_that_has_it() -> None:
    month = Sample(datetime(2013, 7, 1, 4, tzinfo=UTC), datetime(2013, 7, 3, 4, tzinfo=UTC))
    for device in (Id.BASEMENT, Id.HOT_WATER, Id.NEW_MONITOR):
        part = measured(month, device)
        assert len(part) >= 10
        assert part.items() <= measured(YEARS, device).items()


@SAMPLES
@pytest.mark.parametrize(
    ("old", "new"), [(Id.OLD_METER, Id.NEW_METER), (Id.OLD_MONITOR, Id.NEW_MONITOR)]
)
def test_a_new_device_takes_over_midway_and_for_hours_there_are_both(
    house: Sample, old: Id, new: Id
) -> None:
    before, after = measured(house, old), measured(house, new)
    both = sorted(before.keys() & after.keys())
    assert 3 <= len(both) <= 5
    clocks = [at.astimezone(ZONE) for at in both]
    assert len({at.date() for at in clocks}) == 1
    assert clocks[0].hour >= 9
    assert clocks[-1].hour < 20
    assert min(after) == both[0]
    assert max(before) == both[-1]
    share = (both[0] - house.start) / (house.until - house.start)
    assert 0.2 < share < 0.6
    entry = {one["id"]: one for one in sent(house)[0][1]["devices"]}
    assert entry[new].get("priority", new) > entry[old].get("priority", old)


def test_the_meters_count_before_the_monitors() -> None:
    house = catalogues.house(1, catalogue.entry(hdd_station=False))
    ranked = sorted(house.devices, key=lambda one: one.rank, reverse=True)
    energy = [one.id for one in ranked if one.channel("used")]
    assert energy == [Id.NEW_METER, Id.OLD_METER, Id.NEW_MONITOR, Id.OLD_MONITOR]


def hours_of(day: str) -> list[datetime]:
    """Return the hours of a local day that any device reported."""
    rows = [measured(YEARS, Id(device)) for device in catalogue.DEVICES]
    begins = {at.replace(minute=0) for one in rows for at in one}
    return sorted(at for at in begins if f"{at.astimezone(ZONE):%Y-%m-%d}" == day)


@pytest.mark.parametrize(
    ("day", "hours"), [("2012-02-29", 24), ("2012-03-11", 23), ("2012-11-04", 25)]
)
def test_days_are_as_long_as_the_clocks_of_the_house_make_them(day: str, hours: int) -> None:
    found = hours_of(day)
    assert len(found) == hours
    assert all(later - earlier == HOUR for earlier, later in pairwise(found))


def test_there_are_months_of_which_there_is_one_day() -> None:
    meter, monitor = measured(YEARS, Id.OLD_METER), measured(YEARS, Id.OLD_MONITOR)
    assert days_of(meter, "2011-12") == {date(2011, 12, 31)}
    assert days_of(monitor, "2012-03") == {date(2012, 3, 31)}
    assert days_of(monitor, "2012-02") == set()
    sensor = measured(YEARS, Id.SECOND_FLOOR)
    assert days_of(sensor, "2013-05") == {date(2013, 5, 1)}
    assert date(2013, 6, 1) in days_of(sensor, "2013-06")


def test_for_two_whole_days_there_is_nothing_at_all() -> None:
    begin, end = YEARS.outage
    for device in catalogue.DEVICES:
        assert [at for at in measured(YEARS, Id(device)) if begin <= at < end] == []
    assert hours_of("2012-08-07") == hours_of("2012-08-08") == []
    assert hours_of("2012-08-06")[-1].astimezone(ZONE).hour == 8
    assert hours_of("2012-08-09")[0].astimezone(ZONE).hour == 17


@pytest.mark.parametrize("device", [Id.BASEMENT, Id.OLD_METER, Id.NEW_MONITOR, Id.HOT_WATER])
def test_hours_and_days_are_missing_and_single_channels_are_null(device: Id) -> None:
    rows = measured(YEARS, device)
    expected = (max(rows) - min(rows)) // HOUR + 1
    assert 0.01 < 1 - len(rows) / expected < 0.05
    days = {at.astimezone(ZONE).date() for at in rows}
    assert 2 <= (max(days) - min(days)).days + 1 - len(days) <= 20
    nulls = [values for values in rows.values() if None in values.values()]
    assert bool(nulls) == (len(next(iter(rows.values()))) > 1)


def test_a_circuit_was_connected_weeks_after_its_monitor() -> None:
    barn = {at: values["barn"] for at, values in measured(YEARS, Id.OLD_MONITOR).items()}
    first = next(at for at, value in barn.items() if value is not None)
    assert YEARS.barn_begin <= first < YEARS.barn_begin + timedelta(days=2)
    assert first - min(barn) > timedelta(days=35)


def test_panels_generate_most_at_noon_in_summer_and_draw_a_little_at_night() -> None:
    meter = measured(YEARS, Id.OLD_METER)
    summer, winter = at_clock(meter, "solar", 12, 6, 7), at_clock(meter, "solar", 12, 12, 1)
    assert mean(summer) < 1.2 * mean(winter) < -1_000
    assert max(at_clock(meter, "solar", 0, 6, 12)) < 5
    assert min(at_clock(meter, "solar", 0, 6, 12)) > 0
    assert min(summer) > -6_000


def test_clouds_take_much_of_the_sun() -> None:
    noons = at_clock(measured(YEARS, Id.OLD_METER), "solar", 12, 6, 7)
    assert max(noons) > 0.35 * min(noons)


def test_the_year_is_that_of_the_north_east() -> None:
    outdoor = measured(YEARS, Id.OUTDOOR)
    assert 20 < mean(at_clock(outdoor, "temperature", 6, 1)) < 30
    assert 78 < mean(at_clock(outdoor, "temperature", 15, 7)) < 86
    seen = [value for row in outdoor.values() if (value := row["temperature"]) is not None]
    assert -15 < min(seen) < 15
    assert 88 < max(seen) < 108
    assert all(0 < (row["humidity"] or 50) <= 100 for row in outdoor.values())


def test_days_of_one_month_differ_by_weather() -> None:
    noons = at_clock(measured(YEARS, Id.OUTDOOR), "temperature", 12, 1)
    assert max(noons) - min(noons) > 20


def test_rooms_stay_as_they_should() -> None:
    for floor, least, most in ((Id.FIRST_FLOOR, 64, 79), (Id.BASEMENT, 53, 68)):
        seen = [row["temperature"] for row in measured(YEARS, floor).values()]
        assert all(least < value < most for value in seen if value is not None)


def test_the_heat_pump_needs_the_more_the_colder_it_is_below_its_balance_point() -> None:
    monitor, outdoor = measured(YEARS, Id.NEW_MONITOR), measured(YEARS, Id.OUTDOOR)
    pairs = together(monitor, "ashp", outdoor, "temperature")
    band = {low: mean(wh for wh, f in pairs if low <= f < low + 10) for low in range(20, 70, 10)}
    assert band[20] > 1.3 * band[30] > 1.3**2 * band[40] > 1.3**3 * band[50] > 1.3**4 * band[60]
    assert max(wh for wh, f in pairs if 67 < f < 72) < 30
    assert mean(wh for wh, f in pairs if f > 85) > 100
    cold = [((65 - f) / 24, wh / 1000) for wh, f in pairs if f <= 60]
    slope, intercept = linear_regression(*zip(*cold, strict=True))
    assert 0.3 < slope < 0.5
    assert abs(intercept) < 0.2
    assert correlation(*zip(*cold, strict=True)) > 0.85


def test_use_is_the_circuits_and_something_beside() -> None:
    for values in measured(YEARS, Id.NEW_MONITOR).values():
        if None not in values.values():
            of_circuits = fsum(values[name] or 0 for name in CIRCUITS)
            assert 30 < (values["used"] or 0) - of_circuits < 350
            net = (values["used"] or 0) + (values["solar"] or 0)
            assert values["adjusted_load"] == pytest.approx(net, abs=0.06)


@pytest.mark.parametrize(
    ("meter", "monitor", "least", "most"),
    [
        (Id.OLD_METER, Id.OLD_MONITOR, 1.003, 1.009),
        (Id.NEW_METER, Id.NEW_MONITOR, 0.994, 0.999),
    ],
)
def test_meter_and_monitor_agree_to_about_one_in_a_hundred(
    meter: Id, monitor: Id, least: float, most: float
) -> None:
    for channel in ("used", "solar"):
        pairs = together(measured(YEARS, meter), channel, measured(YEARS, monitor), channel)
        ratios = [one / other for one, other in pairs if abs(other) > 100]
        assert len(ratios) > 2_000
        assert least < mean(ratios) < most
        assert max(abs(ratio - 1) for ratio in ratios) < 0.012


def test_budgets_are_what_can_be_expected() -> None:
    meter = measured(YEARS, Id.NEW_METER)
    budgets = {one["month"]: one for one in sent(YEARS)[1][1]["budgets"]}
    for month in ("2013-03", "2013-07", "2013-10"):
        rows = [row for at, row in meter.items() if f"{at.astimezone(ZONE):%Y-%m}" == month]
        for name in ("used", "solar"):
            kwh = fsum(row[name] or 0 for row in rows) / 1000
            assert 0.8 < kwh / budgets[month][name] < 1.2


def test_appliances_run_when_people_are_up() -> None:
    monitor = measured(YEARS, Id.NEW_MONITOR)
    for name in ("stove", "dishwasher", "dryer", "washer"):
        assert max(at_clock(monitor, name, 3, *range(1, 13))) < 5
    assert mean(at_clock(monitor, "stove", 18, *range(1, 13))) > 500
    assert mean(at_clock(monitor, "basement_west", 13, 7)) > 150
    assert mean(at_clock(monitor, "basement_west", 13, 3)) < 10


def test_the_main_water_of_the_first_year_is_known_from_bills_alone() -> None:
    bills = [body for _, body in posts(YEARS) if body["interval"] == "P1M"]
    assert len(bills) == 1
    months = [datetime.fromisoformat(one["datetime"]).astimezone(ZONE) for one in bills[0]["data"]]
    assert [f"{one:%Y-%m-%d %H:%M}" for one in months] == [
        f"2012-{month:02}-01 00:00" for month in range(1, 12)
    ]
    assert all(1_500 < one["values"]["gallons"] < 2_600 for one in bills[0]["data"])
    hourly = measured(YEARS, Id.MAIN_WATER)
    assert min(hourly).astimezone(ZONE).date() >= date(2012, 12, 1)
    hot = measured(YEARS, Id.HOT_WATER)
    assert all(h <= m for h, m in together(hot, "gallons", hourly, "gallons"))
    assert sum(values["gallons"] == 0 for values in hot.values()) > 1_000


def test_there_are_no_bills_of_a_house_of_days() -> None:
    assert {body["interval"] for _, body in posts(DAYS)} == {"PT15M", "PT1H"}


def test_the_outdoor_sensor_at_last_reports_quarters_of_an_hour() -> None:
    rows = measured(YEARS, Id.OUTDOOR)
    quarters = [at for at in rows if at.minute]
    assert YEARS.fine_begin <= min(quarters) < YEARS.fine_begin + HOUR
    assert YEARS.until - max(rows) == timedelta(minutes=15)


def test_a_house_of_three_days_has_every_device() -> None:
    assert {device for device, _ in posts(DAYS)} == {*catalogue.DEVICES}
