"""Audit items: what was taken back, by whom and when (docs/table.md, "Taking it back").

One is written before the first change, and says what is about to be taken; when all is taken it
says how much that was. One that never says so was cut short.
"""

import secrets

from quarterhour.energy.quantities import Quantity
from quarterhour.sites import sources
from quarterhour.sites.corrections import Audited, Correction
from quarterhour.store.table import keys
from quarterhour.store.table.calls import LAST, Calls, Item, set_values
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import DAY_MS

# Until there are keys, everybody who writes is this one.
LOCAL = "local"
KEPT_DAYS = 400

_TOKEN_BYTES = 4


class Audit:
    """The audit items as one request sees them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def begin(self, correction: Correction, who: str, planned: int) -> str:
        """Tell what is about to be taken; return the item's id, for `end`."""
        now_ms = self._calls.now_ms
        audit_id = keys.audit_sort(now_ms, secrets.token_hex(_TOKEN_BYTES))
        values: dict[str, Item] = {
            "who": {"S": who},
            "source": {"S": correction.source.name},
            "start": number(correction.start_ms),
            "end": number(correction.end_ms),
            "planned": number(planned),
            "ttl": number((now_ms + KEPT_DAYS * DAY_MS) // 1000),
        }
        if correction.quantity:
            values["quantity"] = {"S": correction.quantity.value}
        if correction.channels:
            values["channels"] = {"S": ",".join(correction.channels)}
        self._calls.update(set_values(keys.AUDIT, audit_id, values))
        return audit_id

    def end(self, audit_id: str, done: int) -> None:
        """Tell that all is taken, and how much it was."""
        self._calls.update(set_values(keys.AUDIT, audit_id, {"done": number(done)}))

    def listed(self, since_ms: int, after: str, limit: int) -> tuple[list[Audited], bool]:
        """Return up to `limit` corrections from an instant on, after an id, the oldest first.

        And whether more follow. What is older than it is kept for is left out, whoever deletes it.
        """
        kept_ms = max(since_ms, self._calls.now_ms - KEPT_DAYS * DAY_MS)
        first = max(keys.audit_sort(kept_ms), f"{after}\0" if after else "")
        page: list[Audited] = []
        for item in self._calls.by_few(keys.AUDIT, first, LAST, limit + 1):
            if len(page) == limit:
                return page, True
            page.append(_audited(item))
        return page, False


def _audited(item: Item) -> Audited:
    quantity, channels = item.get("quantity"), item.get("channels")
    audit_id = item["sk"]["S"]
    return Audited(
        id=audit_id,
        at_ms=keys.audited_ms(audit_id),
        who=item["who"]["S"],
        correction=Correction(
            sources.named(item["source"]["S"]),
            int(item["start"]["N"]),
            int(item["end"]["N"]),
            Quantity(quantity["S"]) if quantity else None,
            tuple(channels["S"].split(",")) if channels else (),
        ),
        planned=int(item["planned"]["N"]),
        done=int(item["done"]["N"]) if "done" in item else None,
    )
