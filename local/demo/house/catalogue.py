"""The sample house as its catalogue entry describes it: ten devices, 18 circuits; its budgets."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from local.demo.house.circuits import LOADS
from local.demo.house.hours import ZONE

_ENERGY = {"quantity": "energy"}
_SIGNED = {"quantity": "energy", "signed": True}
_METER = {"used": _ENERGY, "solar": _SIGNED}
_MONITOR = {**_METER, "adjusted_load": _SIGNED, **dict.fromkeys(LOADS, _ENERGY)}
_SENSOR = {"temperature": {"quantity": "temperature"}, "humidity": {"quantity": "humidity"}}
_WATER = {"gallons": {"quantity": "volume"}}


class Id(IntEnum):
    """The devices. Frontends show device 0 where nobody says which temperature."""

    OUTDOOR = 0
    FIRST_FLOOR = 1
    SECOND_FLOOR = 2
    BASEMENT = 3
    MAIN_WATER = 4
    HOT_WATER = 5
    OLD_METER = 6
    NEW_METER = 7
    OLD_MONITOR = 8
    NEW_MONITOR = 9
    HDD_STATION = 10


# The meters come before the monitors, which measure `used` and `solar` as well; among the
# monitors, as by default, the one with the higher id comes first.
DEVICES: dict[int, dict[str, Any]] = {
    Id.OUTDOOR: {"name": "Outdoors", "channels": _SENSOR, "location": "outdoor"},
    Id.FIRST_FLOOR: {"name": "First floor", "channels": _SENSOR, "location": "first_floor"},
    Id.SECOND_FLOOR: {"name": "Second floor", "channels": _SENSOR, "location": "second_floor"},
    Id.BASEMENT: {"name": "Basement", "channels": _SENSOR, "location": "basement"},
    Id.MAIN_WATER: {"name": "Main water", "channels": _WATER, "role": "main_water"},
    Id.HOT_WATER: {"name": "Hot water", "channels": _WATER, "role": "hot_water"},
    Id.OLD_METER: {"name": "Energy meter (old)", "channels": _METER, "priority": 20},
    Id.NEW_METER: {"name": "Energy meter", "channels": _METER, "priority": 21},
    Id.OLD_MONITOR: {"name": "Circuit monitor (old)", "channels": _MONITOR},
    Id.NEW_MONITOR: {"name": "Circuit monitor", "channels": _MONITOR},
}

# Only in a house that is asked to have one.
_STATION = {
    "name": "Weather station",
    "channels": {"hdd": {"quantity": "degree_days"}},
    "role": "hdd_station",
}

_CIRCUITS = {
    "water_heater": ("Water heater", "Heat pump water heater in the basement"),
    "ashp": ("Heat pump", "Air source heat pump, heats and cools the house"),
    "water_pump": ("Water pump", "Pump of the well"),
    "dryer": ("Dryer", "Clothes dryer"),
    "washer": ("Washer", "Clothes washer"),
    "dishwasher": ("Dishwasher", ""),
    "stove": ("Stove", "Stove and oven"),
    "refrigerator": ("Refrigerator", ""),
    "living_room": ("Living room", "Receptacles of the living room"),
    "aux_heat_bedrooms": ("Heaters, bedrooms", "Electric heaters, for the coldest nights"),
    "aux_heat_living": ("Heater, living room", "Electric heater, for the coldest days"),
    "study": ("Study", "Receptacles of the study"),
    "barn": ("Barn", "Lights and the heated trough"),
    "basement_west": ("Basement, west", "Dehumidifier and freezer"),
    "basement_east": ("Basement, east", "Network and alarm"),
    "ventilation": ("Ventilation", "Heat recovery ventilator"),
    "ventilation_preheat": ("Ventilation, preheating", "Keeps the ventilator free of frost"),
    "kitchen_recept_rt": ("Kitchen, right", "Receptacles right of the sink"),
}

# January first: solar and used in kWh, degree days F, gallons.
_BUDGETS = (
    (-440, 1_050, 1_200, 2_100),
    (-530, 930, 1_050, 1_950),
    (-700, 770, 860, 2_050),
    (-770, 630, 560, 2_050),
    (-820, 610, 210, 2_100),
    (-840, 590, 60, 2_100),
    (-850, 630, 20, 2_150),
    (-790, 620, 20, 2_150),
    (-730, 590, 110, 2_050),
    (-640, 680, 390, 2_100),
    (-470, 700, 700, 2_000),
    (-420, 890, 1_020, 2_100),
)


def devices(*, hdd_station: bool) -> dict[int, dict[str, Any]]:
    """Return the devices by id; with a weather station they are eleven."""
    return {**DEVICES, Id.HDD_STATION: _STATION} if hdd_station else DEVICES


def entry(*, hdd_station: bool) -> dict[str, Any]:
    """Return the body of the PUT that makes the house."""
    circuits = [
        {"circuit_id": circuit, "name": name, "description": description}
        for circuit, (name, description) in _CIRCUITS.items()
    ]
    return {
        "name": "The sample house",
        "sname": "Sample",
        "timezone": ZONE.key,
        "areas": {"iga": 1_960, "ciga": 1_580, "ega": 2_310},
        "devices": [
            {"id": int(number), **device}
            for number, device in devices(hdd_station=hdd_station).items()
        ],
        "circuits": circuits,
    }


def budgets(months: Iterable[str]) -> dict[str, Any]:
    """Return the body of the PUT of the budgets of months, which are written `2013-01`."""
    return {
        "budgets": [
            dict(zip(("solar", "used", "hdd", "water"), _BUDGETS[int(month[5:]) - 1], strict=True))
            | {"month": month}
            for month in months
        ]
    }
