"""Values of devices, circuits and temperatures: every interval, in the house's local time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import channel_batch, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.value_requests import items, local, post, target

pytestmark = pytest.mark.integration

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
SPRING, AUTUMN = (2013, 3, 10), (2013, 11, 3)


def put(call: Call, *devices: Any, **more: Any) -> None:
    assert call("PUT", PATH, entry(*devices, **more)).status == 201


def told(found: list[dict[str, Any]], *names: str) -> list[Any]:
    """Return some members of items; of only one of them that alone."""
    rows = [tuple(one.get(name) for name in names) for one in found]
    return [row[0] for row in rows] if len(names) == 1 else rows


# --- Devices --------------------------------------------------------------------------------------


def test_a_device_by_every_interval(call: Call) -> None:
    put(call, meter(1, "used", "solar"))
    post(call, 1, local(2013, 1, 31, 23), used=[4, 8], solar=[-1, None])
    post(call, 1, local(2014, 1, 1), used=[2], solar=[-2])
    (one,) = items(call, "devices/1", interval="hour", start="2013-02", end="2013-03")
    assert one == {"device": 1, "date": "2013-02-01T00:00:00", "used": 8}
    quarters = items(call, "devices/1", interval="15min", start="2013-01-31", duration="1day")
    assert quarters == [
        {"device": 1, "date": f"2013-01-31T23:{minute}:00", "used": 1, "solar": -0.25, "net": 0.75}
        for minute in ("00", "15", "30", "45")
    ]
    assert items(call, "devices/1", interval="days") == [
        {"device": 1, "date": "2013-01-31", "used": 4, "solar": -1, "net": 3},
        {"device": 1, "date": "2013-02-01", "used": 8},
        {"device": 1, "date": "2014-01-01", "used": 2, "solar": -2, "net": 0},
    ]
    assert told(items(call, "devices/1", interval="monthly"), "date", "used") == [
        *(("2013-01-01", 4), ("2013-02-01", 8), ("2014-01-01", 2))
    ]
    assert told(items(call, "devices/1", interval="years"), "date", "used", "solar", "net") == [
        *(("2013-01-01", 12, -1, 11), ("2014-01-01", 2, -2, 0))
    ]


@pytest.mark.parametrize(
    ("spelled", "echoed"),
    [("hourly", "hour"), ("days", "day"), ("month", "month"), ("yearly", "year")],
)
def test_what_stands_beside_the_items(call: Call, spelled: str, echoed: str) -> None:
    put(call, meter(1), meter(2, "used", "stove"), sensor(3, "outdoor"))
    nothing = {"house_id": 5, "interval": echoed, "items": []}
    answers = [
        call("GET", target(path, interval=spelled)).json
        for path in ("devices/2,1", "circuits/stove,used", "temperatures")
    ]
    assert answers == [
        {**nothing, "devices": [2, 1]},
        {**nothing, "circuits": ["stove", "used"]},
        nothing,
    ]


def test_the_quarter_hour_is_echoed_as_it_is_written(call: Call) -> None:
    put(call, meter(1))
    assert call("GET", target("devices/1", interval="15min")).json["interval"] == "15min"


def test_the_path_may_do_without_its_last_slash_and_head_has_no_body(call: Call) -> None:
    put(call, meter(1))
    post(call, 1, local(2013, 1, 5), used=[1])
    with_slash = call("GET", f"{PATH}devices/1/?interval=day")
    without = call("GET", f"{PATH}devices/1?interval=day")
    assert (without.status, without.body) == (200, with_slash.body)
    assert call("HEAD", f"{PATH}devices/1?interval=day").body == b""
    for method in ("PUT", "POST", "DELETE"):
        for path in ("devices/1", "circuits/used", "temperatures"):
            assert call(method, target(path, interval="day"), {}).status == 405


def test_items_of_several_devices_are_by_date_then_in_the_order_asked_for(call: Call) -> None:
    put(call, meter(1), meter(2), meter(10))
    post(call, 1, local(2013, 1, 5), used=[1, 2])
    post(call, 2, local(2013, 1, 5, 1), used=[3])
    post(call, 10, local(2013, 1, 5), used=[4])
    found = items(call, "devices/10,2,1,2,10", interval="hour")
    assert told(found, "device", "used") == [(10, 4), (1, 1), (2, 3), (1, 2)]


def test_fields_are_those_asked_for_in_that_order(call: Call) -> None:
    put(call, meter(1, "used", "solar", "ashp"))
    post(call, 1, local(2013, 1, 5), used=[5, 6], solar=[-1, None], ashp=[2, 2])
    found = items(call, "devices/1", interval="hour", fields="net,ashp")
    assert [[*one.items()][2:] for one in found] == [[("net", 4), ("ashp", 2)], [("ashp", 2)]]
    assert len(items(call, "devices/1", interval="hour", fields="net")) == 1
    assert len(items(call, "devices/1", interval="hour", fields="")[0]) == 6


def test_each_device_tells_its_own_whichever_counts_for_the_house(call: Call) -> None:
    put(call, meter(1, priority=9), meter(2))
    for device, used in ((1, 1), (2, 7)):
        post(call, device, local(2013, 1, 5), used=[used])
    assert told(items(call, "devices/1,2", interval="day"), "used") == [1, 7]


def test_power_and_energy_of_a_channel_are_told_as_its_energy(call: Call) -> None:
    put(call, meter(1))
    post(call, 1, local(2013, 1, 5), units="kW", used=[3, 3])
    post(call, 1, local(2013, 1, 5, 1), used=[1])
    assert told(items(call, "devices/1", interval="hour"), "used") == [3, 1]


def test_every_quantity_is_a_field(call: Call) -> None:
    channels = {
        "gallons": {"quantity": "volume"},
        "hdd": {"quantity": "degree_days"},
        "temperature": {"quantity": "temperature"},
        "humidity": {"quantity": "humidity"},
    }
    put(call, meter(1, channels=channels))
    units = {"gallons": "gal", "hdd": "hdd", "temperature": "degF", "humidity": "%"}
    data: Any = {
        "gallons": [3, 5],
        "hdd": [0.5, 1],
        "temperature": [30, 50],
        "humidity": [40, None],
    }
    post(call, 1, local(2013, 1, 5), units=units, **data)
    assert items(call, "devices/1", interval="month") == [
        {
            "device": 1,
            "date": "2013-01-01",
            "gallons": 8,
            "hdd": 1.5,
            "temperature": 40,
            "humidity": 40,
        }
    ]


def test_period_totals_are_in_days_months_and_years_and_in_nothing_shorter(call: Call) -> None:
    put(call, meter(1, channels={"main": {"quantity": "volume"}}))
    total = channel_batch(values("2013-02-01T05:00:00Z", main=56), units="gal", interval="P1M")
    assert call("POST", f"{PATH}devices/1/readings/", total).status == 200
    days = items(call, "devices/1", interval="day")
    assert told(days, "date", "main") == [(f"2013-02-{day:02}", 2) for day in range(1, 29)]
    assert told(items(call, "devices/1", interval="month"), "date", "main") == [("2013-02-01", 56)]
    assert told(items(call, "devices/1", interval="year", start="2013"), "main") == [56]
    assert items(call, "devices/1", interval="hour") == []
    assert items(call, "devices/1", interval="15min", start="2013-02") == []


def test_months_and_years_are_of_the_days_in_the_range(call: Call) -> None:
    put(call, meter(1))
    for day in (5, 15, 25):
        post(call, 1, local(2013, 1, day), used=[day])
    cut = {"start": "2013-01-15", "end": "2013-01-25"}
    for interval in ("month", "year"):
        (one,) = items(call, "devices/1", interval=interval, **cut)
        assert one == {"device": 1, "date": "2013-01-01", "used": 15}


def test_another_house_has_values_of_its_own(call: Call) -> None:
    put(call, meter(1))
    call("PUT", "/api/houses/6/", entry(meter(1)))
    post(call, 1, local(2013, 1, 5), used=[1])
    assert call("GET", "/api/houses/6/devices/1/?interval=day").json["items"] == []


# --- Local time -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), ((2013, 7, 4), 24)])
def test_a_day_has_as_many_hours_and_quarter_hours_as_clocks_give_it(
    call: Call, day: tuple[int, int, int], hours: int
) -> None:
    put(call, meter(1))
    post(call, 1, local(*day), used=range(1, hours + 1))
    between = {"start": f"{local(*day):%F}", "duration": "1day"}
    by_hour = items(call, "devices/1", interval="hour", **between)
    assert told(by_hour, "used") == [*range(1, hours + 1)]
    quarters = items(call, "devices/1", interval="15min", **between)
    assert told(quarters, "used") == [hour / 4 for hour in range(1, hours + 1) for _ in range(4)]
    labels = [date[11:13] for date in told(by_hour, "date")]
    assert [date[11:] for date in told(quarters, "date")] == [
        f"{hour}:{minute}:00" for hour in labels for minute in ("00", "15", "30", "45")
    ]
    assert told(items(call, "devices/1", interval="day", **between), "used") == [
        sum(range(1, hours + 1))
    ]


def test_the_hour_that_clocks_repeat_is_there_twice_and_the_one_they_skip_never(call: Call) -> None:
    put(call, meter(1))
    for day in (SPRING, AUTUMN):
        post(call, 1, local(*day), used=[1] * 4)
    found = told(items(call, "devices/1", interval="hour"), "date")
    assert [date[11:13] for date in found] == ["00", "01", "03", "04", "00", "01", "01", "02"]


def test_quarter_hours_have_the_local_minute_where_hours_begin_at_the_half(call: Call) -> None:
    put(call, meter(1), timezone="Asia/Kolkata")
    post(
        call, 1, datetime.fromisoformat("2013-01-05T00:00:00+05:30"), QUARTER, used=[1, 2, 3, 4, 5]
    )
    found = items(call, "devices/1", interval="15min", start="2013-01-05", duration="1day")
    assert [date[11:16] for date in told(found, "date")] == [
        *("00:00", "00:15", "00:30", "00:45", "01:00")
    ]
    assert told(items(call, "devices/1", interval="hour"), "used") == [10, 5]


# --- Circuits -------------------------------------------------------------------------------------

NEW = meter(10, "used", "solar", "ashp", "barn")
OLD = meter(5, "used", "ashp", "stove")
HOUSE_ONLY = meter(99, "used", "solar")


def test_circuits_are_of_one_device_at_a_time_its_whole_row(call: Call) -> None:
    put(call, OLD, NEW, HOUSE_ONLY)
    post(call, 99, local(2013, 1, 5), used=[50, 50], solar=[-9, -9])
    post(call, 5, local(2013, 1, 5), used=[7, 7], ashp=[2, 2], stove=[1, 1])
    post(call, 10, local(2013, 1, 5, 1), used=[8], solar=[-3], barn=[0.5])
    ids = "used,ashp,stove,barn,solar,adjusted_load,all_other"
    found = items(call, f"circuits/{ids}", interval="hour")
    assert told(found, "date", "circuit", "actual") == [
        *(
            ("2013-01-05T00:00:00", circuit, kwh)
            for circuit, kwh in (("used", 7), ("ashp", 2), ("stove", 1), ("all_other", 4))
        ),
        *(
            ("2013-01-05T01:00:00", circuit, kwh)
            for circuit, kwh in (
                *(("used", 8), ("barn", 0.5), ("solar", -3)),
                *(("adjusted_load", 5), ("all_other", 7.5)),
            )
        ),
    ]
    assert items(call, "circuits/stove", interval="hour") == [found[2]]
    assert told(items(call, f"circuits/{ids}", interval="day"), "circuit", "actual") == [
        *(("used", 15), ("ashp", 2), ("stove", 1), ("barn", 0.5), ("solar", -3)),
        *(("adjusted_load", 12), ("all_other", 11.5)),
    ]


@pytest.mark.parametrize("interval", ["15min", "hour", "day", "month", "year"])
def test_circuits_are_what_the_view_of_usage_says(call: Call, interval: str) -> None:
    put(call, OLD, NEW, HOUSE_ONLY)
    post(call, 5, local(2013, 1, 5), used=[7, 7, 7], ashp=[2, 2, 2], stove=[1, 1, None])
    post(call, 10, local(2013, 2, 5, 1), used=[8], solar=[-3], barn=[0.5])
    for circuit in ("used", "ashp", "stove", "barn", "solar", "adjusted_load", "all_other"):
        found = told(items(call, f"circuits/{circuit}", interval=interval), "date", "actual")
        if interval == "15min":
            hours = told(items(call, f"circuits/{circuit}", interval="hour"), "actual")
            assert sum(actual for _, actual in found) == pytest.approx(sum(hours))
        elif circuit != "ashp":  # a view of its own
            view = call("GET", target("views/usage", interval=interval, circuit=circuit)).json
            said = told([one for one in view["items"] if "actual" in one], "date", "actual")
            begins = {"month": "-01", "year": "-01-01"}.get(interval, "")
            dates = {"month": 7, "year": 4}.get(interval, 100)
            assert found == [(f"{date[:dates]}{begins}", actual) for date, actual in said]


def test_an_item_of_a_month_keeps_its_date_when_earlier_data_come_late(call: Call) -> None:
    put(call, meter(10, "used", "barn"))
    later = {"interval": "month", "start": "2013-01-01", "duration": "1month"}
    for day in (9, 5):
        post(call, 10, local(2013, 1, day), used=[1], barn=[2])
        found = items(call, "circuits/barn", **later)
        assert told(found, "date", "actual") == [("2013-01-01", 2 if day == 9 else 4)]
        found = items(call, "devices/10", fields="barn", **later)
        assert told(found, "date") == ["2013-01-01"]


# --- Temperatures ---------------------------------------------------------------------------------


def test_temperatures_of_all_sensors_by_every_interval(call: Call) -> None:
    warm = {"warmth": {"quantity": "temperature"}}
    put(call, sensor(7, "outdoor"), meter(2, channels=warm), meter(3))
    minutes = timedelta(minutes=5)
    units = {"temperature": "degF", "humidity": "%"}
    post(call, 7, local(2013, 1, 5), minutes, units, temperature=[30, 33, 36], humidity=[40] * 3)
    post(call, 7, local(2013, 1, 5, 1), minutes, units, temperature=[60], humidity=[None])
    post(call, 2, local(2013, 1, 5), units="degC", warmth=[20])
    first = {"device": 2, "min_temperature": 68, "max_temperature": 68, "avg_temperature": 68}
    outdoor = {"device": 7, "location": "outdoor"}
    cold = {"min_temperature": 30, "max_temperature": 36, "avg_temperature": 33}
    humid = {"min_humidity": 40, "max_humidity": 40, "avg_humidity": 40}
    mild = {"min_temperature": 60, "max_temperature": 60, "avg_temperature": 60}
    quarters = items(call, "temperatures", interval="15min")
    assert quarters == [
        {**first, "date": "2013-01-05T00:00:00"},
        {**outdoor, "date": "2013-01-05T00:00:00", **cold, **humid},
        *({**first, "date": f"2013-01-05T00:{minute}:00"} for minute in (15, 30, 45)),
        {**outdoor, "date": "2013-01-05T01:00:00", **mild},
    ]
    assert items(call, "temperatures", interval="hour") == [
        quarters[0],
        quarters[1],
        {**outdoor, "date": "2013-01-05T01:00:00", **mild},
    ]
    both = {"min_temperature": 30, "max_temperature": 60, "avg_temperature": 46.5}
    for interval, date in (("day", "2013-01-05"), ("month", "2013-01-01"), ("year", "2013-01-01")):
        assert items(call, "temperatures", interval=interval) == [
            {**first, "date": date},
            {**outdoor, "date": date, **both, **humid},
        ]


def test_temperatures_may_be_some_fields_of_them(call: Call) -> None:
    put(call, sensor(7, "outdoor"))
    post(call, 7, local(2013, 1, 5), units="degF", temperature=[30, 50])
    found = items(call, "temperatures", interval="day", fields="avg_temperature,max_humidity")
    (one,) = found
    assert one == {
        "device": 7,
        "location": "outdoor",
        "date": "2013-01-05",
        "avg_temperature": 40,
    }
    assert items(call, "temperatures", interval="day", fields="max_humidity") == []
