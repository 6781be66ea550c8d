"""The view `temperature`: what one sensor showed, and the house's degree days meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Any

from quarterhour.energy.ladder import Gauge
from quarterhour.energy.measures import Kind, Measure
from quarterhour.errors import Detail, NotFound
from quarterhour.query.asked import Asked
from quarterhour.query.periods import present, total
from quarterhour.query.rows import Figures, Found, Grain, Plan
from quarterhour.query.wants import day_grain, in_range
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.site import Device
from quarterhour.sites.virtual_meters import Meter
from quarterhour.views.items import totals_and_items, with_data


def plan(asked: Asked, house: House) -> Plan:
    """Want what the sensor showed, and degree days; NotFound where there is no such sensor.

    By the hour, for degree days count in hours with data of the sensor; days do where they are
    made of its own hours.
    """
    sensor = _sensor(asked, house)
    warmth, damp = virtual_meters.temperature(house, sensor), virtual_meters.humidity(house, sensor)
    shown = Meter(warmth.source, warmth.measures + damp.measures)
    hdd = virtual_meters.degree_days(house)
    grain = day_grain(asked) if hdd == _heating(warmth) else Grain.HOUR
    return {
        "shown": in_range(shown, grain, asked, house.zone),
        "hdd": in_range(hdd, grain, asked, house.zone),
    }


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return degF, % and degree days F of the times in which the sensor has data."""
    warmth, damp = (_gauge(found["shown"], one) for one in (Kind.TEMPERATURE, Kind.HUMIDITY))
    hdd = found["hdd"].only_sum

    def told(rows: Sequence[int]) -> dict[str, float]:
        return {
            **_extremes("temperature", warmth, rows),
            **present(avg_temperature=_mean(warmth, rows)),
            **_extremes("humidity", damp, rows),
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
        if str(one.id) == asked.location and one.of_kind(Kind.TEMPERATURE):
            return one
    raise NotFound(
        f"There is no temperature device {asked.location[:40]}.",
        [Detail("must be the id of a device of the house that has a temperature", "location")],
    )


def _heating(warmth: Meter) -> Meter:
    measures = (Measure(one.channel, Kind.HEATING) for one in warmth.measures)
    return Meter(warmth.source, tuple(measures))


def _gauge(figures: Figures, kind: Kind) -> Mapping[int, Gauge]:
    return next((rows for one, rows in figures.gauges.items() if one.kind is kind), {})


def _extremes(name: str, gauge: Mapping[int, Gauge], rows: Iterable[int]) -> dict[str, float]:
    shown = [gauge[at] for at in rows if at in gauge]
    if not shown:
        return {}
    return {
        f"min_{name}": min(one.least for one in shown),
        f"max_{name}": max(one.most for one in shown),
    }


def _mean(gauge: Mapping[int, Gauge], rows: Iterable[int]) -> float | None:
    """Return the plain mean of the hours with data."""
    shown = [gauge[at] for at in rows if at in gauge]
    return fsum(one.total for one in shown) / sum(one.hours for one in shown) if shown else None
