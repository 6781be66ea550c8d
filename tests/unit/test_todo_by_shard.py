"""The shortest histories in which todo by shard and the fleet's own step have to be as they are.

Each is right wherever in it the other act comes between two calls, and wrong somewhere as soon as
the rule is broken that it is about (tests.models.faulty_stores).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from quarterhour.energy.lookback import last_to_close
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.errors import Busy
from quarterhour.sites.sources import Source, ship
from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup import fleet_step
from quarterhour.store.rollup.closing import Announced, Closing
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_step import FleetStep
from quarterhour.store.rollup.rollup import Rollup, Sites, of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, set_values
from quarterhour.store.table.fence import Fences
from quarterhour.store.table.parallel import in_turn
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, UTC
from tests.models.attributes import Item
from tests.models.faulty_stores import FAULTS
from tests.models.interleave import Scheduler
from tests.models.older_release import OldWriter, begin_fleet
from tests.models.watched import Watched

pytestmark = pytest.mark.no_cover

MIDNIGHT = 1_535_068_800_000  # 2018-08-24
NOON = 12 * HOUR_MS
AUGUST = UTC.month_of(MIDNIGHT)
LATER = MIDNIGHT + 10 * DAY_MS + NOON
# Calls that are enough for the blocks of a ship's month, and for some of its shard's days with the
# month and the year above.
LITTLE = 160
ENERGY = Series(USED, Quantity.ENERGY)
SHARDS = 2
# One of each shard.
FIRST, SECOND = (
    next(one for one in map(ship, count(1)) if keys.shard_of(one, SHARDS) == shard)
    for shard in range(SHARDS)
)

Act = Callable[[], None]


class Killed(BaseException):
    """The process ends here."""


class Interrupted(Calls):
    """Calls that take a second each, before the nth of which somebody else acts, once."""

    nth = -1
    act: Act = staticmethod(lambda: None)

    def _send(self, call: Callable[..., Any], **request: Any) -> Any:
        self.nth -= 1
        if self.nth == -1:
            self.act()
        self.clock.sleep(1.0)
        return super()._send(call, **request)


@dataclass
class Play:
    """A table, what was posted to its ships and acknowledged, and when it is."""

    shards: int = SHARDS
    now_ms: int = LATER
    engine: Watched = field(default_factory=Watched)
    posted: dict[int, float] = field(default_factory=dict)
    values: Iterator[int] = field(default_factory=lambda: count(1))
    is_interrupted: bool = False
    most: float = 1e9  # calls that a run has time for

    def calls(self, nth: int = -1, act: Act = lambda: None) -> Calls:
        scheduler = Scheduler(0, self.engine, start=self.now_ms / 1000)
        made = Interrupted(scheduler.client(), self.engine.table, scheduler.clocks, self.most)

        def noted() -> None:
            self.is_interrupted = True
            act()

        made.nth, made.act = nth, noted
        return made

    def registry(self, calls: Calls) -> Registry:
        return Registry(calls, keys.SHIPS, self.shards)

    def post(self, source: Source, day: int = MIDNIGHT, kind: type[Writer] = Writer) -> None:
        """Store one more quarter hour of a day; no two values add up to a third."""
        nth = next(self.values)
        reading = Reading(day + NOON + nth * BUCKET_MS, float(2**nth), BUCKET_MS)
        calls = self.calls()
        fence = KnownFence(calls, FenceMemory(), self.shards)
        kind(calls, set(), fence, self.shards, in_turn).put(source, {ENERGY: [reading]})
        self.posted[day] = self.posted.get(day, 0.0) + reading.value

    def roll_up(self, *shards: int, nth: int = -1, act: Act = lambda: None) -> None:
        """Run these shards' rollups, or those of all."""
        calls = self.calls(nth, act)
        fleet = FleetSettler(calls, Reader(calls), self.registry(calls))
        sites = Sites(self.registry(calls), of_ship, fleet)
        for shard in shards or range(self.shards):
            last_ms = last_to_close(self.now_ms)
            closing = Closing(calls, self.shards, Announced(), self.now_ms, last_ms)
            Fences(calls, self.shards).announce(last_ms)
            Rollup(calls, Settler(calls), sites, closing).run_shard(shard)

    def step(self, nth: int = -1, act: Act = lambda: None) -> None:
        """Run the fleet's step."""
        calls, registry = self.calls(nth, act), self.registry(self.calls())
        FleetStep(calls, FleetSettler(calls, Reader(calls), registry), registry).run()

    def settle(self) -> None:
        self.roll_up()
        self.step()

    def hurry(self, most: float, work: Act) -> bool:
        """Do work with time for so many calls; return whether it came to its end."""
        before, self.most = self.most, most
        try:
            work()
        except Busy:
            return False
        finally:
            self.most = before
        return True

    def check(self, day: int = MIDNIGHT, nth: int = -1, act: Act = lambda: None) -> None:
        """What the fleet used on a day is what was posted, and so are the ranks."""
        right = self.posted[day]
        calls = self.calls(nth, act)
        windows = Windows(calls, Reader(calls), self.registry(calls))
        rows, _ = FleetReader(calls, windows).rows(day, day + DAY_MS, "day")
        assert [row.kwh for row in rows] == [right]
        self.check_ranks(day, right)

    def check_ranks(self, day: int, right: float, nth: int = -1, act: Act = lambda: None) -> None:
        calls = self.calls(nth, act)
        reader = Reader(calls)
        windows = Windows(calls, reader, self.registry(calls))
        ranking = RankingReader(calls, reader, windows, FleetReader(calls, windows))
        found = ranking.top(5, day, day + DAY_MS)
        assert found is not None
        assert sum(one.kwh for one in found.ships) == right

    def items(self, partition: str) -> Mapping[str, Item]:
        now = self.engine.instant
        return {sk: item for sk, (item,) in self.engine.states(partition, now, now) if item}


