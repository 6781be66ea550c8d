"""Bucket items to readings."""

from collections.abc import Iterable, Mapping
from typing import Any

from quarterhour.energy.readings import Reading, Series
from quarterhour.store.table import keys
from quarterhour.store.table.codec import from_value

Readings = dict[Series, list[Reading]]


def readings(items: Iterable[Mapping[str, Any]]) -> Readings:
    """Return the readings of bucket items by series, sorted by time."""
    found: Readings = {}
    for item in items:
        if not item:
            continue
        bucket_ms = keys.bucket_ms(item["sk"]["S"])
        for name, value in item.items():
            if held := keys.reading_of(name):
                series, offset_ms = held
                found.setdefault(series, []).append(from_value(bucket_ms + offset_ms, value))
    for one in found.values():
        one.sort()
    return found
