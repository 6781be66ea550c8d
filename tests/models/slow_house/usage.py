"""The view `usage`: summary, all, a circuit, what is left over, and the heat pump."""

from collections.abc import Callable
from math import fsum
from typing import Any

from tests.models.slow_house.asked import Asked, Refused, last_day
from tests.models.slow_house.figures import Body, listed, minus, plus, present, total, view
from tests.models.slow_house.heat import heat_pump_hours
from tests.models.slow_house.house import House
from tests.models.slow_house.summary import budgeted

NET = "adjusted_load"


def usage(house: House, asked: Asked) -> Body:
    """Return the view of the circuit asked for; 404 where the house has none of that name."""
    circuit = asked.text("circuit", "summary")
    one = SPECIAL.get(circuit)
    if one and (circuit != "ashp" or "ashp" in house.circuit_ids):
        return one(house, asked)
    if circuit not in {*house.circuit_ids, "used", "solar", NET}:
        raise Refused(404)
    return _of_rows(house, asked, circuit, lambda rows, keys: _actual(rows, keys, circuit))


def _actual(rows: Any, keys: list[Any], circuit: str) -> float | None:
    if circuit == NET:
        return plus(total(rows, keys, "used"), total(rows, keys, "solar"))
    return total(rows, keys, circuit)


def _all_other(house: House, asked: Asked) -> Body:
    def left(rows: Any, keys: list[Any]) -> float | None:
        circuits = fsum(total(rows, keys, one) or 0.0 for one in house.circuit_ids)
        return minus(total(rows, keys, "used"), circuits)

    return _of_rows(house, asked, "all_other", left)


def _of_rows(
    house: House, asked: Asked, circuit: str, actual: Callable[[Any, list[Any]], float | None]
) -> Body:
    rows = asked.rows(house.circuits)
    lists = listed(asked, rows, lambda keys: {"actual": actual(rows, keys)})
    return _view(house, asked, circuit, lists)


def _all(house: House, asked: Asked) -> Body:
    energy = asked.whole_rows(house.energy)

    def figures(keys: list[Any]) -> Body:
        budget = budgeted(house, keys, "used") if asked.by_month else None
        return {"actual": total(energy, keys, "used"), "budget": budget}

    return _view(house, asked, "all", listed(asked, energy, figures))


def _heat_pump(house: House, asked: Asked) -> Body:
    hours = heat_pump_hours(house, asked)

    def figures(keys: list[Any]) -> Body:
        return {"actual": total(hours, keys, "ashp"), "hdd": total(hours, keys, "hdd")}

    return _view(house, asked, "ashp", listed(asked, hours, figures))


def _view(house: House, asked: Asked, circuit: str, lists: Body) -> Body:
    return view(f"usage.{circuit}", asked, circuit=described(house, circuit), **lists)


def described(house: House, circuit: str) -> Body:
    """Return what the catalogue says of a circuit, else its id for a name."""
    said = house.circuit(circuit) or {"name": circuit}
    more = {name: said.get(name) for name in ("name", "description")}
    return {"circuit_id": circuit, **present(more)}


def _summary(house: House, asked: Asked) -> Body:
    rows = asked.rows(house.circuits)
    sums = {name: total(rows, rows, name) or 0.0 for name in ("used", *house.circuit_ids)}
    sums["all_other"] = sums["used"] - fsum(sums[name] for name in house.circuit_ids)
    return {
        "view": "usage.summary",
        "circuits": [
            {"circuit_id": name, "actual": actual, "name": described(house, name)["name"]}
            for name, actual in sums.items()
        ],
        "circuit": {"circuit_id": "summary", "name": "Total", **_dates(asked)},
    }


def _dates(asked: Asked) -> Body:
    if asked.interval == "year" or not asked.start or not asked.end:
        return {}
    last = last_day(asked) if asked.by_duration else asked.end
    return {"startdate": f"{asked.start}", "enddate": f"{last}"}


SPECIAL = {"summary": _summary, "all": _all, "all_other": _all_other, "ashp": _heat_pump}
