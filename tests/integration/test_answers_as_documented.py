"""What is answered has the form that the OpenAPI document gives it, refusals too."""

from datetime import timedelta
from typing import Any

import pytest

from quarterhour.views.by_name import VIEWS
from tests.builders import MIDNIGHT, batch, channel_batch, in_range, iso, readings, values
from tests.catalogues import BUDGETS, PATH, budgets, circuit, entry, meter, sensor
from tests.conftest import Answer, Call
from tests.documented import faults, operation

pytestmark = pytest.mark.integration

DAY = "start=2018-08-24&duration=1day"
DEGREES = {"temperature": "degF", "humidity": "%"}
ENTRY = entry(
    meter(2, "used", "solar", "ashp"),
    meter(3, channels={"gallons": {"quantity": "volume"}}, role="main_water"),
    sensor(0, "outdoor"),
    sensor(4, "first_floor"),
    circuits=[circuit("ashp")],
)
HOURS = [MIDNIGHT + timedelta(hours=4 + nth) for nth in range(24)]
POSTED = {
    2: channel_batch(*(values(at, used=9, solar=-0.25, ashp=4) for at in HOURS), units="kWh"),
    3: channel_batch(values(HOURS[0], gallons=9), units="gal", interval="P1M"),
    0: channel_batch(*(values(at, temperature=20, humidity=50) for at in HOURS), units=DEGREES),
    4: channel_batch(*(values(at, temperature=68) for at in HOURS), units=DEGREES),
}
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/data", batch(readings([3, 2, 10_000]))),
    ("PUT", PATH, ENTRY),
    ("PUT", PATH, ENTRY),
    ("PUT", BUDGETS, budgets(m2018_08={"used": 820, "solar": None})),
    *(("POST", f"{PATH}devices/{one}/readings/", sent) for one, sent in POSTED.items()),
]
READS = [
    *("/health", "/openapi.json", "/topusers", "/topusers?format=csv", "/api/houses/"),
    *(in_range(interval=every) for every in ("15min", "month")),
    in_range(format="csv"),
    *(
        f"/data/fleet?start={iso(MIDNIGHT)}&end={iso(HOURS[9])}{form}"
        for form in ("", "&format=csv")
    ),
    *(f"{PATH}{part}" for part in ("", "catalogue", "budgets", "devices", "circuits", "views")),
    *(f"{PATH}devices/0,2?interval={every}&{DAY}" for every in ("15min", "day")),
    *(f"{PATH}{part}?interval=hour&{DAY}" for part in ("circuits/ashp,used", "temperatures")),
    *(f"{PATH}views/{part}" for part in ("default", "defaults?interval=days")),
    *(f"{PATH}views/{name}?interval=month&start=2018-08" for name in VIEWS if name != "chart"),
    *(f"{PATH}views/{name}?interval=day&{DAY}" for name in VIEWS if name != "water"),
    *(f"{PATH}views/usage?interval=day&{DAY}&circuit={one}" for one in ("all", "ashp")),
]


def undocumented(answer: Answer, method: str, target: str) -> list[str]:
    """Return how an answer differs from what the document says of its status."""
    said = operation(method, target).said["responses"].get(str(answer.status))
    kind = answer.headers["content-type"].partition(";")[0]
    if said is None or kind not in said["content"]:
        return [f"{method} {target}: {answer.status} {kind}"]
    body = answer.json if kind == "application/json" else answer.text
    found = faults(body, said["content"][kind]["schema"])
    return [f"{method} {target}: {one}" for one in found]


def empty(answer: Answer) -> list[str]:
    """Return the members of an answer that have nothing in them, and so show nothing."""
    said = answer.json if answer.headers["content-type"] == "application/json" else {}
    return [name for name, member in said.items() if member in ([], {})]


@pytest.fixture
def written(call: Call) -> Call:
    """A ship and a house with a day of readings; what they were answered is as documented."""
    for method, target, body in WRITES:
        answer = call(method, target, body)
        assert answer.status in {200, 201}, answer.text
        assert undocumented(answer, method, target) == []
    return call


def test_answers_are_as_documented(written: Call) -> None:
    found = []
    for target in READS:
        answer = written("GET", target)
        assert answer.status == 200, answer.text
        found += undocumented(answer, "GET", target)
        found += [f"GET {target}: {name} is empty" for name in empty(answer)]
    assert found == []


@pytest.mark.parametrize(
    ("status", "method", "target", "body"),
    [
        (400, "GET", "/health?a=1&a=2", None),
        (400, "GET", "/openapi.json?a=1&a=2", None),
        (400, "GET", "/data", None),
        (404, "GET", in_range(ship=2), None),
        (400, "GET", "/data/fleet?start=x&end=y", None),
        (400, "GET", "/topusers?count=0", None),
        (404, "GET", "/api/houses/7/", None),
        (404, "GET", "/api/houses/7/views/summary", None),
        (400, "GET", f"{PATH}views/usage", None),
        (404, "GET", f"{PATH}views/usage?interval=day&circuit=none", None),
        (400, "GET", f"{PATH}devices/2", None),
        (400, "POST", "/data", batch(readings([-1]))),
        (413, "POST", "/data", batch(readings([1] * 20_001))),
        (415, "POST", "/data", b"a=1"),
        (400, "PUT", PATH, {}),
        (404, "PUT", "/api/houses/x/", ENTRY),
        (404, "POST", f"{PATH}devices/9/readings/", POSTED[2]),
    ],
)
def test_refusals_are_as_documented(
    written: Call, status: int, method: str, target: str, body: Any
) -> None:
    kind = {"content_type": "text/plain"} if isinstance(body, bytes) else {}
    answer = written(method, target, body, **kind)
    assert answer.status == status, answer.text
    assert undocumented(answer, method, target) == []
