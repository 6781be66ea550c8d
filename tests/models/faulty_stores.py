"""The store made wrong, one fault at a time: what the check of the rollup has to catch.

Each of FAULTS replaces a piece of the store by one that breaks a rule of docs/table.md, for as
long as it is entered.

Not among them: month sums with the heads read first. A month has one head item and its block's `s`
comes from one read of it, so both sums are of one instant each and equal sums are equal counters,
in whichever order they were read. Only a year's sum, of twelve heads, needs the order; for that to
show, marks in two months have to fall between the pages of one query of a rollup, and a reader's
own two queries around the second of them. The order stays what it is.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast
from unittest.mock import patch

from quarterhour.energy import aggregate, lookback
from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.lookback import last_to_close
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import raw, window
from quarterhour.store.read.access import Access
from quarterhour.store.read.raw import Raw
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.stored_days import StoredDays
from quarterhour.store.read.stored_sums import StoredSums
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup import closing, fleet, fleet_step, rollup, settler
from quarterhour.store.rollup.closing import NONE_MS, Closing
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_step import FleetStep
from quarterhour.store.rollup.outlook import Outlook
from quarterhour.store.rollup.rollup import Rollup
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys, leases, marks
from quarterhour.store.table.calls import Calls, Item, deletion, only_if, remove, set_values
from quarterhour.store.table.clock import Moment
from quarterhour.store.table.codec import number
from quarterhour.store.table.fence import PLACE, Fence, Fences, of_item
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.leases import Lease
from quarterhour.store.table.marks import Heads, Todo, of_shard
from quarterhour.store.table.registry import Watermarks, until_of
from quarterhour.store.write import known_fence, plan, writer
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.write.known_fence import KnownFence
from quarterhour.store.write.removals import Removal
from quarterhour.store.write.writer import Chunk, Update, Writer
from quarterhour.time.calendar import DAY_MS, UTC, day_number
from quarterhour.time.intervals import Interval

Fault = Callable[[], Any]


def replaced(owner: Any, name: str, piece: Any) -> Fault:
    """Return the fault of a piece in another's place."""
    return lambda: patch.object(owner, name, piece)


# Marks


def _no_marks(_chunk: Chunk, _now_ms: int, _fence_ms: int) -> list[tuple[int, list[int]]]:
    return []


def _mark_after(self: Writer, source: Source, chunk: Chunk, update: Update) -> Item:
    self._calls.transact([update(source, write) for write in chunk])
    if owed := self._owed(chunk):
        self._calls.transact(self._mark_updates(source, owed))
    return {}


def _mark_before(self: Writer, source: Source, chunk: Chunk, update: Update) -> Item:
    if owed := self._owed(chunk):
        self._calls.transact(self._mark_updates(source, owed))
    self._calls.transact([update(source, write) for write in chunk])
    return {}


def _reach_not_back(first_ms: int, last_ms: int) -> range:
    return UTC.days_between(first_ms, last_ms + lookback.LOOKBACK_MS)


def _reach_not_far_ahead(first_ms: int, last_ms: int) -> range:
    return UTC.days_between(first_ms - lookback.MAX_HOLD_MS, last_ms + 1)


def _raw_not_far_back(start_ms: int, end_ms: int) -> tuple[int, int]:
    return start_ms - lookback.MAX_HOLD_MS, lookback.neighbourhood(start_ms, end_ms)[1]


def _raw_not_ahead(start_ms: int, end_ms: int) -> tuple[int, int]:
    return lookback.neighbourhood(start_ms, end_ms)[0], end_ms


_take = Deleter._take


def _take_without_marks(self: Deleter, source: Source, some: Any, _: Any) -> int:
    return _take(self, source, some, lambda *_: [])


def _take_days_alone(self: Deleter, source: Source, some: Any, marks_of: Any) -> int:
    """Marks the days of the readings that go, and none that they reach into."""

    def of_their_days(source: Source, some: Any) -> Any:
        with patch.object(plan, "days_changed", _no_reach):
            return marks_of(source, some)

    return _take(self, source, some, of_their_days)


