"""The energy of the sample house by the hour, in Wh: every circuit's, what is beside, the panels'.

A circuit is a rule of what an hour is like, and some noise.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from local.demo.house.hours import Hour, hour

# Between these outdoor temperatures the heat pump rests.
_BALANCE_F = 62.0
_COOLING_F = 77.0
_FROST_F = 30.0

_PANELS_WH = 5_200
# Above this share of sunshine nobody needs a lamp.
_LIGHT = 0.1
_DAMP_MONTHS = range(5, 11)

_LAMPS, _CIRCUITS = 1, 2


def solar_wh(at: datetime) -> float:
    """Return what the panels draw at night, or minus what they generate."""
    share = hour(at).sunshine
    return -_PANELS_WH * share if share else 3.1


@lru_cache(maxsize=1024)
def circuits_wh(at: datetime) -> Mapping[str, float]:
    """Return the energy of every circuit, in the order of the catalogue."""
    now = hour(at)
    return {
        circuit: max(0.0, load(now)) * (1 + 0.06 * now.chance(_CIRCUITS + nth))
        for nth, (circuit, load) in enumerate(LOADS.items())
    }


def other_wh(at: datetime) -> float:
    """Return the energy that no circuit monitors: most of the lights."""
    now = hour(at)
    lit = 0 if now.sunshine > _LIGHT else 130 if now.between(6, 23) else 15
    return (70 + lit) * (1 + 0.15 * now.chance(_LAMPS))


def _heat_pump(now: Hour) -> float:
    """Heat below the balance point, at a worse rate the colder it is; cool on hot days."""
    heating = max(0.0, _BALANCE_F - now.outdoor_f) * (1 - 0.22 * now.sunshine)
    thrift = 0.75 if now.between(0, 5) else 1.25 if now.between(5, 8) else 1.0
    cooling = max(0.0, now.outdoor_f - _COOLING_F)
    return 6 + 13 * heating * thrift * (1 + 0.007 * heating) + 45 * cooling


def _water_heater(now: Hour) -> float:
    return 9 + 85 * now.hot_gal


def _water_pump(now: Hour) -> float:
    return 2.6 * now.main_gal


def _dryer(now: Hour) -> float:
    return 1_950.0 if now.day.laundry and now.between(11, 13) else 0.0


def _washer(now: Hour) -> float:
    return 240.0 if now.day.laundry and now.between(10, 12) else 1.2


def _dishwasher(now: Hour) -> float:
    return 880.0 if now.day.dishes and now.between(20, 21) else 1.0


def _stove(now: Hour) -> float:
    breakfast = 250 if now.is_off and now.between(9, 10) else 0
    return 2.4 + breakfast + (1_300 * now.day.oven if now.between(17, 19) else 0)


def _refrigerator(now: Hour) -> float:
    return 46 + max(0.0, now.outdoor_f - 50) * 0.4


def _living_room(now: Hour) -> float:
    return 14 + (150 if now.between(18, 23) else 30 if now.between(7, 9) else 0)


def _aux_heat_bedrooms(now: Hour) -> float:
    return 0.0 if now.between(7, 21) else 55 * (26 - now.outdoor_f)


def _aux_heat_living(now: Hour) -> float:
    return 48 * (20 - now.outdoor_f) if now.between(6, 22) else 0.0


def _study(now: Hour) -> float:
    working = not now.is_off and now.between(9, 17)
    return 22 + (135 * now.day.study if working else 0)


def _barn(now: Hour) -> float:
    trough = 90 if now.outdoor_f < _FROST_F else 0
    return 4 + trough + (120 if now.clock in {6, 17} else 0)


def _basement_west(now: Hour) -> float:
    """Dry the basement while it is damp."""
    return 5 + (180 if now.month in _DAMP_MONTHS and now.clock % 3 else 0)


def _basement_east(_: Hour) -> float:
    return 38.0


def _ventilation(_: Hour) -> float:
    return 62.0


def _ventilation_preheat(now: Hour) -> float:
    return 24 * (18 - now.outdoor_f)


def _kitchen_recept_rt(now: Hour) -> float:
    return 6 + (190 if now.between(7, 8) else 70 if now.clock in {12, 18} else 0)


LOADS: dict[str, Callable[[Hour], float]] = {
    "water_heater": _water_heater,
    "ashp": _heat_pump,
    "water_pump": _water_pump,
    "dryer": _dryer,
    "washer": _washer,
    "dishwasher": _dishwasher,
    "stove": _stove,
    "refrigerator": _refrigerator,
    "living_room": _living_room,
    "aux_heat_bedrooms": _aux_heat_bedrooms,
    "aux_heat_living": _aux_heat_living,
    "study": _study,
    "barn": _barn,
    "basement_west": _basement_west,
    "basement_east": _basement_east,
    "ventilation": _ventilation,
    "ventilation_preheat": _ventilation_preheat,
    "kitchen_recept_rt": _kitchen_recept_rt,
}
