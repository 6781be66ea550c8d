"""The service's limits of time stay out of tests: their requests may take as long as they need."""

from functools import partial
from itertools import count

import pytest

from quarterhour.store import environment
from quarterhour.store.table.calls import SEND_WITHIN_S
from quarterhour.store.table.clock import Clock
from tests.builders import batch, in_range, readings
from tests.conftest import Call
from tests.patience import PatientCalls

pytestmark = pytest.mark.integration


@pytest.fixture
def busy_machine(call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The API on a machine where every call to the table takes the whole time of a request."""
    clock = count(1_800_000_000.0, SEND_WITHIN_S)
    patient = partial(PatientCalls, clock=Clock(partial(next, clock)))
    monkeypatch.setattr(environment, "Calls", patient)
    return call


def test_a_request_of_a_test_is_answered_however_long_it_takes(busy_machine: Call) -> None:
    assert busy_machine("POST", "/data", batch(readings([1, 2, 3]))).status == 200
    assert busy_machine("GET", in_range()).status == 200


@pytest.mark.usefixtures("table")
def test_a_call_of_a_test_is_not_given_up_and_sent_twice() -> None:
    connections = environment.environment().client.connections
    assert min(connections.read_s, connections.connect_s) > 60