def _no_reach(first_ms: int, last_ms: int) -> range:
    return UTC.days_between(first_ms, last_ms + 1)


def _bare_remove(self: Removal, source: Source) -> dict[str, Any]:
    return remove(*self.place(source), [name for name, _ in self.values])


# Registration


def _register_after(self: Writer, source: Source, batch: Any) -> Any:
    planned = list(plan.chunks(plan.item_writes(batch)))
    found = self._write_all(source, planned, writer._put)
    self._register(source)
    return found


# Settling a site


_settle_days = Settler._settle_days


def _raw_before_head(
    self: Settler, meters: Sequence[Meter], days: Interval, _: Heads, readings: Raw
) -> None:
    for meter in meters:
        self._reader.derived(meter, *days, readings)
    heads = self._reader.heads(meters[0].source.owner, *days)
    _settle_days(self, meters, days, heads, readings)


def _old_heads(self: Reader, owner: str, start_ms: int, end_ms: int) -> Heads:
    sorts = keys.head_sort(UTC.month_of(start_ms)), keys.head_sort(UTC.month_of(end_ms - 1))
    return Heads(self.calls.query(owner, *sorts, strong=False))


# Todo


_settle_marked = Rollup._settle_marked


def _strike_first(self: Rollup, shard: int, todo: Sequence[Todo]) -> None:
    for one in todo:
        self._strike(one, one.closed(self._open_ms))
    _settle_marked(self, shard, todo)


def _at(todo: Todo) -> tuple[str, str]:
    return todo.partition, keys.todo_sort(todo.source, todo.month)


def _left(todo: Todo, days: Collection[int]) -> Todo:
    return todo._replace(days=[day for day in todo.days if day not in days])


def _strike_blindly(self: Rollup, todo: Todo, days: Collection[int]) -> Todo:
    """Strikes a house's item whatever was marked, of a ship's says that days are done."""
    left = _left(todo, days)
    if self._sites.fleet:
        done = set_values(*_at(todo), dict.fromkeys(map(day_number, days), marks._DONE))
        self._calls.update_if(only_if(done, "attribute_exists(#tok)"))
    elif not left.days:
        _delete_blindly(self._calls, todo, days)
    return left


