"""The sample house in a table, and the same house in the slow model."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from local.demo.house.history import Sample
from local.demo.house_parts import requests as parts
from local.demo.part import Part
from tests.conftest import Call
from tests.models.slow_house import House, Refused, Request, expected, same

_READINGS = "readings/"
HOST = "127.0.0.1:3000"
ORIGIN = f"http://{HOST}"


def load(call: Call, sample: Sequence[Part]) -> None:
    """Send everything that makes a house."""
    for part in sample:
        answer = call(part.method, part.path, part.body())
        assert answer.status in {200, 201}, (part.name, answer.text[:500])


def sent(sample: Sample, window: timedelta = timedelta(days=30)) -> list[Part]:
    """Return everything that makes a house, in its order."""
    return [*parts(sample, window)]


def model(sample: Sample, posted: Iterable[Part]) -> House:
    """Return the slow model of a house that was made by these requests, in their order."""
    entry: dict[str, Any] = {}
    budgets: list[dict[str, Any]] = []
    readings: dict[int, list[Any]] = {}
    for part in posted:
        body = part.body()
        if part.path.endswith(_READINGS):
            device = int(part.path.split("/")[-3])
            readings.setdefault(device, []).append(body)
        elif part.path.endswith("budgets/"):
            budgets = body["budgets"]
        else:
            entry = body
    return House(sample.id, entry, budgets, readings)


def differences(call: Call, house: House, request: Request) -> list[str]:
    """Return how an answer differs from what the slow model says, a line each."""
    target = request.target(house.id)
    answer = call("GET", target, host=HOST)
    right = expected(house, request, ORIGIN)
    if isinstance(right, Refused):
        found = [] if answer.status == right.status else [f"{answer.status}, not {right.status}"]
    elif answer.status != 200:
        found = [f"{answer.status}: {answer.text[:300]}"]
    else:
        found = same(right, _whole(call, request, answer.json))
    return [f"GET {target}: {one}" for one in found]


def _whole(call: Call, request: Request, body: Any) -> Any:
    """Return a view's answer as it is; of values the items of all pages."""
    if request.path.startswith("views/"):
        return body
    items = body["items"]
    while "next" in body:
        body = call("GET", body["next"].removeprefix(ORIGIN), host=HOST).json
        items += body["items"]
    # The model does not say how much is covered.
    return {"items": [{name: item[name] for name in item if name != "coverage"} for item in items]}


def special_days(sample: Sample) -> list[date]:
    """Return the local days on which something happens to the meters."""
    instants: list[datetime] = [sample.meter_change, sample.monitor_change, sample.monitor_begin]
    return [one.date() for one in [*instants, sample.barn_begin, *sample.outage]]