def settled(**how: Any) -> Play:
    """Return a table with a reading of each shard's ship, all of it settled."""
    play = Play(**how)
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    play.check()
    return play


# What it returns says whether the other act came at all.
History = Callable[[int], Play]

# --- The histories: what happens before the nth call of whoever is interrupted --------------------


def a_read_while_shard_and_fleet_settle(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.check(nth=nth, act=play.settle)
    return play


def ranks_while_shard_and_fleet_settle(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.check_ranks(MIDNIGHT, play.posted[MIDNIGHT], nth=nth, act=play.settle)
    return play


def a_read_between_a_shard_s_run_and_the_fleet_s_step(_: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()
    play.check()
    return play


def a_late_reading_in_another_shard(_: int) -> Play:
    play = settled()
    play.post(SECOND)
    play.check()
    return play


def a_late_reading_by_an_older_release(_: int) -> Play:
    play = Play()
    begin_fleet(play.calls(), LATER)
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    play.post(SECOND, kind=OldWriter)
    play.check()
    return play


def an_old_item_of_another_shard(_: int) -> Play:
    play = Play()
    begin_fleet(play.calls(), LATER)
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    play.post(SECOND, kind=OldWriter)
    play.roll_up(0)
    play.step()
    play.check()
    return play


def a_late_reading_during_the_fleet_s_step(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()
    play.step(nth, lambda: play.post(FIRST))
    play.check()
    play.settle()
    play.check()
    return play


def a_read_during_the_fleet_s_step(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()
    play.step(nth, play.check)
    play.check()
    return play


def a_fleet_s_step_that_is_killed(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()

    def die() -> None:
        raise Killed

    with suppress(Killed):
        play.step(nth, die)
    play.check()
    play.settle()
    play.check()
    return play


def a_late_reading_between_a_shard_s_run_and_the_fleet_s_step(_: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()
    play.post(FIRST)
    play.step()
    play.check()
    return play


def a_late_reading_that_is_settled_during_the_fleet_s_step(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()

    def settle_another() -> None:
        play.post(FIRST)
        play.roll_up()

    play.step(nth, settle_another)
    play.check()
    return play


def a_month_that_is_handed_over_in_part(_: int) -> Play:
    play = settled()
    days = [AUGUST + nth * DAY_MS for nth in range(31)]
    for day in days:
        play.post(FIRST, day)
    assert not play.hurry(LITTLE, play.roll_up)
    play.step()
    for day in days:
        play.check(day)
    return play


def a_day_that_no_run_has_time_to_close(_: int) -> Play:
    play = Play(shards=1)
    for one in range(1, 25):
        play.post(ship(one), AUGUST)
    play.settle()
    play.now_ms += DAY_MS
    before = play.items("W")["0"]["until"]
    for _ in range(8):
        play.hurry(LITTLE, play.roll_up)
    assert play.items("W")["0"]["until"] != before
    return play


def a_late_reading_during_a_shard_s_run(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up(nth=nth, act=lambda: play.post(FIRST))
    play.step()
    play.check()
    return play


def a_fleet_s_step_during_a_shard_s_run(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up(nth=nth, act=play.step)
    play.check()
    play.step()
    play.check()
    return play


def a_fleet_s_step_slower_than_another_and_a_late_reading(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()

    def another() -> None:
        play.step()
        play.post(FIRST)

    play.step(nth, another)
    play.check()
    return play


def a_fleet_s_step_slower_than_a_late_reading_is_settled(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up()

    def settle_another() -> None:
        play.post(FIRST)
        play.settle()

    play.step(nth, settle_another)
    play.check()
    return play


def a_shard_s_run_slower_than_a_late_reading_is_settled(nth: int) -> Play:
    play = settled()
    play.post(FIRST)

    def settle_another() -> None:
        play.post(FIRST)
        play.settle()

    play.roll_up(nth=nth, act=settle_another)
    play.check()
    play.step()
    play.check()
    return play


def a_shard_s_run_slower_than_another_and_the_fleet_s_step(nth: int) -> Play:
    play = settled()
    play.post(FIRST)
    play.roll_up(nth=nth, act=play.settle)
    play.check()
    play.settle()
    assert not play.items("T#0")
    return play


def days_that_a_shard_closes_before_the_fleet_begins(_: int) -> Play:
    play = Play(now_ms=MIDNIGHT + DAY_MS)
    for source in (FIRST, SECOND):
        play.post(source)
    play.now_ms = LATER
    play.settle()
    play.check()
    return play


def a_day_that_only_one_shard_has_closed(_: int) -> Play:
    play = settled()
    today = UTC.day_of(play.now_ms)
    play.now_ms += DAY_MS // 2
    for source in (FIRST, SECOND):
        play.post(source, today)
    play.now_ms += DAY_MS
    play.roll_up(0)
    play.step()
    play.check(today)
    return play


# Each history, and what has to be broken for it to be wrong.
HISTORIES: dict[History, tuple[str, ...]] = {
    a_read_while_shard_and_fleet_settle: ("fleet items read before the todo list",),
    ranks_while_shard_and_fleet_settle: (),
    a_read_between_a_shard_s_run_and_the_fleet_s_step: (
        "what a shard has done is taken for settled",
        "todo struck by the shard",
    ),
    a_late_reading_in_another_shard: ("another shard's todo is left out",),
    a_late_reading_by_an_older_release: ("the old todo is left out",),
    an_old_item_of_another_shard: ("old todo of another shard is done",),
    a_late_reading_during_the_fleet_s_step: ("todo struck by the fleet whatever its token is",),
    a_read_during_the_fleet_s_step: ("todo struck before the fleet's items are written",),
    a_fleet_s_step_that_is_killed: ("todo struck before the fleet's items are written",),
    a_late_reading_between_a_shard_s_run_and_the_fleet_s_step: (
        "a day that is marked again stays done",
    ),
    a_late_reading_that_is_settled_during_the_fleet_s_step: (
        "todo struck by the fleet while its days are done",
        "todo struck by the fleet whatever its token is",
    ),
    a_day_that_no_run_has_time_to_close: ("nobody notes how far a day is closed",),
    a_month_that_is_handed_over_in_part: ("the fleet strikes days that no shard has done",),
    a_late_reading_during_a_shard_s_run: ("todo done whatever its token is",),
    a_fleet_s_step_during_a_shard_s_run: ("todo done before the blocks are written",),
    a_fleet_s_step_slower_than_another_and_a_late_reading: (
        "todo deleted by a counter",
        "todo struck by the fleet whatever its token is",
    ),
    a_fleet_s_step_slower_than_a_late_reading_is_settled: (
        "fleet items without gen",
        "gen read after what the item is made from",
    ),
    # The slow run is also one whose lease has ended, and no fault of the order is in it.
    a_shard_s_run_slower_than_a_late_reading_is_settled: (
        "the lease is taken for mutual exclusion",
        "raw read before the head in settle",
        "fleet items without gen",
        "gen read after what the item is made from",
    ),
    a_shard_s_run_slower_than_another_and_the_fleet_s_step: (),
    days_that_a_shard_closes_before_the_fleet_begins: ("the fleet begins where the shards are",),
    a_day_that_only_one_shard_has_closed: ("the fleet closes what one shard has closed",),
}
WRONG = [(history, fault) for history, faults in HISTORIES.items() for fault in faults]


def run(history: History) -> None:
    """Let the other act come before every call there is."""
    for nth in count():
        if not history(nth).is_interrupted:
            return


def named(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("history", HISTORIES, ids=named)
def test_a_history_is_right_wherever_the_other_act_comes(history: History) -> None:
    run(history)


@pytest.mark.parametrize(("history", "fault"), WRONG, ids=named)
def test_it_is_wrong_where_its_rule_is_broken(history: History, fault: str) -> None:
    with FAULTS[fault](), pytest.raises(AssertionError):
        run(history)


# --- Who reads and writes what --------------------------------------------------------------------


class Noted(Calls):
    """Calls that note which partitions were queried, and which written."""

    queried: list[str]
    written: list[str]

    def _send(self, call: Callable[..., Any], **request: Any) -> Any:
        if "KeyConditionExpression" in request:
            self.queried.append(request["ExpressionAttributeValues"][":pk"]["S"])
        elif "UpdateExpression" in request:
            self.written.append(request["Key"]["pk"]["S"])
        elif "Item" in request:
            self.written.append(request["Item"]["pk"]["S"])
        return super()._send(call, **request)


@dataclass
class NotedPlay(Play):
    """A table, and what is read and written."""

    noted: list[Noted] = field(default_factory=list)

    def calls(self, nth: int = -1, act: Act = lambda: None) -> Calls:
        del nth, act
        scheduler = Scheduler(0, self.engine, start=self.now_ms / 1000)
        made = Noted(scheduler.client(), self.engine.table, scheduler.clocks)
        made.queried, made.written = [], []
        self.noted.append(made)
        return made

    def during(self, work: Act) -> tuple[list[str], list[str]]:
        """Return the lists of the todo that were read, and the fleet's items that were written."""
        self.noted.clear()
        work()
        queried = [pk for calls in self.noted for pk in calls.queried if pk.startswith("T")]
        written = [pk for calls in self.noted for pk in calls.written if pk == keys.FLEET]
        return queried, written


def test_a_shard_reads_its_own_list_and_the_old_one_and_makes_nothing_of_the_fleet() -> None:
    play = NotedPlay()
    for source in (FIRST, SECOND):
        play.post(source)
    assert play.during(lambda: play.roll_up(1)) == (["T#1", "T"], [])
    assert next(iter(play.items("T#0").values()))["24"] == {"N": "1"}
    assert next(iter(play.items("T#1").values()))["24"] == {"N": "2"}


def test_a_day_that_all_shards_have_handed_over_is_made_once() -> None:
    play = NotedPlay()
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    for source in (FIRST, SECOND):
        play.post(source)
        play.post(source, MIDNIGHT - 31 * DAY_MS)
    play.roll_up()
    lists, made = play.during(play.step)
    assert lists == ["T", "T#0", "T#1"]
    # In each of two months two days that the readings can change, and the month.
    assert len(made) == 2 * 3
    assert not play.items("T#0")
    assert not play.items("T#1")


def test_a_step_in_portions_of_one_item_strikes_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fleet_step, "PORTION_ITEMS", 1)
    play = settled()
    for source in (FIRST, SECOND):
        for months in range(3):
            play.post(source, MIDNIGHT - 31 * months * DAY_MS)
    play.settle()
    assert not [pk for pk in ("T#0", "T#1") if play.items(pk)]
    for months in range(3):
        play.check(MIDNIGHT - 31 * months * DAY_MS)


def test_the_fleet_s_watermark_follows_the_slowest_shard_s() -> None:
    play = settled()
    items = play.items("W").items()
    marks = {mark: int(item["until"]["N"]) for mark, item in items if "until" in item}
    assert set(marks) == {"0", "1", "fleet"}
    assert len(set(marks.values())) == 1
    play.now_ms += 3 * DAY_MS
    play.roll_up(0)
    play.step()
    assert int(play.items("W")["fleet"]["until"]["N"]) == marks["fleet"]
    play.roll_up(1)
    play.step()
    assert int(play.items("W")["fleet"]["until"]["N"]) == marks["fleet"] + 3 * DAY_MS
    closed = range(marks["fleet"] + DAY_MS, marks["fleet"] + 4 * DAY_MS, DAY_MS)
    assert set(map(keys.fleet_day_sort, closed)) <= set(play.items(keys.FLEET))


def test_a_run_skips_what_is_done_until_it_is_marked_again() -> None:
    play = settled()
    play.post(FIRST)
    play.roll_up()
    before = play.engine.instant
    play.roll_up()
    assert play.engine.instant == before
    play.post(FIRST)
    play.roll_up()
    (item,) = play.items("T#0").values()
    assert {item["24"]["N"], item["25"]["N"]} == {"2"}


def test_a_month_that_is_handed_over_in_part_is_struck_in_part() -> None:
    play = settled()
    for nth in range(31):
        play.post(FIRST, AUGUST + nth * DAY_MS)
    play.hurry(LITTLE, play.roll_up)
    name = f"2018-08#{FIRST.name}"
    before = play.items("T#0")[name]
    made = {name for name, said in before.items() if said == {"N": "2"}}
    assert 1 < len(made) < 31
    play.step()
    left = {name: said for name, said in before.items() if name not in made}
    assert play.items("T#0")[name] == left


def test_what_was_handed_over_before_single_days_were_is_struck_unless_it_is_marked_again() -> None:
    for is_marked in False, True:
        play = settled()
        play.post(FIRST)
        (item,) = play.items("T#0").values()
        done = set_values("T#0", item["sk"]["S"], {"done": item["tok"]})
        play.roll_up()
        undone = {day: {"N": "1"} for day in ("24", "25")}
        play.calls().update(set_values("T#0", item["sk"]["S"], undone))
        play.calls().update(done)
        if is_marked:
            play.post(FIRST)
        play.step()
        assert bool(play.items("T#0")) == is_marked
        play.check()


# --- Tables of an older release -------------------------------------------------------------------

OF_NEW_TABLES = ["T#0", "T#1"]


def test_a_new_table_says_so_and_no_fleet_read_looks_into_the_old_list() -> None:
    play = NotedPlay()
    for source in (FIRST, SECOND):
        play.post(source)
    assert play.during(play.check) == ([], [])  # no day is settled: the todo says nothing
    play.settle()
    assert play.items("W")["fleet"]["todo"] == {"S": "by shard"}
    lists, _ = play.during(play.check)
    assert lists == 2 * OF_NEW_TABLES  # of the sums, and of the ranks


def test_a_table_whose_fleet_an_older_release_began_has_its_old_list_read_for_ever() -> None:
    play = NotedPlay()
    begin_fleet(play.calls(), LATER)
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    lists, _ = play.during(play.check)
    assert lists == 2 * [*OF_NEW_TABLES, "T"]


def test_a_table_with_old_marks_and_without_a_fleet_yet_is_no_new_one() -> None:
    play = NotedPlay()
    play.post(FIRST, kind=OldWriter)
    play.step()
    play.check()
    play.settle()
    assert not play.items("T")
    assert "todo" not in play.items("W")["fleet"]
    lists, _ = play.during(play.check)
    assert "T" in lists


def test_a_table_whose_fleet_an_older_release_begins_meanwhile_is_no_new_one() -> None:
    for nth in count():
        play = Play()
        play.post(FIRST)
        play.roll_up()
        is_older = list[bool]()

        def begin(play: Play = play, is_older: list[bool] = is_older) -> None:
            is_older.append(not play.items("W").get("fleet"))
            begin_fleet(play.calls(), play.now_ms)

        play.step(nth, begin)
        if not play.is_interrupted:
            assert nth > 3
            return
        assert is_older == ["todo" not in play.items("W")["fleet"]]


def test_an_older_release_that_comes_back_has_its_list_read_again() -> None:
    play = NotedPlay()
    for source in (FIRST, SECOND):
        play.post(source)
    play.settle()
    play.post(FIRST, kind=OldWriter)
    play.settle()
    play.check()
    assert "todo" not in play.items("W")["fleet"]
    play.post(FIRST, kind=OldWriter)
    play.check()


def test_what_is_in_both_lists_is_settled_and_struck_in_both() -> None:
    play = Play()
    begin_fleet(play.calls(), LATER)
    for source in (FIRST, SECOND):
        play.post(source)
        play.post(source, kind=OldWriter)
    play.roll_up()
    play.check()
    assert len(play.items("T")) == 2
    play.step()
    play.check()
    assert not [list_ for list_ in ("T", *OF_NEW_TABLES) if play.items(list_)]
