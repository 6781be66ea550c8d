"""Period totals: items of a house, in no quarter hour and in no block (docs/table.md)."""

from collections.abc import Sequence
from typing import Any

from quarterhour.energy.period_totals import Total
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.sites.site import Site
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, set_values
from quarterhour.store.table.codec import from_value, to_value

MAX_AT_ONCE = 100  # items of a transaction


def put(calls: Calls, site: Site, posted: Sequence[Total]) -> None:
    """Store totals, each in the place of one for the same instant and channel; safe to repeat.

    The site's catalogue entry says before that it has totals, or nobody would look for them.
    """
    if not site.has_totals:
        flag = {"totals": {"BOOL": True}}
        calls.update(set_values(site.owner, keys.CATALOGUE, flag))
    updates = [_update(site.owner, total) for total in posted]
    for first in range(0, len(updates), MAX_AT_ONCE):
        together = updates[first : first + MAX_AT_ONCE]
        if len(together) == 1:
            calls.update(together[0])
        else:
            calls.transact(together)


def totals(calls: Calls, owner: str) -> list[Total]:
    """Return all totals of a house, in one strongly consistent query."""
    return [_total(item) for item in calls.query(owner, *keys.TOTALS)]


def _update(owner: str, total: Total) -> dict[str, Any]:
    values = {
        "amount": to_value(Reading(total.start_ms, total.amount)),
        "interval": {"S": total.period},
        "quantity": {"S": total.measure.quantity.value},
    }
    sort = keys.total_sort(total.device, total.measure.channel, total.start_ms)
    return set_values(owner, sort, values)


def _total(item: Item) -> Total:
    device, channel, start_ms = keys.total_of(item["sk"]["S"])
    return Total(
        device,
        Series(channel, Quantity(item["quantity"]["S"])),
        start_ms,
        item["interval"]["S"],
        from_value(start_ms, item["amount"]).value,
    )
