"""Quarter hours and hours of a site's meters, from tests.models.slow_resample, in fractions.

Who counts is decided quarter hour by quarter hour; the local hours are those of zoneinfo.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from tests.models.attributes import Item
from tests.models.local_time import hour_of
from tests.models.meters_by_hand import HEATING, Measured, Meter
from tests.models.slow_resample import (
    BUCKET,
    Amount,
    Gauge,
    Kind,
    Posted,
    slow_buckets,
    slow_gauges,
)

HOUR = 4 * BUCKET

# What a stretch of time comes to: (sum, milliseconds covered), a gauge's (sum of hourly means,
# hours, least, most), or nothing. Degree days of a temperature, and totals, have no coverage.
Outcome = tuple[float, ...] | None

Filled = Mapping[int, Amount | Gauge]  # quarter hours with data
Way = dict[Measured, Filled]  # one of the possible courses of a stretch of time
Series = tuple[str, str]  # a channel, and the letter of a quantity
OfDevice = frozenset[tuple[Series, Posted]]

LETTERS = {"e": "ep", HEATING: "t", "E": "ep", "D": "d", "X": "t"}


def bucketed(one: Measured) -> Measured:
    """Return the measure whose quarter hours this one is made from."""
    code = one.code.lower()
    return Measured(one.channel, "t" if code == HEATING else code)


def joined(ways: Sequence[Way]) -> Way:
    """Return stretches of time that follow each other as one."""
    found: dict[Measured, dict[int, Amount | Gauge]] = {}
    for way in ways:
        for one, of_one in way.items():
            found.setdefault(one, {}).update(of_one)
    return {**found}


def chosen(ways: Sequence[Way], wanted: Iterable[Measured]) -> Way:
    """Quarter hour by quarter hour, all is of the first that has anything there."""
    found: dict[Measured, dict[int, Amount | Gauge]] = {one: {} for one in wanted}
    for at in {at for way in ways for filled in way.values() for at in filled}:
        first = next(way for way in ways if any(at in filled for filled in way.values()))
        for one, rows in found.items():
            if at in first.get(one, {}):
                rows[at] = first[one][at]
    return {one: dict(sorted(rows.items())) for one, rows in found.items()}


def filled(
    one: Measured,
    readings: Mapping[Series, Iterable[Posted]],
    begin: int,
    end: int,
    now_ms: int | None = None,
) -> Filled:
    """Return the quarter hours of a measure: of energy and power, energy where it covers any.

    As they are seen at `now_ms`, or when all of it is past.
    """
    letters = LETTERS.get(one.code, one.code)
    series = frozenset().union(*(readings.get((one.channel, of), ()) for of in letters))
    is_past = now_ms is None or end + BUCKET <= now_ms
    return _filled(series, begin, end, None if is_past else now_ms, is_gauge=one.is_gauge)


_KINDS = {"p": Kind.POWER, "t": Kind.GAUGE, "h": Kind.GAUGE}


@lru_cache(maxsize=20_000)
def _filled(
    readings: frozenset[Posted], begin: int, end: int, now_ms: int | None, *, is_gauge: bool
) -> Filled:
    return (slow_gauges if is_gauge else slow_buckets)(readings, begin, end, now_ms)


def quarters(way: Way, meter: Meter, _zone: str) -> dict[Measured, dict[int, Outcome]]:
    """Return the quarter hours that have data."""
    return {
        one: {at: _hour(one, [part]) for at, part in way[one].items()} for one in meter.measures
    }


def hours(way: Way, meter: Meter, zone: str) -> dict[Measured, dict[int, Outcome]]:
    """Return the local hours that have data."""
    found: dict[Measured, dict[int, Outcome]] = {}
    for one in meter.measures:
        parts: dict[int, list[Amount | Gauge]] = {}
        for at, figure in way[bucketed(one)].items():
            parts.setdefault(hour_of(zone, at), []).append(figure)
        found[one] = {at: _hour(one, of) for at, of in parts.items()}
    return found


def _hour(one: Measured, figures: Sequence[Amount | Gauge]) -> Outcome:
    if one.code.isupper():
        shown = _hour(one._replace(code=one.code.lower()), figures)
        assert shown
        return (shown[0], 1, shown[0], shown[0])
    covered_ms = sum(part.covered_ms for part in figures)
    if one.code not in {"t", "h", HEATING}:
        energy = sum(part.energy for part in figures if isinstance(part, Amount))
        return (float(energy), covered_ms)
    held = [part for part in figures if isinstance(part, Gauge)]
    mean = sum((part.mean * part.covered_ms for part in held), Fraction(0)) / covered_ms
    if one.code == HEATING:
        return (float(max(Fraction(0), 65 - mean) / 24), 0)
    low, high = min(part.lowest for part in held), max(part.highest for part in held)
    return (float(mean), 1, float(low), float(high))


def of_day(hours: Mapping[int, Outcome], one: Measured) -> Outcome:
    """Return what the hours of a day come to."""
    found: Outcome = None
    for hour in hours.values():
        found = added(one, found, hour)
    return found


def added(one: Measured, left: Outcome, right: Outcome) -> Outcome:
    """Return what two stretches come to together."""
    if left is None or right is None:
        return left or right
    sums = round(left[0] + right[0], 9), left[1] + right[1]
    return (*sums, min(left[2], right[2]), max(left[3], right[3])) if one.is_gauge else sums


def readings_of(bucket: int, item: Item) -> OfDevice:
    """Return the readings of a bucket item, from its attributes as the documents say."""
    found = []
    for name, value in item.items():
        if name in {"pk", "sk"}:
            continue
        place = max(at for at, letter in enumerate(name) if letter.isalpha())
        seconds, _, ms = name[place + 1 :].partition("_")
        series = (name[:place] or "used", name[place])
        number, _, declared = (value.get("N") or value["S"]).partition(";")
        reading = Posted(
            _KINDS.get(series[1], Kind.AMOUNT),
            bucket + int(seconds) * 1000 + int(ms or 0),
            float(number),
            int(declared or 0) * 1000,
        )
        found.append((series, reading))
    return frozenset(found)
