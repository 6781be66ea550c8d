"""What houses take, counted in this process: the sample house, a wide device, and many years."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench import servers
from bench.counting import UNLIMITED, InProcess, Most, counted_and_timed, counted_once, counts
from bench.in_process import roll_up_all
from bench.sizes import Sizes
from bench.steps import Stage, Step
from bench.table import Line
from local.demo.house.history import Sample
from local.demo.house_parts import requests

TABLE = counts("Houses: calls and units")
MAX_VALUES = 20_000  # of a POST
_YEAR = "start=2013&duration=1year"
_MONTHS = "start=2012-01-01&duration=3months"
# Calls at most, where the view has a budget.
VIEWS: dict[str, tuple[str, int | None]] = {
    "summary, a year by months": (f"summary?interval=months&{_YEAR}", 4),
    "generation, a year by months": (f"generation?interval=months&{_YEAR}", None),
    "usage, all circuits of a year": (f"usage?interval=months&{_YEAR}", None),
    "usage of the heat pump, a year by months": (
        f"usage?circuit=ashp&interval=months&{_YEAR}",
        None,
    ),
    "hdd, a year by months": (f"hdd?interval=months&{_YEAR}", None),
    "temperature, a year by days": (f"temperature?interval=days&{_YEAR}", 6),
    "water, a year by months": (f"water?interval=months&{_YEAR}", None),
    "basetemp, a year by days": (f"basetemp?interval=days&{_YEAR}", None),
    "heatmap of a year": (f"heatmap?interval=days&{_YEAR}", 6),
    "chart of a day": ("chart?interval=hours&start=2013-07-01", 4),
    "default, years": ("default?interval=months", None),
    "default, limits": ("default?interval=days", None),
}
# Before any rollup: of three months, which is what a rollup that has stood still leaves.
UNSETTLED = {
    "summary": f"summary?interval=months&{_MONTHS}",
    "basetemp": f"basetemp?interval=days&{_MONTHS}",
    "heat pump": f"usage?circuit=ashp&interval=days&{_MONTHS}",
    "heatmap": f"heatmap?interval=days&{_MONTHS}",
    "limits": "default?interval=days",
}

Requests = Callable[[], Iterator[tuple[str, str, bytes]]]


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Yield the houses, each on an engine of its own."""
    yield Stage([*_settled(sizes)], _fresh)
    yield Stage([*_unsettled(sizes)], _fresh)
    yield Stage([*_wide(sizes)], _fresh)
    yield Stage([*_long(sizes)], _fresh)


@contextmanager
def _fresh() -> Iterator[InProcess]:
    with servers.engine() as database, InProcess.on(database) as here:
        yield here


def _settled(sizes: Sizes) -> Iterator[Step]:
    what = _name(sizes.house)
    yield _load(what, partial(_sample, sizes.house))
    yield _rollup(what)
    for view, (target, most) in VIEWS.items():
        path = f"/api/houses/{sizes.house.id}/views/{target}"
        yield from _reads(f"{what}: {view}", path, sizes.rounds, Most(calls=most))


def _unsettled(sizes: Sizes) -> Iterator[Step]:
    what = _name(sizes.quarter)
    paths = {
        f"{what}: {view}": f"/api/houses/{sizes.quarter.id}/views/{target}"
        for view, target in UNSETTLED.items()
    }
    yield _load(what, partial(_sample, sizes.quarter))
    for view, path in paths.items():
        yield from _reads(f"{view}, unsettled", path, sizes.rounds)
    yield _rollup(what)
    for view, path in paths.items():
        yield from _reads(f"{view}, settled", path, sizes.rounds)


def _wide(sizes: Sizes) -> Iterator[Step]:
    begin, length = datetime(2013, 1, 1, tzinfo=UTC), sizes.channel_days
    names = [f"circuit{nth:02}" for nth in range(sizes.channels)]
    what = f"device of {len(names)} channels, {length} days by the hour"
    device, year = "/api/houses/3/devices/1", f"interval=days&start={begin:%Y-%m-%d}"
    yield _load(what, partial(_hourly, 3, names, begin, begin + timedelta(days=length)))
    few = f"{device}?{year}&duration={sizes.unsettled_days}days"
    yield _once(f"{what}: {sizes.unsettled_days} days by days, unsettled", few)
    yield _rollup(what)
    whole = f"{device}?{year}&duration={length}days"
    yield from _reads(f"{what}: all by days, settled", whole, sizes.rounds)
    fine = f"{device}?interval=15min&start={begin:%Y-%m-%d}&duration=10days"
    yield from _reads(f"{what}: 10 days by quarter hours, settled", fine, sizes.rounds)


