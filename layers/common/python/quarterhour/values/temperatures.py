"""Values of all temperature sensors: extremes and means."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.query.periods import shown
from quarterhour.query.rows import Figures
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.site import Device
from quarterhour.sites.virtual_meters import Meter
from quarterhour.values.items import Covering, Section, check_fields

GAUGES = (Quantity.TEMPERATURE, Quantity.HUMIDITY)
EXTREMES_AND_MEAN = ("min", "max", "avg")
FIELDS = tuple(f"{what}_{quantity.word}" for quantity in GAUGES for what in EXTREMES_AND_MEAN)


def sections(house: House, fields: Sequence[str]) -> list[Section]:
    """Return what is told of the devices that have a temperature, by their ids."""
    check_fields(fields, FIELDS)
    by_id = sorted(house.devices, key=lambda device: device.id)
    sensors = [
        (device, _gauges(device)) for device in by_id if device.of_quantity(Quantity.TEMPERATURE)
    ]
    return [
        Section(
            _meter(house, device, gauges),
            {device.id: partial(_told, gauges, fields)},
            {device.id: _covering(gauges)},
        )
        for device, gauges in sensors
    ]


def _covering(gauges: Iterable[Series]) -> dict[str, Covering]:
    return {
        f"{what}_{gauge.quantity.word}": Covering(gauge.quantity.word, [gauge])
        for gauge in gauges
        for what in EXTREMES_AND_MEAN
    }


def _gauges(device: Device) -> tuple[Series, ...]:
    return tuple(gauge for quantity in GAUGES for gauge in device.of_quantity(quantity)[:1])


def _meter(house: House, device: Device, gauges: tuple[Series, ...]) -> Meter:
    return virtual_meters.all_of(house, device)._replace(measures=gauges)


def _told(
    gauges: Sequence[Series], fields: Sequence[str], figures: Figures, rows: Sequence[int]
) -> Mapping[str, float]:
    """Return the extremes of the rows, and the mean of their hours."""
    values: dict[str, float] = {}
    for measure in gauges:
        if gauge := shown(figures.gauges.get(measure, {}), rows):
            name = measure.quantity.word
            values |= {
                f"min_{name}": gauge.least,
                f"max_{name}": gauge.most,
                f"avg_{name}": gauge.mean,
            }
    return {name: values[name] for name in fields if name in values} if fields else values
