"""Random histories of the write path: ships' clients post, retry and repeat, processes die.

A history is the project's own Writer under a Scheduler. `Judge` then looks at every single write
that was applied, in order, and at the state it left.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zlib import crc32

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.errors import Busy
from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import Source, ship
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.refused import CallRefused
from quarterhour.store.write import plan, removals
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from tests.models.attributes import Item, Value
from tests.models.histories import DAY, HOUR, MINUTE, SECOND, check_expired
from tests.models.histories_of_ships import SERIES
from tests.models.interleave import Died, Scheduler
from tests.models.network import ROUGH, Faults
from tests.models.refusals import OPERATIONS
from tests.models.watched import Applied, Watched, remembering

# 2018-08-24, 2018-09-01, 2019-01-01 and 2020-03-01, each 00:00 UTC.
EDGES = (1_535_068_800_000, 1_535_760_000_000, 1_546_300_800_000, 1_583_020_800_000)
NEAR_EDGE = (
    *(-26 * HOUR - 1, -26 * HOUR, -2 * HOUR, -65 * MINUTE - 1, -65 * MINUTE, -15 * MINUTE, -1),
    *(
        0,
        1,
        5 * MINUTE,
        15 * MINUTE,
        65 * MINUTE - 1,
        65 * MINUTE,
        12 * HOUR,
        26 * HOUR - 1,
        26 * HOUR,
    ),
    *(-33 * DAY, 40 * DAY),
)
# When a history begins, relative to an edge: around the deadlines of the day before, and of others.
BEGINS = (
    *(-20 * MINUTE, 30 * MINUTE, 2 * HOUR - 10 * SECOND, 2 * HOUR - SECOND, 2 * HOUR + SECOND),
    *(2 * HOUR + 15 * MINUTE, 26 * HOUR - SECOND, 26 * HOUR + 20 * SECOND, 5 * DAY, 60 * DAY),
)
INTERVALS = (0, 0, 0, SECOND, 5 * MINUTE, HOUR, 26 * HOUR)
SHARDS = 2
PATIENCE_SECONDS = 35.0

WEATHER = (
    Faults(skew_seconds=30.0),
    Faults(kill=0.05, freeze=0.02, skew_seconds=30.0),
    Faults(kill=0.02, unanswered=0.15, late_seconds=300.0, skew_seconds=30.0),
    Faults(throttled=0.2, conflicts=0.2, refused=0.1, skew_seconds=30.0),
    ROUGH,
)

Batch = dict[Series, list[Reading]]
Place = tuple[str, str]


@dataclass(slots=True, eq=False)
class Request:
    """What a client wants stored or deleted, sent until it is answered or given up."""

    source: Source
    batch: Batch
    deleted: Correction | None = None
    began_at: int = 0
    answered_at: int | None = None

    def readings_of(self, at: Place) -> Item:
        """Return the attributes the batch has for a bucket item."""
        pk, sk = at
        if pk != f"R#{self.source.name}":
            return {}
        return {
            _attribute(series, one): _value(one)
            for series, readings in self.batch.items()
            for one in readings
            if _bucket_text(one.at_ms) == sk
        }

    def places(self) -> set[Place]:
        """Return the bucket items the batch goes to."""
        every = (one for readings in self.batch.values() for one in readings)
        return {(f"R#{self.source.name}", _bucket_text(one.at_ms)) for one in every}


@dataclass(slots=True, eq=False)
class Attempt:
    """One process that works on a request; it decides from its clock when it began."""

    request: Request
    now_ms: int
    began_at: int = 0
    audited_at: int | None = None  # of a delete: when its audit item was written
    taken: int = 0  # and how many readings it has taken since
    gone: int = 0  # and how many it was to take that were gone already
    told: int | None = None  # and how many it said it had, in its audit item
    answered: int | None = None  # and in its answer


MakeWriter = Callable[..., Writer]
MakeDeleter = Callable[..., Deleter]


@dataclass(slots=True)
class History:
    """A seed's clients on an engine; `run` gives a judge of what happened."""

    seed: int
    engine: Any = field(default_factory=Watched)
    writer: MakeWriter = Writer
    deleter: MakeDeleter = Deleter
    deletes: float = 0.2  # how many clients delete at the end
    random: Random = field(init=False)
    scheduler: Scheduler = field(init=False)
    edge: int = field(init=False)
    requests: list[Request] = field(default_factory=list)
    attempts: dict[int, Attempt] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"writes {self.seed}")
        self.edge = self.random.choice(EDGES)
        begin = (self.edge + self.random.choice(BEGINS)) / SECOND
        weather = self.random.choice(WEATHER)
        self.scheduler = Scheduler(self.seed, self.engine, weather, start=begin)

    @property
    def watched(self) -> Watched:
        """The engine's memory of what was applied."""
        watched: Watched = self.engine.watched
        return watched

    def run(self) -> "Judge":
        """Run the history to its end and judge it; AssertionError where something is wrong."""
        near = self.random.sample(NEAR_EDGE, self.random.randint(2, 4))
        instants = [self.edge + offset for offset in near]
        sources = [ship(self.random.choice((1, 4))) for _ in range(self.random.randint(2, 3))]
        for number, source in enumerate(sources):
            work = list(self._work(source, instants))
            name = f"client {number}"
            self.scheduler.spawn(name, partial(self._send_all, work, set()), mortal=False)
        # Few readings make many chunks, so that there is something between them.
        small = patch.object(plan, "MAX_BUCKETS", self.random.choice((1, 2, 3)))
        dense = patch.object(removals, "MAX_ATTRIBUTES", self.random.choice((1, 70)))
        with small, dense, remembering():
            self.scheduler.run()
        judge = Judge(self)
        try:
            judge.judge()
        except AssertionError as wrong:
            wrong.add_note(f"seed {self.seed}\n{self.scheduler.story()}")
            raise
        return judge

    def _work(self, source: Source, instants: list[int]) -> Iterator[Request]:
        """Yield what a client sends: batches whole, cut in two, out of order, twice; deletes."""
        for _ in range(self.random.randint(1, 2)):
            chosen = self.random.sample(instants, self.random.randint(1, len(instants)))
            readings = [(self.random.choice(SERIES), self._reading(at)) for at in chosen]
            cut = self.random.randrange(len(readings)) if self.random.random() < 0.3 else 0
            parts = [_batch(part) for part in (readings[cut:], readings[:cut]) if part]
            if self.random.random() < 0.2:
                parts.append(self.random.choice(parts))
            yield from (Request(source, part) for part in parts)
        if self.random.random() < self.deletes:
            first, last = sorted(self.random.choices(instants, k=2))
            quantity = self.random.choice((None, None, Quantity.POWER, Quantity.ENERGY))
            yield Request(source, {}, Correction(source, first, last + 1, quantity))

    def _reading(self, at_ms: int) -> Reading:
        value = float(self.random.randint(0, 999))
        return Reading(at_ms, value, self.random.choice(INTERVALS))

    def _send_all(self, work: Iterable[Request], known: set[str]) -> None:
        for request in work:
            self.requests.append(request)
            request.began_at = self.watched.instant
            for _ in range(4):
                if self._is_answered(request, known):
                    request.answered_at = self.watched.instant
                    break
                known = set()  # the next process is another one
                self.scheduler.sleep(self.random.choice((0.0, 1.0, 100.0)))

    def _is_answered(self, request: Request, known: set[str]) -> bool:
        """Send a request once; say whether it was acknowledged."""
        send = partial(self._handle, request, known)
        try:
            self.scheduler.invoke("ingest", send, patience=PATIENCE_SECONDS)
        except (Busy, Died, TimeoutError):
            return False
        except CallRefused as refusal:
            check_expired(refusal)
            return False
        return True

    def _handle(self, request: Request, known: set[str]) -> None:
        attempt = Attempt(request, 0, self.watched.instant)
        client: Any = SimpleNamespace(
            **{method: partial(self._call, attempt, method) for method in OPERATIONS}
        )
        calls = Calls(client, self.watched.table, self.scheduler.clocks)
        attempt.now_ms = int(calls.began_s * SECOND)
        fence = KnownFence(calls, self.scheduler.here.remembered(FenceMemory), SHARDS)
        writer = self.writer(calls, known, fence, SHARDS, self.scheduler.pool)
        if request.deleted:
            deleter = self.deleter(calls, writer, self.scheduler.pool)
            attempt.answered = deleter.delete(request.deleted)
        else:
            writer.put(request.source, request.batch)

    def _call(self, attempt: Attempt, method: str, **request: Any) -> Any:
        mark = _identity(request)
        self.kept.append(mark)  # an id is its object's only as long as that lives
        self.attempts[id(mark)] = attempt
        return getattr(self.scheduler.client(), method)(**request)

    def attempt_of(self, applied: Applied) -> Attempt:
        """Return whose request was applied, even when its process was dead by then."""
        return self.attempts[id(_identity(applied.request))]


