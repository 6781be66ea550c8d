"""In which order a rollup settles what is marked, and that little time starves nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import pytest

from quarterhour.errors import Busy
from quarterhour.sites.sources import ship
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.closing import Announced, Closing
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.rollup import Rollup, Sites, of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import marks
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clock import Clock
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import parse
from tests.unit.test_todo_by_shard import Play

pytestmark = pytest.mark.no_cover

NOW = parse("2019-03-10T12:00:00Z")
MONTHS = [f"2018-{number:02}" for number in range(7, 13)] + ["2019-01", "2019-02"]
NEWEST = MONTHS[-1]


@dataclass
class Marked(Play):
    """Ships of one shard with marked days in the middle of months; what a run wrote, in order."""

    shards: int = 1
    now_ms: int = NOW
    settled: list[tuple[str, str]] = field(default_factory=list)
    made: int = 0

    def mark(self, *months: str, ships: tuple[int, ...] = (1,)) -> None:
        """Post a late quarter hour in the middle of months: two days of each are marked."""
        for one in ships:
            for month in months:
                self.post(ship(one), parse(f"{month}-15T00:00:00Z"))

    def run(self, limit: float = 1e9, *, newest_first: bool = True, is_fleet: bool = True) -> None:
        """Run the shard's rollup, of which each call takes a second of the limit.

        Without a fleet above, what is settled is struck, as it is of houses.
        """
        scheduler = self.calls()
        ticks = count()
        clock = Clock(lambda: self.now_ms / 1000, lambda: float(self.made), lambda _: None)

        def noted(call: Callable[..., Any], **request: Any) -> Any:
            self.made = next(ticks)
            key = request.get("Key", {})
            if key.get("sk", {}).get("S", "").startswith("d##used#"):
                self.settled.append((key["pk"]["S"], key["sk"]["S"].removeprefix("d##used#")))
            return send(call, **request)

        self.made = next(ticks)
        calls = Calls(scheduler._client, self.engine.table, clock, limit)
        send = calls._send
        calls._send = noted  # type: ignore[method-assign]
        registry = self.registry(calls)
        fleet = FleetSettler(calls, Reader(calls), registry) if is_fleet else None
        sites = Sites(registry, of_ship, fleet)
        closing = Closing(calls, self.shards, Announced(), self.now_ms)
        settler = Settler(calls)
        with suppress(Busy):
            Rollup(calls, settler, sites, closing).run_shard(0, newest_first=newest_first)

    def waiting(self) -> list[str]:
        """Return the months of which days are to be settled by the shard."""
        items = self.items("T#0").items()
        return sorted({sk[:7] for sk, item in items if {"N": "1"} in item.values()})


def months_of(settled: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return ships and months in the order in which their first day was settled."""
    return list(dict.fromkeys((owner, day[:7]) for owner, day in settled))


@pytest.fixture
def marked() -> Marked:
    return Marked()


def test_a_ship_s_months_are_settled_newest_first(marked: Marked) -> None:
    marked.mark(*MONTHS)
    marked.run()
    assert months_of(marked.settled) == [("S1", month) for month in reversed(MONTHS)]


def test_a_month_s_days_are_settled_newest_first_where_they_take_several_tasks(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quarterhour.store.rollup.rollup.BLOCKS_AT_ONCE", 1)
    for day in ("03", "15", "27"):
        marked.post(ship(1), parse(f"2018-08-{day}T00:00:00Z"))
    marked.run()
    found = [day[8:] for _, day in marked.settled]
    assert found == ["28", "27", "16", "15", "04", "03"]


def test_portion_by_portion_the_newest_months_of_all_sites_come_first(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "PORTION_DAYS", 6)
    marked.mark(*MONTHS, ships=(1, 2, 3))
    marked.run()
    assert [month for _, month in months_of(marked.settled)] == [
        month for month in reversed(MONTHS) for _ in range(3)
    ]


def test_oldest_first_is_the_other_way_round(marked: Marked) -> None:
    marked.mark(*MONTHS)
    marked.run(newest_first=False)
    assert months_of(marked.settled) == [("S1", month) for month in MONTHS]


# What one run has time for: little more than to settle a month's days and what is made of them.
LITTLE = 18.0


def steadily(marked: Marked, orders: Iterator[bool]) -> Iterator[list[str]]:
    """Mark the newest month anew before each of many runs of little time; yield what waits."""
    for newest_first in orders:
        marked.mark(NEWEST)
        marked.run(LITTLE, newest_first=newest_first, is_fleet=False)
        yield marked.waiting()


def test_old_days_do_not_starve_where_every_other_run_begins_with_them(marked: Marked) -> None:
    """However little time runs have, and however steadily newer days are marked."""
    marked.mark(*MONTHS)
    orders = (nth % 2 == 0 for nth in count())
    after = [*islice(steadily(marked, orders), 2 * len(MONTHS))]
    assert any(month in after[1] for month in MONTHS[:-1]), "the time is enough for all at once"
    assert set(after[-1]) <= {NEWEST}


def test_newest_first_alone_would_leave_them_for_ever(marked: Marked) -> None:
    marked.mark(*MONTHS)
    after = [*steadily(marked, iter([True] * 4 * len(MONTHS)))]
    assert MONTHS[0] in after[-1]


def test_days_are_no_less_settled_for_their_order(marked: Marked) -> None:
    marked.mark(*MONTHS, ships=(1, 2))
    marked.run()
    marked.step()
    assert marked.items("T#0") == {}
    for month in MONTHS:
        day = parse(f"{month}-15T00:00:00Z")
        assert day + DAY_MS < NOW
        marked.check(day)
