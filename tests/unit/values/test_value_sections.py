"""What values say of devices, circuits and sensors."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.errors import BadRequest, NotFound
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.time.calendar import zone
from quarterhour.values import circuits, devices, temperatures
from quarterhour.values.items import Item, Section, items, plan
from tests.house_builders import NEW_YORK, at, both, device, gauges, house, sums

HOME = house(
    device(4, "used", "solar", "adjusted_load", priority=9),
    device(10, "used", "solar", "ashp", "barn", inside="temperature"),
    device(5, "used", "stove"),
    device(3, temperature="temperature", humidity="humidity", location="outdoor"),
    device(2, warmth="temperature", location="basement"),
    device(7, damp="humidity"),
    device(6, gallons="volume", role="main_water"),
    device(8, hdd="degree_days"),
)
ZONE = zone(NEW_YORK)
DAY, NEXT, MONTH = "2013-01-05", "2013-01-06", "2013-01-01"


def told(sections: list[Section], *found: Figures, interval: str = "day") -> list[Any]:
    """Return the items of figures found, as (date, id, figures)."""
    named = {str(place): figures for place, figures in enumerate(found)}
    return [
        (f"{ZONE.date_of(one.at_ms)}", one.id, one.figures)
        for one in items(sections, named, interval, ZONE)
    ]


def of_devices(*ids: int, fields: tuple[str, ...] = (), interval: str = "day") -> list[Section]:
    return devices.sections(HOME, ids, fields, interval)


def of_circuits(*ids: str, interval: str = "day") -> list[Section]:
    return circuits.sections(HOME, ids, (), interval)


# --- Devices --------------------------------------------------------------------------------------


def test_a_device_tells_all_its_channels_as_listed_and_then_their_net() -> None:
    found = sums(solar={DAY: -2}, used={DAY: 5}, adjusted_load={DAY: 3.5})
    ((_, _, figures),) = told(of_devices(4), found)
    assert [*figures.items()] == [("used", 5), ("solar", -2), ("adjusted_load", 3.5), ("net", 3)]


def test_fields_are_told_in_the_order_in_which_they_are_asked_for() -> None:
    found = sums(used={DAY: 5}, solar={DAY: -2})
    ((_, _, figures),) = told(of_devices(4, fields=("net", "used", "net")), found)
    assert [*figures.items()] == [("net", 3), ("used", 5)]


def test_net_is_where_both_are() -> None:
    found = sums(used={DAY: 5, NEXT: 6}, solar={NEXT: -1, "2013-01-07": -3})
    assert told(of_devices(4, fields=("net",)), found) == [(NEXT, 4, {"net": 5})]


def test_net_of_a_month_is_of_its_sums() -> None:
    found = sums(used={DAY: 5, NEXT: 6}, solar={NEXT: -1})
    month = told(of_devices(4, interval="month"), found, interval="month")
    assert month == [(MONTH, 4, {"used": 11, "solar": -1, "net": 10})]


def test_a_device_without_solar_has_no_net_of_its_own() -> None:
    assert told(of_devices(5), sums(used={DAY: 5}, stove={DAY: 1})) == [
        (DAY, 5, {"used": 5, "stove": 1})
    ]


def test_amounts_are_sums_and_gauges_the_means_of_their_hours() -> None:
    warm = gauges(temperature={DAY: (100, 4, 20, 31), NEXT: (10, 1, 10, 10)})
    damp = gauges(Quantity.HUMIDITY, humidity={DAY: (90, 2, 44, 46)})
    (month,) = told(of_devices(3, interval="month"), both(warm, damp), interval="month")
    assert month == (MONTH, 3, {"temperature": 22, "humidity": 45})
    gallons = sums(Quantity.VOLUME, gallons={DAY: 30, NEXT: 12})
    assert told(of_devices(6, interval="year"), gallons, interval="year") == [
        ("2013-01-01", 6, {"gallons": 42})
    ]
    assert told(of_devices(8), sums(Quantity.DEGREE_DAYS, hdd={DAY: 21})) == [(DAY, 8, {"hdd": 21})]


def test_items_are_by_date_and_then_in_the_order_of_the_devices() -> None:
    sections = of_devices(10, 4, 5)
    found = (sums(used={NEXT: 1}), sums(used={DAY: 2, NEXT: 3}), sums(used={DAY: 4, NEXT: 5}))
    assert [(date, one) for date, one, _ in told(sections, *found)] == [
        *((DAY, 4), (DAY, 5)),
        *((NEXT, 10), (NEXT, 4), (NEXT, 5)),
    ]


def test_an_item_is_dated_by_its_period_whatever_data_it_has() -> None:
    found = sums(used={DAY: 1}, stove={NEXT: 2})
    for interval, date in (("month", MONTH), ("year", "2013-01-01"), ("day", NEXT)):
        sections = of_devices(5, fields=("stove",), interval=interval)
        assert told(sections, found, interval=interval) == [(date, 5, {"stove": 2})]


def test_an_item_without_any_of_its_figures_is_absent() -> None:
    found = sums(used={DAY: 1}, stove={NEXT: 2})
    assert told(of_devices(5, fields=("stove",)), found) == [(NEXT, 5, {"stove": 2})]


def test_a_device_twice_is_there_once() -> None:
    assert [[*section.figures_of] for section in of_devices(4, 5, 4)] == [[4], [5]]


def test_an_unknown_device_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"^House 5 has no device 99\.$"):
        of_devices(4, 99)


def test_an_unknown_field_is_refused_with_what_there_is() -> None:
    with pytest.raises(BadRequest) as refused:
        of_devices(5, 6, fields=("used", "ashp"))
    (detail,) = refused.value.details
    assert detail.field == "fields"
    assert detail.reason == "'ashp' is not one of used, stove, solar, net, gallons"


@pytest.mark.parametrize("field", ["", " used", "Used", "x" * 5000])
def test_a_field_is_a_name_as_it_is_written(field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        of_devices(5, fields=("used", field))
    assert len(refused.value.details[0].reason) < 200


def test_used_solar_and_net_may_be_asked_of_any_device() -> None:
    sections = of_devices(3, 5, fields=("used", "solar", "net"))
    assert told(sections, Figures(), sums(used={DAY: 5})) == [(DAY, 5, {"used": 5})]


def test_a_device_is_read_for_its_own_whatever_its_rank() -> None:
    (section,) = of_devices(4, fields=("solar",))
    assert section.meter == virtual_meters.all_of(HOME, HOME.devices[0]).only("solar")
    (section,) = of_devices(4, fields=("net",))
    assert section.meter.measures == (Series("used"), Series("solar"))
    (section,) = of_devices(4, fields=("solar",), interval="month")
    assert section.meter == virtual_meters.all_of(HOME, HOME.devices[0])


# --- Circuits -------------------------------------------------------------------------------------


def test_circuits_are_those_of_the_house_and_what_is_made_of_them() -> None:
    found = sums(used={DAY: 9}, solar={DAY: -1}, ashp={DAY: 3}, barn={DAY: 0.5}, stove={DAY: 1})
    ids = ("stove", "ashp", "barn", "used", "solar", "adjusted_load", "all_other")
    assert told(of_circuits(*ids), found) == [
        (DAY, one, {"actual": kwh})
        for one, kwh in zip(ids, (1, 3, 0.5, 9, -1, 8, 4.5), strict=True)
    ]


def test_all_other_takes_a_circuit_without_data_for_0_and_needs_used() -> None:
    found = sums(used={DAY: 9}, ashp={DAY: 3, NEXT: 1})
    assert told(of_circuits("all_other"), found) == [(DAY, "all_other", {"actual": 6})]


def test_circuits_are_read_by_the_rule_of_circuit_energy() -> None:
    circuit_meter = virtual_meters.circuits(HOME)
    assert circuit_meter.parts
    (section,) = of_circuits("barn", "adjusted_load")
    assert section.meter == circuit_meter.only("barn", "used", "solar")
    (section,) = of_circuits("all_other", interval="15min")
    assert section.meter == circuit_meter.only("used", "ashp", "barn", "stove")
    (section,) = of_circuits("barn", interval="year")
    assert section.meter == circuit_meter


def test_a_circuit_s_month_begins_with_the_month() -> None:
    found = sums(used={DAY: 9}, ashp={NEXT: 3})
    month = told(of_circuits("ashp", "barn", interval="month"), found, interval="month")
    assert month == [(MONTH, "ashp", {"actual": 3})]


@pytest.mark.parametrize("circuit", ["attic", "inside", "summary", "all", "", "Barn", "barn "])
def test_an_unknown_circuit_is_not_found(circuit: str) -> None:
    with pytest.raises(NotFound) as refused:
        of_circuits("barn", circuit)
    assert refused.value.message == f"House 5 has no circuit {circuit}."


def test_a_house_without_circuits_knows_used_but_has_nothing_to_read() -> None:
    (section,) = circuits.sections(house(device(1, "used")), ["used"], (), "day")
    assert section.meter.measures == ()


def test_a_circuit_has_no_field_but_actual() -> None:
    ((meter, told_of, _),) = circuits.sections(HOME, ["barn"], ["actual"], "day")
    assert (meter, [*told_of]) == (of_circuits("barn")[0].meter, ["barn"])
    with pytest.raises(BadRequest, match=r"^There is no such field here\.$"):
        circuits.sections(HOME, ["barn"], ["used"], "day")


# --- Temperatures ---------------------------------------------------------------------------------


def test_temperatures_are_of_every_device_that_has_one_by_id() -> None:
    assert [[*section.figures_of] for section in temperatures.sections(HOME, ())] == [
        [2],
        [3],
        [10],
    ]


def test_a_sensor_tells_extremes_and_the_mean_of_its_hours() -> None:
    warm = gauges(temperature={DAY: (100, 4, 20, 31), NEXT: (10, 1, 10, 10)})
    damp = gauges(Quantity.HUMIDITY, humidity={NEXT: (90, 2, 44, 46)})
    found = (Figures(), both(warm, damp), Figures())
    (month,) = told(temperatures.sections(HOME, ()), *found, interval="month")
    assert month == (
        MONTH,
        3,
        {
            "min_temperature": 10,
            "max_temperature": 31,
            "avg_temperature": 22,
            "min_humidity": 44,
            "max_humidity": 46,
            "avg_humidity": 45,
        },
    )


def test_a_sensor_s_fields_may_be_chosen() -> None:
    warm = gauges(warmth={DAY: 50})
    fields = ("max_temperature", "min_humidity")
    found = told(temperatures.sections(HOME, fields), warm, Figures(), Figures())
    assert found == [(DAY, 2, {"max_temperature": 50})]
    with pytest.raises(BadRequest) as refused:
        temperatures.sections(HOME, ("temperature",))
    assert "min_temperature, max_temperature, avg_temperature" in refused.value.details[0].reason


def test_a_sensor_is_read_for_its_gauges_alone() -> None:
    measures = [one.meter.measures for one in temperatures.sections(HOME, ())]
    assert measures == [
        (Series("warmth", Quantity.TEMPERATURE),),
        (Series("temperature", Quantity.TEMPERATURE), Series("humidity", Quantity.HUMIDITY)),
        (Series("inside", Quantity.TEMPERATURE),),
    ]


# --- Rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "grain"),
    [
        ("15min", Grain.QUARTER),
        ("hour", Grain.HOUR),
        ("day", Grain.DAY),
        ("month", Grain.DAY),
        ("year", Grain.DAY),
    ],
)
def test_rows_are_quarter_hours_hours_or_the_days_of_the_range(interval: str, grain: Grain) -> None:
    sections = of_devices(4, 5, interval=interval)
    assert plan(sections, interval, at(DAY), at(NEXT)) == {
        str(place): RowQuery(section.meter, grain, at(DAY), at(NEXT))
        for place, section in enumerate(sections)
    }


def test_hours_of_one_label_are_items_of_their_own() -> None:
    first, second = (at("2013-11-03 01", nth) for nth in (1, 2))
    sections = of_devices(5, interval="hour")
    assert items(sections, {"0": sums(used={first: 1, second: 2})}, "hour", ZONE) == [
        Item(first, 5, {"used": 1}, {"used": 1}),
        Item(second, 5, {"used": 2}, {"used": 1}),
    ]


def test_years_and_months_are_local() -> None:
    found = sums(used={"2012-12-31": 1, "2013-01-01": 2, "2013-01-31": 3, "2013-02-01": 4})
    months = told(of_devices(5, interval="month"), found, interval="month")
    assert [(date, one["used"]) for date, _, one in months] == [
        *(("2012-12-01", 1), ("2013-01-01", 5), ("2013-02-01", 4))
    ]
    years = told(of_devices(5, interval="year"), found, interval="year")
    assert [(date, one["used"]) for date, _, one in years] == [("2012-01-01", 1), ("2013-01-01", 9)]
