"""The laws of readings (docs/semantics.md, rule 5), held by the store on a real engine."""

import itertools
import threading
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import ENERGY_USED, USED, Reading, Series
from quarterhour.sites.sources import Source, ship
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store import writers
from quarterhour.store.environment import calls, environment
from quarterhour.store.read.rows import Reader
from quarterhour.store.table.wire import Answer, Request, Send
from tests.builders import MIDNIGHT, batch, in_range, reading
from tests.conftest import Call
from tests.models.comparison import kernel_of_channel
from tests.models.slow_resample import Kind, Posted
from tests.models.strategies import MINUTE, all_of, channels, ranges
from tests.profiles import Bucket, buckets_of

pytestmark = pytest.mark.integration

on_the_engine = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
QUANTITIES = {Kind.POWER: Quantity.POWER, Kind.AMOUNT: Quantity.ENERGY}
_ids = itertools.count(1)

Part = Sequence[Posted]


def storable(readings: list[Posted]) -> list[Posted]:
    """What is smaller than DynamoDB's numbers is stored as 0 (docs/decisions/0006)."""
    return [one._replace(value=0.0) if abs(one.value) < 1e-99 else one for one in readings]


posted = channels().filter(bool).map(storable)


def new_ship() -> Source:
    return ship(next(_ids))


def post(source: Source, part: Part) -> None:
    series: dict[Series, list[Reading]] = {}
    for one in part:
        key = Series(USED, QUANTITIES[one.kind])
        series.setdefault(key, []).append(Reading(one.at_ms, one.value, one.interval_ms))
    writers.writer().put(source, series)


def buckets(source: Source, start_ms: int, end_ms: int) -> dict[int, Bucket]:
    meter = Meter(source, (ENERGY_USED,))
    (found,) = Reader(calls()).buckets([meter], (start_ms, end_ms))
    return buckets_of(found[ENERGY_USED])


def parts(data: DataObject, readings: Part) -> list[Part]:
    """The readings in any order, cut anywhere, some of the parts twice."""
    shuffled = data.draw(st.permutations(readings), label="order")
    cuts = sorted(data.draw(st.sets(st.integers(1, len(readings))), label="cuts") | {0})
    cut = [shuffled[a:b] for a, b in itertools.pairwise([*cuts, len(readings)]) if a < b]
    again = data.draw(st.lists(st.sampled_from(cut), max_size=2), label="twice")
    return [*cut, *again]


@pytest.mark.usefixtures("table")
@on_the_engine
@given(posted, st.data())
def test_any_order_split_and_repetition_of_batches_gives_the_same_buckets(
    readings: list[Posted], data: DataObject
) -> None:
    source = new_ship()
    for part in parts(data, readings):
        post(source, part)
    found = buckets(source, *all_of(readings))
    assert found == kernel_of_channel(readings, *all_of(readings))


@pytest.mark.usefixtures("table")
@on_the_engine
@given(posted, st.data())
def test_two_writers_at_once_give_the_same_buckets(
    readings: list[Posted], data: DataObject
) -> None:
    source = new_ship()
    both = parts(data, readings)

    def write(mine: Iterable[Part]) -> None:
        for part in mine:
            post(source, part)

    writers = [threading.Thread(target=write, args=(both[first::2],)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert buckets(source, *all_of(readings)) == kernel_of_channel(readings, *all_of(readings))


@pytest.mark.usefixtures("table")
@on_the_engine
@given(posted, st.data())
def test_a_range_is_the_sum_of_its_parts(readings: list[Posted], data: DataObject) -> None:
    source = new_ship()
    post(source, readings)
    start, middle, end = data.draw(ranges(readings, count=3))
    first, second = buckets(source, start, middle), buckets(source, middle, end)
    assert first | second == buckets(source, start, end)
    assert not first.keys() & second.keys()


class Kill(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("calls_before_the_kill", range(6))
@pytest.mark.parametrize("applied", [False, True])
def test_a_handler_killed_between_chunks_and_tried_again_ends_the_same(
    calls_before_the_kill: int, *, applied: bool
) -> None:
    source = new_ship()
    start = int(MIDNIGHT.timestamp() * 1000)
    readings = [Posted(Kind.POWER, start + n * 5 * MINUTE, n % 7) for n in range(1200)]
    left = itertools.count(-calls_before_the_kill)

    def kill(send: Send, _operation: str, request: Request) -> Answer:
        is_last = next(left) == 0
        if is_last and not applied:
            raise Kill
        answer = send(request)
        if is_last:
            raise Kill
        return answer

    with environment().client.watched(kill), pytest.raises(Kill):
        post(source, readings)
    post(source, readings)
    assert buckets(source, *all_of(readings)) == kernel_of_channel(readings, *all_of(readings))


@pytest.mark.parametrize("offset", ["Z", "+00:00", "+02:00", "-09:30", "+14:00", "+05:45"])
def test_offsets_do_not_matter(call: Call, offset: str) -> None:
    clocks = {"Z": "00:10", "+00:00": "00:10", "+02:00": "02:10", "+05:45": "05:55"}
    others = {"-09:30": "2018-08-23T14:40", "+14:00": "2018-08-24T14:10"}
    local = others.get(offset) or f"2018-08-24T{clocks[offset]}"
    call("POST", "/data", batch([reading(f"{local}:00{offset}", 4)], units="kW"))
    assert call("GET", in_range()).json["data"] == [
        {"datetime": "2018-08-24T00:00:00Z", "value": 0.333333, "coverage": 0.333333},
        {"datetime": "2018-08-24T00:15:00Z", "value": 0.666667, "coverage": 0.666667},
    ]


def test_the_hours_a_clock_repeats_are_two_hours(call: Call) -> None:
    twice = [reading("2018-10-28T02:00:00+02:00", 12), reading("2018-10-28T02:00:00+01:00", 20)]
    call("POST", "/data", batch(twice, interval="PT1H"))
    day = "start=2018-10-28T00:00:00Z&end=2018-10-28T02:00:00Z&interval=hour"
    answer = call("GET", f"/data?spaceship_id=1&{day}").json["data"]
    assert [point["value"] for point in answer] == [12, 20]
