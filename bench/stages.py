"""All that the benchmark measures, in its order."""

from collections.abc import Iterable, Iterator

from bench import fleets, growth, houses, imports, kernel, servers, ships, ships_counted, size
from bench.sizes import Sizes
from bench.steps import Stage
from bench.table import Table


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Yield what is measured together, on the same data."""
    yield Stage([*imports.steps(sizes), size.step(sizes), *kernel.steps(sizes)])
    of_ship = [
        ships.nothing(sizes),
        *ships.posts(sizes),
        *ships_counted.posts(sizes),
        *ships.gets(sizes, settled=False),
        *ships_counted.unsettled(sizes),
        ships_counted.rollup(sizes),
        *ships.gets(sizes, settled=True),
        *ships_counted.settled(sizes),
    ]
    yield Stage(of_ship, servers.running)
    yield Stage([*fleets.live(sizes)], servers.running)
    yield Stage([*fleets.settled(sizes)], servers.running)
    yield from growth.stages(sizes)
    yield from houses.stages(sizes)


def names(found: Iterable[Stage]) -> dict[Table, list[str]]:
    """Return the tables, and the names of their lines."""
    tables: dict[Table, list[str]] = {}
    for stage in found:
        for step in stage.steps:
            tables.setdefault(step.table, []).extend(step.names)
    return tables