def _delete_blindly(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    calls._send(calls._client.delete_item, **deletion(*_at(todo)))
    return _left(todo, days)


def _count_up(self: Writer, source: Source, owed: Any) -> list[dict[str, Any]]:
    """The marks, with a counter for a token."""
    updates = _mark_updates(self, source, owed)
    for update in updates:
        values = update["ExpressionAttributeValues"]
        places = {name: place for place, name in update["ExpressionAttributeNames"].items()}
        if place := places.get("tok"):
            update["UpdateExpression"] = (
                update["UpdateExpression"].replace(f",{place}=:{place[1:]}", "")
                + f" ADD {place} :1"
            )
            values.pop(f":{place[1:]}")
            values[":1"] = {"N": "1"}
    return updates


_mark_updates = Writer._mark_updates
_query = Calls.query


def _with_counted_tokens(query: Callable[..., Iterator[Item]]) -> Any:
    def counted(self: Calls, partition: str, *sorts: str, **how: bool) -> Iterator[Item]:
        for item in query(self, partition, *sorts, **how):
            yield {**item, "tok": {"S": item["tok"]["N"]}} if "tok" in item else item

    return counted


def _hand_over_counted(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    done = set_values(*_at(todo), dict.fromkeys(map(day_number, days), marks._DONE))
    calls.update_if(only_if(done, "#tok = :tok", tok={"N": todo.token}))
    return todo


def _strike_counted(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    left = _left(todo, days)
    if not left.days:
        calls.delete_if(only_if(deletion(*_at(todo)), "#tok = :tok", tok={"N": todo.token}))
    return left


@contextmanager
def _token_is_a_counter() -> Iterator[None]:
    with ExitStack() as pieces:
        for owner, name, piece in (
            (Writer, "_mark_updates", _count_up),
            (Calls, "query", _with_counted_tokens(Calls.query)),
            (Calls, "descending", _with_counted_tokens(Calls.descending)),
            (rollup, "hand_over", _hand_over_counted),
            (rollup, "strike", _strike_counted),
            (fleet_step, "strike", _strike_counted),
        ):
            pieces.enter_context(patch.object(owner, name, piece))
        yield


def _struck_by_the_shard(self: Rollup, todo: Todo, days: Collection[int]) -> Todo:
    return marks.strike(self._calls, todo, days)


def _marks_that_keep_what_is_done(self: Writer, source: Source, owed: Any) -> list[dict[str, Any]]:
    """The marks; a day that its shard has done stays so."""
    updates = _mark_updates(self, source, owed)
    for update in updates:
        places = {name: place for place, name in update["ExpressionAttributeNames"].items()}
        for place in (places[name] for name in places if name.isdigit() and "tok" in places):
            value = f":{place[1:]}"
            kept = f"{place}=if_not_exists({place},{value})"
            update["UpdateExpression"] = re.sub(
                rf"{place}={value}\b", kept, update["UpdateExpression"]
            )
    return updates


def _strike_what_is_still_done(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    """Strikes days as long as they are done, at whatever token."""
    left = _left(todo, days)
    numbers = [*map(day_number, days)]
    places = {f"#d{number}": number for number in numbers}
    struck = remove(*_at(todo), numbers) if left.days else deletion(*_at(todo))
    struck["ConditionExpression"] = " AND ".join(f"{place} = :done" for place in places)
    struck["ExpressionAttributeNames"] = struck.get("ExpressionAttributeNames", {}) | places
    struck["ExpressionAttributeValues"] = {":done": marks._DONE}
    calls._conditional(
        calls._client.update_item if left.days else calls._client.delete_item, struck
    )
    return left


def _strike_whole(calls: Calls, todo: Todo, _: Collection[int]) -> Todo:
    """Strikes the item of which only some days were handed over."""
    return marks.strike(calls, todo, todo.days)


# The fleet


def _write_without_gen(
    self: FleetSettler, partition: str, sort: str, made: Callable[[], dict[str, Any]]
) -> None:
    self._calls.update(set_values(partition, sort, made() | {"gen": number(1)}))


def _write_gen_late(
    self: FleetSettler, partition: str, sort: str, made: Callable[[], dict[str, Any]]
) -> None:
    for _ in range(20):
        attributes = made()
        gen = self._calls.get(partition, sort, strong=True).get("gen")
        attributes["gen"] = number(int(gen["N"]) + 1 if gen else 1)
        unchanged = "#gen = :gen" if gen else "attribute_not_exists(#gen)"
        update = set_values(partition, sort, attributes)
        if self._calls.update_if(only_if(update, unchanged, **({"gen": gen} if gen else {}))):
            return


_open = Windows.open


def _fleet_before_todo(self: Windows, start_ms: int, end_ms: int) -> Any:
    """Reads the fleet's items before the todo list and answers from them afterwards."""
    calls = self._calls
    days = keys.fleet_day_sort(start_ms), keys.fleet_day_sort(end_ms - 1)
    months = keys.fleet_month_sort(start_ms), keys.fleet_month_sort(end_ms - 1)
    early = {sorts: list(_query(calls, keys.FLEET, *sorts)) for sorts in (days, months)}

    def query(partition: str, *sorts: str, strong: bool = True) -> Any:
        if partition == keys.FLEET and sorts in early:
            return iter(early[sorts])
        return _query(calls, partition, *sorts, strong=strong)

    cast("Any", calls).query = query
    return _open(self, start_ms, end_ms)


def _fleet_strikes_first(self: FleetStep, items: Sequence[Todo]) -> None:
    self._strike([(item, item.done) for item in items])
    self._settler.make_fleet(sorted({day for item in items for day in item.done}))


def _fleet_begins_late(self: FleetStep, marks: Watermarks) -> int:
    """Begins the fleet's watermark where those of the shards are."""
    shards = map(self._registry.kind.watermark, range(self._registry.shards))
    begun = {"until": number(min(marks.until(mark) for mark in shards))}
    self._calls.update(set_values(keys.WATERMARKS, keys.FLEET_MARK, begun, keep=True))
    return marks.until(keys.FLEET_MARK)


_close = FleetStep._close


def _close_too_far(self: FleetStep, marks: Watermarks, until: int, _: int) -> None:
    """Closes what the furthest shard has closed."""
    shards = map(self._registry.kind.watermark, range(self._registry.shards))
    _close(self, marks, until, max(marks.until(mark) for mark in shards))


_lists = marks.lists
_listed = marks.listed


def _no_other_shards(kind: SiteKind, _: int, mark: Item) -> list[str]:
    return _lists(kind, 1, mark)


def _no_old_list(kind: SiteKind, shards: int, _: Item) -> list[str]:
    return kind.todo_partitions(shards)


def _listed_not_done(calls: Calls, partition: str, *months: str) -> Iterator[Todo]:
    for item in _listed(calls, partition, *months):
        yield item._replace(days=item.waiting)


def _waiting_of_all(
    calls: Calls, kind: SiteKind, shard: int, _: int, *, newest_first: bool = False
) -> Iterator[Todo]:
    lists = kind.todo_partition(shard), kind.old_todo
    read = marks.newest if newest_first else _listed
    return (item for one in lists for item in read(calls, one) if item.waiting)


def _watermark_first(self: Rollup, shard: int) -> None:
    """Moves the shard's watermark before its days are made."""
    mark = self._sites.registry.kind.watermark(shard)
    while self._closing.may_close(day := self._open_ms):
        self._marks.move(mark, day - DAY_MS, day)
        self._settle_due(shard, day)
        self._open_ms = self._marks.until(mark) + DAY_MS


# What gets on, whatever fails and however little time there is


def _tried_by_nobody(_: Failures, __: str, work: Callable[[], object]) -> bool:
    work()
    return True


@contextmanager
def _never_cut_by_time() -> Iterator[None]:
    """Strikes what was read of the todo only as a whole."""
    with patch.object(rollup, "SHARE", 1.0), patch.object(fleet, "SHARE", 1.0):
        yield


def _hand_over_whole(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    left = todo._replace(done=(*todo.done, *days))
    if not left.waiting:
        _hand_over(calls, todo, todo.days)
    return left


_hand_over = marks.hand_over


# The fence. Elapsed time stands for MARGIN, too: without either, what is under way is left out.


@contextmanager
def _without_margin() -> Iterator[None]:
    with (
        patch.object(closing, "closed_from", lookback.marked_from),
        patch.object(closing, "WAIT_S", 0.0),
    ):
        yield


_marks = plan.marks


def _marks_by_the_clock(chunk: Chunk, now_ms: int, _: int) -> list[tuple[int, list[int]]]:
    return _marks(chunk, now_ms, NONE_MS)


@contextmanager
def _no_fence() -> Iterator[None]:
    """Clocks alone say which days are marked and which are closed."""
    with (
        patch.object(writer, "marks", _marks_by_the_clock),
        patch.object(closing, "WAIT_S", 0.0),
    ):
        yield


_move = Watermarks.move


def _move_and_announce(self: Watermarks, mark: str, from_day: int, to_day: int) -> None:
    Fences(self._calls, 1).announce(to_day)
    _move(self, mark, from_day, to_day)


@contextmanager
def _fence_is_what_is_closed() -> Iterator[None]:
    """Writers know up to where days are closed, of which nobody told them before."""
    with (
        patch.object(Closing, "announce", lambda *_: None),
        patch.object(Closing, "_wait_s", lambda *_: 0.0),
        patch.object(Watermarks, "move", _move_and_announce),
    ):
        yield


_keep = KnownFence._keep


def _aged_from_the_answer(self: KnownFence, fence: Fence | None) -> int:
    last_ms = _keep(self, fence)
    self._memory.asked = self._calls.clock.moment()
    return last_ms


@contextmanager
def _waits_by_the_wall() -> Iterator[None]:
    def see(self: Closing, day: int) -> None:
        self._announced.see(day, self._clock.now())

    def wait_s(self: Closing, day: int) -> float:
        return self._announced.wait_s(day, self._clock.now())

    with patch.object(Closing, "_see", see), patch.object(Closing, "_wait_s", wait_s):
        yield


def _old_fence(self: Fences) -> Fence | None:
    return of_item(self._calls.get(*PLACE, strong=False))


_get_many = Calls.get_many


def _get_many_old(self: Calls, keys: Sequence[tuple[str, str]], *, strong: bool) -> Iterator[Item]:
    return _get_many(self, keys, strong=strong and PLACE not in keys)


@contextmanager
def _fence_eventually() -> Iterator[None]:
    with patch.object(Fences, "read", _old_fence), patch.object(Calls, "get_many", _get_many_old):
        yield


def _open_without_a_fence(self: KnownFence, fence: Fence | None) -> int:
    return _keep(self, fence or Fence(NONE_MS, NONE_MS))


_settle_sums = Settler.settle_sums


_run_shard = Rollup.run_shard


def _marked_up_to(last: Callable[[Closing], int]) -> Any:
    """What lies up to a day that need not be closed is settled, where it is marked."""

    def run_shard(self: Rollup, shard: int, *, newest_first: bool = True) -> None:
        self._newest_first = newest_first
        self._open_ms = last(self._closing) + DAY_MS
        for item in of_shard(self._calls, self._sites.registry, shard, self._open_ms):
            self._settle_marked(shard, [item])
        _run_shard(self, shard, newest_first=newest_first)

    return run_shard


def _sums_by_the_clock(self: Settler, *of: Any) -> bool:
    """Sums are complete up to the last day that the clock would close."""
    meter, zone, days, upto_ms, heads = of
    by_clock = last_to_close(int(self._calls.clock.now() * 1000)) + DAY_MS
    return _settle_sums(self, meter, zone, days, max(upto_ms, by_clock), heads)


# What readers take


def _open_from_the_watermark(_: Windows, mark: Item) -> int:
    return until_of(mark) + DAY_MS if mark else 0


def _held_beyond_now(*of: Any) -> Profiles:
    return _derived(*of[:4])


_derived = aggregate.derived


def _raw_up_to_now(calls: Calls) -> Raw:
    return Raw(calls, now_ms=calls.now_ms)


# Leases


def _held_for_ever(self: Lease, _now_ms: int, _holder: str = "") -> bool:
    return self.ends_ms > 0


@contextmanager
def _only_one_run() -> Iterator[None]:
    """Nobody but who has the lease is thought to write what is derived."""
    anyway = "attribute_not_exists(#s) OR #s <= :s OR #s > :s"
    with (
        patch.object(settler, "_NEWER", anyway),
        patch.object(settler, "_FURTHER", f"{anyway} OR #tz = :tz OR #upto = :upto"),
        patch.object(FleetSettler, "_write", _write_without_gen),
    ):
        yield


# What an environment keeps of blocks


FOREVER_MS = 1 << 60
_keep_days = StoredDays._keep


@contextmanager
def _kept_is_believed() -> Iterator[None]:
    """A kept block is taken whatever the counters are."""
    with (
        patch.object(StoredDays, "_drop_stale", lambda *_: False),
        patch.object(StoredSums, "_drop_stale", lambda *_: False),
    ):
        yield


def _keep_what_is_marked(self: StoredDays, place: int, part: Any, *of: Any) -> None:
    buckets, heads, closed_ms = of
    _keep_days(self, place, part, buckets, heads, closed_ms)
    for day in heads.marked(self._meters[place].source):
        if part[0] <= day and day + DAY_MS <= part[1]:
            _keep_days(self, place, (day, day + DAY_MS), buckets, heads, day + DAY_MS)


def _keep_late(self: StoredDays, *of: Any) -> None:
    """The counters are read once more, after the readings."""
    place, part, buckets, _, closed_ms = of
    heads = self._access.heads(self.owner, *self.range)
    _keep_days(self, place, part, buckets, heads, closed_ms)


def _end_of_announced(self: Access, *_: Any) -> int:
    fence = Fences(self.calls, 1).read()
    return self.past_of(fence.last_ms + DAY_MS) if fence else 0


FAULTS: dict[str, Fault] = {
    "power is held beyond now": replaced(aggregate, "derived", _held_beyond_now),
    "what is settled is cut at now": replaced(settler, "Raw", _raw_up_to_now),
    "what is cut at now is kept": replaced(Access, "_end_of", lambda _, day: day + DAY_MS),
    "a day that is not past taken from its block": replaced(Reader, "is_past", lambda *_: True),
    "a day that is not past taken from the fleet's items": replaced(
        Windows, "_open_from_ms", _open_from_the_watermark
    ),
    "no fence": _no_fence,
    "marks by the clock alone": replaced(writer, "marks", _marks_by_the_clock),
    "the fence is what is closed": _fence_is_what_is_closed,
    "a day is closed as soon as it is announced": replaced(closing, "WAIT_S", 0.0),
    "the wait is that of the memory alone": replaced(closing, "WAIT_S", known_fence.REMEMBERED_S),
    "the fence's age counts from its answer": replaced(KnownFence, "_keep", _aged_from_the_answer),
    "the fence's age is of the wall clock alone": replaced(
        Moment, "age_s", lambda then, now: now.wall_s - then.wall_s
    ),
    "the fence's age is of the monotonic clock alone": replaced(
        Moment, "age_s", lambda then, now: now.monotonic_s - then.monotonic_s
    ),
    "the wait is of wall clocks": _waits_by_the_wall,
    "the fence read eventually consistent": _fence_eventually,
    "the fence kept for ever": replaced(Moment, "age_s", lambda *_: 0.0),
    "all days are open where no fence is": replaced(KnownFence, "_keep", _open_without_a_fence),
    "marked days settled up to the fence": replaced(
        Rollup, "run_shard", _marked_up_to(lambda closing: closing.fence.last_ms)
    ),
    "marked days settled up to the clock": replaced(
        Rollup, "run_shard", _marked_up_to(lambda closing: last_to_close(closing._now_ms))
    ),
    "sums complete up to the clock": replaced(Settler, "settle_sums", _sums_by_the_clock),
    "no mark": replaced(writer, "marks", _no_marks),
    "a delete does not mark": replaced(Deleter, "_take", _take_without_marks),
    "a delete marks only the days of what it takes": replaced(Deleter, "_take", _take_days_alone),
    "a delete takes what is newer": replaced(Removal, "request", _bare_remove),
    "mark in a second call, after": replaced(Writer, "_write", _mark_after),
    "mark in a second call, before": replaced(Writer, "_write", _mark_before),
    "settling without MARGIN": _without_margin,
    "marks reach less far back": replaced(plan, "days_changed", _reach_not_back),
    "marks reach less far ahead": replaced(plan, "days_changed", _reach_not_far_ahead),
    "raw reaches less far back": replaced(raw, "neighbourhood", _raw_not_far_back),
    "raw reaches less far ahead": replaced(raw, "neighbourhood", _raw_not_ahead),
    "registering after the first reading": replaced(Writer, "put", _register_after),
    "raw read before the head in settle": replaced(Settler, "_settle_days", _raw_before_head),
    "heads read eventually consistent": replaced(Reader, "heads", _old_heads),
    "a block written without s <= r": replaced(
        settler, "_NEWER", "attribute_not_exists(#s) OR #s <= :s OR #s > :s"
    ),
    "a month written without s <= :s": replaced(
        settler,
        "_FURTHER",
        "attribute_not_exists(#s) OR #tz <> :tz OR #s <= :s OR #s > :s OR #upto = :upto",
    ),
    "todo done before the blocks are written": replaced(Rollup, "_settle_marked", _strike_first),
    "todo done whatever its token is": replaced(Rollup, "_strike", _strike_blindly),
    "todo deleted by a counter": _token_is_a_counter,
    "todo struck by the shard": replaced(Rollup, "_strike", _struck_by_the_shard),
    "todo struck before the fleet's items are written": replaced(
        FleetStep, "_settle_month", _fleet_strikes_first
    ),
    "todo struck by the fleet whatever its token is": replaced(
        fleet_step, "strike", _delete_blindly
    ),
    "a day that is marked again stays done": replaced(
        Writer, "_mark_updates", _marks_that_keep_what_is_done
    ),
    "todo struck by the fleet while its days are done": replaced(
        fleet_step, "strike", _strike_what_is_still_done
    ),
    "the fleet strikes days that no shard has done": replaced(fleet_step, "strike", _strike_whole),
    "fleet items without gen": replaced(FleetSettler, "_write", _write_without_gen),
    "gen read after what the item is made from": replaced(FleetSettler, "_write", _write_gen_late),
    "fleet items read before the todo list": replaced(Windows, "open", _fleet_before_todo),
    "another shard's todo is left out": replaced(window, "lists", _no_other_shards),
    "the old todo is left out": replaced(window, "lists", _no_old_list),
    "what a shard has done is taken for settled": replaced(window, "listed", _listed_not_done),
    "old todo of another shard is done": replaced(marks, "waiting", _waiting_of_all),
    "the fleet begins where the shards are": replaced(FleetStep, "_begin", _fleet_begins_late),
    "the fleet closes what one shard has closed": replaced(FleetStep, "_close", _close_too_far),
    "watermark moved first": replaced(Rollup, "_close_shard", _watermark_first),
    "a lease does not end": replaced(Lease, "is_held", _held_for_ever),
    "a lease of any length is believed": replaced(leases, "LONGEST_MS", 10**15),
    "the lease is taken for mutual exclusion": _only_one_run,
    "a look sees no day to close": replaced(Outlook, "is_closing", lambda *_: False),
    "a look sees no marked day": replaced(Outlook, "todo", lambda *_: iter(())),
    "one site that fails stops the run": replaced(Failures, "tried", _tried_by_nobody),
    "a site that fails is not listed": replaced(rollup, "list_day", lambda *_: None),
    "days are never announced": replaced(Closing, "announce", lambda *_: None),
    "a portion is struck as a whole or never": _never_cut_by_time,
    "a month is handed over as a whole or never": replaced(rollup, "hand_over", _hand_over_whole),
    "nobody notes how far a day is closed": replaced(Watermarks, "reach", lambda *_: None),
    "an open day is kept": replaced(Access, "closed_ms", lambda self, *_: self.past_of(FOREVER_MS)),
    "a marked day is kept": replaced(StoredDays, "_keep", _keep_what_is_marked),
    "what is kept is closed by the reader's clock": replaced(
        Access, "closed_ms", lambda self, *_: last_to_close(self._now_ms) + DAY_MS
    ),
    "an announced day is kept": replaced(Access, "closed_ms", _end_of_announced),
    "a kept block is believed": _kept_is_believed,
    "a derived day is kept by later counters": replaced(StoredDays, "_keep", _keep_late),
    "readings of before the counters are kept": replaced(
        Raw, "has_read", property(lambda _: False)
    ),
}
