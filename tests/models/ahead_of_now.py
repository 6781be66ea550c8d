"""Blocks and items of days that are not past, made wrong: no reader takes anything from them.

A day may be closed while it lasts, by a rollup whose clock is ahead. What its blocks say is right,
but it is not for readers before the day is past; so here they say something else.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from quarterhour.energy.profile import Row, of_rows
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.fleets.fleet import FleetMonth, FleetTotal
from quarterhour.store.table import blocks, fleet_blocks, keys, sums
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, zone
from tests.models.attributes import Item
from tests.models.watched import Watched
from tests.profiles import Bucket, by_part, of_buckets

WRONG = 1e6


def deface(watched: Watched, client: Any, now_ms: int) -> int:
    """Make wrong all that ends after now; return how many items had something that does."""
    found = 0
    for pk in watched.partitions():
        for sk, (item,) in [*watched.states(pk, watched.instant, watched.instant)]:
            wrong = dict(_wrong(pk, sk, item, now_ms)) if item else {}
            if wrong:
                found += 1
                key = {"pk": {"S": pk}, "sk": {"S": sk}}
                client.put_item(TableName=watched.table, Item={**item, **wrong, **key})
    return found


def _wrong(pk: str, sk: str, item: Item, now_ms: int) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of an item that says something of what ends after now."""
    if sk[:2] == "d#" and pk != keys.FLEET:
        day = keys.begin_ms(sk[-10:])
        if day + DAY_MS > now_ms:
            kind = Quantity(item["k"]["S"])
            whole = {at: _bucket(kind) for at in range(day, day + DAY_MS, BUCKET_MS)}
            yield from blocks.day_block(
                day, of_buckets(whole, kind), int(item["s"]["N"]), kind
            ).items()
    elif sk[:2] in {"m#", "y#"} and pk != keys.FLEET:
        yield from _sums(sk, item, now_ms)
    elif pk == keys.FLEET or pk.startswith("Q#"):
        yield from _of_fleet(pk, sk, item, now_ms)


def _bucket(kind: Quantity) -> Bucket:
    return Bucket(WRONG, BUCKET_MS, WRONG, WRONG) if kind.is_gauge else Bucket(WRONG, BUCKET_MS)


def _sums(sk: str, item: Item, now_ms: int) -> Iterator[tuple[str, Any]]:
    here = zone(item["tz"]["S"])
    kind = MONTHS if sk.startswith("m#") else YEARS
    period = sk.split("#")[2 if kind is MONTHS else 1]
    # An instant inside the period, whatever the zone.
    begin = kind.period_of(here, keys.begin_ms(period) + 2 * DAY_MS)
    parts = kind.parts(here, begin)
    measures = _measures(item["p"]["B"])
    kept = by_part(sums.kept_rows(parts, [item], int(item["s"]["N"]), measures, here))
    if not any(end > now_ms for _, end in kept):
        return
    rows: dict[Series, list[Row]] = {measure: [] for measure in measures}
    for (start, end), by_measure in kept.items():
        for measure in measures:
            if end > now_ms:
                rows[measure].append(Row(start, WRONG, 1, WRONG, WRONG))
            elif measure in by_measure:
                rows[measure].append(by_measure[measure])
    upto, marks = int(item["upto"]["N"]), int(item["s"]["N"])
    wrong = {one: of_rows(of, of_gauge=one.quantity.is_gauge) for one, of in rows.items()}
    (block,) = sums.sums_blocks(parts, wrong, marks, upto, here)
    yield from block.items()


def _measures(packed: bytes) -> list[Series]:
    """Return the measures that the head of a packed block of sums names."""
    _, _, count = struct.unpack_from("<BHH", packed)
    at, measures = struct.calcsize("<BHH"), []
    for _ in range(count):
        letter, length = packed[at : at + 1], packed[at + 1]
        at += 2 + length
        measures.append(Series(packed[at - length : at].decode(), Quantity(letter.decode())))
    return measures


def _of_fleet(pk: str, sk: str, item: Item, now_ms: int) -> Iterator[tuple[str, Any]]:
    if sk.startswith("m#"):
        month = keys.begin_ms(sk[2:])
        stored = fleet_blocks.fleet_month(month, item)
        days = range(month, month + len(blocks.floats(item["e"])) * DAY_MS, DAY_MS)
        if days[-1] + DAY_MS > now_ms:
            totals = {
                day: FleetTotal(WRONG, 1) if day + DAY_MS > now_ms else stored.days[day]
                for day in days
                if day + DAY_MS > now_ms or day in stored.days
            }
            yield from fleet_blocks.fleet_month_item(days, FleetMonth(totals, 1)).items()
        return
    day = sk[2:] if pk == keys.FLEET else pk[2:]
    if len(day) == len("2018-08-24") and keys.begin_ms(day) + DAY_MS > now_ms:
        yield from _all(item).items()


def _all(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a day of the fleet or a shard, all of them wrong."""
    figures = {name: item[name] for name in ("e", "kwh") if name in item}
    return {
        name: blocks.pack_floats([WRONG] * len(blocks.floats(value)))
        for name, value in figures.items()
    }
