"""Requests made to hurt: each is a 4xx, soon, and the worker is as small after it as before."""

import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.builders import batch, channel_batch, in_range, reading, readings, values
from tests.catalogues import entry, meter
from tests.conftest import Answer
from tests.e2e.over_http import call

if TYPE_CHECKING:
    from tests.e2e.conftest import StartLocal

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the worker is measured in /proc"),
]

MIB = 1024 * 1024
SENT_LIMIT = 4 * MIB
UNPACKED_LIMIT = 8 * MIB
MOST_CPU_S = 2.0
MOST_GROWTH_MIB = 100.0
HERE = "here"  # stands in a batch where raw JSON text goes
PACKED = {"content_encoding": "gzip"}


class Worker(NamedTuple):
    """The one process that answers, and where it answers."""

    url: str
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds spent so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, name: str) -> float:
        """VmRSS, the memory it has now, or VmHWM, the most it had."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

    def forget_peak(self) -> None:
        """Let VmHWM begin again from what there is now."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@pytest.fixture(scope="module")
def worker(start_local: "StartLocal", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A server with a single worker, which has stored and answered something already."""
    with start_local(tmp_path_factory.mktemp("hostile"), WORKERS="1") as started:
        found = Worker(started.url, _gunicorn_worker(started.process.pid))
        for _ in range(3):
            assert call(found.url, "POST", "/data", batch(readings([1, 2, 3]))).status == 200
            assert call(found.url, "GET", in_range()).status == 200
        yield found


def _gunicorn_worker(supervisor: int) -> int:
    (server,) = (child for child in _children(supervisor) if b"gunicorn" in _command(child))
    (worker,) = _children(server)
    return worker


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def harmless(worker: Worker, body: bytes, target: str = "/data", **headers: str) -> Answer:
    """Post a body and check that it was refused, cheaply, by a worker that still lives."""
    worker.forget_peak()
    cpu_s, memory_mib = worker.cpu_s(), worker.memory_mib("VmRSS")
    answer = call(worker.url, "POST", target, body, **headers)
    spent_s, grown_mib = worker.cpu_s() - cpu_s, worker.memory_mib("VmHWM") - memory_mib
    assert 400 <= answer.status < 500, answer.body[:1000]
    assert answer.json.keys() <= {"error", "details"}
    assert spent_s <= MOST_CPU_S
    assert grown_mib <= MOST_GROWTH_MIB
    return answer


def with_raw(raw: str, **fields: Any) -> bytes:
    """Return a batch of one reading as JSON, with raw text in the place of HERE."""
    body = batch(fields.pop("data", readings([1])), **fields)
    return json.dumps(body).replace(f'"{HERE}"', raw).encode()


# --- Nesting, numbers, keys -----------------------------------------------------------------------

DEEP = "[" * 102_400 + "]" * 102_400
DEEP_OBJECTS = '{"a":' * 33_000 + "1" + "}" * 33_000
NESTED = {
    "200 KB of brackets": b"[" * 204_800,
    "200 KB of brackets and their ends": DEEP.encode(),
    "objects": DEEP_OBJECTS.encode(),
    "in an unknown field of a good batch": with_raw(DEEP, note=HERE),
    "objects in an unknown field": with_raw(DEEP_OBJECTS, note=HERE),
    "as a value": with_raw(DEEP, data=[reading(value=HERE)]),
    "as a time": with_raw(DEEP, data=[reading(HERE)]),
    "as the data": with_raw(DEEP, data=HERE),
    "as deep as Python goes": with_raw("[" * 900 + "]" * 900, data=[reading(value=HERE)]),
    "4 MB of brackets": b"[" * SENT_LIMIT,
}


@pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
def test_nested_brackets(worker: Worker, body: bytes) -> None:
    harmless(worker, body)


DIGITS = "9" * 5000
NUMBERS = {
    "an integer of 5,000 digits": with_raw(DIGITS, data=[reading(value=HERE)]),
    "negative": with_raw(f"-{DIGITS}", data=[reading(value=HERE)]),
    "as a ship": with_raw(DIGITS, ship=HERE),
    "with an exponent": with_raw(f"1e{DIGITS}", data=[reading(value=HERE)]),
    "3 million digits": with_raw("9" * 3_000_000, data=[reading(value=HERE)]),
    "a fraction of 3 million digits": with_raw("2e9" + "9" * 3_000_000, ship=HERE),
    "a thousand integers of 4,000 digits": with_raw(
        "[" + ",".join(["9" * 4000] * 1000) + "]", data=HERE
    ),
}


@pytest.mark.parametrize("body", NUMBERS.values(), ids=NUMBERS)
def test_long_numbers(worker: Worker, body: bytes) -> None:
    harmless(worker, body)


def test_an_object_with_100_000_equal_keys(worker: Worker) -> None:
    body = ("{" + '"a":1,' * 100_000 + '"b":1}').encode()
    assert harmless(worker, body).json["details"][0]["field"] == "a"


# --- Size -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SENT_LIMIT + 1, 5 * MIB])
def test_a_body_above_the_limit(worker: Worker, size: int) -> None:
    assert harmless(worker, b" " * size).status == 413


def test_a_body_above_the_gateway_s_limit(worker: Worker) -> None:
    memory_mib = worker.memory_mib("VmRSS")
    assert call(worker.url, "POST", "/data", b" " * (11 * MIB)).status == 413
    assert worker.memory_mib("VmHWM") - memory_mib <= MOST_GROWTH_MIB


def member(unpacked: bytes) -> bytes:
    """Return a gzip member of fixed bytes."""
    return gzip.compress(unpacked, mtime=0)


def filled(one: bytes) -> bytes:
    """Return as many of these as may be sent."""
    return one * (SENT_LIMIT // len(one))


def one_long_member() -> bytes:
    """Return a single member of more than 3 GB of zeros, of repeated blocks."""
    packer = zlib.compressobj(9, wbits=31)
    header = packer.compress(b"")
    packer.compress(b"\0" * MIB)
    block = packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return header + block + again * ((SENT_LIMIT - 100_000) // len(again))


BOMBS = {
    "4 GB of zeros": lambda: filled(member(b"\0" * 16 * MIB)),
    "one member of 3 GB": one_long_member,
    "packed twice": lambda: member(filled(member(b"\0" * MIB))),
    "packed three times": lambda: member(member(filled(member(b"\0" * MIB)))),
    "200,000 empty members": lambda: filled(member(b"")),
    "100,000 short members": lambda: filled(member(b"[")),
    "a million empty blocks": lambda: member(b"")[:10] + b"\x00\x00\x00\xff\xff" * 800_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_gzip_bombs(worker: Worker, bomb: Any) -> None:
    harmless(worker, bomb(), **PACKED)


def up_to_the_limit(start: str, items: Iterator[str], end: str) -> bytes:
    """Return JSON of as many items as may be unpacked, packed."""
    found, size = [], len(start) + len(end)
    for item in items:
        size += len(item) + 1
        if size > UNPACKED_LIMIT:
            break
        found.append(item)
    return gzip.compress((start + ",".join(found) + end).encode(), compresslevel=1)


MANY = range(5_000_000)
FULL = {
    "small numbers": lambda: up_to_the_limit("[", (str(n % 10) for n in MANY), "]"),
    "fractions": lambda: up_to_the_limit("[", (f"{n % 997}e-3" for n in MANY), "]"),
    "strings": lambda: up_to_the_limit("[", (f'"{n:x}"' for n in MANY), "]"),
    "keys": lambda: up_to_the_limit("{", (f'"{n:x}":0' for n in MANY), "}"),
    "equal keys": lambda: up_to_the_limit("{", ('"a":0' for _ in MANY), "}"),
    "lists": lambda: up_to_the_limit("[", ("[]" for _ in range(190_000)), "]"),
    "objects": lambda: up_to_the_limit("[", (f'{{"{n:x}":{n}}}' for n in range(190_000)), "]"),
    "escapes": lambda: up_to_the_limit('{"a":"', (r"\u0041" * 100 for _ in MANY), '"}'),
    "keys of a good batch": lambda: up_to_the_limit(
        with_raw("1", units="BTU").decode()[:-1] + ",", (f'"{n:x}":0' for n in MANY), "}"
    ),
}


@pytest.mark.parametrize("body", FULL.values(), ids=FULL)
def test_8_mb_of_anything_but_readings(worker: Worker, body: Any) -> None:
    harmless(worker, body(), **PACKED)


# --- Readings -------------------------------------------------------------------------------------

BAD = {
    "naive, too much": {"datetime": "2018-08-24T00:00:00", "value": 2_000_000_000},
    "no time, no number": {"datetime": "yesterday", "value": "much"},
    "empty": {},
    "no objects": None,
    "long": {"datetime": "2018-08-24T00:00:00Z" + "Z" * 100, "value": "1" * 50},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_20_000_bad_readings(worker: Worker, bad: Any) -> None:
    answer = harmless(worker, json.dumps(batch([bad] * 20_000)).encode())
    assert {detail["index"] for detail in answer.json["details"]} == set(range(20_000))


def test_20_000_values_for_one_instant(worker: Worker) -> None:
    body = batch([reading(value=value) for value in range(20_000)])
    assert len(harmless(worker, json.dumps(body).encode()).json["details"]) == 19_999


def test_20_001_readings(worker: Worker) -> None:
    assert harmless(worker, json.dumps(batch([reading()] * 20_001)).encode()).status == 413


# --- Readings of many channels --------------------------------------------------------------------

METER = "/api/houses/5/devices/1/readings"
TIME = "2018-08-24T00:00:00Z"
NAMES = [f"channel_{nth}" for nth in range(100)]


@pytest.fixture(scope="module")
def house(worker: Worker) -> Worker:
    """House 5, a meter of a hundred channels, which has stored something already."""
    put = entry(meter(1, "used", *NAMES[1:]))
    assert call(worker.url, "PUT", "/api/houses/5/", put).status in {200, 201}
    assert call(worker.url, "POST", METER, channel_batch(values(used=1))).status == 200
    return worker


def packed(*data: Any, **more: Any) -> bytes:
    """Return a batch of many channels as JSON, packed; non-ASCII letters are sent as they are."""
    body = json.dumps(channel_batch(*data, **more), ensure_ascii=False)
    return gzip.compress(body.encode(), compresslevel=1)


def made_up(count: int, value: Any, letter: str = "c") -> dict[str, Any]:
    """Return values of channels that there are not."""
    return dict.fromkeys((f"{letter}{nth:x}" for nth in range(count)), value)


CHANNELS = {
    "nulls of no channel": lambda: packed(values(TIME, **made_up(300_000, None))),
    "values of no channel": lambda: packed(values(TIME, **made_up(20_000, 1))),
    "in letters of many bytes": lambda: packed(values(TIME, **made_up(20_000, 1, "é" * 150))),
    "empty readings": lambda: packed(*[values("")] * 95_000),
    "bad values": lambda: packed(*[values("x", **dict.fromkeys(NAMES, -1))] * 200),
    "bad values and times": lambda: packed(*[values("x", used=2e9)] * 20_000),
    "of one instant": lambda: packed(*(values(TIME, used=nth) for nth in range(20_000))),
    "no readings": lambda: packed(*range(1_000_000)),
    "units of no channel": lambda: packed(values(TIME, used=1), units=made_up(300_000, "kWh")),
    "bad units": lambda: packed(values(TIME, used=1), units={"used": "k" * 7_000_000}),
    "a long interval": lambda: packed(values(TIME, used=1), interval="P" + "9" * 7_000_000),
    "a unit of lists": lambda: packed(values(TIME, used=1), units=[[]] * 190_000),
    "20,001 values": lambda: packed(*[values(TIME, used=1)] * 20_001),
}


@pytest.mark.parametrize("body", CHANNELS.values(), ids=CHANNELS)
def test_many_channels(house: Worker, body: Any) -> None:
    for _ in range(2):  # of a house that was read before too
        harmless(house, body(), METER, **PACKED)


def test_the_worker_is_the_same_and_answers_after_all_of_it(worker: Worker) -> None:
    assert call(worker.url, "GET", in_range()).json["data"]
    assert Path(f"/proc/{worker.pid}").exists()
