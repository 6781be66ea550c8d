"""Items of shards and of the fleet, to and from what they say (docs/table.md)."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from math import isnan, nan
from typing import Any

from quarterhour.fleets.fleet import (
    ALL_DAY,
    BUCKETS,
    BUCKETS_OF_HOUR,
    FleetDay,
    FleetMonth,
    FleetTotal,
    ShardDay,
    ShardMonth,
    ShipDay,
)
from quarterhour.store.table.blocks import counts, floats, pack_counts, pack_floats
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import BUCKET_MS, DAY_MS

Item = Mapping[str, Any]

_MASK_BYTES = BUCKETS // 8
# The place of a bucket, or of a month's day, and the milliseconds that are not covered.
_GAP = struct.Struct("<BQ")
_UNKNOWN = (1 << 64) - 1
_PART = struct.Struct(f"<I{_MASK_BYTES}s")


def shard_day_item(day_ms: int, day: ShardDay) -> dict[str, Any]:
    """Return the attributes of a shard's day; presence only of ships that lack some of the day."""
    parts = [
        _PART.pack(place, ship.present.to_bytes(_MASK_BYTES, "little"))
        for place, ship in enumerate(day.ships.values())
        if ship.present != ALL_DAY
    ]
    ranking = _ranking({ship: ship_day.kwh for ship, ship_day in day.ships.items()})
    own = {
        "part": {"B": b"".join(parts)},
        **_covered(day_ms, day.counts, day.covered),
        **_lacking(day.lack),
    }
    return {"e": _by_bucket(day_ms, day.kwh), **ranking, **own}


def shard_day(day_ms: int, item: Item) -> ShardDay:
    """Return a shard's day."""
    kwh = ship_kwh(item)
    present = [ALL_DAY] * len(kwh)
    for place, mask in _PART.iter_unpack(item["part"]["B"]):
        present[place] = int.from_bytes(mask, "little")
    ships = {ship: ShipDay(kwh[ship], mask) for ship, mask in zip(kwh, present, strict=True)}
    day = ShardDay(_buckets(day_ms, item["e"]), ships, lack(item))
    return day._replace(covered=_covered_of(day_ms, day.counts, item)) if "c" in item else day


def shard_month_item(month: ShardMonth) -> dict[str, Any]:
    """Return the attributes of a shard's month."""
    days = pack_counts(month.present[ship] for ship in month.kwh)
    return {**_ranking(month.kwh), "days": days, **_lacking(month.lack)}


def shard_month(item: Item) -> ShardMonth:
    """Return a shard's month."""
    kwh = ship_kwh(item)
    present = dict(zip(kwh, counts(item["days"], len(kwh)), strict=True))
    return ShardMonth(kwh, present, lack(item))


def shard_year_item(kwh: Mapping[int, float], lack: int = 0) -> dict[str, Any]:
    """Return the attributes of a shard's year; in so many of its months a ship lacks."""
    return {**_ranking(kwh), **_lacking(lack)}


def lack(item: Item) -> int:
    """Return what lacks in an item: not 0 where a ship could not be read (docs/table.md)."""
    return int(item["lack"]["N"]) if "lack" in item else 0


def ship_kwh(item: Item) -> dict[int, float]:
    """Return each ship's energy in a shard's day, month or year."""
    packed: bytes = item["ids"]["B"]
    ids = struct.unpack(f"<{len(packed) // 8}Q", packed)
    return dict(zip(ids, floats(item["kwh"]), strict=True))


def fleet_day_item(day_ms: int, day: FleetDay) -> dict[str, Any]:
    """Return the attributes of the fleet's day."""
    return {
        "e": _by_bucket(day_ms, day.kwh),
        "n": pack_counts(day.counts),
        "hours": pack_counts(day.hours),
        "ships": number(day.ships),
        **_covered(day_ms, day.counts, day.covered),
        **_lacking(day.lack),
    }


