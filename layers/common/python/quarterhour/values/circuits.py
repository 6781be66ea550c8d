"""Values of circuits, by the rule of circuit energy: of one device at a time, its whole row."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from quarterhour.energy.readings import Series
from quarterhour.errors import NotFound
from quarterhour.query.intervals import LONG
from quarterhour.query.periods import energy, net_of, present, total, unaccounted
from quarterhour.query.rows import Figures
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import ADJUSTED_LOAD, SOLAR, USED, House
from quarterhour.values.items import Covering, FiguresFrom, Id, Section, check_fields

ALL_OTHER = "all_other"
ACTUAL = "actual"


def sections(
    house: House, circuit_ids: Iterable[str], fields: Sequence[str], interval: str
) -> list[Section]:
    """Return what is told of circuits; NotFound for one that the house has not."""
    check_fields(fields, [ACTUAL])
    ids = dict.fromkeys(circuit_ids)
    circuits = virtual_meters.circuit_ids(house)
    own_channels = {circuit: (circuit,) for circuit in (*circuits, USED, SOLAR)}
    needed = {**own_channels, ADJUSTED_LOAD: (USED, SOLAR), ALL_OTHER: (USED, *circuits)}
    for circuit in ids:
        if circuit not in needed:
            raise NotFound(f"House {house.id} has no circuit {circuit[:40]}.")
    meter = virtual_meters.circuits(house)
    if interval not in LONG:  # there, data of any channel make a row
        meter = meter.only(*(name for circuit in ids for name in needed[circuit]))
    told: dict[Id, FiguresFrom] = {circuit: partial(_told, circuit, circuits) for circuit in ids}
    # `all_other` is what is left of `used`, circuits without data counting 0.
    measured = {**own_channels, ADJUSTED_LOAD: (USED, SOLAR), ALL_OTHER: (USED,)}
    covering: dict[Id, Mapping[str, Covering]] = {
        circuit: {ACTUAL: Covering(ACTUAL, [Series(name) for name in measured[circuit]])}
        for circuit in ids
    }
    return [Section(meter, told, covering)]


def _told(
    circuit: str, circuits: Sequence[str], figures: Figures, rows: Sequence[int]
) -> Mapping[str, float]:
    return present(actual=_actual(circuit, circuits, figures, rows))


def _actual(
    circuit: str, circuits: Sequence[str], figures: Figures, rows: Sequence[int]
) -> float | None:
    """Return kWh; the adjusted load is the net of `used` and `solar`."""
    if circuit == ALL_OTHER:
        return unaccounted(figures, circuits, rows)
    if circuit == ADJUSTED_LOAD:
        return net_of(figures, rows)
    return total(energy(figures, circuit), rows)
