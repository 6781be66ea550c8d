"""What is put about a house, in the table: versions, two writers at once, what is remembered."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from quarterhour.errors import Busy, NotFound
from quarterhour.sites.house import House
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clock import Clock, Moment
from quarterhour.store.table.house_entries import ATTEMPTS, HouseEntries
from quarterhour.store.table.parallel import in_turn
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.known_sites import MAX_REMEMBERED, REMEMBERED_S, KnownSites
from tests.catalogues import entry, meter
from tests.models.dynamo import ModelDynamo
from tests.models.interleave import Scheduler
from tests.models.network import Faults

TABLE = "model-table"
HISTORIES = 300
WRITERS = 4
SHARDS = 3


def still(now: Callable[[], float] = lambda: 1000.0) -> Clock:
    """Return clocks on which nothing passes but what `now` says."""
    return Clock(now, lambda: 0.0, lambda _: None)


def entries(client: Any, clock: Callable[[], float] = lambda: 1000.0) -> HouseEntries:
    return HouseEntries(Calls(client, TABLE, still(clock)), SHARDS)


def called(name: str) -> Any:
    return entry(meter(), name=name, sname=name)


class Overtaken(HouseEntries):
    """Another puts the house whenever this one has read its version."""

    def __init__(self, dynamo: ModelDynamo, times: int) -> None:
        super().__init__(Calls(dynamo, TABLE, still()), SHARDS)  # type: ignore[arg-type]
        self._others = entries(dynamo)
        self._left = times

    def _item(self, house_id: int, sort: str) -> Any:
        found = super()._item(house_id, sort)
        if self._left:
            self._left -= 1
            self._others.put(house_id, called("another"))
        return found


def test_a_put_that_was_overtaken_comes_after_the_other() -> None:
    dynamo = ModelDynamo(TABLE)
    assert Overtaken(dynamo, 1).put(5, called("late")) == 2
    house = entries(dynamo).get(5)
    assert (house.name, house.version) == ("late", 2)


def test_a_put_that_is_always_overtaken_is_busy_and_stores_nothing() -> None:
    dynamo = ModelDynamo(TABLE)
    with pytest.raises(Busy):
        Overtaken(dynamo, 1000).put(5, called("late"))
    house = entries(dynamo).get(5)
    assert (house.name, house.version) == ("another", ATTEMPTS)


ROUGH = Faults(
    kill=0.01,
    skew_seconds=30.0,
    refused=0.05,
    throttled=0.1,
    conflicts=0.1,
    unanswered=0.1,
    late_seconds=300.0,
)
CROWDED = Faults(throttled=0.1, conflicts=0.1)


class Strong:
    """Passes calls on to a table, and remembers which reads could have seen an old state of it."""

    def __init__(self, dynamo: ModelDynamo) -> None:
        self._dynamo = dynamo
        self.reads: list[bool] = []

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            if method in {"get_item", "query"}:
                self.reads.append(request["ConsistentRead"])
            return getattr(self._dynamo, method)(**request)

        return call


def test_whatever_was_put_is_seen_by_the_next_read() -> None:
    client = Strong(ModelDynamo(TABLE))
    there = entries(client)
    there.put(5, entry())
    there.put_budgets(5, {"2013-01": {}})
    for read in (there.get, there.entry, there.budgets):
        read(5)
    there.listed(None, 9)
    assert len(client.reads) > 6
    assert all(client.reads)


class History:
    """Writers that are at one house at once, each doing its work with entries of its own."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self.dynamo = ModelDynamo(TABLE)
        entries(self.dynamo).put(6, called("before"))  # the table has its fence and watermarks
        self.told: list[tuple[int, str]] = []
        self._scheduler = Scheduler(seed, self.dynamo, faults, start=1_535_068_800.0)

    def run(self, work: Callable[["History", int], None]) -> "History":
        for writer in range(WRITERS):
            self._scheduler.spawn(f"writer {writer}", partial(work, self, writer))
        self._scheduler.run()
        return self

    def entries(self) -> HouseEntries:
        scheduler = self._scheduler
        return HouseEntries(Calls(scheduler.client(), TABLE, scheduler.clocks), SHARDS)


def put_twice(history: History, writer: int) -> None:
    for nth in range(2):
        name = f"{writer}.{nth}"
        with suppress(Busy):
            history.told.append((history.entries().put(5, called(name)), name))


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return [History(seed, ROUGH).run(put_twice) for seed in range(HISTORIES)]


def test_no_two_writers_are_told_the_same_version(histories: Iterable[History]) -> None:
    for history in histories:
        told = [version for version, _ in history.told]
        assert len(told) == len(set(told))
    assert sum(len(history.told) for history in histories) > HISTORIES * WRITERS


def test_what_is_there_at_last_is_the_highest_version_whole(histories: Iterable[History]) -> None:
    for history in histories:
        there = entries(history.dynamo)
        house = there.get(5)
        version, name = max(history.told)
        assert house.version >= version
        if house.version == version:
            assert house.name == name
        assert there.listed(None, 9)[0][0] == (5, house.name, house.sname)
        calls = Calls(history.dynamo, TABLE)  # type: ignore[arg-type]
        assert house.created_ms in Registry(calls, keys.HOUSES, SHARDS).created()


