"""Values of all temperature sensors: extremes and means."""

from collections.abc import Mapping, Sequence
from functools import partial

from quarterhour.energy.measures import Kind, Measure
from quarterhour.query.rows import Figures
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.site import Device
from quarterhour.sites.virtual_meters import Meter
from quarterhour.values.fields import check_fields
from quarterhour.values.gauged import shown
from quarterhour.values.items import Section

KINDS = (Kind.TEMPERATURE, Kind.HUMIDITY)
FIELDS = tuple(f"{what}_{kind.name.lower()}" for kind in KINDS for what in ("min", "max", "avg"))


def sections(house: House, fields: Sequence[str]) -> list[Section]:
    """Return what is told of the devices that have a temperature, by their ids."""
    check_fields(fields, FIELDS)
    by_id = sorted(house.devices, key=lambda one: one.id)
    found = [(one, _gauges(one)) for one in by_id if one.of_kind(Kind.TEMPERATURE)]
    return [
        Section(_meter(house, device, gauges), {device.id: partial(_told, gauges, fields)})
        for device, gauges in found
    ]


def _gauges(device: Device) -> tuple[Measure, ...]:
    return tuple(gauge for kind in KINDS for gauge in device.of_kind(kind)[:1])


def _meter(house: House, device: Device, gauges: tuple[Measure, ...]) -> Meter:
    return virtual_meters.all_of(house, device)._replace(measures=gauges)


def _told(
    gauges: Sequence[Measure], fields: Sequence[str], figures: Figures, rows: Sequence[int]
) -> Mapping[str, float]:
    """Return the extremes of the rows, and the mean of their hours."""
    found: dict[str, float] = {}
    for one in gauges:
        if gauge := shown(figures, one, rows):
            name = one.kind.name.lower()
            found |= {
                f"min_{name}": gauge.least,
                f"max_{name}": gauge.most,
                f"avg_{name}": gauge.mean,
            }
    return {name: found[name] for name in fields if name in found} if fields else found
