"""Questions about a whole fleet, of growing size: settled days, and the tail that is read live."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from bench import costs
from bench.alike import assert_alike
from bench.batches import DAY, body, live_day, today, window
from bench.counting import InProcess, Most, counted_and_timed, counts
from bench.servers import Server, Servers
from bench.sizes import Sizes
from bench.steps import Step
from bench.table import Line

TABLE = costs.beside_peers("A fleet")
COUNTED = counts("A fleet: calls and units")
HALF_HOUR = timedelta(minutes=30)
CPU_OF_A_SHIP_S = 2.2e-3
FLEET, TOP = "/data/fleet?{}", "/topusers?count=3&{}"
# What is asked, and of how many hours: upper bounds of a day say little of two hours in it.
_QUESTIONS = (("fleet", FLEET, 24), ("top users", TOP, 24), ("top users of 2 hours", TOP, 2))


def settled(sizes: Sizes) -> Iterator[Step]:
    """Yield what asks for one settled day, of which each ship posted 48 half-hourly readings."""
    day = today() - 10 * DAY
    for known, ships in pairwise((0, *sizes.settled)):
        state = f"{ships} ships, settled"
        posted = partial(
            _post, range(known, ships), lambda ship: body(ship, day, day + DAY, HALF_HOUR)
        )
        yield Step(TABLE, _names(state), partial(_settled, state, sizes.rounds, posted, day + DAY))
        shards = max(1, ships / 250)
        yield _counted(f"fleet, {state}", FLEET, day + DAY, sizes, Most(calls=3, units=3))
        most = Most(calls=3, units=2 + 1.5 * shards)
        yield _counted(f"top users, {state}", TOP, day + DAY, sizes, most)


def live(sizes: Sizes) -> Iterator[Step]:
    """Yield what asks for the last day, of which no rollup can have closed what has readings."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    since, until, every = live_day(now)
    for known, ships in pairwise((0, *sizes.live)):
        state = f"{ships} ships, live"
        posted = partial(_post, range(known, ships), lambda ship: body(ship, since, until, every))
        yield Step(TABLE, _names(state), partial(_live, state, sizes.rounds, posted, now))
        limit_s = None if sizes.is_smoke else CPU_OF_A_SHIP_S * ships
        most = Most(in_turn=-(-ships // 8) + 5, cpu_s=limit_s)
        yield _counted(f"fleet, {state}", FLEET, now, sizes, most)


def _names(state: str) -> tuple[str, ...]:
    return tuple(
        name
        for what, form, _ in _QUESTIONS
        for name in (
            costs.names(f"{what}, {state}") if form == FLEET else [f"{what}, {state}: {costs.TIME}"]
        )
    )


def _settled(
    state: str, rounds: int, posted: Callable[[Servers], None], end: datetime, servers: Servers
) -> Iterator[Line]:
    posted(servers)
    servers.settle()
    yield from _lines(state, rounds, end, servers)


def _live(
    state: str, rounds: int, posted: Callable[[Servers], None], end: datetime, servers: Servers
) -> Iterator[Line]:
    posted(servers)
    yield from _lines(state, rounds, end, servers)


def _post(ships: range, of_ship: Callable[[int], bytes], servers: Servers) -> None:
    for ship in ships:
        batch = of_ship(ship)
        for server in servers.all:
            server.post("/data", batch)


def _lines(state: str, rounds: int, end: datetime, servers: Servers) -> Iterator[Line]:
    for what, form, hours in _QUESTIONS:
        path = form.format(window(end - timedelta(hours=hours), end))
        for peer in servers.peers.values():
            assert_alike(servers.ours.get(path), peer.get(path))
        measured = costs.in_turns(servers, rounds, partial(_request, path))
        if form == FLEET:
            yield from costs.lines(f"{what}, {state}", servers, measured, {})
        else:
            ours, *theirs = map(costs.least_wall, zip(*measured, strict=True))
            beside = dict(zip(servers.peers, theirs, strict=True))
            yield costs.compared(f"{what}, {state}: {costs.TIME}", ours, beside)


def _request(path: str, server: Server, _: int) -> list[Callable[[], object]]:
    return [partial(server.get, path)]


def _counted(what: str, form: str, end: datetime, sizes: Sizes, most: Most) -> Step:
    path = form.format(window(end - DAY, end))

    def run(servers: Servers) -> Iterator[Line]:
        with InProcess.on(servers.engine) as here:
            send = partial(here.ask, "GET", path)
            send()
            yield here.line(what, counted_and_timed(send, sizes.rounds), most)

    return Step(COUNTED, (what,), run)
