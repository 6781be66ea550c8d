"""The service on a table that fails at one call in five: slower, with 503s, and never wrong."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from local.engine import dynamodb
from tests.builders import MIDNIGHT, batch, channel_batch, readings, values
from tests.catalogues import PATH, budgets, entry, meter, sensor
from tests.conftest import Answer
from tests.e2e.fault_proxy import FAULTS, FaultProxy, running
from tests.e2e.over_http import once
from tests.e2e.test_rollup_commands import command
from tests.patience import patient_client

if TYPE_CHECKING:
    from tests.e2e.conftest import StartLocal

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHARE = 0.2
SEED = 20_180_824
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TRIES = 200
Write = tuple[str, str, Any]


def of_ships() -> Iterator[Write]:
    """Yield posts of five ships: past days in parts, out of order, some twice, months apart."""
    for ship in range(1, 6):
        for nth in (3, 0, 2, 1, 2):
            day = MIDNIGHT + nth * DAY
            data = readings([ship + nth, 2, 0.5] * 32, minutes=15, start=day)
            yield "POST", "/data", batch(data, ship=ship, units="kW")
        late = readings([ship], start=MIDNIGHT + 40 * DAY)
        yield "POST", "/data", batch(late, ship=ship, interval="PT1H")


def of_a_house() -> Iterator[Write]:
    """Yield a house with budgets, two meters that overlap, a sensor and bills."""
    put = entry(meter(1, "used", "solar", "ashp"), meter(2, "used"), sensor(3, "outdoor"))
    yield "PUT", PATH, put
    yield "PUT", f"{PATH}budgets/", budgets(m2018_08={"solar": -430, "used": 820})
    for nth in range(4):
        hours = [MIDNIGHT + nth * DAY + hour * HOUR for hour in range(24)]
        energy = [values(hour, used=1 + nth, solar=-0.5, ashp=0.25) for hour in hours]
        yield "POST", f"{PATH}devices/1/readings/", channel_batch(*energy)
        more = [values(hour, used=5) for hour in hours[::2]]
        yield "POST", f"{PATH}devices/2/readings/", channel_batch(*more, interval="PT1H")
        warmth = [values(hour, temperature=40 + hour.hour, humidity=50) for hour in hours]
        shown = channel_batch(*warmth, units={"temperature": "degF", "humidity": "%"})
        yield "POST", f"{PATH}devices/3/readings/", shown
    bill = values("2018-10-01T12:00:00Z", used=310)
    yield "POST", f"{PATH}devices/1/readings/", channel_batch(bill, interval="P1M")


RANGE = "start=2018-08-23T00:00:00Z&end=2018-10-10T00:00:00Z"
LOCAL = "start=2018-08&duration=3months"
READS = [
    *(f"/data?spaceship_id={ship}&{RANGE}&interval=day" for ship in range(1, 6)),
    f"/data?spaceship_id=1&{RANGE}",
    *(f"/data/fleet?{RANGE}&interval={interval}" for interval in ("hour", "day", "month")),
    f"/topusers?count=5&{RANGE}",
    *(f"{PATH}views/{view}/?interval=months&{LOCAL}" for view in ("summary", "usage", "hdd")),
    f"{PATH}views/heatmap/?interval=days&{LOCAL}",
    *(f"{PATH}devices/{device}/?interval=days&{LOCAL}" for device in (1, 2)),
    f"{PATH}temperatures/?interval=days&{LOCAL}",
    f"{PATH}catalogue/",
    f"{PATH}budgets/",
    "/api/houses/",
]


class Client:
    """Sends each request until it is answered otherwise than 503, which has to say when."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.refused = 0

    def ask(self, method: str, target: str, body: Any = None) -> Answer:
        """Return the first answer that is not 503."""
        for _ in range(TRIES):
            answer = once(self._url, method, target, body)
            if answer.status < 500:
                return answer
            assert answer.status == 503, (method, target, answer)
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json["error"]
            self.refused += 1
            time.sleep(0.1)
        raise AssertionError(f"{method} {target} is 503 for ever")

    def read(self) -> list[str]:
        """Return the answers of all reads, without the server's own address."""
        answers = [self.ask("GET", target) for target in READS]
        assert {answer.status for answer in answers} == {200}
        return [answer.text.replace(self._url, "") for answer in answers]


class End(NamedTuple):
    """What there is at the end: answers before and after the rollups, and the table."""

    live: list[str]
    settled: list[str]
    items: dict[tuple[str, str], Any]


# What says how often and when something was done, and differs with what had to be repeated.
HOW_OFTEN = {"created", "gen", "s", "since", "tok", "version"}


def table(url: str) -> dict[tuple[str, str], Any]:
    """Return the items of an engine's table, less what counts what was done."""
    client = patient_client(url)
    (name,) = client.list_tables()["TableNames"]
    pages = client.get_paginator("scan").paginate(TableName=name)
    items = [item for page in pages for item in page["Items"]]
    client.close()
    return {
        (item["pk"]["S"], item["sk"]["S"]): {
            name: value for name, value in item.items() if name not in HOW_OFTEN
        }
        for item in items
        if not item["sk"]["S"].startswith(("h#", "lease#"))
    }


def course(start_local: "StartLocal", folder: Path, url: str, proxy: FaultProxy) -> End:
    """Write everything, read it, settle it, read it again."""
    with start_local(folder, AWS_ENDPOINT_URL_DYNAMODB=url) as started:
        client = Client(started.url)
        for method, target, body in (*of_ships(), *of_a_house()):
            answer = client.ask(method, target, body)
            assert answer.status in {200, 201}, answer
        live = client.read()
        settle(folder, url)
        settled = client.read()
        proxy.calm()
        settle(folder, url)
        assert client.read() == settled
    return End(live, settled, {})


def settle(folder: Path, url: str) -> None:
    """Run rollups by hand until one comes to its end."""
    for _ in range(TRIES):
        code, _, err = command("rollup", folder, AWS_ENDPOINT_URL_DYNAMODB=url)
        if not code:
            return
        assert err.startswith("quarterhour: "), err
        assert "Traceback" not in err
    raise AssertionError(f"no rollup came to its end: {err}")


def test_a_table_that_fails_at_one_call_in_five_ends_as_one_that_never_does(
    start_local: "StartLocal", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    ends = []
    for share in (0.0, SHARE):
        engine = dynamodb.start(None)
        proxy = FaultProxy(engine.url, SEED, share)
        try:
            with running(proxy) as url:
                end = course(start_local, tmp_path / f"{share}", url, proxy)
                ends.append(end._replace(items=table(engine.url)))
        finally:
            engine.stop()
    calm, rough = ends
    assert (rough.live, rough.settled) == (calm.live, calm.settled)
    assert calm.live == calm.settled
    assert rough.items == calm.items
    assert not [pk for pk, _ in calm.items if pk.startswith("T")], "something is left to be done"
    assert {name for name, times in proxy.had.items() if times} == FAULTS.keys()
