"""A ship's requests beside its peers': readings in, ranges out, unsettled and settled."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bench import costs
from bench.alike import assert_alike
from bench.batches import DAY, READINGS_A_DAY, body, days, today, window
from bench.servers import POSTGRESQL, SQLITE, Server, Servers
from bench.sizes import Sizes
from bench.steps import Step
from bench.table import Line

SHIP, LIVE_SHIP = 1, 2
# So far apart are readings posted one by one, that those of a run lie in its last hours.
APART = timedelta(seconds=15)

TABLE = costs.beside_peers("A ship")
BATCH = f"POST of a day, {READINGS_A_DAY} readings"
ONE = "POST of one reading in order"
LIMITS_OF_POSTS: dict[str, dict[str, float]] = {BATCH: {SQLITE: 1.9}, ONE: {}}
LIMITS_OF_GETS: dict[int, dict[str, float]] = {
    1: {SQLITE: 0.5},
    30: {SQLITE: 0.15, POSTGRESQL: 1},
    365: {SQLITE: 0.12, POSTGRESQL: 1},
}


def first_day(sizes: Sizes) -> datetime:
    """Return the first day of the history: its days are closed."""
    return today() - (sizes.ranges[-1] + 10) * DAY


def nothing(sizes: Sizes) -> Step:
    """Return what asks whether the servers are up: what HTTP takes in each, of all other lines."""
    what = "GET of /health, which reads nothing"
    read = _Get(what, "/health", sizes.gets_a_round[0], sizes.rounds, {})
    return Step(TABLE, costs.names(what), read.lines)


def posts(sizes: Sizes) -> Iterator[Step]:
    """Yield what posts the ship's history, a day at a time, and one reading after the other."""
    yield Step(TABLE, costs.names(BATCH), partial(_batches, sizes))
    yield Step(TABLE, costs.names(ONE), partial(_one_by_one, sizes))


def gets(sizes: Sizes, *, settled: bool) -> Iterator[Step]:
    """Yield what reads the ship's history."""
    for count, times in zip(sizes.ranges, sizes.gets_a_round, strict=True):
        state = "settled" if settled else "unsettled"
        what = f"GET of {count} day{'s' if count > 1 else ''}, {state}"
        start = first_day(sizes)
        path = f"/data?spaceship_id={SHIP}&{window(start, start + count * DAY)}"
        limits = LIMITS_OF_GETS.get(count, {}) if settled and not sizes.is_smoke else {}
        read = _Get(what, path, times, sizes.rounds, limits)
        yield Step(TABLE, costs.names(what), read.lines)


def _batches(sizes: Sizes, servers: Servers) -> Iterator[Line]:
    history = days(SHIP, first_day(sizes), sizes.ranges[-1])
    return _posts(BATCH, sizes, servers, history, sizes.days_a_round)


def _one_by_one(sizes: Sizes, servers: Servers) -> Iterator[Line]:
    count = sizes.rounds * sizes.readings_a_round + 1
    first = datetime.now(UTC).replace(microsecond=0) - count * APART
    times = [first + nth * APART for nth in range(count)]
    readings = [body(LIVE_SHIP, at, at + APART, APART) for at in times]
    for server in servers.all:
        server.post("/data", readings[0])  # makes the ship known to the environment
    return _posts(ONE, sizes, servers, readings[1:], sizes.readings_a_round)


def _posts(
    what: str, sizes: Sizes, servers: Servers, bodies: Sequence[bytes], a_round: int
) -> Iterator[Line]:
    def of_round(server: Server, nth: int) -> list[Callable[[], object]]:
        part = bodies[nth * a_round : (nth + 1) * a_round]
        return [partial(server.post, "/data", sent) for sent in part]

    rounds = costs.in_turns(servers, sizes.rounds, of_round)
    limits = {} if sizes.is_smoke else LIMITS_OF_POSTS[what]
    return costs.lines(what, servers, rounds, limits)


@dataclass(frozen=True, slots=True)
class _Get:
    """What is read so often in each round."""

    what: str
    path: str
    times: int
    rounds: int
    limits: costs.Limits

    def lines_if_alike(self, servers: Servers) -> Iterator[Line]:
        """Yield what it costs, once all answered alike."""
        for peer in servers.peers.values():
            assert_alike(servers.ours.get(self.path), peer.get(self.path))
        yield from self.lines(servers)

    def lines(self, servers: Servers) -> Iterator[Line]:
        """Yield what it costs."""
        measured = costs.in_turns(servers, self.rounds, self._requests)
        return costs.lines(self.what, servers, measured, self.limits)

    def _requests(self, server: Server, _: int) -> list[Callable[[], object]]:
        return [partial(server.get, self.path)] * self.times
