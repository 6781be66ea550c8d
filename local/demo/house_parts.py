"""What is posted of the sample house: its catalogue entry, its budgets, its readings in parts."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from local.demo.house import catalogue
from local.demo.house.catalogue import Id
from local.demo.house.history import QUARTERLY, Sample, Stretch, stretches
from local.demo.house.measuring import Values, bills, readings
from local.demo.part import Part, iso, windows

# The circuit monitor's 21 channels by the hour come to 20,000 values, the most the API takes at
# once, in 39 days.
WINDOW = timedelta(days=30)

_UNITS = {
    "energy": "Wh",
    "volume": "gal",
    "degree_days": "hdd",
    "temperature": "degF",
    "humidity": "%",
}


def requests(house: Sample, window: timedelta = WINDOW) -> Iterator[Part]:
    """Yield the requests that make the house, in the order in which they can be sent."""
    yield from opening(house)
    for start, end in windows(house.start, house.until, window):
        yield from parts(house, start, end)


def opening(house: Sample) -> Iterator[Part]:
    """Yield what has to exist before there are readings, and the bills."""
    path, name = f"/api/houses/{house.id}/", f"house {house.id}"
    entry = partial(catalogue.entry, hdd_station=house.hdd_station)
    yield Part(name, "PUT", path, entry)
    yield Part(
        f"{name} budgets", "PUT", f"{path}budgets/", partial(catalogue.budgets, house.months())
    )
    if house.bills():
        yield _posted(house, Id.MAIN_WATER, "bills", partial(_bills, house), len(house.bills()))


def parts(house: Sample, start: datetime, end: datetime) -> Iterator[Part]:
    """Yield what the devices measured in [start, end): a request for each that has any."""
    for stretch in stretches(house, start, end):
        if next(readings(house, stretch), None):
            at = f"{stretch.start:%Y-%m-%dT%H}"
            count = (stretch.end - stretch.start) // stretch.every
            yield _posted(house, stretch.device, at, partial(_measured, house, stretch), count)


def _posted(
    house: Sample, device: Id, name: str, body: "partial[dict[str, Any]]", count: int
) -> Part:
    path = f"/api/houses/{house.id}/devices/{device.value}/readings/"
    return Part(f"house {house.id} device {device.value} {name}", "POST", path, body, count)


def _measured(house: Sample, stretch: Stretch) -> dict[str, Any]:
    interval = "PT15M" if stretch.every == QUARTERLY else "PT1H"
    return _body(stretch.device, interval, readings(house, stretch))


def _bills(house: Sample) -> dict[str, Any]:
    return _body(Id.MAIN_WATER, "P1M", bills(house))


def _body(device: Id, interval: str, measured: Iterable[tuple[datetime, Values]]) -> dict[str, Any]:
    data = [{"datetime": iso(at), "values": values} for at, values in measured]
    return {"interval": interval, "units": _units(device), "data": data}


def _units(device: Id) -> str | dict[str, str]:
    """Return the unit of all channels, or of each where they differ."""
    channels = catalogue.devices(hdd_station=True)[device]["channels"]
    units = {name: _UNITS[channel["quantity"]] for name, channel in channels.items()}
    return next(iter(units.values())) if len({*units.values()}) == 1 else units
