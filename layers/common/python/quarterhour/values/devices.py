"""Values of devices: each device's own, whichever counts for the house."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from quarterhour.energy.readings import Series
from quarterhour.query.intervals import LONG
from quarterhour.query.periods import net_of, present, shown, total
from quarterhour.query.rows import Figures
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House
from quarterhour.sites.site import Device
from quarterhour.values.items import Covering, Section, check_fields

NET = "net"
OF_ANY = (USED, SOLAR, NET)


def sections(
    house: House, device_ids: Iterable[int], fields: Sequence[str], interval: str
) -> list[Section]:
    """Return what is told of devices: the fields, by default all that each of them has.

    NotFound for an unknown device; BadRequest for a field that none of the devices has, other than
    `used`, `solar` and `net`, which any may be asked for.
    """
    devices = [*map(house.known_device, dict.fromkeys(device_ids))]
    check_fields(fields, (name for device in devices for name in (*_names(device), *OF_ANY)))
    return [_section(house, device, fields or _names(device), interval) for device in devices]


def _names(device: Device) -> list[str]:
    """Return the fields of a device: its channels as the catalogue lists them, and their net."""
    measures = {channel.measure for channel in device.channels}
    has_net = {Series(USED), Series(SOLAR)} <= measures
    return [*(channel.name for channel in device.channels), *([NET] if has_net else [])]


def _section(house: House, device: Device, fields: Sequence[str], interval: str) -> Section:
    """Return a device's section: in months and years, data of any channel make a row."""
    meter = virtual_meters.all_of(house, device)
    if interval not in LONG:
        meter = meter.only(*fields, *((USED, SOLAR) if NET in fields else ()))
    covering = {name: Covering(name, _measures(device, name)) for name in fields}
    return Section(meter, {device.id: partial(_told, device, fields)}, {device.id: covering})


def _measures(device: Device, name: str) -> list[Series]:
    """Return what a field is made of."""
    names = (USED, SOLAR) if name == NET else (name,)
    channels = filter(None, map(device.channel, names))
    return [channel.measure for channel in channels]


def _told(
    device: Device, fields: Sequence[str], figures: Figures, rows: Sequence[int]
) -> Mapping[str, float]:
    return present(**{name: _figure(device, name, figures, rows) for name in fields})


def _figure(device: Device, name: str, figures: Figures, rows: Sequence[int]) -> float | None:
    """Return a sum, or of a gauge the mean of its hours."""
    if name == NET:
        return net_of(figures, rows)
    if not (channel := device.channel(name)):
        return None
    if channel.measure.quantity.is_gauge:
        gauge = shown(figures.gauges.get(channel.measure, {}), rows)
        return gauge.mean if gauge else None
    return total(figures.sums.get(channel.measure, {}), rows)
