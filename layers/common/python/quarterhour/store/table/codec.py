"""Readings to and from the table's bucket items. Numbers are text here and only here."""

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache, partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from quarterhour.energy.readings import Reading, Series
from quarterhour.store.table import keys
from quarterhour.store.table.unknown_readings import Unknown

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

# DynamoDB refuses magnitudes below 1e-130; nothing this small is seen at six decimals.
_SMALLEST = 1e-100

Readings = dict[Series, list[Reading]]

# A tuple's own way, as a year has a hundred thousand.
_reading = partial(tuple.__new__, Reading)


def to_value(reading: Reading) -> "UniversalAttributeValueTypeDef":
    """Return a number, or `value;seconds` for a reading with a declared interval.

    >>> to_value(Reading(0, 12.0)), to_value(Reading(0, 0.1, 300_000))
    ({'N': '12'}, {'S': '0.1;300'})
    """
    number = _number(reading.value)
    if not reading.interval_ms:
        return {"N": number}
    return {"S": f"{number};{_seconds(reading.interval_ms)}"}


def from_value(at_ms: int, value: "AttributeValueTypeDef") -> Reading | None:
    """Return the reading that was stored; None where the value has a form that no rule knows.

    >>> from_value(0, {"S": "0.1;300"})
    Reading(at_ms=0, value=0.1, interval_ms=300000)
    """
    if "N" in value:
        return _reading((at_ms, float(value["N"]), 0))
    try:
        number, seconds = value["S"].split(";")
        reading = _reading((at_ms, float(number), _interval_ms(seconds)))
    except (KeyError, ValueError, OverflowError):
        return None
    return reading if isfinite(reading.value) and reading.interval_ms > 0 else None


def readings(items: Iterable[Mapping[str, Any]]) -> Readings:
    """Return the readings of a partition's bucket items by series, sorted by time.

    What no rule knows is left out, and noted.
    """
    by_series: Readings = {}
    unknown = Unknown()
    for item in items:
        if item:
            add_readings(item, by_series, unknown)
    unknown.note()
    return in_order(by_series)


def add_readings(
    item: Mapping[str, Any],
    by_series: Readings,
    unknown: Unknown,
    channels: Container[str] | None = None,
) -> None:
    """Add the readings of a bucket item, in any order, and what no rule knows.

    Of some channels, or of all.
    """
    bucket_ms = keys.bucket_ms(item["sk"]["S"])
    for name, value in item.items():
        place = keys.reading_of(name)
        if place and channels is not None and place[0].channel not in channels:
            continue
        if place and (reading := from_value(bucket_ms + place[1], value)):
            by_series.setdefault(place[0], []).append(reading)
        elif name not in keys.OF_ALL_ITEMS:
            unknown.add(item, name)


def declares(item: Mapping[str, Any]) -> bool:
    """Return whether a bucket item has a reading that was declared to last, or what no rule knows.

    A number with a name that no rule knows is not found.
    """
    return any("N" not in value and name not in keys.OF_ALL_ITEMS for name, value in item.items())


def in_order(by_series: Readings) -> Readings:
    """Return the same readings, each series sorted by time."""
    for series_readings in by_series.values():
        series_readings.sort()
    return by_series


def number(value: int) -> dict[str, str]:
    """Return a whole number as an attribute value."""
    return {"N": str(value)}


@lru_cache(maxsize=1024)
def _interval_ms(seconds: str) -> int:
    return round(float(seconds) * 1000)


@lru_cache(maxsize=1024)
def _seconds(interval_ms: int) -> str:
    return _number(interval_ms / 1000)


def _number(value: float) -> str:
    if float(value).is_integer():  # an int has no is_integer before Python 3.12
        return str(int(value))
    return repr(value) if abs(value) > _SMALLEST else "0"