class Judge:
    """Follows the applied writes of a history and knows what each of them had to leave."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._watched = history.watched
        self._table: dict[Place, dict[str, Any]] = {}
        self._heads: dict[Place, dict[str, int]] = {}
        self._stored: dict[Request, set[Place]] = {}
        self._tokens: set[str] = set()
        self.item_writes = 0
        self.taken = 0  # readings, by deletes that were answered

    def judge(self) -> None:
        """Judge every step and the end; AssertionError says what is wrong."""
        waiting = [one for one in self._history.requests if one.answered_at is not None]
        waiting.sort(key=lambda one: one.answered_at or 0)
        for applied in self._watched.applied:
            while waiting and (waiting[0].answered_at or 0) < applied.instant:
                self._is_kept(waiting.pop(0))
            self._step(applied)
        for request in waiting:
            self._is_kept(request)
        for attempt in self._history.attempts.values():
            if attempt.answered is not None:
                _tells(attempt.answered, attempt)
                self.taken += attempt.answered
        self._end()

    def _is_kept(self, request: Request) -> None:
        """An acknowledged post was applied, all of it; an acknowledged delete left nothing."""
        missing = request.places() - self._stored.get(request, set())
        assert not missing, f"acknowledged and not applied: {missing}"
        if request.deleted:
            self._is_gone(request, request.deleted)

    def _is_gone(self, request: Request, deleted: Correction) -> None:
        """What stood there all the time while a delete ran, and as it was, is gone."""
        pk = f"R#{request.source.name}"
        during = request.began_at, request.answered_at or 0
        for sk, states in self._watched.states(pk, *during):
            stayed = set.intersection(*(set(_texts(state)) for state in states))
            left = [name for name, _ in stayed if _is_meant(deleted, (pk, sk), name)]
            assert not left, f"{pk} {sk}: {left} were deleted and are there"

    def _step(self, applied: Applied) -> None:
        attempt = self._history.attempt_of(applied)
        places = [key for key in applied.keys() if key[0].startswith("R#")]  # noqa: SIM118
        if attempt.request.deleted:
            self._deletes(attempt, applied, places)
        due: set[int] = set()
        for at in places:
            self._bucket(attempt, applied, at)
            due |= self._due(attempt, applied, at)
        self._marks(attempt.request.source, applied.instant, due)

    def _deletes(self, attempt: Attempt, applied: Applied, places: Sequence[Place]) -> None:
        """A delete tells of itself before its first change, and of what it took at the end.

        What it takes was there when it told of itself, or since it began: nothing newer.
        """
        audits = [key for key in applied.keys() if key[0] == "A"]  # noqa: SIM118
        for key in audits:
            item = self._watched.at(*key, applied.instant)
            if attempt.audited_at is None:
                attempt.audited_at = applied.instant
                assert "done" not in item, "an audit item knows before what will be done"
                assert int(item["planned"]["N"]) > 0, "an audit item of nothing"
            elif "done" in item:  # it may tell of itself twice, where an answer was lost
                _tells(int(item["done"]["N"]), attempt)
        if places:
            assert attempt.audited_at is not None, "taken before the audit item"
        for at in places:
            names = _removed(applied.request, at)
            states = dict(self._watched.states(at[0], attempt.began_at, attempt.audited_at or 0))
            for name in names:
                value = self._watched.at(*at, applied.instant - 1).get(name)
                seen = [state.get(name) for state in states[at[1]]]
                assert value is None or value in seen, f"{at} {name}: {value} is newer, and taken"
                attempt.taken += value is not None
                attempt.gone += value is None

    def _bucket(self, attempt: Attempt, applied: Applied, at: Place) -> None:
        """The item is what it was, with this write's readings; its ship is registered."""
        self.item_writes += 1
        request = attempt.request
        expected = self._table.setdefault(at, {})
        if request.deleted:
            for name in _removed(applied.request, at):
                expected.pop(name, None)
        else:
            expected |= request.readings_of(at)
        self._stored.setdefault(request, set()).add(at)
        found = _attributes(self._watched.at(*at, applied.instant))
        assert found == expected, f"{at} is {found}, not {expected}"
        name = request.source.name
        shards = (self._watched.at(f"G#{shard}", name, applied.instant - 1) for shard in (0, 1))
        assert any(shards), f"{name} has readings and is not registered"

    def _due(self, attempt: Attempt, applied: Applied, at: Place) -> set[int]:
        """Return the days this item-write owes a mark for: those it can change from W(d) on."""
        if attempt.request.deleted:
            names = _removed(applied.request, at)
        else:
            names = list(attempt.request.readings_of(at))
        instants = [_instant(at, name) for name in names]
        reached = {
            day
            for t in instants
            for day in range((t - 65 * MINUTE) // DAY * DAY, t + 26 * HOUR, DAY)
        }
        return {day for day in reached if attempt.now_ms >= day + DAY + 2 * HOUR}

    def _marks(self, source: Source, instant: int, due: set[int]) -> None:
        """At the very instant of the readings, the head counts and the todo lists the days."""
        for day in due:
            month, number = _date(day)[:7], _date(day)[8:]
            counters = self._heads.setdefault((source.owner, f"h#{month}"), {})
            counters[number] = counters.get(number, 0) + 1
            todo = self._watched.at(_todo(source), f"{month}#{source.name}", instant)
            assert todo.get(number) == {"N": "1"}, f"{_date(day)} of {source.name}: no todo"
        for token in {
            self._watched.at(_todo(source), f"{_date(day)[:7]}#{source.name}", instant)["tok"]["S"]
            for day in due
        }:
            assert token not in self._tokens, "an old token"
            self._tokens.add(token)
        for sort, (head,) in self._watched.states(source.owner, instant, instant):
            self._counts(source.owner, sort, head)

    def _counts(self, owner: str, sort: str, head: Item) -> None:
        """A head has counted what was owed so far, and nothing else."""
        counters = {name: int(count["N"]) for name, count in _attributes(head).items()}
        expected = self._heads.get((owner, sort), {})
        assert counters == expected, f"{owner} {sort} counts {counters}, not {expected}"

    def _end(self) -> None:
        """There is nothing else: no reading and no mark that no write accounts for."""
        end = self._watched.instant
        for pk in self._watched.partitions():
            for sk, (item,) in self._watched.states(pk, end, end):
                if pk.startswith("R#"):
                    assert _attributes(item) == self._table.get((pk, sk), {})
                if sk.startswith("h#"):
                    self._counts(pk, sk, item)


def engine_holds(client: Any, watched: Watched) -> bool:
    """Return whether a real engine's table is the same as its mirror."""
    for pk in watched.partitions():
        request = {
            "TableName": watched.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": True,
        }
        if client.query(**request)["Items"] != watched.query(**request)["Items"]:
            return False
    return True


def _batch(readings: Iterable[tuple[Series, Reading]]) -> Batch:
    found: Batch = {}
    for series, one in readings:
        found.setdefault(series, []).append(one)
    return {series: sorted(group) for series, group in found.items()}


def _identity(request: Mapping[str, Any]) -> Any:
    for name in ("TransactItems", "Key", "Item", "RequestItems"):
        if name in request:
            return request[name]
    return request["ExpressionAttributeValues"]


def _attributes(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"pk", "sk"}}


