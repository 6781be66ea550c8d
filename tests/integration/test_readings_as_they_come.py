"""Bodies with all that readings may say, by chance: values are those of the slow model."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.catalogues import PATH, entry
from tests.conftest import Call
from tests.fleets import settle
from tests.models.slow_house import House, Request
from tests.sample_house import differences

pytestmark = pytest.mark.integration

ZONES = ("Europe/Madrid", "America/Halifax", "Australia/Lord_Howe", "UTC")
# Around the days on which clocks change in these zones, in both directions.
AROUND = (datetime(2024, 3, 9, tzinfo=UTC), datetime(2024, 3, 30, tzinfo=UTC),
          datetime(2024, 4, 6, tzinfo=UTC), datetime(2024, 10, 5, tzinfo=UTC),
          datetime(2024, 10, 26, tzinfo=UTC), datetime(2024, 11, 2, tzinfo=UTC))  # fmt: skip
QUANTITIES = {"used": "energy", "stove": "power", "main": "volume", "outside": "temperature"}
UNITS = {
    "used": ("kWh", "Wh", "MWh", "J", "kJ", "MJ", "GJ", "kW", "W", "MW"),
    "stove": ("kW", "W", "MW"),
    "main": ("gal", "L", "hL", "m3", "ft3", "CCF"),
    "outside": ("degF", "degC"),
}
AMOUNTS = {"energy", "volume"}
INTERVALS = (None, "PT20S", "PT15M", "PT1H", "PT26H", "P1D")
PERIODS = ("P2D", "P5D", "P1M", "P1Y", "P400D")


class Bodies:
    """What is put and posted, by chance."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.zone = self._random.choice(ZONES)
        self._from = self._random.choice(AROUND)

    def entry(self) -> dict[str, Any]:
        """Return a house of one device, whose channels declare something or nothing."""
        channels = {name: self._channel(quantity) for name, quantity in QUANTITIES.items()}
        return entry({"id": 1, "name": "A meter", "channels": channels}, timezone=self.zone)

    def _channel(self, quantity: str) -> dict[str, Any]:
        random = self._random
        said: dict[str, Any] = {"quantity": quantity}
        if random.random() < 0.5:
            said["interval"] = random.choice(INTERVALS[1:])
            said["label"] = random.choice(("start", "end"))
        if random.random() < 0.5:
            said["factor"] = random.choice((2, 0.5, 40))
        return said

    def body(self) -> dict[str, Any]:
        """Return a batch; of totals, all channels are amounts."""
        random = self._random
        totals = random.random() < 0.3
        names = ["used", "main"] if totals else random.sample([*QUANTITIES], 2)
        units = {name: random.choice(UNITS[name]) for name in names}
        if totals and units["used"] in {"kW", "W", "MW"}:
            units["used"] = "kWh"
        body: dict[str, Any] = {"units": units}
        interval = random.choice(PERIODS if totals else INTERVALS)
        if interval:
            body |= {"interval": interval, "label": random.choice(("start", "end"))}
        amounts = all(QUANTITIES[name] in AMOUNTS and units[name][-1] != "W" for name in names)
        times = random.sample(range(5 * 96), 6)
        body["data"] = [self._reading(nth, names, totals=amounts) for nth in times]
        return body

    def _reading(self, nth: int, names: list[str], *, totals: bool) -> dict[str, Any]:
        random = self._random
        values = {name: random.choice((None, 1, 2.5, 100)) for name in names}
        local = self._local(nth // 96)
        at = random.choice((local, self._from + timedelta(minutes=15 * nth)))
        reading: dict[str, Any] = {"datetime": self._written(at), "values": values}
        if random.random() < 0.3:
            length = random.choice((1, 900, 5400, 93_600))
            reading["end"] = self._written(at + timedelta(seconds=length))
        elif totals and at == local and random.random() < 0.5:
            days = random.choice((2, 3, 31, 400))
            reading["end"] = self._written(self._local(nth // 96 + days))
        return reading

    def _local(self, days: int) -> datetime:
        """Return a local midnight."""
        day = self._from.date() + timedelta(days)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def _written(self, at: datetime) -> Any:
        second = int(at.timestamp())
        forms = [f"{at:%Y-%m-%dT%H:%M:%SZ}", second, second * 1000, second + 0.25]
        if f"{at:%H%M%S}" == "000000":
            forms.append(f"{at - timedelta(1):%Y-%m-%d} 24:00Z")
        return self._random.choice(forms[: 3 if second % 900 == 0 else 4] + forms[4:])


@pytest.mark.parametrize("seed", range(60))
def test_values_are_those_of_the_slow_model(call: Call, seed: int) -> None:
    bodies = Bodies(seed)
    put = bodies.entry()
    assert call("PUT", PATH, put).status == 201
    posted = []
    for _ in range(4):
        body = bodies.body()
        answer = call("POST", f"{PATH}devices/1/readings/", body)
        if answer.status == 200:
            posted.append(body)
        else:
            reasons = [one["reason"] for one in answer.json["details"]]
            known = ("another", "are where its", "at least one value", "is for amounts")
            assert all(any(word in one for word in known) for one in reasons), answer.text
    house = House(5, put, [], {1: posted})
    requests = [
        Request("devices/1", {"interval": interval, "start": "2022-12-01", "duration": duration})
        for interval, duration in (("hour", "36months"), ("day", "48months"), ("month", "48months"))
    ]
    for settled in (False, True):
        found = [line for request in requests for line in differences(call, house, request)]
        assert not found, f"settled: {settled}, {posted}: {found[:5]}"
        settle()
