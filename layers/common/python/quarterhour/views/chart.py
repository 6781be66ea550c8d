"""The view `chart`: the hours of one day, what the house used and how warm it was inside."""

from collections.abc import Mapping
from typing import Any

from quarterhour.energy.quantities import WH_PER_KWH, Quantity
from quarterhour.errors import BadRequest, Detail
from quarterhour.query.asked import Asked
from quarterhour.query.periods import clock, present
from quarterhour.query.rows import Found, Grain, Plan, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import FIRST_FLOOR, OUTDOOR, House
from quarterhour.sites.site import Device, by_rank
from quarterhour.views.balance import Balance

_NEEDED = "is required: a day, as 2013-01-05"
# In the order of the answer; other locations follow by name.
FLOORS = (FIRST_FLOOR, "second_floor", "basement", OUTDOOR)


def plan(question: Asked, house: House) -> Plan:
    """Want the hours of the local day of `start`, which must be given; nothing after it."""
    if question.start is None:
        raise BadRequest("The chart is of one day: start says which.", [Detail(_NEEDED, "start")])
    begin = house.zone.begin(question.start)
    day = begin, house.zone.next_day(begin)
    meters = {
        "energy": virtual_meters.energy(house),
        "circuits": virtual_meters.circuits(house),
        "hdd": virtual_meters.degree_days(house),
        **{
            name: virtual_meters.temperature(house, sensor)
            for name, sensor in _thermometers(house).items()
        },
    }
    return {name: RowQuery(meter, Grain.HOUR, *day) for name, meter in meters.items()}


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return Wh, degF and degree days F of the hours with a first-floor temperature."""
    balance, hdd = Balance(house, results), results["hdd"].only_sum
    warmth = {name: results[name].only_gauge for name in _thermometers(house)}
    return {
        "view": "chart",
        "interval": question.interval,
        "hours": [
            {
                "date": clock(at, house.zone),
                **_wh(balance.of_house(at)),
                **{name: rows[at].mean for name, rows in warmth.items() if at in rows},
                **present(hdd=hdd.get(at)),
                **_wh(balance.of_circuits(at)),
            }
            for at in warmth.get(_temp(FIRST_FLOOR), ())
        ],
    }


def _thermometers(house: House) -> dict[str, Device]:
    """Return by the name of its figure the sensor of each location that counts there."""
    sensors = [
        device for device in by_rank(house.devices) if device.of_quantity(Quantity.TEMPERATURE)
    ]
    by_location = {sensor.location: sensor for sensor in reversed(sensors) if sensor.location}
    others = sorted(by_location.keys() - FLOORS)
    return {_temp(name): by_location[name] for name in (*FLOORS, *others) if name in by_location}


def _temp(location: str) -> str:
    return f"{location}_temp"


def _wh(energies: Mapping[str, float]) -> dict[str, float]:
    return {name: kwh * WH_PER_KWH for name, kwh in energies.items()}