def budget_a_month(history: History, writer: int) -> None:
    said = {f"2013-{writer + 1:02}": {"used": writer}}
    history.told.append((history.entries().put_budgets(5, said), ""))


def test_budgets_of_different_months_that_are_put_at_once_are_all_kept() -> None:
    for seed in range(HISTORIES):
        history = History(seed, CROWDED)
        entries(history.dynamo).put(5, called("a"))
        history.run(budget_a_month)
        assert sorted(version for version, _ in history.told) == [1, 2, 3, 4]
        kept = entries(history.dynamo).budgets(5)
        assert kept == {f"2013-{nth + 1:02}": {"used": nth} for nth in range(WRITERS)}


# --- What is remembered ---------------------------------------------------------------------------


class Known:
    """The houses an environment remembers, on a table and a clock of its own."""

    def __init__(self) -> None:
        self.dynamo = ModelDynamo(TABLE)
        self.now_s = self.elapsed_s = self.gateway_s = 1000.0
        self.reads = 0
        self.remembered: dict[int, Any] = {}

    def put(self, house_id: int, *devices: Any) -> None:
        entries(self.dynamo).put(house_id, entry(*devices))

    def version(self, *devices: int, house: int = 5) -> int:
        """Return the version that is found to have the devices; `reads` counts what it took."""
        found = entries(self.dynamo)
        get = found.get

        def counted(house_id: int) -> Any:
            self.reads += 1
            return get(house_id)

        def has(known: House) -> int:
            if missing := [one for one in devices if known.device(one) is None]:
                raise NotFound(f"There is no device {missing}.")
            return known.version

        found.get = counted  # type: ignore[method-assign]
        began = Moment(self.now_s, self.elapsed_s, self.gateway_s)
        sites = KnownSites(found, self.remembered, began)
        try:
            return has(sites.get(house))
        except NotFound:
            if sites.is_read(house):
                raise
            return has(sites.read(house))


@pytest.fixture
def known() -> Known:
    found = Known()
    found.put(5, meter(1), meter(2))
    return found


@pytest.mark.parametrize("clock", ["now_s", "elapsed_s", "gateway_s"])
def test_a_house_is_read_once_in_five_seconds_of_any_clock(known: Known, clock: str) -> None:
    found = []
    for _ in range(2):
        found.append(known.version(1))
        known.put(5, meter(1))
    setattr(known, clock, 1000.0 + REMEMBERED_S - 0.001)
    found.append(known.version(1))
    assert (found, known.reads) == ([1, 1, 1], 1)
    setattr(known, clock, 1000.0 + REMEMBERED_S)
    assert (known.version(1), known.reads) == (3, 2)


@pytest.mark.parametrize("clock", ["now_s", "elapsed_s"])
def test_a_house_is_read_anew_when_a_clock_has_gone_back(known: Known, clock: str) -> None:
    known.version(1)
    setattr(known, clock, 999.9)
    assert (known.version(1), known.reads) == (1, 2)


def test_a_house_is_as_old_as_the_request_that_read_it(known: Known) -> None:
    """However long the answer was under way, it may be from before it was asked for."""
    get = HouseEntries.get

    def slow(found: HouseEntries, house_id: int) -> House:
        known.now_s += REMEMBERED_S
        return get(found, house_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HouseEntries, "get", slow)
        known.version(1)
    assert (known.version(1), known.reads) == (1, 2)


def test_what_a_remembered_house_lacks_is_looked_for_anew(known: Known) -> None:
    known.version(1, 2)
    known.put(5, meter(1), meter(3))
    assert known.version(1, 2) == 1
    assert known.version(1, 3) == 2
    assert known.reads == 2


def test_what_a_house_read_anew_lacks_it_does_not_have(known: Known) -> None:
    known.version(1)
    for _ in range(2):
        with pytest.raises(NotFound, match="device"):
            known.version(9)
    assert known.reads == 3


def test_an_unknown_house_is_not_remembered_as_one(known: Known) -> None:
    with pytest.raises(NotFound, match="house 6"):
        known.version(1, house=6)
    known.put(6, meter(1))
    assert known.version(1, house=6) == 1


def test_no_more_houses_are_remembered_than_that(known: Known) -> None:
    known.version(1)
    (one,) = known.remembered.values()
    known.remembered |= dict.fromkeys(range(1000, 999 + MAX_REMEMBERED), one)
    assert len(known.remembered) == MAX_REMEMBERED
    known.put(6, meter(1))
    known.version(1, house=6)
    assert list(known.remembered) == [6]


def test_totals_are_marked_once() -> None:
    dynamo: Any = ModelDynamo(TABLE)
    calls, there = Calls(dynamo, TABLE), entries(dynamo)
    there.put(5, entry())
    period_totals.put(calls, there.get(5), [], in_turn)
    house, instant = there.get(5), dynamo.instant
    assert house.has_totals
    period_totals.put(calls, house, [], in_turn)
    assert dynamo.instant == instant