def _tells(number: int, attempt: Attempt) -> None:
    """What a delete says it took it took by then; of what was gone already, it may say so.

    A call whose answer was lost may be applied later, where equal values stand there again.
    """
    most = attempt.taken + attempt.gone
    if attempt.told is None:
        assert attempt.taken <= number <= most, f"{number} are told of, {attempt.taken} were taken"
        attempt.told = number
    assert number == attempt.told, f"{number} are told of after {attempt.told}"


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    return ((name, repr(value)) for name, value in _attributes(item).items())


def _is_meant(deleted: Correction, at: Place, name: str) -> bool:
    """Return whether a delete is of the reading of an attribute."""
    is_within = deleted.start_ms <= _instant(at, name) < deleted.end_ms
    return is_within and deleted.quantity in {None, name[0]}


def _removed(request: Mapping[str, Any], at: Place) -> list[str]:
    """Return the attributes that a request takes from an item."""
    entries = request.get("TransactItems", [{"": request}])
    for entry in entries:
        (one,) = entry.values()
        key = one["Item"] if "Item" in one else one["Key"]
        if (key["pk"]["S"], key["sk"]["S"]) == at:
            assert "Item" not in one, f"{at} is put whole, not updated"
            places = one["UpdateExpression"].removeprefix("REMOVE ").split(",")
            meant = one.get("ExpressionAttributeNames", {})
            return [meant.get(place, place) for place in places]
    raise AssertionError(f"{at} is not in the request")


