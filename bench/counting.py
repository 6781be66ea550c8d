"""DynamoDB calls and capacity units of single requests, counted at the client and limited."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.batches import DAY, body, today, window
from bench.in_process import on_the_table
from bench.table import Line, limited
from local import template
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from local.runtime import functions
from quarterhour.store.environment import environment

_GOOD = {200, 201}
MINUTE = timedelta(minutes=1)
_SHIP = 900  # not one of the ships that are measured
_JSON = (("content-type", "application/json"),)


@dataclass(slots=True)
class Count:
    """The calls of a request and their read and write units."""

    calls: int = 0
    read: float = 0.0
    write: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and the most calls, read and write units it may take (storage's access table)."""

    what: str
    send: Callable[[], None]
    most: Count


def lines(database: Engine, ship: int, first: datetime, end: datetime) -> Iterator[Line]:
    """Yield the counts of requests about a ship whose days of [first, end) are settled."""
    with on_the_table(database):
        loaded = template.load()
        gateway = Gateway(loaded, functions.load(loaded))
        for case in _cases(gateway, ship, first, end):
            with counted() as count:
                case.send()
            yield limited(f"{case.what}: calls", "", count.calls, case.most.calls)
            if database.kind == "dynoxide":  # only its units are DynamoDB's
                most = case.most.read + case.most.write
                yield limited(f"{case.what}: units", "", count.read + count.write, most)


def _cases(gateway: Gateway, ship: int, first: datetime, end: datetime) -> Iterator[Case]:
    def asked(method: str, target: str, sent: bytes = b"") -> Callable[[], None]:
        return partial(ask, gateway, method, target, sent)

    past, now = today() - 3 * DAY, datetime.now(UTC).replace(second=0, microsecond=0)
    one, whole = body(_SHIP, now, now + MINUTE, 1), body(_SHIP, past, past + DAY, 5)
    of_ship = f"/data?spaceship_id={ship}&"
    asked("POST", "/data", one)()  # makes the ship known to the environment
    yield Case("POST of one reading in order", asked("POST", "/data", one), Count(1, 0, 1))
    yield Case("POST of a past day, 96 buckets", asked("POST", "/data", whole), Count(1, 0, 196))
    yield Case("GET of a day", asked("GET", of_ship + window(first, first + DAY)), Count(1, 3, 0))
    yield Case("GET of a settled year", asked("GET", of_ship + window(first, end)), Count(2, 38, 0))


def ask(gateway: Gateway, method: str, target: str, sent: bytes = b"") -> None:
    """Send a request to the functions in this process; AssertionError unless it succeeds."""
    with redirect_stdout(io.StringIO()):
        answer = gateway.handle(method, target, _JSON, sent)
    assert answer.status in _GOOD, answer.body


@contextmanager
def counted() -> Iterator[Count]:
    """Count the calls that the functions in this process make."""
    found = Count()

    def want(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        found.calls += 1
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if model.name in {"BatchGetItem", "GetItem", "Query"}:
                found.read += one["CapacityUnits"]
            else:
                found.write += one["CapacityUnits"]

    events = environment().client.meta.events
    events.register("provide-client-params.dynamodb", want)
    events.register("after-call.dynamodb", note)
    try:
        yield found
    finally:
        events.unregister("provide-client-params.dynamodb", want)
        events.unregister("after-call.dynamodb", note)
