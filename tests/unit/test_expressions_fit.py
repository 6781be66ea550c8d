"""No update's expression outgrows the 4 KB that DynamoDB takes, whatever its names and numbers."""

from types import SimpleNamespace
from typing import Any

import pytest

from quarterhour.energy.profile import profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.http.ingest.catalogue_fields import MAX_WORD
from quarterhour.http.query.parameters import MAX_ID
from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import device
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.rollup.settler import _FURTHER, _day_update
from quarterhour.store.table import keys, sums
from quarterhour.store.table.blocks import MONTHS
from quarterhour.store.table.calls import only_if, set_values, whole_item
from quarterhour.store.table.house_entries import MAX_MONTHS_AT_ONCE, _next
from quarterhour.store.write.plan import MAX_ATTRIBUTES, item_writes
from quarterhour.store.write.removals import removals
from quarterhour.store.write.writer import Writer, _put
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC
from quarterhour.time.instants import parse
from tests.profiles import Bucket, of_buckets

MOST = 4096
MONTH = parse("2018-08-01T00:00:00Z")
DAYS = [*range(MONTH, UTC.next_month(MONTH), DAY_MS)]
MOST_OPERATORS = 300
VALUE = {"S": "12.345678901234567;86400"}
METER = device("H" + str(MAX_ID), MAX_ID)
# With and without a placeholder; the longest name, and the longest that stands as it is.
NAMES = "a" * MAX_WORD, "a" * 7


def size(request: dict[str, Any]) -> int:
    """Return the bytes of a request's longest expression."""
    names = "UpdateExpression", "ConditionExpression"
    return max(len(request.get(name, "").encode()) for name in names)


def operators(condition: str) -> int:
    """Return how many operators and functions a condition has."""
    return sum(condition.count(each) for each in ("=", " OR ", " AND ", "attribute_not_exists"))


@pytest.mark.parametrize("name", NAMES)
def test_the_readings_of_a_bucket(name: str) -> None:
    readings = [Reading(MONTH + nth * 80, 1.0) for nth in range(2 * MAX_ATTRIBUTES)]
    seconds = [Reading(MONTH + nth * 1000, 1.0) for nth in range(2 * MAX_ATTRIBUTES)]
    for batch in readings, seconds:
        for write in item_writes({Series(name, Quantity.TEMPERATURE): batch}):
            assert size(_put(METER, write)) <= MOST


@pytest.mark.parametrize("name", NAMES)
def test_the_readings_that_are_taken_of_a_bucket(name: str) -> None:
    names = (f"{name}t{offset}" for offset in range(900))
    item = {"pk": {"S": "R#S1"}, "sk": {"S": "2018-08-01T00:00"}, **dict.fromkeys(names, VALUE)}
    found = [*removals([item], Correction(METER, MONTH, MONTH + DAY_MS))]
    assert sum(removal.number for removal in found) == 900
    for removal in found:
        request = removal.request(METER)
        assert size(request) <= MOST
        assert operators(request["ConditionExpression"]) <= MOST_OPERATORS


def test_the_marks_of_a_month() -> None:
    writer: Any = SimpleNamespace(
        _todo_partition=lambda source: keys.todo_partition(source, 10_000)
    )
    updates = Writer._mark_updates(writer, METER, [(MONTH, DAYS)])
    assert all(size(update) <= MOST for update in updates)


def test_the_budgets_of_the_most_months() -> None:
    budgets = {f"2018-{nth:02}": {"S": "{}"} for nth in range(MAX_MONTHS_AT_ONCE)}
    assert size(_next(MAX_ID, "c#budgets", budgets, 7)) <= MOST


def test_a_day_of_a_gauge() -> None:
    measure = Series(NAMES[0], Quantity.TEMPERATURE)
    buckets = {
        MONTH + nth * BUCKET_MS: Bucket(20.0, nth + 1, 1.0, 30.0)
        for nth in range(DAY_MS // BUCKET_MS)
    }
    day = of_buckets(buckets, measure.quantity)
    update = _day_update(Meter(METER, (measure,)), measure, MONTH, day, 0)
    assert size(update) <= MOST


def test_the_sums_of_more_channels_than_an_update_could_name() -> None:
    measures = [Series(f"circuit_{nth}") for nth in range(10_000)]
    rows = {measure: profile([MONTH], [1.0], [1]) for measure in measures}
    parts = MONTHS.parts(UTC, MONTH)
    for item in sums.sums_blocks(parts, rows, 0, parts[-1][1], UTC):
        values = {name: item[name] for name in ("s", "upto", "tz")}
        assert size(only_if(whole_item("H5", "m#e#2018-08", item), _FURTHER, **values)) <= MOST


def test_an_update_of_an_attribute_a_channel_would_outgrow_them() -> None:
    """What stood in a month's block before; the other tests can fail."""
    names = {f"{NAMES[0]}{nth}.e": {"N": "1"} for nth in range(500)}
    assert size(set_values("H5", "m#e#2018-08", names)) > MOST
