"""The first reading in, the first quarter hour out."""

from typing import Any

import pytest

from tests.conftest import Call

pytestmark = pytest.mark.integration

DAY = "start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z"


def batch(ship: int, units: str, readings: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = [{"datetime": f"2018-08-24T{at}Z", "value": value} for at, value in readings.items()]
    return {"spaceship_id": ship, "units": units, "data": data, **more}


def test_three_hourly_energies_become_twelve_quarter_hours(call: Call) -> None:
    posted = batch(1, "kWh", {"00:00:00": 12, "01:00:00": 26, "02:00:00": 18})
    assert call("POST", "/data", posted).json == {
        "message": "Data saved successfully for ship 1",
        "spaceship_id": 1,
        "accepted": 3,
        "start": "2018-08-24T00:00:00Z",
        "end": "2018-08-24T02:00:00Z",
        "warnings": [],
    }
    answer = call("GET", f"/data?spaceship_id=1&{DAY}").json
    assert answer["spaceship_id"] == 1
    assert answer["units"] == "kWh"
    assert answer["data"][0] == {"datetime": "2018-08-24T00:00:00Z", "value": 3}
    assert [point["value"] for point in answer["data"]] == [3] * 4 + [6.5] * 4 + [4.5] * 4


def test_what_nothing_covers_is_absent_and_what_is_covered_in_part_says_so(call: Call) -> None:
    powers = {f"00:{5 * step:02}:00": kw for step, kw in enumerate((22, 24, 23, 18, 22, 23, 8))}
    call("POST", "/data", batch(1, "kW", powers))
    assert call("GET", f"/data?spaceship_id=1&{DAY}").json["data"] == [
        {"datetime": "2018-08-24T00:00:00Z", "value": 5.75},
        {"datetime": "2018-08-24T00:15:00Z", "value": 5.25},
        {"datetime": "2018-08-24T00:30:00Z", "value": 0.666667, "coverage": 0.333333},
    ]
