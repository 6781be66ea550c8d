"""What is deleted might as well never have been posted: whatever is asked, settled or not."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.sites.corrections import Correction
from quarterhour.sites.site import Site
from quarterhour.sites.sources import Source
from quarterhour.store.read.kept import KeptReadings
from quarterhour.store.rollup import closing
from quarterhour.store.table import keys
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from tests.models.by_hand import METER, SHIP, TODAY, Process, World

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

SERIES = (Series(USED, Quantity.POWER), Series(USED, Quantity.ENERGY))
INTERVALS = (0, 0, 5 * MINUTE_MS, HOUR_MS, DAY_MS)
SEEDS = range(60)


class Posted(NamedTuple):
    """A reading of a history, and whether what is deleted takes it."""

    series: Series
    reading: Reading
    is_doomed: bool


def history(random: Random) -> tuple[Correction, list[Posted]]:
    """Return what is deleted, and readings around it, in any order."""
    source = random.choice((SHIP, METER))
    start = TODAY - 2 * DAY_MS + random.randrange(DAY_MS)
    end = start + random.choice((1, HOUR_MS, DAY_MS, 30 * HOUR_MS))
    quantity = random.choice((None, None, *(series.quantity for series in SERIES)))
    correction = Correction(source, start, end, quantity)
    # Around its ends, as far as a reading reaches, and inside.
    near = [
        start,
        end,
        start - 1,
        end - 1,
        *(
            edge + random.randrange(-25, 25) * HOUR_MS // 4
            for edge in (start, end)
            for _ in range(8)
        ),
    ]
    near += [random.randrange(start, end) for _ in range(6)]
    places = {(random.choice(SERIES), at) for at in near}
    posted = [
        Posted(
            series,
            Reading(at, float(random.randrange(1, 99)), random.choice(INTERVALS)),
            correction.takes(series, at),
        )
        for series, at in sorted(places)
    ]
    random.shuffle(posted)
    return correction, posted


def begin(*processes: Process) -> None:
    for process in processes:
        process.post(-60, 0)  # so that the ship is known
        process.put_house(1)


def answers(process: Process, source: Source) -> Iterator[object]:
    """Yield all that is answered of a source and these days."""
    yield process.of_ship() if source == SHIP else process.of_house()
    days = TODAY - 4 * DAY_MS, TODAY + 2 * DAY_MS
    kept = KeptReadings(process.calls(), Site(owner=source.owner, timezone="UTC"), source)
    yield kept.page(*days)
    if source == METER:
        rows = process.quarter_hours(days)
        yield [*rows.starts], [*rows.totals], [*rows.covered]
    else:
        for grain in ("15min", "hour", "day", "month"):
            rows = process.rows(SHIP, days, grain)
            yield [*rows.starts], [*rows.totals], [*rows.covered]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_deleted_was_never_posted(seed: int) -> None:
    """In one table all is posted and some deleted, in the other the rest alone; both at once."""
    random = Random(f"as never posted {seed}")
    correction, posted = history(random)
    worlds = World(), World()
    with_all, with_rest = (world.process() for world in worlds)
    for world in worlds:
        world.at(3)
    begin(with_all, with_rest)
    for world in worlds:
        world.at(30)
    doomed = {each for each in posted if each.is_doomed}
    lateness = random.choice((0.0, 0.0, 0.2))
    late = {each for each in posted if not each.is_doomed and random.random() < lateness}
    settles = random.random() < 0.7, random.random() < 0.5, random.random() < 0.7

    def put(process: Process, some: set[Posted]) -> None:
        for series, reading, _ in (each for each in posted if each in some):
            process.put(correction.source, series, reading)

    put(with_all, {*posted} - late)
    put(with_rest, {*posted} - late - doomed)
    if settles[0]:
        settle(with_all, with_rest)
    assert with_all.deleter().delete(correction) == len(doomed)
    assert with_all.deleter().delete(correction) == 0
    if settles[1]:
        settle(with_all, with_rest)
    put(with_all, late)
    put(with_rest, late)
    for again in range(2):
        reading = (world.process() for world in worlds)
        of_all, of_rest = ([*answers(process, correction.source)] for process in reading)
        assert of_all == of_rest, f"seed {seed}, {again}"
        if settles[2]:
            settle(with_all, with_rest)


def settle(*processes: Process) -> None:
    """Settle all that is marked: first the days are announced, then they are closed."""
    for process in processes:
        for _ in range(2):
            process.roll_up()
            process._world.now_s += closing.WAIT_S + 1
        process.roll_up()
        assert not [*process.calls().query(keys.SHIPS.todo_partition(0))]
        assert not [*process.calls().query(keys.HOUSES.todo_partition(0))]
