"""Deletes: readings taken back, with the marks that this owes (docs/table.md, "Taking it back").

What is counted was taken, and nothing else: a value that was put in the place of one that was read
stays. Safe to repeat, and safe beside POSTs, rollups and other deletes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from quarterhour.errors import BadRequest, Busy, Detail, TooLarge
from quarterhour.sites.corrections import Correction
from quarterhour.sites.site import Site
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.audit import LOCAL, Audit
from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.parallel import SideBySide
from quarterhour.store.write.plan import by_month, chunks
from quarterhour.store.write.removals import (
    Removable,
    Removal,
    TotalRemoval,
    removals,
    total_removals,
)
from quarterhour.store.write.writer import Writer
from quarterhour.time.instants import iso

# So often what others changed meanwhile is read again.
ATTEMPTS = 5
# What is to be taken is counted before the first change, and is in memory then: some 200 MB.
MOST_READINGS = 500_000
MAX_TOTALS_AT_ONCE = 100  # items of a transaction

_Some = TypeVar("_Some", bound=Removable)


class Deleter:
    """The table as one delete sees it: clock and fence are those of the moment it began."""

    def __init__(self, calls: Calls, writer: Writer, side_by_side: SideBySide) -> None:
        self._calls = calls
        self._writer = writer
        self._side_by_side = side_by_side
        self._audit = Audit(calls)

    def count(self, correction: Correction, site: Site | None = None) -> int:
        """Return how many readings and totals a delete would take now; nothing is changed."""
        return _number(self._readings(correction)) + _number(self._totals(correction, site))

    def delete(self, correction: Correction, site: Site | None = None, who: str = LOCAL) -> int:
        """Take readings, and of a house's site totals, and return how many were taken.

        An audit item tells of it before the first change, and of the number at the end. BadRequest
        where there are too many readings for one delete. Busy leaves taken what was taken, each
        chunk with its marks, and the audit item without a number; deleting again goes on.
        """
        self._writer.begin()
        found, totals = self._readings(correction), self._totals(correction, site)
        planned = _number(found) + _number(totals)
        if not planned:
            return 0
        audit_id = self._audit.begin(correction, who, planned)
        done = self._take_readings(correction.source, found)
        done += self._take_totals(correction.source, totals)
        self._audit.end(audit_id, done)
        return done

    # What there is

    def _readings(self, correction: Correction) -> list[Removal]:
        """Return what there is to be taken of buckets, strongly consistent."""
        return [*removals(self._buckets(correction), correction)]

    def _buckets(self, correction: Correction) -> Iterator[Item]:
        """Yield the buckets of a range; BadRequest where they have too many readings.

        Those that are not taken count as well: they take as long to read.
        """
        if correction.start_ms == correction.end_ms:
            return
        first, last = keys.between(correction.start_ms - 1, correction.end_ms)
        number = 0
        for item in self._calls.query(keys.bucket_partition(correction.source), first, last):
            number += len(item) - len(keys.OF_ALL_ITEMS)
            if number > MOST_READINGS:
                raise _too_many(keys.bucket_ms(item["sk"]["S"]))
            yield item

    def _totals(self, correction: Correction, site: Site | None) -> list[TotalRemoval]:
        """Return the period totals to be taken; of a site that has none, nothing is read."""
        owner = correction.source.owner
        totals: Iterable[Item] = ()
        early: Iterable[Item] = ()
        if site and site.has_totals:
            sorts = keys.totals_between(correction.start_ms, correction.end_ms)
            totals = self._calls.query(owner, *sorts)
        if site and site.has_early_totals:
            early = self._calls.query(owner, *keys.EARLY_TOTALS)
        return total_removals(totals, early, correction)

    # Taking it

    def _take_readings(self, source: Source, found: Sequence[Removal]) -> int:
        """Take readings in chunks with their marks, months side by side; return how many."""
        taken: list[int] = []

        def take_month(of_month: Sequence[Sequence[Removal]]) -> None:
            taken.extend(self._take(source, chunk, self._writer.marks_of) for chunk in of_month)

        self._side_by_side(take_month, by_month(chunks(found)))
        return sum(taken)

    def _take_totals(self, source: Source, found: Sequence[TotalRemoval]) -> int:
        """Take period totals, which no block knows and so nothing marks; return how many."""
        taken: list[int] = []

        def take(some: Sequence[TotalRemoval]) -> None:
            taken.append(self._take(source, some, _no_marks))

        firsts = range(0, len(found), MAX_TOTALS_AT_ONCE)
        self._side_by_side(take, [found[first : first + MAX_TOTALS_AT_ONCE] for first in firsts])
        return sum(taken)

    def _take(
        self,
        source: Source,
        some: Sequence[_Some],
        marks_of: Callable[[Source, Sequence[_Some]], list[dict[str, Any]]],
    ) -> int:
        """Take as a whole what is unchanged of a chunk, with its marks; return how many.

        Always a transaction, which an answer that is lost does not apply twice: whoever repeats a
        single update may meet a newer value, and not know that the older one was taken before.
        """
        for _ in range(1 + ATTEMPTS):
            if not some:
                return 0
            requests = [each.request(source) for each in some]
            try:
                changed = self._calls.transact_checked([*requests, *marks_of(source, some)])
            except TooLarge:
                if len(some) == 1:
                    raise
                half = len(some) // 2
                parts = some[:half], some[half:]
                return sum(self._take(source, part, marks_of) for part in parts)
            if not changed:
                return _number(some)
            some = self._left(source, some, changed)
        raise Busy("Others change these readings at the same time; send the request again.")

    def _left(
        self, source: Source, some: Sequence[_Some], changed: Sequence[int]
    ) -> Sequence[_Some]:
        """Read again the items of these places; return the chunk without what has changed there."""
        places = [some[nth].place(source) for nth in changed]
        items = {
            (item["pk"]["S"], item["sk"]["S"]): item
            for item in self._calls.get_many(places, strong=True)
        }
        found = {
            nth: some[nth].left(items.get(place, {}))
            for nth, place in zip(changed, places, strict=True)
        }
        left = (found.get(nth, each) for nth, each in enumerate(some))
        return [each for each in left if each is not None]


def _no_marks(_source: Source, _some: Sequence[TotalRemoval]) -> list[dict[str, Any]]:
    return []


def _number(some: Sequence[Removable]) -> int:
    return sum(each.number for each in some)


def _too_many(reached_ms: int) -> BadRequest:
    reason = f"delete it in parts, of which the first may end at {iso(reached_ms)}"
    return BadRequest(
        f"More than {MOST_READINGS:,} readings are in this range: {reason}.",
        [Detail(reason, "end")],
    )
