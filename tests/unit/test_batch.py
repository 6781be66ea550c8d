"""What a POST gives a ship, or a device of a house, before any of it is stored."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted, Reading, Series
from quarterhour.errors import BadRequest
from quarterhour.http.ingest.house import HouseBatch
from quarterhour.http.ingest.ship import ShipBatch
from quarterhour.sites.batch import Batch
from quarterhour.sites.site import Site
from quarterhour.sites.sources import Source
from quarterhour.time.instants import LAST_MS, parse
from tests.builders import batch, channel_batch, reading, values
from tests.house_builders import device, house

MIDNIGHT = parse("2018-08-24T00:00:00Z")
HOUR = 3_600_000
AT_ONE = "2018-08-24T01:00:00Z"


def of_house(*data: Any, **more: Any) -> Batch:
    """Return what a batch gives a meter with solar energy and a temperature."""
    meter = device(1, "used", "solar", outside="temperature")
    body = HouseBatch.model_validate(channel_batch(*data, **more))
    return body.batch(house(meter), 1, LAST_MS)


def of_ship(*data: Any, **more: Any) -> Batch:
    """Return what a batch gives ship 77."""
    return ShipBatch.model_validate(batch([*data], ship=77, **more)).batch(LAST_MS)


def of(channel: str, quantity: Quantity = Quantity.ENERGY) -> Series:
    return Series(channel, quantity)


# --- A device of a house --------------------------------------------------------------------------


def test_each_channel_is_a_series_sorted_by_time_that_knows_its_places() -> None:
    found = of_house(values(AT_ONE, used=2, solar=-1), values(used=1), values(AT_ONE, used=2.0))
    assert found.series == {
        of("used"): [Posted(1, MIDNIGHT, 1), Posted(0, MIDNIGHT + HOUR, 2)],
        of("solar"): [Posted(0, MIDNIGHT + HOUR, -1)],
    }
    assert (found.start_ms, found.end_ms) == (MIDNIGHT, MIDNIGHT + HOUR)
    assert (found.instants, found.values, found.source) == (2, 3, Source("H5", "1"))


def test_a_channel_without_a_value_is_no_series() -> None:
    units = {"used": "kWh", "solar": "W"}
    assert [*of_house(values(used=1, solar=None), units=units).series] == [of("used")]


def test_minus_zero_is_zero_from_the_start() -> None:
    found = of_house(values(solar=-0.0, used=-0.0))
    assert [str(one.value) for posted in found.series.values() for one in posted] == ["0.0", "0.0"]


def test_minus_zero_degrees_c_are_as_warm_as_any() -> None:
    found = of_house(values(outside=-0.0), units="degC")
    assert found.series == {of("outside", Quantity.TEMPERATURE): [Posted(0, MIDNIGHT, 32)]}


def test_every_reading_has_the_declared_interval() -> None:
    for declared, interval_ms in (({}, 0), ({"interval": "PT15M"}, HOUR // 4)):
        found = of_house(values(used=1, solar=-1), **declared)
        assert not found.periods
        assert found.readings() == {
            of("used"): [Reading(MIDNIGHT, 1, interval_ms)],
            of("solar"): [Reading(MIDNIGHT, -1, interval_ms)],
        }


# --- A ship ---------------------------------------------------------------------------------------


def test_a_ship_is_a_site_of_one_device_with_one_channel_in_utc() -> None:
    found = of_ship(reading(AT_ONE, 2000), reading(value=1000), units="W", interval="PT1H")
    assert found.site == Site.of_ship(77)
    assert (found.site.zone.name, found.source) == ("UTC", Source("S77"))
    assert found.readings() == {
        of("used", Quantity.POWER): [Reading(MIDNIGHT, 1, HOUR), Reading(MIDNIGHT + HOUR, 2, HOUR)]
    }


# Rule 5: one instant, one value.


def test_an_equal_duplicate_counts_once() -> None:
    found = of_ship(reading(value=4), reading(value=4.0))
    assert found.series == {of("used"): [Posted(0, MIDNIGHT, 4.0)]}


def test_values_are_equal_where_what_is_stored_is() -> None:
    found = of_ship(reading(value=1.9600000000000002), reading(value=1.9600000000000004), units="W")
    assert found.values == 1


def test_every_reading_of_a_twice_valued_instant_is_named() -> None:
    # Rule 6: a refused batch names every bad reading.
    data = [(0, 1.0), (1, 2.0), (0, 3.0), (5, 4.0), (1, 5.0)]
    with pytest.raises(BadRequest, match="two values for one instant") as refused:
        of_ship(*(reading(f"2018-08-24T0{hour}:00:00Z", value) for hour, value in data))
    assert [(each.index, each.field) for each in refused.value.details] == [
        (2, "value"),
        (4, "value"),
    ]


def test_minus_zero_is_zero_so_both_are_one_value() -> None:
    found = of_ship(reading(value=0.0), reading(value=-0.0))
    assert [str(each.value) for each in found.series[of("used")]] == ["0.0"]
