"""Values by device, by circuit and of all temperatures: their items, as if on one page.

Of ranges of whole days and hours, and without coverage: what is cut, and how much is covered, is
compared with what ships are answered (tests/integration/test_value_ranges.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.models.slow_house import buckets, meters, sensors
from tests.models.slow_house.asked import QUARTER, Asked, Refused, asked, group
from tests.models.slow_house.clock import HOUR
from tests.models.slow_house.devices import Device
from tests.models.slow_house.figures import Body, plus, present, total
from tests.models.slow_house.house import House
from tests.models.slow_house.posted import HUMIDITY, TEMPERATURE
from tests.models.slow_house.sensors import Gauge

Ordered = list[tuple[Any, int, Body]]  # where a row begins, its place among those asked for
GAUGES = {TEMPERATURE, HUMIDITY}
DAY = 24 * HOUR


def devices(house: House, ids: str, params: Mapping[str, str]) -> Body:
    """Return what devices say on their channels, and their net."""
    one = asked(house.clock, params, QUARTER)
    wanted = [_device(house, text) for text in ids.split(",")]
    fields = {*filter(None, params.get("fields", "").split(","))}
    if fields - {"net", *(name for device in wanted for name in device.quantities)}:
        raise Refused(400)
    found: Ordered = []
    for place, device in enumerate(wanted):
        for begin, date, figures in _of_device(house, one, device):
            kept = {name: figures[name] for name in figures if not fields or name in fields}
            if kept:
                found.append((begin, place, {"device": device.id, "date": date, **kept}))
    return _listed(found)


def circuits(house: House, ids: str, params: Mapping[str, str]) -> Body:
    """Return the kWh of circuits."""
    one = asked(house.clock, params, QUARTER)
    wanted = ids.split(",")
    if {*wanted} - {*house.circuit_ids}:
        raise Refused(404)
    rows = _rows(house, one, house.circuit_devices)
    found: Ordered = []
    for place, name in enumerate(wanted):
        for date, keys in _grouped(house, one, rows):
            if any(name in rows[key] for key in keys):
                item = {"circuit": name, "date": date, "actual": total(rows, keys, name)}
                found.append((_order(one, date, keys), place, item))
    return _listed(found)


def temperatures(house: House, params: Mapping[str, str]) -> Body:
    """Return the extremes and means of every device that has a temperature."""
    one = asked(house.clock, params, QUARTER)
    wanted = sorted((d for d in house.devices if d.first(TEMPERATURE)), key=lambda d: d.id)
    found: Ordered = []
    for place, device in enumerate(wanted):
        shown = {name: _shown(house, one, device, device.first(name)) for name in sorted(GAUGES)}
        about = present({"device": device.id, "location": device.entry.get("location")})
        for date, keys in _grouped(house, one, {key for of in shown.values() for key in of}):
            figures = _extremes(shown, keys)
            item = {**about, "date": date, **figures}
            found.append((_order(one, date, keys), place, item))
    return _listed(found)


def _extremes(shown: Mapping[str, Mapping[Any, Gauge]], keys: list[Any]) -> Body:
    found: Body = {}
    for name, of in shown.items():
        gauge = sensors.together(of[key] for key in keys if key in of)
        if gauge:
            figures = {"min": gauge.low, "max": gauge.high, "avg": gauge.mean}
            found |= {f"{what}_{name}": figure for what, figure in figures.items()}
    return found


def _of_device(house: House, one: Asked, device: Device) -> Iterable[tuple[Any, str, Body]]:
    rows = _rows(house, one, [device])
    gauges = [name for name, quantity in device.quantities.items() if quantity in GAUGES]
    shown = {name: _shown(house, one, device, name) for name in gauges}
    amounts = [name for name in device.quantities if name not in gauges]
    for date, keys in _grouped(house, one, {*rows, *(key for of in shown.values() for key in of)}):
        figures = {name: total(rows, keys, name) for name in amounts}
        figures["net"] = plus(total(rows, keys, "used"), total(rows, keys, "solar"))
        for name, of in shown.items():
            gauge = sensors.together(of[key] for key in keys if key in of)
            figures[name] = gauge.mean if gauge else None
        yield _order(one, date, keys), date, present(figures)


def _rows(house: House, one: Asked, sources: list[Device]) -> Mapping[Any, meters.Figures]:
    if one.interval != QUARTER:
        single = len(sources) == 1
        return one.rows(house.of_device(sources[0]) if single else house.circuits)
    near = [_near(house, one, device) for device in sources]
    own = [meters.quarters(device, [*device.quantities]) for device in near]
    found = meters.chosen(own)
    return {at: row for at, row in found.items() if _has_quarter(house, one, at)}


def _shown(house: House, one: Asked, device: Device, channel: str | None) -> dict[Any, Gauge]:
    if channel is None:
        return {}
    quantity = device.quantities[channel]
    if one.interval != QUARTER:
        hours = house.gauge(device, channel)
        hourly = one.interval == "hour"
        days = {} if hourly else sensors.by(hours, house.clock.date_of)
        return {**one.hours(hours)} if hourly else {**one.days(days)}
    held = buckets.gauges(_near(house, one, device).posted.of(channel, quantity))
    return {at: sensors.of_held(g) for at, g in held.items() if _has_quarter(house, one, at)}


def _near(house: House, one: Asked, device: Device) -> Device:
    if not one.start or not one.end:
        return device
    return device.near(house.clock.midnight(one.start), house.clock.midnight(one.end))


def _has_quarter(house: House, one: Asked, at: int) -> bool:
    in_time = one.end_ms is None or at < one.end_ms
    return in_time and one.has_day(house.clock.date_of(house.clock.hour_of(at)))


def _grouped(house: House, one: Asked, keys: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    if one.interval != QUARTER:
        return [(_period(one, date), of) for date, of in group(one, keys)]
    return [(f"{house.clock.wall(at):%Y-%m-%dT%H:%M:00}", [at]) for at in sorted(keys)]


def _period(one: Asked, date: str) -> str:
    """Return the beginning of the month or year of a date."""
    return {"month": f"{date[:7]}-01", "year": f"{date[:4]}-01-01"}.get(one.interval, date)


def _order(one: Asked, date: str, keys: list[Any]) -> Any:
    """Return what items are ordered by: hours of one label by their instants."""
    return date if one.interval in {"month", "year"} else keys[0]


def _device(house: House, text: str) -> Device:
    device = house.device(int(text)) if text.isdigit() else None
    if device is None:
        raise Refused(404)
    return device


def _listed(found: Ordered) -> Body:
    """Return the items by date, those of one date in the order asked for."""
    return {"items": [item for _, _, item in sorted(found, key=lambda row: row[:2])]}
