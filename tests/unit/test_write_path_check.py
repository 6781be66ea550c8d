"""The write path under random interleavings; and stores that are wrong, which the check catches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

import pytest

from quarterhour.energy.readings import Reading, Series
from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import remove
from quarterhour.store.table.codec import Readings, to_value
from quarterhour.store.write import plan
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.write.plan import ItemWrite
from quarterhour.store.write.removals import Removal
from quarterhour.store.write.writer import Chunk, Update, Writer
from quarterhour.time.calendar import UTC
from tests.models.histories_of_writes import History, MakeDeleter, MakeWriter

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

DAILY = range(1_000)
SLOW = range(DAILY.stop, 20_000)
DAILY_DELETES = range(500)
SLOW_DELETES = range(DAILY_DELETES.stop, 5_000)
BUDGET = 200  # histories in which a wrong store is caught


def run(seeds: Iterable[int], writer: MakeWriter = Writer) -> tuple[int, int]:
    """Return how many histories were right, and how many item-writes they had."""
    judged = [History(seed, writer=writer).run() for seed in seeds]
    return len(judged), sum(judge.item_writes for judge in judged)


def run_deletes(seeds: Iterable[int], deleter: MakeDeleter = Deleter) -> int:
    """Return how many readings were taken in histories in which all clients delete at the end."""
    judged = [History(seed, deleter=deleter, deletes=1.0).run() for seed in seeds]
    return sum(judge.taken for judge in judged)


def test_a_thousand_interleavings_end_right() -> None:
    histories, writes = run(DAILY)
    assert histories == len(DAILY)
    assert writes > 5 * histories


def test_deletes_take_what_they_say_and_nothing_else() -> None:
    assert run_deletes(DAILY_DELETES) > len(DAILY_DELETES)


@pytest.mark.slow
def test_thousands_of_deletes() -> None:
    assert run_deletes(SLOW_DELETES) > len(SLOW_DELETES)


@pytest.mark.slow
def test_nineteen_thousand_more() -> None:
    assert run(SLOW)[0] == len(SLOW)


class ReadMergePut(Writer):
    """Reads the bucket item, puts the readings in and writes the whole of it."""

    def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
        if owed := self._owed(chunk):
            self._calls.transact(self._mark_updates(source, owed))
        for write in chunk:
            self._merge(source, write, update)
        return {}

    def _merge(self, source: Source, write: ItemWrite, update: Update) -> None:
        at = keys.bucket_partition(source), keys.bucket_sort(write.bucket_ms)
        item = dict(self._calls.get(*at, strong=True))
        wanted = update(source, write)
        for name, reading in write.readings:
            item.pop(name, None)
            if wanted["UpdateExpression"].startswith("SET"):
                item[name] = to_value(reading)
        item |= wanted["Key"]
        self._calls._send(self._calls._client.put_item, Item=item)


class NoMark(Writer):
    def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
        self._calls.transact([update(source, write) for write in chunk])
        return {}


class MarkAfter(Writer):
    def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
        self._calls.transact([update(source, write) for write in chunk])
        if owed := self._owed(chunk):
            self._calls.transact(self._mark_updates(source, owed))
        return {}


class MarkBefore(Writer):
    def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
        if owed := self._owed(chunk):
            self._calls.transact(self._mark_updates(source, owed))
        self._calls.transact([update(source, write) for write in chunk])
        return {}


class RegisterAfter(Writer):
    def put(self, source: Source, batch: Mapping[Series, Iterable[Reading]]) -> Readings:
        known, self._known = self._known, {source.name}
        found = super().put(source, batch)
        self._known = known
        self._register(source)
        return found


class MarkLate(Writer):
    """Decides from the time it sends a chunk, not from when it began: marks more than it owes."""

    def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
        self._now_ms = int(self._calls._clock.now() * 1000)
        return super()._write(source, chunk, update)


class StopEarly(Writer):
    """Answers when the first chunk is written."""

    def _write_in_turn(self, source: Source, planned: Iterable[Chunk], update: Update) -> None:
        for chunk in planned:
            self._write(source, chunk, update)
            return


class DeleteWithoutMarks(Deleter):
    def _take(self, source: Source, some: Any, _: Any) -> int:
        return super()._take(source, some, lambda *_: [])


class DeleteThatMarksTooLittle(Deleter):
    """Marks the days of the readings that go, and not those that they reach into."""

    def _take(self, source: Source, some: Any, marks_of: Any) -> int:
        def of_their_days(source: Source, chunk: Sequence[Removal]) -> list[dict[str, Any]]:
            with patch.object(plan, "days_changed", lambda *of: UTC.days_between(of[0], of[1] + 1)):
                updates: list[dict[str, Any]] = marks_of(source, chunk)
            return updates

        return super()._take(source, some, of_their_days)


class BareRemove(Deleter):
    """Takes whatever stands where a reading was that it has seen."""

    def _take_readings(self, source: Source, found: Any) -> int:
        return super()._take_readings(source, [Bare(*removal) for removal in found])


class Bare(Removal):
    def request(self, source: Source) -> dict[str, Any]:
        return remove(*self.place(source), [name for name, _ in self.values])


class DeleteThatTellsOfItselfLater(Deleter):
    def delete(self, correction: Correction, *_: Any) -> int:
        self._writer.begin()
        found = self._readings(correction)
        taken = super()._take_readings(correction.source, found)
        if taken:
            self._audit.end(self._audit.begin(correction, "local", taken), taken)
        return taken


class DeleteThatCountsWhatItPlanned(Deleter):
    def _take(self, source: Source, some: Any, marks_of: Any) -> int:
        super()._take(source, some, marks_of)
        return sum(each.number for each in some)


class DeleteThatGivesUpWhatIsBesideAChange(Deleter):
    """Leaves out the whole bucket where one of its readings has changed."""

    def _left(self, _: Source, some: Any, changed: Any) -> Any:
        return [each for nth, each in enumerate(some) if nth not in changed]


class DeleteByUpdates(Deleter):
    """A single removal without marks is no transaction: a lost answer applies it twice."""

    def _take(self, source: Source, some: Any, marks_of: Any) -> int:
        if len(some) != 1 or marks_of(source, some):
            return super()._take(source, some, marks_of)
        if self._calls.update_if(some[0].request(source)):
            return int(some[0].number)
        return self._take(source, self._left(source, some, [0]), marks_of)


WRONG_DELETES = {
    DeleteWithoutMarks: "no todo|an old token",
    DeleteThatMarksTooLittle: "no todo|an old token",
    BareRemove: "is newer, and taken",
    DeleteThatTellsOfItselfLater: "taken before the audit item",
    DeleteThatCountsWhatItPlanned: "are told of",
    DeleteThatGivesUpWhatIsBesideAChange: "were deleted and are there",
    DeleteByUpdates: "are told of",
}


@pytest.mark.parametrize(
    ("deleter", "said"), WRONG_DELETES.items(), ids=lambda one: getattr(one, "__name__", " ")
)
def test_a_wrong_delete_is_caught(deleter: type[Deleter], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        run_deletes(range(20 * BUDGET), deleter)


WRONG = {
    ReadMergePut: "h#.* counts",
    NoMark: "no todo",
    MarkAfter: "no todo",
    MarkBefore: "h#.* counts",
    RegisterAfter: "not registered",
    MarkLate: "h#.* counts",
    StopEarly: "acknowledged and not applied",
}


@pytest.mark.parametrize(
    ("store", "said"), WRONG.items(), ids=lambda one: getattr(one, "__name__", " ")
)
def test_a_wrong_store_is_caught(store: type[Writer], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        run(range(BUDGET), store)


def test_a_read_merge_put_is_caught_for_the_reading_it_loses() -> None:
    """Where no day is due there is nothing to say against it but the lost update."""

    class MarkedReadMergePut(ReadMergePut):
        def _write(self, source: Source, chunk: Chunk, update: Update) -> Any:
            if self._owed(chunk):
                return Writer._write(self, source, chunk, update)
            return super()._write(source, chunk, update)

    with pytest.raises(AssertionError, match=r"R#.* is .*, not"):
        run(range(20 * BUDGET), MarkedReadMergePut)
