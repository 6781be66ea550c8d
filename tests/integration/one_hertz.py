"""Settle, or read by day, a month of a ship that posts every second; print what it took, as JSON.

Or settle a day of which each quarter hour has as many readings as there is room for. A process of
its own, so that its peak of memory is the work's: `python -m tests.integration.one_hertz settle`.
The table answers as DynamoDB does: in pages of 1 MB of JSON.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Series
from quarterhour.sites.sources import Source, ship
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.rollup.rollup import of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.write.plan import MAX_READINGS_OF_BUCKET
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, bucket_of
from quarterhour.time.instants import parse

SHIP, MONTH = ship(1), parse("2018-08-01T00:00:00Z")
END = UTC.next_month(MONTH)
PAGE_BYTES = 1_000_000
POWER = Series(USED, Quantity.POWER)
ONE_HERTZ = BUCKET_MS // 1000
DAYS = {"settle": range(MONTH, END, DAY_MS), "settle a full day": [MONTH]}


class Dense:
    """A table in which a ship has 1 kW so often in each quarter hour, and nothing else."""

    def __init__(self, readings_of_bucket: int) -> None:
        self.calls: dict[str, int] = {}
        self.kwh: list[float] = []
        apart_ms = BUCKET_MS // readings_of_bucket
        offsets = range(0, BUCKET_MS, apart_ms)
        readings = {keys.attribute(POWER, at_ms): {"N": "1"} for at_ms in offsets}
        self._bucket = json.dumps(readings)[1:]

    def query(self, **request: Any) -> dict[str, Any]:
        self._count("query")
        values = request["ExpressionAttributeValues"]
        partition, first, last = (values[name]["S"] for name in (":pk", ":first", ":last"))
        if partition != keys.bucket_partition(SHIP):
            return {"Items": []}
        if "ExclusiveStartKey" in request:
            first = request["ExclusiveStartKey"]["sk"]["S"] + "~"
        items = [*self._page(first, last)]
        page: dict[str, Any] = json.loads(f'{{"Items": [{",".join(items)}]}}')
        end = {"LastEvaluatedKey": {"sk": page["Items"][-1]["sk"]}} if items else {}
        return page | end

    def _page(self, first: str, last: str) -> Iterator[str]:
        size = 0
        at = bucket_of(keys.bucket_ms(first)) + (BUCKET_MS if first.endswith("~") else 0)
        while (sort := keys.bucket_sort(at)) <= last and size < PAGE_BYTES:
            item = f'{{"sk": {{"S": "{sort}"}}, "pk": {{"S": "R#S1"}}, {self._bucket}'
            size += len(item)
            yield item
            at += BUCKET_MS

    def update_item(self, **request: Any) -> dict[str, Any]:
        self._count("update_item")
        packed = request["ExpressionAttributeValues"]
        self.kwh.append(sum(memoryview(packed[":3"]["B"]).cast("d")))
        return {}

    def _count(self, call: str) -> None:
        self.calls[call] = self.calls.get(call, 0) + 1


def main(work: str) -> None:
    """Do the work, and print how many kWh each day has, the calls, and the peak of memory in MB."""
    table = Dense(MAX_READINGS_OF_BUCKET if work == "settle a full day" else ONE_HERTZ)
    calls: Any = Calls(table, "table", limit_s=1e9)  # type: ignore[arg-type]
    if work in DAYS:
        zone, (meter,) = of_ship(SHIP.owner)
        settler = Settler(calls)
        heads = settler.heads(SHIP.owner, zone, DAYS[work])
        settler.settle_days({meter: DAYS[work]}, heads)
        kwh = table.kwh
    else:
        reader = SiteReader(calls, 1)
        reader._allowance = Allowance(3_000_000)
        rows = reader.rows(Source("S1"), USED, MONTH, END, "day")
        kwh = [*rows.totals]
    print(json.dumps({"kwh": kwh, "calls": table.calls, "peak_mb": peak_mb()}))  # noqa: T201


def peak_mb() -> int:
    """Return the peak of this program's memory.

    Linux hands what rusage says on from the process that started it, however large that was.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (peak_kb,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(peak_kb) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 // (1024 if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
