"""Readings to and from the table's bucket items. Numbers are text here and only here."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from quarterhour.energy.readings import Reading, Series
from quarterhour.store.table import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

# DynamoDB refuses magnitudes below 1e-130; nothing this small is seen at six decimals.
_SMALLEST = 1e-100

Readings = dict[Series, list[Reading]]


def to_value(reading: Reading) -> "UniversalAttributeValueTypeDef":
    """Return a number, or `value;seconds` for a reading with a declared interval.

    >>> to_value(Reading(0, 12.0)), to_value(Reading(0, 0.1, 300_000))
    ({'N': '12'}, {'S': '0.1;300'})
    """
    number = _number(reading.value)
    if not reading.interval_ms:
        return {"N": number}
    return {"S": f"{number};{_number(reading.interval_ms / 1000)}"}


def from_value(at_ms: int, value: "AttributeValueTypeDef") -> Reading:
    """Return the reading that was stored.

    >>> from_value(0, {"S": "0.1;300"})
    Reading(at_ms=0, value=0.1, interval_ms=300000)
    """
    if "N" in value:
        return Reading(at_ms, float(value["N"]))
    number, seconds = value["S"].split(";")
    return Reading(at_ms, float(number), round(float(seconds) * 1000))


def readings(items: Iterable[Mapping[str, Any]]) -> Readings:
    """Return the readings of bucket items by series, sorted by time."""
    by_series: Readings = {}
    for item in items:
        if not item:
            continue
        bucket_ms = keys.bucket_ms(item["sk"]["S"])
        for name, value in item.items():
            if place := keys.reading_of(name):
                series, offset_ms = place
                by_series.setdefault(series, []).append(from_value(bucket_ms + offset_ms, value))
    for series_readings in by_series.values():
        series_readings.sort()
    return by_series


def number(value: int) -> dict[str, str]:
    """Return a whole number as an attribute value."""
    return {"N": str(value)}


def _number(value: float) -> str:
    if float(value).is_integer():  # an int has no is_integer before Python 3.12
        return str(int(value))
    return repr(value) if abs(value) > _SMALLEST else "0"
