"""Read days of a device of 100 channels that posts each hour, none settled; print what it took.

A process of its own, so that its peak of memory is the work's, and its processor time:
`python -m tests.integration.wide_device 200`.
"""

import json
import sys
import time
from typing import Any

from quarterhour.energy.readings import Reading, Series
from quarterhour.errors import TooMuchUnsettled
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.codec import to_value
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS
from quarterhour.time.instants import parse
from tests.house_builders import device, house
from tests.integration.one_hertz import peak_mb

START = parse("2013-01-02T05:00:00Z")
NAMES = [f"c{nth}" for nth in range(100)]
WIDE = device(1, *NAMES)
PAGE_ITEMS = 200  # some 1 MB


class Hourly:
    """A table in which the device has an hour of half a kWh in each channel, and nothing else."""

    def __init__(self) -> None:
        half = to_value(Reading(0, 0.5, HOUR_MS))
        self._item = json.dumps({keys.attribute(Series(name), 0): half for name in NAMES})[1:]

    def query(self, **request: Any) -> dict[str, Any]:
        values = request["ExpressionAttributeValues"]
        partition, first, last = (values[name]["S"] for name in (":pk", ":first", ":last"))
        if not partition.startswith("R#"):
            return {"Items": []}
        if "ExclusiveStartKey" in request:
            first = request["ExclusiveStartKey"]["sk"]["S"]
        at = keys.bucket_ms(first)
        at += HOUR_MS - at % HOUR_MS if "ExclusiveStartKey" in request else -at % HOUR_MS
        end = keys.bucket_ms(last) + BUCKET_MS
        sorts = [keys.bucket_sort(at + nth * HOUR_MS) for nth in range(PAGE_ITEMS)]
        kept = [sort for sort in sorts if keys.bucket_ms(sort) < end]
        items = [
            json.loads(f'{{"sk": {{"S": "{sort}"}}, "pk": {{}}, {self._item}') for sort in kept
        ]
        more = {"LastEvaluatedKey": {"sk": {"S": kept[-1]}}} if len(kept) == PAGE_ITEMS else {}
        return {"Items": items, **more}


def main(days: str) -> None:
    """Read so many days; print how many rows there are, the kWh of a channel, the refusal."""
    calls: Any = Calls(Hourly(), "table", limit_s=1e9)  # type: ignore[arg-type]
    site = house(WIDE)
    meter = virtual_meters.all_of(site, WIDE)
    query = RowQuery(meter, Grain.DAY, START, START + int(days) * DAY_MS)
    refused, rows, kwh = "", 0, 0.0
    try:
        sums = SiteReader(calls, 1).read(site, {"all": query})["all"].sums
    except TooMuchUnsettled as unsettled:
        refused = str(unsettled)
    else:
        rows, kwh = sum(map(len, sums.values())), sum(sums[Series("c99")].values())
    took = {"rows": rows, "kwh": kwh, "refused": refused, "cpu_s": time.process_time()}
    print(json.dumps({**took, "peak_mb": peak_mb()}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
