"""What is kept of closed days is compared with the readings: whatever differs is found."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from quarterhour.sites.sources import house_owner
from quarterhour.store.environment import environment, house_entries
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import SiteCheck
from quarterhour.store.rollup.rollup import Settled, of_house, of_ship
from quarterhour.store.table.calls import Calls
from tests.builders import MIDNIGHT, batch, channel_batch, readings, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.fleets import settle
from tests.integration.test_check_command import unmarked
from tests.patience import PatientCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

DAY_MS = 86_400_000
DAY = int(MIDNIGHT.timestamp() * 1000)


def table_calls() -> Calls:
    return PatientCalls(environment().client, environment().table)


def found(settled: Settled, day: int = DAY, reader: Reader | None = None) -> list[str]:
    """Return what differs of a day, without the owner and the day."""
    check = SiteCheck(reader or Reader(table_calls()))
    return [difference.what for difference in check.differences(*settled, day)]


@pytest.fixture
def ship(call: Call) -> Settled:
    """A ship with three settled days."""
    assert call("POST", "/data", batch(readings([1.1, 2.2, 0.3] * 24))).status == 200
    settle()
    return of_ship("S1")


@pytest.fixture
def house(call: Call) -> Settled:
    """A house with two meters that overlap and a sensor, three settled days."""
    put = entry(meter(1, "used", "solar"), meter(2, "used"), sensor(3, "outdoor"))
    assert call("PUT", PATH, put).status == 201
    for nth in range(72):
        hour = MIDNIGHT + nth * timedelta(hours=1)
        for device, figures in ((1, {"used": 1.1, "solar": -0.3}), (2, {"used": 0.7})):
            body = channel_batch(values(hour, **figures))
            assert call("POST", f"{PATH}devices/{device}/readings/", body).status == 200
        warm = values(hour, temperature=30.5 + nth % 24, humidity=50)
        body = channel_batch(warm, units={"temperature": "degF", "humidity": "%"})
        assert call("POST", f"{PATH}devices/3/readings/", body).status == 200
    settle()
    return of_house(house_entries().of_owner(house_owner(5)))


def test_what_is_settled_is_as_the_readings_say(ship: Settled, house: Settled) -> None:
    for nth in range(-1, 4):
        assert found(ship, DAY + nth * DAY_MS) == []
        assert found(house, DAY + nth * DAY_MS) == []


class Kept(NamedTuple):
    """An item of the table, of which one attribute has the figures."""

    owner: str
    sort: str
    figures: str


@pytest.fixture
def outdate(dynamodb: "DynamoDBClient", table: str) -> Callable[[Kept, Callable[[], None]], None]:
    """Let an item say what it said before a change, at the counter of after it."""

    def item_of(kept: Kept) -> Any:
        key = {"pk": {"S": kept.owner}, "sk": {"S": kept.sort}}
        return dynamodb.get_item(TableName=table, Key=key)["Item"]

    def outdated(kept: Kept, change: Callable[[], None]) -> None:
        before = item_of(kept)
        change()
        settle()
        after = item_of(kept)
        assert after[kept.figures] != before[kept.figures]
        dynamodb.put_item(TableName=table, Item={**after, kept.figures: before[kept.figures]})

    return outdated


OF_SHIP = {
    Kept("S1", "d##used#2018-08-24", "e"): "the day of used",
    Kept("S1", "m##2018-08", "p"): "the month of used",
    Kept("S1", "y#2018#", "p"): "the year of used",
}


@pytest.mark.parametrize("kept", OF_SHIP)
def test_a_block_of_a_ship_that_says_otherwise_is_found(
    ship: Settled, call: Call, outdate: Callable[..., None], kept: Kept
) -> None:
    outdate(kept, lambda: call("POST", "/data", batch(readings([9.9]))))
    assert OF_SHIP[kept] in found(ship)


OF_HOUSE = {
    Kept("H5", "d#1#solar#2018-08-24", "e"): "the day of solar of device 1",
    Kept("H5", "d#3#temperature#2018-08-24", "e"): "the day of temperature of device 3",
    Kept("H5", "m#1#2018-08", "p"): "the month of solar of device 1",
    Kept("H5", "y#2018#3", "p"): "the year of temperature of device 3",
}


@pytest.mark.parametrize("kept", OF_HOUSE)
def test_a_block_of_a_house_that_says_otherwise_is_found(
    house: Settled, call: Call, outdate: Callable[..., None], kept: Kept
) -> None:
    def change() -> None:
        noon = MIDNIGHT + timedelta(hours=12)
        body = channel_batch(values(noon, solar=-9.9))
        call("POST", f"{PATH}devices/1/readings/", body)
        warm = channel_batch(values(noon, temperature=70), units={"temperature": "degF"})
        call("POST", f"{PATH}devices/3/readings/", warm)

    outdate(kept, change)
    assert OF_HOUSE[kept] in found(house)


def test_a_write_that_no_mark_tells_of_is_found(
    ship: Settled, dynamodb: "DynamoDBClient", table: str
) -> None:
    unmarked(dynamodb, table, "S1")
    assert found(ship) == ["the day of used", "the month of used"]


def test_a_day_that_is_written_meanwhile_says_nothing(
    ship: Settled, call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    unmarked(dynamodb, table, "S1")

    class Overtaken(Reader):
        def derived(self, *given: Any, **more: Any) -> Any:
            call("POST", "/data", batch(readings([5])))
            return super().derived(*given, **more)

    assert found(ship, DAY, Overtaken(table_calls())) == []


def test_a_block_that_is_not_valid_says_nothing(
    ship: Settled, call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    unmarked(dynamodb, table, "S1")
    call("POST", "/data", batch(readings([5])))
    assert found(ship) == []
