"""What tests of houses are made of: devices, houses, instants of a zone, rows of figures."""

from collections.abc import Mapping
from datetime import date
from itertools import repeat
from typing import Any

from quarterhour.energy.profile import Profile, Row, of_rows, profile
from quarterhour.energy.quantities import BY_NAME, Quantity
from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked, AskedRange
from quarterhour.query.rows import Figures
from quarterhour.sites.house import Circuit, House
from quarterhour.sites.site import Channel, Device
from quarterhour.time.calendar import HOUR_MS, zone

NEW_YORK = "America/New_York"


def device(
    device_id: int,
    *energies: str,
    location: str | None = None,
    role: str | None = None,
    priority: int | None = None,
    **channels: str,
) -> Device:
    """Return a device of energy channels, then of others as `outside="temperature"`."""
    quantities = {**dict.fromkeys(energies, "energy"), **channels}
    made = tuple(
        Channel(name, BY_NAME[quantity], signed=name == "solar")
        for name, quantity in quantities.items()
    )
    return Device(device_id, f"device {device_id}", made, location, role, priority)


def house(*devices: Device, names: Mapping[str, str] | None = None, **more: Any) -> House:
    """Return house 5 in New York with these devices; `names` are its circuits' names."""
    circuits = tuple(Circuit(one, name, f"the {name}") for one, name in (names or {}).items())
    known = {"name": "A house", "sname": "house", "timezone": NEW_YORK, "circuits": circuits}
    return House(owner="H5", devices=devices, **{**known, **more})


def asked(interval: str = "month", start: str = "", end: str = "", **more: Any) -> Asked:
    """Return checked parameters; dates are written `2013-01-31`."""
    begin, until = (date.fromisoformat(one) if one else None for one in (start, end))
    return Asked(interval, begin, until, **more)


def asked_range(
    interval: str, start: str = "", end: str = "", *, until_ms: int | None = None
) -> AskedRange:
    """Return what is asked of values, from and up to dates of New York or an instant."""
    begin, end_ms = (at(one) if one else None for one in (start, end))
    return AskedRange(interval, begin, until_ms or end_ms)


def at(local: str, nth: int = 1, *, timezone: str = NEW_YORK) -> int:
    """Return the instant of `2013-01-05`, or of the nth hour labelled `2013-11-03 01`, there."""
    day, _, clock = local.partition(" ")
    begin = zone(timezone).begin(date.fromisoformat(day))
    if not clock:
        return begin
    hours = [begin + hour * HOUR_MS for hour in range(26)]
    return [one for one in hours if f"{zone(timezone).clock_of(one):%F %H}" == local][nth - 1]


def sums(quantity: Quantity = Quantity.ENERGY, **channels: Mapping[Any, float]) -> Figures:
    """Return rows of sums: `sums(used={"2013-01-05": 3, "2013-01-06": 4})`."""
    rows_of = {Series(name, quantity): _instants(rows) for name, rows in channels.items()}
    return Figures(sums=rows_of, profiles={one: whole(rows) for one, rows in rows_of.items()})


def whole(rows: Mapping[int, float]) -> Profile:
    """Return days of which all is covered, as the days of period totals are."""
    return profile(rows, rows.values(), repeat(0, len(rows)))


def gauges(quantity: Quantity = Quantity.TEMPERATURE, **channels: Mapping[Any, Any]) -> Figures:
    """Return rows of gauges; a number is an hour of that mean, else (total, hours, least, most)."""
    rows_of = {
        Series(name, quantity): {
            begin: _gauge(begin, one) for begin, one in _instants(rows).items()
        }
        for name, rows in channels.items()
    }
    profiles = {one: of_rows(rows.values(), of_gauge=True) for one, rows in rows_of.items()}
    return Figures(gauges=rows_of, profiles=profiles)


def both(*figures: Figures) -> Figures:
    """Return the rows of several figures of one meter."""
    return Figures(
        {measure: rows for one in figures for measure, rows in one.sums.items()},
        {measure: rows for one in figures for measure, rows in one.gauges.items()},
        {measure: rows for one in figures for measure, rows in one.profiles.items()},
    )


def _instants(rows: Mapping[Any, Any]) -> dict[int, Any]:
    """Return rows by instants; a day is written as its date."""
    found = {at(begin) if isinstance(begin, str) else begin: one for begin, one in rows.items()}
    return dict(sorted(found.items()))


def _gauge(begin: int, said: Any) -> Row:
    return Row(begin, *said) if isinstance(said, tuple) else Row(begin, said, 1, said, said)
