"""Blocks that an environment keeps: fewer calls, and never another answer."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from quarterhour.store.environment import environment
from quarterhour.store.read.memory import BlockMemory
from tests.builders import batch, reading, readings
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import Window, settle
from tests.value_requests import local, post, target

pytestmark = pytest.mark.integration

JUNE = datetime(2018, 6, 1, tzinfo=UTC)
JULY = datetime(2018, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MONTH = Window(JUNE, JULY, "15min")


@pytest.fixture
def ship(call: Call) -> None:
    call("POST", "/data", batch(readings([1.5] * 30 * 24, minutes=60, start=JUNE)))


def calls_of(call: Call, counted: Counted, asked: str) -> list[str]:
    counted.clear()
    assert call("GET", asked).status == 200
    return list(counted.calls)


@pytest.mark.usefixtures("ship")
def test_what_a_read_derived_of_closed_days_is_not_read_again(call: Call, counted: Counted) -> None:
    """Blocks that are old, heads, readings; then the heads alone."""
    settle()  # closes the days up to yesterday
    call("POST", "/data", batch(readings([2.5] * 30 * 24, minutes=60, start=JUNE)))
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query", "Query", "Query"]
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query"]
    by_day = MONTH._replace(interval="day").ship(1)
    assert calls_of(call, counted, by_day) == ["Query", "Query"]  # the days are kept


@pytest.mark.usefixtures("ship")
def test_what_a_read_derived_by_day_is_kept_by_day(call: Call, counted: Counted) -> None:
    """Blocks that there are not, heads; day blocks, heads, the watermark, readings; then heads."""
    settle()
    call("POST", "/data", batch(readings([2.5] * 12, minutes=60, start=JULY)))
    by_day = Window(JUNE, JULY + 9 * DAY, "day").ship(1)
    first = calls_of(call, counted, by_day)
    assert first == ["Query"] * 6
    assert calls_of(call, counted, by_day) == ["Query"]


@pytest.mark.usefixtures("ship")
def test_where_no_rollup_has_run_the_watermarks_begin_with_the_fence(
    call: Call, counted: Counted
) -> None:
    """Days up to its first are marked by whoever writes; later ones are read each time."""
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query"] * 4
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query"]
    now = datetime.now(UTC)
    call("POST", "/data", batch(readings([1.5] * 24 * 9, minutes=60, start=now - 9 * DAY)))
    recent = Window(now - 5 * DAY, now, "15min").ship(1)
    calls_of(call, counted, recent)
    assert len(calls_of(call, counted, recent)) > 1  # heads and, at least of today, readings


@pytest.mark.usefixtures("ship")
def test_what_was_settled_anew_is_read_from_its_blocks(call: Call, counted: Counted) -> None:
    """The kept blocks are old: heads, the new blocks, the heads after them."""
    settle()
    call("GET", MONTH.ship(1))
    call("POST", "/data", batch(readings([2.5] * 30 * 24, minutes=60, start=JUNE)))
    settle()
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query", "Query", "Query"]
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query"]


@pytest.mark.usefixtures("ship")
def test_a_late_reading_costs_the_days_it_marked(call: Call, counted: Counted) -> None:
    settle()
    call("GET", MONTH.ship(1))
    call("POST", "/data", batch([reading(JUNE + 9 * DAY - timedelta(hours=2), 7)]))
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query", "Query"]
    assert calls_of(call, counted, MONTH.ship(1)) == ["Query"]


def test_a_device_of_many_channels_is_read_raw_once(call: Call, counted: Counted) -> None:
    """Its blocks would be many queries; kept, they are none."""
    channels = ["used", *(f"c{nth}" for nth in range(2, 9))]
    assert call("PUT", PATH, entry(meter(1, *channels))).status == 201
    start = local(2013, 6, 1)
    first: dict[str, Any] = {name: [0.5] * 24 * 6 for name in channels}
    post(call, 1, start, **first)
    settle()
    again: dict[str, Any] = {name: [0.75] * 24 * 6 for name in channels}
    post(call, 1, start, **again)
    asked = target("devices/1", interval="day", start=start.date(), duration="6days")
    # The catalogue, the month's block, heads, the watermark, readings.
    assert calls_of(call, counted, asked) == ["Query"] * 5
    assert calls_of(call, counted, asked) == ["Query"] * 2


def test_an_environment_that_keeps_answers_as_one_that_does_not(call: Call) -> None:
    """Late readings, catalogues put again, rollups now and then: the same bytes, warm or cold."""
    random = Random(12)
    start = local(2013, 5, 28)
    assert call("PUT", PATH, entry(meter(1, "used", "solar"), meter(2, "used"))).status == 201
    differed = 0
    for _ in range(60):
        device = random.choice((1, 2))
        begin = start + random.randrange(40) * DAY
        match random.choice(("ship", "house", "house", "settle", "put")):
            case "ship":
                values = [random.random() for _ in range(random.choice((1, 30)))]
                call("POST", "/data", batch(readings(values, minutes=60, start=begin)))
            case "house":
                values = [random.random() for _ in range(random.choice((1, 48)))]
                post(call, device, begin, used=values)
            case "settle":
                settle()
            case "put":
                zone = random.choice(("America/New_York", "Europe/Berlin"))
                put = entry(meter(1, "used", "solar"), meter(2, "used"), timezone=zone)
                call("PUT", PATH, put)
        interval = random.choice(("15min", "day", "month"))
        asked = [
            Window(begin.astimezone(UTC), (begin + 20 * DAY).astimezone(UTC), interval).ship(1),
            target(
                f"devices/{device}",
                interval="day",
                start=start.date(),
                duration="45days",
            ),
            f"{PATH}views/usage?interval=days&start=2013-06&duration=1month",
        ]
        warm = [call("GET", one).text for one in asked]
        kept, environment().blocks = environment().blocks, BlockMemory()
        assert [call("GET", one).text for one in asked] == warm
        environment().blocks = kept
        differed += len(set(warm))
    assert differed > 60
