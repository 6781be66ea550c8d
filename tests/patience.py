"""How long tests wait: so long that only a fault lets it run out, however busy the machine is."""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from quarterhour.store import environment
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clients import client
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.wire import Wire
from quarterhour.store.write import known_fence, known_sites

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PATIENCE_S = 600.0
_LOOK_S = 0.05

PatientCalls = partial(Calls, limit_s=PATIENCE_S)


def patient_client(url: str) -> "DynamoDBClient":
    """Return boto3's client of the DynamoDB at `url`, which waits for any answer.

    It is for what the service does not do, as making tables, and to look at them from outside.
    """
    made: DynamoDBClient = client(
        "dynamodb",
        _named(url),
        connect_timeout=PATIENCE_S,
        read_timeout=PATIENCE_S,
        retries={"total_max_attempts": 1},
        parameter_validation=False,
    )
    return made


def patient_wire(url: str) -> Wire:
    """Return the functions' client of the DynamoDB at `url`, which waits for any answer."""
    return Wire(_named(url), PATIENCE_S, PATIENCE_S)


def _named(url: str) -> dict[str, str]:
    return {**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": url}


def unhurried(monkeypatch: pytest.MonkeyPatch, patient: Wire) -> None:
    """Keep the service's own limits of time out of tests that are not about them.

    Those are how long a request goes on sending calls, how long it waits for the answer to one
    (`patient` is the client that the service then has), and how long a house and the fence are
    remembered. A limit that a test gives stays what it is.
    """
    monkeypatch.setattr(environment, "Calls", PatientCalls)
    monkeypatch.setattr(environment, "Wire", lambda *_: patient)
    monkeypatch.setattr(known_sites, "REMEMBERED_S", PATIENCE_S)
    monkeypatch.setattr(known_fence, "REMEMBERED_S", PATIENCE_S)


def begun_at(
    monkeypatch: pytest.MonkeyPatch,
    clock: Callable[[], float],
    elapsed: Callable[[], float] | None = None,
) -> None:
    """Let requests begin at the time that `clock` tells, in seconds; after `unhurried`.

    The gateway receives them then, too. Time passes for them as `elapsed` says, or as it does on
    that clock, and not as it does for the test.
    """
    monkeypatch.setattr(time, "time", clock)
    clocks = Clock(clock, elapsed or clock)
    monkeypatch.setattr(environment, "Calls", partial(PatientCalls, clock=clocks))


def wait_until(holds: Callable[[], object]) -> None:
    """Return when it holds; AssertionError if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(_LOOK_S)
