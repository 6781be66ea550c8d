"""How long tests wait: so long that only a fault lets it run out, however busy the machine is."""

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module

import pytest
from botocore.config import Config

from quarterhour.store.table.calls import Calls
from quarterhour.store.write import known_sites

PATIENCE_S = 600.0
_LOOK_S = 0.05

# As an attribute of its package, the name is the function in it.
_ENVIRONMENT = import_module("quarterhour.store.environment")
_SLOW_TABLE = Config(connect_timeout=PATIENCE_S, read_timeout=PATIENCE_S)

PatientCalls = partial(Calls, limit_s=PATIENCE_S)


def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the service's own limits of time out of tests that are not about them.

    Those are how long a request goes on sending calls, how long it waits for the answer to one,
    and how long a house is remembered. A limit that a test gives stays what it is.
    """
    monkeypatch.setattr(_ENVIRONMENT, "Calls", PatientCalls)
    monkeypatch.setattr(_ENVIRONMENT, "_CLIENT", _ENVIRONMENT._CLIENT.merge(_SLOW_TABLE))
    monkeypatch.setattr(known_sites, "REMEMBERED_S", PATIENCE_S)


def wait_until(holds: Callable[[], object]) -> None:
    """Return when it holds; AssertionError if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(_LOOK_S)
