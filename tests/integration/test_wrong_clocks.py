"""One clock that is wrong, of a rollup or of a POST: every answer stays that of all readings."""

import time
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.commands import rollup as command
from local.commands.rollup import roll_up_all
from quarterhour.store.environment import calls, environment
from quarterhour.store.rollup.closing import Announced
from quarterhour.store.table import keys
from quarterhour.store.table.fence import Fences
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.known_fence import FenceMemory
from quarterhour.time.calendar import day_text
from tests.builders import batch, reading
from tests.conftest import Call
from tests.fleets import DAY, Window, ms, utc
from tests.patience import begun_at

pytestmark = pytest.mark.integration

TODAY = utc(2025, 3, 14)
HOUR = timedelta(hours=1)


class Clocks:
    """The right time, how far off the clock of the next request is, and what has passed."""

    def __init__(self) -> None:
        self.right = TODAY
        self.off = timedelta()

    def now(self) -> float:
        return (self.right + self.off).timestamp()

    def elapsed(self) -> float:
        return self.right.timestamp()

    def at(self, hours: float, *, off: timedelta = timedelta()) -> None:
        """Let it be so many hours after the beginning of today, on a clock that is off."""
        self.right, self.off = TODAY + hours * HOUR, off


@pytest.fixture
def clocks(table: str, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    del table
    made = Clocks()
    begun_at(monkeypatch, made.now, made.elapsed)
    return made


def roll_up(clocks: Clocks) -> str:
    """Run `make rollup` by the clock as it is."""
    _, waiting = roll_up_all(int(clocks.now() * 1000))
    return waiting


def in_a_new_process() -> None:
    """Forget what a process remembers from request to request."""
    kept = environment()
    kept.announced, kept.fence = Announced(), FenceMemory()
    kept.known.clear()


def post(call: Call, at: datetime, kwh: float) -> None:
    assert call("POST", "/data", batch([reading(at, kwh)])).status == 200


def answers(call: Call) -> dict[str, Any]:
    """Return what all that is asked of the day says it comes to."""
    day = Window(TODAY, TODAY + DAY, "day")
    four_days = Window(TODAY - 2 * DAY, TODAY + 2 * DAY, "day")
    (top,) = call("GET", day.top()).json["ships"]
    return {
        "a day": _sum(call, day.ship(1), "value"),
        "four days": _sum(call, four_days.ship(1), "value"),
        "by quarter hours": _sum(call, four_days._replace(interval="15min").ship(1), "value"),
        "the fleet": _sum(call, day.fleet(), "sum"),
        "top users": top["consumption"],
    }


def _sum(call: Call, target: str, name: str) -> float:
    total: float = sum(row[name] for row in call("GET", target).json["data"])
    return round(total, 6)


def marked() -> set[str]:
    """Return the days of ship 1 that were ever marked."""
    heads = calls().query("S1", "h#", "h#~")
    return {day_text(day) for head in heads for _, day, _ in keys.marks_of(head)}


def closed() -> dict[str, str]:
    """Return the watermarks."""
    items = calls().query(keys.WATERMARKS)
    return {item["sk"]["S"]: day_text(int(item["until"]["N"])) for item in items if "until" in item}


def all_are(kwh: float) -> dict[str, Any]:
    asked = ("a day", "four days", "by quarter hours", "the fleet", "top users")
    return dict.fromkeys(asked, kwh)


def test_a_rollup_whose_clock_is_ten_hours_ahead_hides_no_reading(
    call: Call, clocks: Clocks
) -> None:
    clocks.at(0.1)
    post(call, TODAY, 1)
    clocks.at(16.5, off=10 * HOUR)
    roll_up(clocks)
    clocks.at(16.6)
    post(call, TODAY + 10 * HOUR, 5)
    assert answers(call) == all_are(6)
    clocks.at(60)
    assert answers(call) == all_are(6)


def test_nor_does_one_that_stays_ahead_and_closes_today(call: Call, clocks: Clocks) -> None:
    clocks.at(0.1)
    post(call, TODAY, 1)
    for minutes in (0, 15, 30):
        clocks.at(16.5 + minutes / 60, off=10 * HOUR)
        roll_up(clocks)
    clocks.at(17.1)
    post(call, TODAY + 10 * HOUR, 5)
    assert answers(call) == all_are(6)
    clocks.at(60)
    assert answers(call) == all_are(6)
    roll_up(clocks)
    assert answers(call) == all_are(6)


def test_a_post_whose_clock_is_two_days_behind_is_seen(call: Call, clocks: Clocks) -> None:
    clocks.at(0.1)
    post(call, TODAY, 1)
    for hours in (26.1, 26.3):
        clocks.at(hours)
        roll_up(clocks)
    clocks.at(40, off=-2 * DAY)
    post(call, TODAY + 10 * HOUR, 5)
    clocks.at(41)
    assert answers(call) == all_are(6)


def test_a_clock_three_days_behind_takes_what_is_right_for_the_future(
    call: Call, clocks: Clocks
) -> None:
    clocks.at(40, off=-3 * DAY)
    answer = call("POST", "/data", batch([reading(TODAY + 10 * HOUR, 5)]))
    assert answer.status == 400
    assert answer.json["details"][0]["reason"] == "is 42 hours ahead of the server's clock"


def test_a_day_is_closed_by_the_process_that_has_known_it_announced_for_seven_minutes(
    call: Call, clocks: Clocks
) -> None:
    clocks.at(3)
    post(call, TODAY, 1)
    clocks.at(26.3)
    assert roll_up(clocks) == "2025-03-14"
    in_a_new_process()
    clocks.at(26.5)
    assert roll_up(clocks) == "2025-03-14"
    clocks.at(26.5 + 6.9 / 60)
    assert roll_up(clocks) == "2025-03-14"
    clocks.at(26.5 + 7 / 60)
    assert roll_up(clocks) == ""
    assert closed() == {"0": "2025-03-14", "fleet": "2025-03-14", "H0": "2025-03-14"}


def test_a_post_marks_what_is_due_by_the_later_of_its_clock_and_the_gateway_s(
    call: Call, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", clocks.elapsed)  # the gateway's clock is right
    clocks.at(3)
    Fences(calls(), 1).get(ms(TODAY - 9 * DAY))
    clocks.at(3, off=-4 * DAY)
    post(call, TODAY - 2 * DAY + 2 * HOUR, 5)
    assert marked() == {"2025-03-12", "2025-03-13"}
    (ship,) = Registry(calls(), keys.SHIPS, 1).created()
    assert ship == ms(TODAY + 3 * HOUR)


def test_by_hand_the_day_that_the_schedule_will_close_is_named(
    call: Call, clocks: Clocks, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clocks.at(3)
    post(call, TODAY, 1)
    monkeypatch.setattr(command, "at_hand", nullcontext)
    for hours, said in ((3, ""), (26.3, "2025-03-14 is announced: the schedule closes it")):
        clocks.at(hours)
        capsys.readouterr()
        assert command.main("rollup") == 0
        out = capsys.readouterr().out
        assert out.startswith("Rolled up in ")
        assert said in out
        assert ("announced" in out) == bool(said)
