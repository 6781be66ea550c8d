"""Period totals: items of a house, in no quarter hour and in no block (docs/table.md)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from quarterhour.energy.period_totals import LONGEST_MS, Total
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.sites.site import Site
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, set_values
from quarterhour.store.table.codec import from_value, to_value
from quarterhour.store.table.parallel import SideBySide
from quarterhour.store.table.unknown_readings import Unknown
from quarterhour.time.declared import is_period
from quarterhour.time.instants import FIRST_MS, LAST_MS

# Returns the instant, device and channel of a sort key.
PlaceOf = Callable[[str], tuple[int, str, str]]

MAX_AT_ONCE = 100  # items of a transaction
# What a catalogue entry says of totals: that there are some, and that there are some whose keys are
# those of releases before, which put the device before the instant.
FLAG, EARLY_FLAG = "totals_by_date", "totals"


def put(calls: Calls, site: Site, posted: Sequence[Total], side_by_side: SideBySide) -> None:
    """Store totals, each in the place of one for the same instant and channel; safe to repeat.

    The site's catalogue entry says before that it has totals, or nobody would look for them.
    """
    if not site.has_totals:
        calls.update(set_values(site.owner, keys.CATALOGUE, {FLAG: {"BOOL": True}}))

    def store(together: Sequence[dict[str, Any]]) -> None:
        if len(together) == 1:
            calls.update(together[0])
        else:
            calls.transact(together)

    updates = [_update(site.owner, total) for total in posted]
    firsts = range(0, len(updates), MAX_AT_ONCE)
    side_by_side(store, [updates[first : first + MAX_AT_ONCE] for first in firsts])


def within(calls: Calls, owner: str, start_ms: int, end_ms: int) -> Iterator[Total]:
    """Yield a house's totals that may have days in [start_ms, end_ms), by instant.

    One strongly consistent query.
    """
    first, last = keys.totals_between(start_ms - LONGEST_MS, end_ms)
    return _known(calls.query(owner, first, last), keys.total_of)


def beginning(calls: Calls, owner: str, start_ms: int, end_ms: int) -> Iterator[Total]:
    """Yield a house's totals that begin in the days of [start_ms, end_ms), and perhaps others."""
    first, last = keys.totals_between(start_ms, end_ms)
    return _known(calls.by_few(owner, first, last, MAX_AT_ONCE), keys.total_of)


def newest_first(calls: Calls, owner: str) -> Iterator[Total]:
    """Yield a house's totals, those of the latest instants first."""
    first, last = keys.totals_between(FIRST_MS, LAST_MS)
    return _known(calls.query(owner, first, last, newest_first=True), keys.total_of)


def early(calls: Calls, owner: str) -> Iterator[Total]:
    """Yield all of a house's totals whose keys are those of releases before."""
    return _known(calls.query(owner, *keys.EARLY_TOTALS), keys.early_total_of)


def _known(items: Iterable[Item], place_of: PlaceOf) -> Iterator[Total]:
    """Yield the totals of items; what no rule knows is left out, and noted."""
    unknown = Unknown()
    for item in items:
        if total := of_item(item, place_of):
            yield total
        else:
            unknown.add(item, "amount")
    unknown.note()


def _update(owner: str, total: Total) -> dict[str, Any]:
    values = {
        "amount": to_value(Reading(total.start_ms, total.amount)),
        "interval": {"S": total.period},
        "quantity": {"S": total.measure.quantity.value},
    }
    sort = keys.total_sort(total.start_ms, total.device, total.measure.channel)
    return set_values(owner, sort, values)


def of_item(item: Item, place_of: PlaceOf) -> Total | None:
    """Return the total of an item; None where it has a form that no rule knows."""
    try:
        start_ms, device, channel = place_of(item["sk"]["S"])
        amount = from_value(start_ms, item["amount"])
        measure = Series(channel, Quantity(item["quantity"]["S"]))
        period = item["interval"]["S"]
    except (KeyError, ValueError):
        return None
    is_known = measure.quantity.is_amount and is_period(period)
    return Total(device, measure, start_ms, period, amount.value) if is_known and amount else None
