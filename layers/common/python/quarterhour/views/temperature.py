"""The view `temperature`: what one sensor showed, and the house's degree days meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

from quarterhour.energy.profile import Row
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


def plan(question: Asked, house: House) -> Plan:
    """Want what the sensor showed, and degree days; NotFound where there is no such sensor.

    By the hour, for degree days count in hours with data of the sensor; days do where they are
    made of its own hours.
    """
    sensor = _sensor(question, house)
    warmth, damp = virtual_meters.temperature(house, sensor), virtual_meters.humidity(house, sensor)
    gauges = Meter(warmth.source, warmth.measures + damp.measures)
    hdd = virtual_meters.degree_days(house)
    grain = day_grain(question) if hdd == _heating(warmth) else Grain.HOUR
    return {
        "shown": in_range(gauges, grain, question, house.zone),
        "hdd": in_range(hdd, grain, question, house.zone),
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return degF, % and degree days F of the times in which the sensor has data."""
    warmth, damp = (
        _gauge(results["shown"], quantity) for quantity in (Quantity.TEMPERATURE, Quantity.HUMIDITY)
    )
    hdd = results["hdd"].only_sum

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        heat, moisture = shown(warmth, rows), shown(damp, rows)
        return {
            **_extremes("temperature", heat),
            **({"avg_temperature": heat.mean} if heat else {}),
            **_extremes("humidity", moisture),
            **present(sum_hdd=total(hdd, rows)),
        }

    return {
        "view": "temperature",
        "interval": question.interval,
        "location": question.location,
        **totals_and_items(with_data(results["shown"]), question, house.zone, figures_of),
    }


def _sensor(question: Asked, house: House) -> Device:
    for device in house.devices:
        if str(device.id) == question.location and device.of_quantity(Quantity.TEMPERATURE):
            return device
    raise NotFound(
        f"There is no temperature device {question.location[:40]}.",
        [Detail("must be the id of a device of the house that has a temperature", "location")],
    )


def _heating(warmth: Meter) -> Meter:
    measures = (Series(measure.channel, Quantity.HEATING) for measure in warmth.measures)
    return Meter(warmth.source, tuple(measures))


def _gauge(figures: Figures, quantity: Quantity) -> Mapping[int, Row]:
    return next(
        (rows for measure, rows in figures.gauges.items() if measure.quantity is quantity), {}
    )


def _extremes(name: str, gauge: Row | None) -> dict[str, float]:
    return {f"min_{name}": gauge.least, f"max_{name}": gauge.most} if gauge else {}