def _attribute(series: Series, reading: Reading) -> str:
    seconds, ms = divmod(reading.at_ms % (15 * MINUTE), SECOND)
    letter = {Quantity.POWER: "p", Quantity.ENERGY: "e"}[series.quantity]
    return f"{letter}{seconds}_{ms:03}" if ms else f"{letter}{seconds}"


def _value(reading: Reading) -> Value:
    number = f"{reading.value:.0f}"
    if not reading.interval_ms:
        return {"N": number}
    return {"S": f"{number};{reading.interval_ms // SECOND}"}


def _instant(at: Place, attribute: str) -> int:
    seconds, _, ms = attribute[1:].partition("_")
    bucket = datetime.fromisoformat(f"{at[1]}:00+00:00").timestamp()
    return (round(bucket) + int(seconds)) * SECOND + int(ms or 0)


def _todo(source: Source) -> str:
    return f"T#{crc32(source.name.encode()) % SHARDS}"


def _bucket_text(at_ms: int) -> str:
    bucket = at_ms - at_ms % (15 * MINUTE)
    return datetime.fromtimestamp(bucket / SECOND, UTC).strftime("%Y-%m-%dT%H:%M")


def _date(day_ms: int) -> str:
    return datetime.fromtimestamp(day_ms / SECOND, UTC).strftime("%Y-%m-%d")