def _long(sizes: Sizes) -> Iterator[Step]:
    first, years = 2010, sizes.years
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first, first + years))
    what = f"house of {years} years by the hour"
    defaults = {"years": "default?interval=months", "limits": "default?interval=days"}
    paths = {
        f"{what}: default, {view}": f"/api/houses/4/views/{target}"
        for view, target in defaults.items()
    }
    yield _load(what, partial(_hourly, 4, ["used"], begin, end))
    for view, path in paths.items():
        yield _once(f"{view}, unsettled", path)
    yield _rollup(what)
    for view, path in paths.items():
        yield from _reads(f"{view}, settled", path, sizes.rounds)


def _name(house: Sample) -> str:
    return f"house of {(house.until - house.start).days} days"


def _load(what: str, posted: Requests) -> Step:
    name = f"{what}: load"

    def run(here: InProcess) -> Iterator[Line]:
        bodies = list(posted())

        def load() -> None:
            for request in bodies:
                here.ask(*request)

        yield here.line(name, counted_once(load))

    return Step(TABLE, (name,), run)


def _rollup(what: str) -> Step:
    name = f"{what}: rollup"

    def run(here: InProcess) -> Iterator[Line]:
        yield here.line(name, counted_once(roll_up_all))

    return Step(TABLE, (name,), run)


def _reads(name: str, path: str, rounds: int, most: Most = UNLIMITED) -> Iterator[Step]:
    """Yield what reads in a new environment each time, and in one that has read the same before."""
    for is_first in (True, False):
        what = f"{name}, {'first' if is_first else 'again'}"
        yield Step(TABLE, (what,), partial(_read, what, path, rounds, most))


def _read(what: str, path: str, rounds: int, most: Most, here: InProcess) -> Iterator[Line]:
    send = partial(here.ask, "GET", path)
    is_first = what.endswith("first")
    if not is_first:
        send()
    count = counted_and_timed(send, rounds, here.fresh if is_first else bool)
    yield here.line(what, count, most)


def _once(name: str, path: str) -> Step:
    """Return what reads in a new environment, and takes too long to be repeated."""

    def run(here: InProcess) -> Iterator[Line]:
        here.fresh()
        yield here.line(name, counted_once(partial(here.ask, "GET", path)))

    return Step(TABLE, (name,), run)


def _sample(house: Sample) -> Iterator[tuple[str, str, bytes]]:
    for part in requests(house):
        yield part.method, part.path, json.dumps(part.body()).encode()


def _hourly(
    house: int, channels: list[str], begin: datetime, end: datetime
) -> Iterator[tuple[str, str, bytes]]:
    """Yield the entry of a house of one device, and its readings in as few parts as may be."""
    energy = {name: {"quantity": "energy"} for name in channels}
    entry = {
        "name": f"House {house}",
        "sname": f"h{house}",
        "timezone": "America/New_York",
        "devices": [{"id": 1, "name": "Meter", "channels": energy}],
    }
    yield _request("PUT", f"/api/houses/{house}", entry)
    hours = (end - begin) // timedelta(hours=1)
    size = min(MAX_VALUES // len(channels), 365 * 24)
    for first in range(0, hours, size):
        data = [
            {
                "datetime": f"{begin + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}",
                "values": {
                    name: (nth * 31 + hour * 7919) % 1000 for nth, name in enumerate(channels)
                },
            }
            for hour in range(first, min(first + size, hours))
        ]
        sent = {"interval": "PT1H", "units": "Wh", "data": data}
        yield _request("POST", f"/api/houses/{house}/devices/1/readings", sent)


def _request(method: str, path: str, sent: Mapping[str, Any]) -> tuple[str, str, bytes]:
    return method, path, json.dumps(sent).encode()
