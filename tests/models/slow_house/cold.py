"""The views `hdd`, `temperature` and `water`."""

from typing import Any

from tests.models.slow_house.asked import Asked, Refused
from tests.models.slow_house.figures import (
    Body,
    first_lowest,
    listed,
    minus,
    present,
    total,
    view,
)
from tests.models.slow_house.house import House
from tests.models.slow_house.posted import TEMPERATURE
from tests.models.slow_house.sensors import together
from tests.models.slow_house.summary import budgeted

SUMMER = range(5, 10)


def hdd(house: House, asked: Asked) -> Body:
    """Degree days against their budgets; the coldest hour and day; the heating season."""
    rows = asked.whole_rows(house.hdd)

    def figures(keys: list[Any]) -> Body:
        estimated = budgeted(house, keys, "hdd") if asked.by_month else None
        return {"actual": total(rows, keys, "hdd"), "estimated": estimated}

    lists = listed(asked, rows, figures)
    lists["totals"] |= _heating_season(house, asked)
    found = {
        "coldest_hour": _coldest_hour(house, asked),
        "coldest_day": _coldest_day(house, asked),
        "iga": (house.entry.get("areas") or {}).get("iga"),
    }
    return view("hdd", asked, **found, **lists)


def _heating_season(house: House, asked: Asked) -> Body:
    pump, cold = asked.days(house.circuits.days), house.hdd.days
    days = [day for day in pump if "ashp" in pump[day] and day.month not in SUMMER]
    return present(
        {
            "ashp_heating_season": total(pump, days, "ashp"),
            "hdd_heating_season": total(cold, days, "hdd"),
        }
    )


def _coldest_hour(house: House, asked: Asked) -> Body | None:
    found = first_lowest({at: one.mean for at, one in asked.hours(house.outdoor).items()})
    return {"date": house.clock.spaced(found[0]), "temperature": found[1]} if found else None


def _coldest_day(house: House, asked: Asked) -> Body | None:
    days = asked.days(house.hdd.days)
    found = first_lowest({day: -row["hdd"] for day, row in days.items()})
    if not found:
        return None
    return {"date": found[0].isoformat(), "temperature": -found[1], "hdd": -found[1]}


def temperature(house: House, asked: Asked) -> Body:
    """Extremes and means of one sensor, and the house's degree days while it was there."""
    location = asked.text("location", "0")
    sensor = next((one for one in house.devices if str(one.id) == location), None)
    if sensor is None or sensor.first(TEMPERATURE) is None:
        raise Refused(404)
    warm, damp = house.temperature(sensor), house.humidity(sensor)

    def figures(keys: list[Any]) -> Body:
        found: Body = {"sum_hdd": total(house.hdd.hours, keys, "hdd")}
        for name, shown in (("temperature", warm), ("humidity", damp)):
            one = together(shown[key] for key in keys if key in shown)
            if one:
                found |= {f"min_{name}": one.low, f"max_{name}": one.high}
            if one and name == "temperature":
                found["avg_temperature"] = one.mean
        return found

    hours = asked.hours(dict.fromkeys([*warm, *damp]))
    return view("temperature", asked, location=location, **listed(asked, hours, figures))


def water(house: House, asked: Asked) -> Body:
    """Gallons and what heats them, in the months that have energy."""
    if not asked.by_month:
        raise Refused(400, "Interval not available.")
    mains, hots = house.gallons("main_water").months, house.gallons("hot_water").months
    kwh = house.circuits.months
    pumps = [name for name in ("water_heater", "water_pump") if name in house.circuit_ids]

    def figures(keys: list[Any]) -> Body:
        main, hot = total(mains, keys, "gallons"), total(hots, keys, "gallons")
        heated: Body = {name: total(kwh, keys, name) for name in pumps}
        return {"cold": minus(main, hot), "hot": hot, "main": main, **heated}

    months = asked.days(house.energy.months)
    return view("water", asked, **listed(asked, months, figures))