def fleet_day(day_ms: int, item: Item) -> FleetDay:
    """Return the fleet's day."""
    ships = int(item["ships"]["N"])
    hours = counts(item["hours"], BUCKETS // BUCKETS_OF_HOUR)
    kwh, of_buckets = _buckets(day_ms, item["e"]), counts(item["n"], BUCKETS)
    day = FleetDay(kwh, of_buckets, hours, ships, lack(item))
    return day._replace(covered=_covered_of(day_ms, day.counts, item)) if "c" in item else day


def fleet_month_item(days: Iterable[int], month: FleetMonth) -> dict[str, Any]:
    """Return the attributes of the fleet's month."""
    totals = [month.days.get(day, FleetTotal(nan, 0)) for day in days]
    return {
        "e": pack_floats(total.kwh for total in totals),
        "n": pack_counts(total.ships for total in totals),
        "ships": number(month.ships),
        "c": _gaps(
            _UNKNOWN if total.covered_ms is None else total.ships * DAY_MS - total.covered_ms
            for total in totals
        ),
        **_lacking(month.lack),
    }


def fleet_month(month_ms: int, item: Item) -> FleetMonth:
    """Return the fleet's month."""
    kwh = floats(item["e"])
    of_days = counts(item["n"], len(kwh))
    gaps = _gaps_of(item) if "c" in item else dict.fromkeys(range(len(kwh)), _UNKNOWN)
    lengths = (
        None if gaps.get(place) == _UNKNOWN else ships * DAY_MS - gaps.get(place, 0)
        for place, ships in enumerate(of_days)
    )
    totals = map(FleetTotal, kwh, of_days, lengths)
    days = {month_ms + place * DAY_MS: total for place, total in enumerate(totals)}
    days_with_data = {day: total for day, total in days.items() if not isnan(total.kwh)}
    return FleetMonth(days_with_data, int(item["ships"]["N"]), lack(item))


def _lacking(ships: int) -> dict[str, Any]:
    return {"lack": number(ships)} if ships else {}


def _covered(
    day_ms: int, counts: Sequence[int], covered: Mapping[int, int] | None
) -> dict[str, Any]:
    """Return the attribute of what is covered by bucket: what lacks of all the ships' time."""
    if covered is None:
        return {}
    times = (covered.get(day_ms + place * BUCKET_MS, 0) for place in range(BUCKETS))
    return {"c": _gaps(n * BUCKET_MS - ms for n, ms in zip(counts, times, strict=True))}


def _covered_of(day_ms: int, counts: Sequence[int], item: Item) -> dict[int, int]:
    gaps = _gaps_of(item)
    return {
        day_ms + place * BUCKET_MS: ships * BUCKET_MS - gaps.get(place, 0)
        for place, ships in enumerate(counts)
        if ships
    }


def _gaps(lengths_ms: Iterable[int]) -> dict[str, bytes]:
    """Pack what is not covered, of the places where that is anything: mostly there is none."""
    gaps = (_GAP.pack(place, length) for place, length in enumerate(lengths_ms) if length)
    return {"B": b"".join(gaps)}


def _gaps_of(item: Item) -> dict[int, int]:
    return dict(_GAP.iter_unpack(item["c"]["B"]))


def _ranking(kwh: Mapping[int, float]) -> dict[str, Any]:
    return {
        "ids": {"B": struct.pack(f"<{len(kwh)}Q", *kwh)},
        "kwh": pack_floats(kwh.values()),
    }


def _by_bucket(day_ms: int, kwh: Mapping[int, float]) -> dict[str, bytes]:
    return pack_floats(kwh.get(at, nan) for at in range(day_ms, day_ms + DAY_MS, BUCKET_MS))


def _buckets(day_ms: int, value: Item) -> dict[int, float]:
    starts = range(day_ms, day_ms + DAY_MS, BUCKET_MS)
    return {at: kwh for at, kwh in zip(starts, floats(value), strict=True) if not isnan(kwh)}
