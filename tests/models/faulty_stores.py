"""The store made wrong, one fault at a time: what the check of the rollup has to catch.

Each of FAULTS replaces a piece of the store by one that breaks a rule of docs/table.md, for as
long as it is entered.

Not among them: month sums with the heads read first. A month has one head item and its block's `s`
comes from one read of it, so both sums are of one instant each and equal sums are equal counters,
in whichever order they were read. Only a year's sum, of twelve heads, needs the order; for that to
show, marks in two months have to fall between the pages of one query of a rollup, and a reader's
own two queries around the second of them. The order stays what it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast
from unittest.mock import patch

from quarterhour.energy import lookback
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import rows
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup import rollup, settler
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.rollup import Rollup
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, deletion, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.marks import Heads, Todo
from quarterhour.store.write import plan, writer
from quarterhour.store.write.writer import Chunk, Update, Writer
from quarterhour.time.calendar import DAY_MS, UTC

Fault = Callable[[], Any]


def replaced(owner: Any, name: str, piece: Any) -> Fault:
    """Return the fault of a piece in another's place."""
    return lambda: patch.object(owner, name, piece)


# Marks


def _no_marks(_chunk: Chunk, _now_ms: int) -> list[tuple[int, list[int]]]:
    return []


def _mark_after(self: Writer, source: Source, chunk: Chunk, update: Update) -> Item:
    self._calls.transact([update(source, write) for write in chunk])
    if owed := plan.marks(chunk, self._now_ms):
        self._calls.transact(writer._mark_updates(source, owed))
    return {}


def _mark_before(self: Writer, source: Source, chunk: Chunk, update: Update) -> Item:
    if owed := plan.marks(chunk, self._now_ms):
        self._calls.transact(writer._mark_updates(source, owed))
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


# Registration


def _register_after(self: Writer, source: Source, batch: Any) -> Any:
    planned = list(plan.chunks(plan.item_writes(batch)))
    found = self._write_all(source, planned, writer._put)
    self._register(source)
    return found


# Settling a site


def _raw_before_head(self: Settler, days: Mapping[Meter, Sequence[int]]) -> None:
    for month, by_run in settler._by_month(days).items():
        for run, meters in by_run.items():
            read: rows.Raw = {}
            found = [self._reader.derived(meter, *run, read) for meter in meters]
            heads = self._reader.head(meters[0].source.owner, month)
            for meter, of_meter in zip(meters, found, strict=True):
                for one, buckets in of_meter.items():
                    of_run = range(*run, DAY_MS)
                    self._write([*settler._day_updates(meter, one, of_run, buckets, heads)])


def _old_heads(self: Reader, owner: str, start_ms: int, end_ms: int) -> Heads:
    sorts = keys.head_sort(UTC.month_of(start_ms)), keys.head_sort(UTC.month_of(end_ms - 1))
    return Heads(self.calls.query(owner, *sorts, strong=False))


def _old_head(self: Reader, owner: str, month: int) -> Heads:
    head = self.calls.get(owner, keys.head_sort(month), strong=False)
    return Heads([head] if head else [])


@contextmanager
def _heads_eventually() -> Iterator[None]:
    with patch.object(Reader, "heads", _old_heads), patch.object(Reader, "head", _old_head):
        yield


# Todo


_settle_marked = Rollup._settle_marked


def _strike_first(self: Rollup, shard: int, todo: Sequence[Todo]) -> None:
    for one in todo:
        if len(one.closed(self._open_ms)) == len(one.days):
            self._strike(one)
    _settle_marked(self, shard, todo)


def _strike_blindly(self: Rollup, todo: Todo) -> None:
    at = keys.todo_partition(todo.source), keys.todo_sort(todo.source, todo.month)
    self._calls._send(self._calls._client.delete_item, **deletion(*at))


def _count_up(source: Source, owed: Any) -> list[dict[str, Any]]:
    """The marks, with a counter for a token."""
    updates = _mark_updates(source, owed)
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


_mark_updates = writer._mark_updates
_query = Calls.query


def _with_counted_tokens(self: Calls, partition: str, *sorts: str, strong: bool = True) -> Any:
    for item in _query(self, partition, *sorts, strong=strong):
        yield {**item, "tok": {"S": item["tok"]["N"]}} if "tok" in item else item


def _strike_counted(self: Rollup, todo: Todo) -> None:
    at = keys.todo_partition(todo.source), keys.todo_sort(todo.source, todo.month)
    self._calls.delete_if(only_if(deletion(*at), "#tok = :tok", tok={"N": todo.token}))


@contextmanager
def _token_is_a_counter() -> Iterator[None]:
    with ExitStack() as pieces:
        pieces.enter_context(patch.object(writer, "_mark_updates", _count_up))
        pieces.enter_context(patch.object(Calls, "query", _with_counted_tokens))
        pieces.enter_context(patch.object(Rollup, "_strike", _strike_counted))
        yield


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


def _watermark_first(self: Rollup, shard: int) -> None:
    """Moves the shard's watermark before its days are made."""
    marks, fleet = self._marks, self._sites.fleet
    mark = self._sites.registry.kind.watermark(shard)
    while (until := marks.until(mark)) is not None and until + DAY_MS < self._open_ms:
        marks.move(mark, until, until + DAY_MS)
        if fleet:
            fleet.close(marks)
        self._settle_due(shard, until + DAY_MS)
        if fleet:
            fleet.make(shard, [until + DAY_MS])


FAULTS: dict[str, Fault] = {
    "no mark": replaced(writer, "marks", _no_marks),
    "mark in a second call, after": replaced(Writer, "_write", _mark_after),
    "mark in a second call, before": replaced(Writer, "_write", _mark_before),
    "settling without MARGIN": replaced(rollup, "closed_from", lookback.marked_from),
    "marks reach less far back": replaced(plan, "days_changed", _reach_not_back),
    "marks reach less far ahead": replaced(plan, "days_changed", _reach_not_far_ahead),
    "raw reaches less far back": replaced(rows, "neighbourhood", _raw_not_far_back),
    "raw reaches less far ahead": replaced(rows, "neighbourhood", _raw_not_ahead),
    "registering after the first reading": replaced(Writer, "put", _register_after),
    "raw read before the head in settle": replaced(Settler, "settle_days", _raw_before_head),
    "heads read eventually consistent": _heads_eventually,
    "a block written without s <= r": replaced(
        settler, "_NEWER", "attribute_not_exists(#s) OR #s <= :s OR #s > :s"
    ),
    "a month written without s <= :s": replaced(
        settler,
        "_FURTHER",
        "attribute_not_exists(#s) OR #tz <> :tz OR #s <= :s OR #s > :s OR #upto = :upto",
    ),
    "todo deleted before the blocks are written": replaced(Rollup, "_settle_marked", _strike_first),
    "todo deleted whatever its token is": replaced(Rollup, "_strike", _strike_blindly),
    "todo deleted by a counter": _token_is_a_counter,
    "fleet items without gen": replaced(FleetSettler, "_write", _write_without_gen),
    "gen read after what the item is made from": replaced(FleetSettler, "_write", _write_gen_late),
    "fleet items read before the todo list": replaced(Windows, "open", _fleet_before_todo),
    "watermark moved first": replaced(Rollup, "_close_shard", _watermark_first),
}
