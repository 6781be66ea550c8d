"""The service's limits of time stay out of tests: their requests may take as long as they need."""

from functools import partial
from importlib import import_module
from itertools import count
from typing import Any

import pytest

from quarterhour.store.environment import environment
from quarterhour.store.table.calls import SEND_WITHIN_S
from tests.builders import batch, in_range, readings
from tests.conftest import Call

pytestmark = pytest.mark.integration

MODULE = import_module("quarterhour.store.environment")


@pytest.fixture
def busy_machine(call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The API on a machine where every call to the table takes the whole time of a request."""
    clock = count(1_800_000_000.0, SEND_WITHIN_S)
    monkeypatch.setattr(MODULE, "Calls", partial(MODULE.Calls, clock=partial(next, clock)))
    return call


def test_a_request_of_a_test_is_answered_however_long_it_takes(busy_machine: Call) -> None:
    assert busy_machine("POST", "/data", batch(readings([1, 2, 3]))).status == 200
    assert busy_machine("GET", in_range()).status == 200


@pytest.mark.usefixtures("table")
def test_a_call_of_a_test_is_not_given_up_and_sent_twice() -> None:
    config: Any = environment().client.meta.config
    assert min(config.read_timeout, config.connect_timeout) > 60
    assert config.retries["total_max_attempts"] == 1
