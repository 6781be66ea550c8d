"""A house that one environment remembers and another puts anew: how long a POST trusts it."""

from typing import Any

import pytest

from local.gateway import event
from local.gateway.event import Request
from local.gateway.routes import Match
from quarterhour.store import environment, writers
from quarterhour.store.write import known_sites
from quarterhour.store.write.known_sites import REMEMBERED_S
from tests.builders import channel_batch, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Answer, Call
from tests.counting import Counted
from tests.patience import begun_at

pytestmark = pytest.mark.integration

TARGET = f"{PATH}devices/1/readings/"
ENERGY = channel_batch(values(used=1), units="kWh")


def _new_environment() -> Any:
    environment.environment.cache_clear()
    return environment.environment()


class Environments:
    """Two environments of the functions on one table, their clocks and the gateway's."""

    def __init__(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        self._call = call
        self._both = [_new_environment() for _ in range(2)]
        self._asked = self._both[0]
        self.now_s = self.gateway_s = 1_535_068_800.0
        for module in (environment, writers):
            monkeypatch.setattr(module, "environment", lambda: self._asked)
        begun_at(monkeypatch, lambda: self.now_s)
        build = event.build

        def built(request: Request, match: Match, request_id: str, _now_s: float) -> dict[str, Any]:
            return build(request, match, request_id, self.gateway_s)

        monkeypatch.setattr(event, "build", built)

    def ask(self, which: int, method: str, target: str, body: Any = None) -> Answer:
        self._asked = self._both[which]
        return self._call(method, target, body)

    def post(self) -> int:
        """Post energy to the first environment; return the status."""
        return self.ask(0, "POST", TARGET, ENERGY).status

    def put(self, quantity: str) -> None:
        """Put the house by the second environment, its meter of a quantity."""
        channels = {"used": {"quantity": quantity}}
        assert self.ask(1, "PUT", PATH, entry(meter(1, channels=channels))).status in {200, 201}


@pytest.fixture
def environments(call: Call, monkeypatch: pytest.MonkeyPatch) -> Environments:
    """Two environments, where a house is remembered as long as on AWS."""
    monkeypatch.setattr(known_sites, "REMEMBERED_S", REMEMBERED_S)
    return Environments(call, monkeypatch)


def hours(environments: Environments) -> list[Any]:
    """Return what the second environment has of the device's day, by hours."""
    target = f"{PATH}devices/1?interval=hours&start=2018-08-24&duration=1day"
    found = environments.ask(1, "GET", target)
    assert found.status == 200, found.text
    return [item for item in found.json["items"] if "used" in item]


def test_readings_of_what_a_channel_was_are_refused_after_five_seconds(
    environments: Environments,
) -> None:
    environments.put("energy")
    assert environments.post() == 200
    environments.put("volume")
    environments.now_s += 5
    assert environments.post() == 400
    assert hours(environments) == []


def test_a_house_is_trusted_for_the_time_that_the_page_says(environments: Environments) -> None:
    environments.put("energy")
    assert environments.post() == 200
    environments.put("volume")
    environments.now_s += 4.9
    assert environments.post() == 200
    environments.now_s += 0.2
    assert environments.post() == 400


def test_a_clock_that_is_set_back_makes_no_house_younger(environments: Environments) -> None:
    environments.put("energy")
    assert environments.post() == 200
    environments.put("volume")
    environments.now_s -= 3600
    assert environments.post() == 400


def test_a_house_is_read_once_in_five_seconds(environments: Environments, counted: Counted) -> None:
    environments.put("energy")
    environments.post()
    counted.clear()
    for _ in range(5):
        environments.post()
        environments.now_s += 0.9
    assert counted.calls.count("Query") == 0
    environments.now_s += 0.5
    environments.post()
    assert counted.calls.count("Query") == 1
    assert counted.read_units == 1


def test_the_time_by_which_a_gateway_received_the_requests_counts_too(
    environments: Environments,
) -> None:
    """The clocks of a sandbox may both have stood still."""
    environments.put("energy")
    assert environments.post() == 200
    environments.put("volume")
    environments.gateway_s += 4.9
    assert environments.post() == 200
    environments.gateway_s += 0.2
    assert environments.post() == 400
