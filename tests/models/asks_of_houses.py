"""What is asked of a house: meters as views ask for them, and as they are known by hand."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from quarterhour.query.rows import Figures, Found
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import MAIN_WATER, House
from quarterhour.sites.virtual_meters import Meter
from tests.models import meters_by_hand
from tests.models.houses_at_random import Entry
from tests.models.local_time import hour_of, midnight, wall
from tests.models.meters_by_hand import Measured

Answer = Mapping[Measured, Mapping[int, tuple[float, ...]]]


class Ask(NamedTuple):
    """A meter, as a view asks for it and as it is known by hand."""

    meter: Callable[[House], Meter]
    by_hand: Callable[[Entry], meters_by_hand.Meter]


def _outdoor_humidity(house: House) -> Meter:
    return virtual_meters.humidity(house, virtual_meters.outdoor(house))


ASKS = {
    "energy": Ask(virtual_meters.energy, meters_by_hand.energy),
    "solar": Ask(
        lambda house: virtual_meters.energy(house).only("solar"),
        lambda entry: meters_by_hand.energy(entry).only("solar"),
    ),
    "circuits": Ask(virtual_meters.circuits, meters_by_hand.circuits),
    "dryer": Ask(
        lambda house: virtual_meters.circuits(house).only("dryer"),
        lambda entry: meters_by_hand.circuits(entry).only("dryer"),
    ),
    "hours of energy": Ask(
        lambda house: virtual_meters.hourly(virtual_meters.energy(house)),
        lambda entry: meters_by_hand.hourly(meters_by_hand.energy(entry)),
    ),
    "hours of degree days": Ask(
        lambda house: virtual_meters.hourly(virtual_meters.degree_days(house)),
        lambda entry: meters_by_hand.hourly(meters_by_hand.degree_days(entry)),
    ),
    "degree days": Ask(virtual_meters.degree_days, meters_by_hand.degree_days),
    "temperature": Ask(
        lambda house: virtual_meters.temperature(house, virtual_meters.outdoor(house)),
        lambda entry: meters_by_hand.outdoor(entry, "t"),
    ),
    "humidity": Ask(_outdoor_humidity, lambda entry: meters_by_hand.outdoor(entry, "h")),
    "water": Ask(lambda house: virtual_meters.water(house, MAIN_WATER), meters_by_hand.water),
}


def asked_by(entry: Entry, name: str, grain: str) -> Ask | None:
    """Return what is asked by a name; None where it is not there: a device that is left out.

    Degree days of a temperature are of hours, as what is hourly: nobody may ask for those of
    quarter hours.
    """
    if name in ASKS:
        meter = ASKS[name].by_hand(entry)
        is_of_hours = any(one.code in "xEDX" for one in meter.measures)
        return None if is_of_hours and grain == "15min" else ASKS[name]
    device_id = int(name.removeprefix("all of "))
    if all(one["id"] != device_id for one in entry["devices"]):
        return None

    def of_house(house: House) -> Meter:
        return next(
            virtual_meters.all_of(house, one) for one in house.devices if one.id == device_id
        )

    return Ask(of_house, lambda entry: meters_by_hand.all_of(entry, device_id))


def local(zone: str, grain: str, start: int, end: int) -> tuple[str, int, int]:
    """Return what is asked for with the ends moved to local midnights, or firsts of months.

    Hours and less may end within a day.
    """
    first, last = (wall(zone, at).date() for at in (start, end))
    if grain == "month":
        first = first.replace(day=1)
        last = (last.replace(day=1) + timedelta(31)).replace(day=1)
    begin, until = midnight(zone, first), midnight(zone, max(last, first + timedelta(1)))
    return grain, begin, until if grain in {"day", "month"} else hour_of(zone, end)


def answers(found: Found) -> dict[str, Answer]:
    return {name: _answer(figures) for name, figures in found.items()}


def _answer(figures: Figures) -> Answer:
    sums = {
        Measured(one.channel, str(one.quantity)): {at: (figure,) for at, figure in rows.items()}
        for one, rows in figures.sums.items()
    }
    gauges = {
        Measured(one.channel, str(one.quantity)): {at: row[1:] for at, row in rows.items()}
        for one, rows in figures.gauges.items()
    }
    return {**sums, **gauges}
