"""Requests of every kind to a house, and requests that must be refused."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count, islice, product
from random import Random
from typing import NamedTuple

from tests.models.slow_house.answers import Request
from tests.models.slow_house.asked import QUARTER, SPELLINGS
from tests.models.slow_house.house import House
from tests.models.slow_house.posted import TEMPERATURE
from tests.models.slow_house.ranges import FORMS, Params, a_range, days_of_interest

Asking = Callable[[House, Random], Request]
_NOISE: tuple[Params, ...] = (
    {},
    {},
    {},
    {"date": "false"},
    {"house": "1"},
    {"colour": "blue", "date": ""},
)
_BASES = ("65", "60", "55.5", "70", "32", "65.0", "-5")
_FIXED = ("summary", "all", "ashp", "all_other", "used", "solar", "adjusted_load")


class Cell(NamedTuple):
    """A kind of request, the interval as it is written, and the form of the range."""

    ask: Asking
    interval: str
    spelled: str
    form: str

    @property
    def scale(self) -> str:
        """The interval that the range shall fit: values are answered in pages of 500."""
        return QUARTER if self.ask in _VALUES and self.interval == "hour" else self.interval


def requests(
    house: House, rng: Random, how_many: int, special: Iterable[date] = ()
) -> list[Request]:
    """Return requests that cover every view x interval x form of range, before any comes twice.

    Over three rounds every spelling of an interval has met every view and form. `special` days
    (a gap, a change of meter) join those that the house has itself: ranges begin or end at them.
    """
    days = days_of_interest(house, special)
    return [_asked(house, rng, days, cell) for cell in islice(_cells(rng), how_many)]


def _cells(rng: Random) -> Iterator[Cell]:
    kinds = [*_VIEWS, *map(_usage, _FIXED)]
    cells = [*product(kinds, SPELLINGS, FORMS), *product(_VALUES, SPELLINGS, FORMS)]
    cells = [one for one in cells if one[0] not in _VALUES or one[1] != "hour"]
    cells += [*product(_VALUES, ("hour", QUARTER), FORMS[:2])]
    for nth in count():
        for place, (ask, interval, form) in rng.sample([*enumerate(cells)], len(cells)):
            spellings = SPELLINGS.get(interval, (interval,))
            yield Cell(ask, interval, spellings[(place + nth) % len(spellings)], form)


def _asked(house: House, rng: Random, days: list[date], cell: Cell) -> Request:
    path, own = cell.ask(house, rng)
    is_of_values = cell.ask in _VALUES
    between = a_range(rng, cell.form, cell.scale, days, whole_days=is_of_values)
    noise = rng.choice(_NOISE)  # of values, whatever is unknown is refused
    asked = {**own, "interval": cell.spelled, **between}
    return Request(path, asked if is_of_values else {**asked, **noise})


def _view(name: str) -> Asking:
    return lambda _house, _rng: Request(f"views/{name}", {})


def _usage(circuit: str) -> Asking:
    def ask(_: House, rng: Random) -> Request:
        own = {"circuit": circuit}
        if circuit == "summary" and rng.random() < 0.5:
            own = {}
        return Request("views/usage", {**own, **(_based(rng) if circuit == "ashp" else {})})

    return ask


def _any_circuit(house: House, rng: Random) -> Request:
    return Request("views/usage", {"circuit": rng.choice([*house.circuit_ids, "used"])})


def _temperature(house: House, rng: Random) -> Request:
    sensors = [one for one in house.devices if one.first(TEMPERATURE)]
    own = {"location": f"{rng.choice(sensors).id}"} if sensors else {}
    return Request("views/temperature", own)


def _basetemp(_: House, rng: Random) -> Request:
    return Request("views/basetemp", _based(rng))


def _based(rng: Random) -> Params:
    return {"base": rng.choice(_BASES)} if rng.random() < 0.7 else {}


def _devices(house: House, rng: Random) -> Request:
    some = rng.sample(house.devices, min(rng.randint(1, 2), len(house.devices)))
    fields = [*dict.fromkeys(name for one in some for name in one.quantities), "net"]
    few = {"fields": ",".join(rng.sample(fields, rng.randint(1, min(3, len(fields)))))}
    return Request(f"devices/{_joined(one.id for one in some)}", few if rng.random() < 0.5 else {})


def _circuits(house: House, rng: Random) -> Request:
    few = rng.sample(house.circuit_ids, min(rng.randint(1, 3), len(house.circuit_ids)))
    return Request(f"circuits/{_joined(few)}", {})


def _temperatures(_: House, _rng: Random) -> Request:
    return Request("temperatures", {})


def _joined(names: Iterable[object]) -> str:
    return ",".join(map(str, names)) or "none"


_PLAIN = ("summary", "generation", "hdd", "water", "heatmap", "chart", "default")
_VALUES: tuple[Asking, ...] = (_devices, _circuits, _temperatures)
_VIEWS: tuple[Asking, ...] = (
    *map(_view, _PLAIN),
    _any_circuit,
    _temperature,
    _basetemp,
)
