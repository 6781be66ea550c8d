"""The view `temperature`: what one sensor showed, and the house's degree days meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

from quarterhour.energy.aggregate import Row
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.errors import Detail, NotFound
from quarterhour.query.asked import Asked, day_grain, in_range
from quarterhour.query.periods import present, shown, total, totals_and_items, with_data
from quarterhour.query.rows import Figures, Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.site import Device
from quarterhour.sites.virtual_meters import Meter


def plan(asked: Asked, house: House) -> Plan:
    """Want what the sensor showed, and degree days; NotFound where there is no such sensor.

    By the hour, for degree days count in hours with data of the sensor; days do where they are
    made of its own hours.
    """
    sensor = _sensor(asked, house)
    warmth, damp = virtual_meters.temperature(house, sensor), virtual_meters.humidity(house, sensor)
    gauges = Meter(warmth.source, warmth.measures + damp.measures)
    hdd = virtual_meters.degree_days(house)
    grain = day_grain(asked) if hdd == _heating(warmth) else Grain.HOUR
    return {
        "shown": in_range(gauges, grain, asked, house.zone),
        "hdd": in_range(hdd, grain, asked, house.zone),
    }


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return degF, % and degree days F of the times in which the sensor has data."""
    warmth, damp = (
        _gauge(found["shown"], one) for one in (Quantity.TEMPERATURE, Quantity.HUMIDITY)
    )
    hdd = found["hdd"].only_sum

    def told(rows: Sequence[int]) -> dict[str, float]:
        heat, moisture = shown(warmth, rows), shown(damp, rows)
        return {
            **_extremes("temperature", heat),
            **({"avg_temperature": heat.mean} if heat else {}),
            **_extremes("humidity", moisture),
            **present(sum_hdd=total(hdd, rows)),
        }

    return {
        "view": "temperature",
        "interval": asked.interval,
        "location": asked.location,
        **totals_and_items(with_data(found["shown"]), asked, house.zone, told),
    }


def _sensor(asked: Asked, house: House) -> Device:
    for one in house.devices:
        if str(one.id) == asked.location and one.of_quantity(Quantity.TEMPERATURE):
            return one
    raise NotFound(
        f"There is no temperature device {asked.location[:40]}.",
        [Detail("must be the id of a device of the house that has a temperature", "location")],
    )


def _heating(warmth: Meter) -> Meter:
    measures = (Series(one.channel, Quantity.HEATING) for one in warmth.measures)
    return Meter(warmth.source, tuple(measures))


def _gauge(figures: Figures, quantity: Quantity) -> Mapping[int, Row]:
    return next((rows for one, rows in figures.gauges.items() if one.quantity is quantity), {})


def _extremes(name: str, gauge: Row | None) -> dict[str, float]:
    return {f"min_{name}": gauge.least, f"max_{name}": gauge.most} if gauge else {}
