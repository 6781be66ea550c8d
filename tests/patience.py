"""How long tests wait: so long that only a fault lets it run out, however busy the machine is."""

import os
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clients import client
from quarterhour.store.write import known_sites

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PATIENCE_S = 600.0
_LOOK_S = 0.05

# As an attribute of its package, the name is the function in it.
_ENVIRONMENT = import_module("quarterhour.store.environment")
_SLOW_TABLE = Config(connect_timeout=PATIENCE_S, read_timeout=PATIENCE_S)

PatientCalls = partial(Calls, limit_s=PATIENCE_S)


def patient_client(url: str) -> "DynamoDBClient":
    """Return the functions' client of the DynamoDB at `url`, which waits for any answer."""
    config = _ENVIRONMENT._CLIENT.merge(_SLOW_TABLE)
    made: DynamoDBClient = client(
        "dynamodb", config, {**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": url}
    )
    return made


def unhurried(monkeypatch: pytest.MonkeyPatch, patient: "DynamoDBClient") -> None:
    """Keep the service's own limits of time out of tests that are not about them.

    Those are how long a request goes on sending calls, how long it waits for the answer to one
    (`patient` is the client that the service then has), and how long a house is remembered. A
    limit that a test gives stays what it is.
    """
    monkeypatch.setattr(_ENVIRONMENT, "Calls", PatientCalls)
    monkeypatch.setattr(_ENVIRONMENT, "client", lambda *_: patient)
    monkeypatch.setattr(known_sites, "REMEMBERED_S", PATIENCE_S)


def begun_at(monkeypatch: pytest.MonkeyPatch, clock: Callable[[], float]) -> None:
    """Let requests begin at the time that `clock` tells, in seconds; after `unhurried`."""
    monkeypatch.setattr(_ENVIRONMENT, "Calls", partial(PatientCalls, clock=clock))


def wait_until(holds: Callable[[], object]) -> None:
    """Return when it holds; AssertionError if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(_LOOK_S)
