"""The views `summary` and `generation`: the house's energy."""

from typing import Any

from tests.models.slow_house.asked import Asked
from tests.models.slow_house.figures import Body, first_lowest, listed, plus, present, total, view
from tests.models.slow_house.house import House


def summary(house: House, asked: Asked) -> Body:
    """Net, solar, used and degree days; by month: of the months with energy."""
    energy, hdd = asked.whole_rows(house.energy), asked.whole_rows(house.hdd)

    def figures(keys: list[Any]) -> Body:
        used, solar = total(energy, keys, "used"), total(energy, keys, "solar")
        net = plus(used, solar)
        return {"net": net, "solar": solar, "used": used, "hdd": total(hdd, keys, "hdd")}

    keys = {*energy} if asked.by_month else {*energy, *hdd}
    return view("summary", asked, **listed(asked, keys, figures))


def generation(house: House, asked: Asked) -> Body:
    """Solar against its budget, and the best hour and day of the range."""
    energy = asked.whole_rows(house.energy)

    def figures(keys: list[Any]) -> Body:
        estimated = budgeted(house, keys, "solar") if asked.by_month else None
        return {"actual": total(energy, keys, "solar"), "estimated": estimated}

    extremes = {
        "max_solar_hour": _best_hour(house, asked),
        "max_solar_day": _best_day(house, asked),
    }
    return view("generation", asked, **extremes, **listed(asked, energy, figures))


def budgeted(house: House, months: list[Any], name: str) -> float | None:
    """Return the sum of the budgets of these months."""
    budgets = {month: present({name: house.budget(month, name)}) for month in months}
    return total(budgets, months, name)


def _best_hour(house: House, asked: Asked) -> Body | None:
    hours = asked.hours(house.energy.hours)
    found = first_lowest({at: row["solar"] * 1000 for at, row in hours.items() if "solar" in row})
    return {"date": house.clock.spaced(found[0]), "solar": found[1]} if found else None


def _best_day(house: House, asked: Asked) -> Body | None:
    days = asked.days(house.energy.days)
    found = first_lowest({day: row["solar"] for day, row in days.items() if "solar" in row})
    return {"date": found[0].isoformat(), "solar": found[1]} if found else None
