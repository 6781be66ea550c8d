"""What requests of one ship take: counted in this process, on the table that the server filled."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from bench import before
from bench.batches import DAY, FIVE_MINUTES, body, today, window
from bench.counting import (
    UNLIMITED,
    InProcess,
    Most,
    counted_and_timed,
    counted_once,
    counts,
    least_s,
)
from bench.in_process import roll_up_all
from bench.servers import Servers
from bench.ships import SHIP, first_day
from bench.sizes import Sizes
from bench.steps import Step
from bench.table import Line

TABLE = counts("A ship: calls and units", *(["CPU before"] if before.checkout() else []))
OF_BEFORE = 0.45
MINUTE = timedelta(minutes=1)
_OTHER = 900  # not the ship that is measured beside the peers


def posts(sizes: Sizes) -> Iterator[Step]:
    """Yield the counts of posts: one reading now, and a past day of 96 quarter hours."""
    one, whole = "POST of one reading in order", "POST of a past day, 96 quarter hours"
    past, now = today() - 3 * DAY, datetime.now(UTC).replace(second=0, microsecond=0)
    live, late = (
        body(_OTHER, now, now + MINUTE, MINUTE),
        body(_OTHER, past, past + DAY, FIVE_MINUTES),
    )
    most = Most(calls=1, in_turn=1, units=1, of_before=OF_BEFORE)
    yield _step(one, sizes, ("POST", "/data", live), most)
    yield _step(whole, sizes, ("POST", "/data", late), Most(calls=1, in_turn=1, units=196))


def unsettled(sizes: Sizes) -> Iterator[Step]:
    """Yield the counts of reads before any rollup."""
    yield from _gets(sizes, "unsettled", UNLIMITED)


def rollup(sizes: Sizes) -> Step:
    """Return what settles the history, also with the peers."""
    what = f"rollup of {sizes.ranges[-1]} days"

    def run(servers: Servers) -> Iterator[Line]:
        with InProcess.on(servers.engine) as here:
            line = here.line(what, counted_once(roll_up_all))
        servers.settle()
        yield line

    return Step(TABLE, (what,), run)


def settled(sizes: Sizes) -> Iterator[Step]:
    """Yield the counts of reads after a rollup."""
    yield from _gets(sizes, "settled", Most(calls=2, units=38))


def _gets(sizes: Sizes, state: str, most: Most) -> Iterator[Step]:
    """Yield reads of a day and of the whole history, in a new environment and again."""
    day, history = sizes.ranges[0], sizes.ranges[-1]
    for count, limits in ((day, Most(calls=1, units=3)), (history, most)):
        what = f"GET of {count} day{'s' if count > 1 else ''}, {state}"
        asked = _asked(sizes, count)
        yield _step(f"{what}, first", sizes, asked, limits, is_first=True)
        yield _step(f"{what}, again", sizes, asked, limits)


def _asked(sizes: Sizes, count: int) -> tuple[str, str]:
    start = first_day(sizes)
    return "GET", f"/data?spaceship_id={SHIP}&{window(start, start + count * DAY)}"


def _step(
    what: str,
    sizes: Sizes,
    request: tuple[str, str] | tuple[str, str, bytes],
    most: Most,
    *,
    is_first: bool = False,
) -> Step:
    def run(servers: Servers) -> Iterator[Line]:
        with InProcess.on(servers.engine) as here, _before(servers) as then:
            send: Callable[[], None] = partial(here.ask, *request)
            send()  # makes the ship known to the environment
            renewed = here.fresh if is_first else bool
            count = counted_and_timed(send, sizes.rounds, renewed)
            if then and not is_first:
                then.cpu_s(*request)
                before_s = least_s(partial(then.cpu_s, *request), sizes.rounds)
                yield here.line(what, count, most, before_s)
            else:
                yield here.line(what, count, most)

    return Step(TABLE, (what,), run)


@contextmanager
def _before(servers: Servers) -> Iterator[before.Functions | None]:
    """Run the functions of the checkout before, if there is one."""
    folder = before.checkout()
    if folder is None or servers.engine_before is None:
        yield None
        return
    with before.functions_on(servers.engine_before, folder) as running:
        yield running
