"""The heat pump against the cold: `basetemp` with its fit, and the hours of circuit `ashp`."""

from collections.abc import Sequence
from fractions import Fraction
from math import fsum

from tests.models.slow_house.asked import Asked, group
from tests.models.slow_house.figures import Body, present, view
from tests.models.slow_house.house import House

Hour = dict[str, float]


def heat_pump_hours(house: House, asked: Asked) -> dict[int, Hour]:
    """Return the hours in the range that have both ashp and an outdoor temperature."""
    base, found = asked.base, {}
    for hour, row in asked.hours(house.circuits.hours).items():
        outdoor = house.outdoor.get(hour)
        if "ashp" in row and outdoor:
            hdd = max(0.0, (base - outdoor.mean) / 24)
            found[hour] = {**row, "hdd": hdd, "temperature": outdoor.mean}
    return found


def basetemp(house: House, asked: Asked) -> Body:
    """Return the hours that heat: the pump runs, the sun is faint, and it is not above the base."""
    base = asked.base
    hours = {at: one for at, one in heat_pump_hours(house, asked).items() if _heats(one, base)}
    points = [(date, _point([hours[at] for at in of])) for date, of in _groups(asked, hours)]
    return view(
        "heat",
        asked,
        base=asked.text("base", "65"),
        points=[{"date": date, **point} for date, point in points],
        fit=fit([(point["hdd"], point["ashp"]) for _, point in points]),
    )


def _groups(asked: Asked, hours: dict[int, Hour]) -> list[tuple[str, list[int]]]:
    return [(date, [at for at in of if isinstance(at, int)]) for date, of in group(asked, hours)]


def _point(hours: Sequence[Hour]) -> Hour:
    sums = {name: fsum(one[name] for one in hours) for name in ("ashp", "hdd", "solar")}
    return {**sums, "temperature": fsum(one["temperature"] for one in hours) / len(hours)}


def _heats(hour: Hour, base: float) -> bool:
    return (
        round(hour["ashp"], 6) > 0.05
        and round(hour.get("solar", -1.0), 6) > -0.5
        and round(hour["temperature"], 6) <= base
    )


def fit(points: Sequence[tuple[float, float]]) -> Body:
    """Return least squares of y on x; no slope without two different x, no r2 without two y."""
    n = len(points)
    slope = intercept = r2 = None
    if len({round(x, 6) for x, _ in points}) > 1:
        xs, ys = ([Fraction(one) for one in column] for column in zip(*points, strict=True))
        mean_x, mean_y = sum(xs) / n, sum(ys) / n
        sxx = sum((x - mean_x) ** 2 for x in xs)
        syy = sum((y - mean_y) ** 2 for y in ys)
        sxy = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
        slope = float(sxy / sxx)
        intercept = float(mean_y - sxy / sxx * mean_x)
        flat = len({round(y, 6) for _, y in points}) == 1
        r2 = None if flat else float(sxy**2 / (sxx * syy))
    return present({"slope": slope, "intercept": intercept, "r2": r2, "n": n})
