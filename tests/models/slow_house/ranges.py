"""Ranges to ask for: every form of start, end and duration, on days where something happens."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from tests.models.slow_house.clock import ONE_DAY
from tests.models.slow_house.house import House

Params = dict[str, str]
FORMS = ("start+duration", "start+end", "only start", "only end", "none", "empty")
DURATIONS = {
    "15min": ("1day", "1days", "2days", "6hours", "24hours"),
    "hour": ("1day", "2days", "1hour", "6hours", "24hours", "30hours", "1month", "31days"),
    "day": ("1day", "7days", "31days", "1month", "3months", "1year", "48hours", "36hours"),
    "month": ("1month", "3months", "12months", "1year", "45days", "1day", "2years"),
    "year": ("1year", "2years", "24months", "5months", "400days"),
}
_TIMES = ("T00:00:00", "T13:45:00", " 23:59:59", "T00:00:00Z", "T06:00:00-05:00")
_FAR = timedelta(400)


def days_of_interest(house: House, special: Iterable[date]) -> list[date]:
    """Return the special days, DST and leap days, some plain ones, and both ends of the data."""
    there = {*house.energy.days, *house.circuits.days, *house.outdoor_days, *special}
    first, last = min(there, default=date(2013, 1, 1)), max(there, default=date(2013, 12, 31))
    edges = (first - _FAR, first - ONE_DAY, first, last, last + ONE_DAY, last + _FAR)
    leaps = [date(year, 2, 29) for year in range(first.year, last.year + 1) if year % 4 == 0]
    plain = [first + nth * (last - first) // 6 for nth in range(1, 6)]
    found = {*special, *house.clock.changes(first, last), *leaps, *plain, *edges}
    return sorted(day for day in found if 2001 <= day.year <= 2097)


def a_range(
    rng: Random, form: str, scale: str, days: list[date], *, whole_days: bool = False
) -> Params:
    """Return parameters of a form; the range begins, ends or lies around a day of interest.

    `scale` is the interval that the range shall fit; that of 15min is one of few days. Of
    `whole_days`, it has no times, and hours are the duration only of hours and quarter hours.
    """
    if whole_days:
        return _untimed(a_range(rng, form, scale, days), scale)
    day = rng.choice(days)
    start = day - rng.choice((0, 0, 0, 1, 1, 5, 30, 200)) * ONE_DAY
    end = day + rng.choice((0, 1, 1, 1, 2, 7, 31, 366)) * ONE_DAY
    if scale == "15min":
        start, end = day - rng.randrange(2) * ONE_DAY, day + rng.randrange(1, 3) * ONE_DAY
    duration = rng.choice(DURATIONS[scale])
    forms: dict[str, Params] = {
        "start+duration": {"start": written(rng, start), "duration": duration},
        "start+end": {"start": written(rng, min(start, end)), "end": written(rng, end, whole=True)},
        "only start": {"start": written(rng, start)},
        "only end": {"end": written(rng, end, whole=True)},
        "none": {},
        "empty": _partly_empty(rng, start, duration),
    }
    return forms[form]


def _untimed(params: Params, scale: str) -> Params:
    dates = {name: text[:10] for name, text in params.items() if name != "duration"}
    duration = params.get("duration")
    if duration is None:
        return dates
    hours = duration.removesuffix("s").removesuffix("hour")
    is_of_hours = hours.isdigit() and scale not in {"15min", "hour"}
    return {**dates, "duration": f"{int(hours) // 24 or 1}days" if is_of_hours else duration}


def _partly_empty(rng: Random, start: date, duration: str) -> Params:
    given = {"start": f"{start}", "end": f"{start + 40 * ONE_DAY}", "duration": duration}
    empty = {"start": "", "end": "", "duration": ""}
    full = rng.choice(((), (), ("start",), ("end",), ("start", "end"), ("start", "duration")))
    return {name: given[name] if name in full else empty[name] for name in given}


def written(rng: Random, day: date, *, whole: bool = False) -> str:
    """Return a date in one of its forms: with a time, or as the month or the year it begins in."""
    if rng.random() < 0.2:
        return f"{day}{rng.choice(_TIMES)}"
    if whole or rng.random() < 0.6:
        return f"{day}"
    return f"{day:%Y-%m}" if rng.random() < 0.7 else f"{day:%Y}"
