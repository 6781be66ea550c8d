"""What a POST of many channels gives a device, before any of it is stored."""

from typing import Any

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted, Reading, Series
from quarterhour.http.ingest.house import HouseBatch
from quarterhour.sites.postings import Posting
from quarterhour.time.instants import parse
from tests.builders import channel_batch, values
from tests.house_builders import device, house

MIDNIGHT = parse("2018-08-24T00:00:00Z")
HOUR = 3_600_000
AT_ONE = "2018-08-24T01:00:00Z"


def posting(*data: Any, **more: Any) -> Posting:
    """Return what a batch gives a meter with solar energy and a temperature."""
    meter = device(1, "used", "solar", outside="temperature")
    return HouseBatch.model_validate(channel_batch(*data, **more)).posting(
        house(meter), device_id=1
    )


def of(channel: str, quantity: Quantity = Quantity.ENERGY) -> Series:
    return Series(channel, quantity)


def test_each_channel_is_a_series_sorted_by_time_that_knows_its_places() -> None:
    found = posting(values(AT_ONE, used=2, solar=-1), values(used=1), values(AT_ONE, used=2.0))
    assert found.series == {
        of("used"): [Posted(1, MIDNIGHT, 1), Posted(0, MIDNIGHT + HOUR, 2)],
        of("solar"): [Posted(0, MIDNIGHT + HOUR, -1)],
    }
    assert (found.instants, found.values) == ([MIDNIGHT, MIDNIGHT + HOUR], 3)


def test_a_channel_without_a_value_is_no_series() -> None:
    units = {"used": "kWh", "solar": "W"}
    assert [*posting(values(used=1, solar=None), units=units).series] == [of("used")]


def test_minus_zero_is_zero_from_the_start() -> None:
    found = posting(values(solar=-0.0, used=-0.0))
    assert [str(one.value) for posted in found.series.values() for one in posted] == ["0.0", "0.0"]


def test_minus_zero_degrees_c_are_as_warm_as_any() -> None:
    found = posting(values(outside=-0.0), units="degC")
    assert found.series == {of("outside", Quantity.TEMPERATURE): [Posted(0, MIDNIGHT, 32)]}


def test_every_reading_has_the_declared_interval() -> None:
    for declared, interval_ms in (({}, 0), ({"interval": "PT15M"}, HOUR // 4)):
        found = posting(values(used=1, solar=-1), **declared)
        assert not found.has_totals
        assert found.readings() == {
            of("used"): [Reading(MIDNIGHT, 1, interval_ms)],
            of("solar"): [Reading(MIDNIGHT, -1, interval_ms)],
        }
