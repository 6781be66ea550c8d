import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.template import ROOT
from tests.e2e.conftest import sentence_of
from tests.e2e.over_http import call
from tests.patience import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import Started, StartLocal

pytestmark = pytest.mark.e2e

READINGS = {
    "spaceship_id": 1,
    "units": "kWh",
    "interval": "PT1H",
    "data": [{"datetime": "2018-08-24T00:00:00Z", "value": 12}],
}
RANGE = "/data?spaceship_id=1&start=2018-08-24T00-00-00Z&end=2018-08-25T00-00-00Z"
FOUR_QUARTERS = [
    {"datetime": f"2018-08-24T00:{minute:02}:00Z", "value": 3} for minute in (0, 15, 30, 45)
]
DEMO_IS_THERE = "Demo data: 365 days of ships 1, 2, 3 and 730 of house 1 are there"
BEGINNING = re.compile(r"Demo data: 0 of about [\d,]+ readings \(0 %\)\n")
GOING_ON = re.compile(r"Demo data: [\d,]+ of about [\d,]+ readings \(4 %\)\n")
STOPPED = re.compile(
    r"Demo data: stopped at [\d,]+ of about [\d,]+ readings \(\d+ %\); the next start goes on\."
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="children are counted in /proc")


def ask(url: str, body: Any = None) -> tuple[int, Any]:
    """GET, or POST of JSON; give the status and the JSON that came."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def family(pid: int) -> list[int]:
    """Return every living descendant of a process."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == pid:
            found += [int(entry.name), *family(int(entry.name))]
    return found


def grown_up(pid: int) -> list[int]:
    """Wait until all are there: the engine, gunicorn and its two workers, the schedule."""
    wait_until(lambda: len(family(pid)) >= 5)
    found = family(pid)
    assert len(found) == 5
    return found


def wait_until_told(started: "Started", text: str) -> None:
    """Wait until this is the end of what stands on stderr."""
    assert started.process.stderr is not None
    stderr, told = started.process.stderr.fileno(), b""

    def is_told() -> bool:
        nonlocal told
        if select.select([stderr], [], [], 0)[0]:
            told += os.read(stderr, 1 << 16)
        return told.endswith(text.encode())

    wait_until(is_told)


def _parent(pid: int) -> int | None:
    """Return a living process's parent; None for one that is gone or a zombie."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def wait_until_gone(pids: list[int]) -> None:
    wait_until(lambda: all(_parent(pid) is None for pid in pids))


def refused(data_dir: Path, **variables: str) -> str:
    """Start a server that cannot start; give its one sentence."""
    own = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL_DYNAMODB"}
    environ = {**own, "PORT": "0", "DEMO": "0", "DATA_DIR": str(data_dir), **variables}
    return sentence_of([sys.executable, "-m", "local"], environ)


def test_the_server_answers_for_its_health(server: str) -> None:
    status, body = ask(f"{server}/health")
    assert (status, body["status"]) == (200, "ok")


def test_the_hint_of_the_ready_line_works(start_local: "StartLocal", tmp_path: Path) -> None:
    with start_local(tmp_path) as started:
        assert started.hint == f"{started.url}/health"
        assert ask(started.hint)[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_every_child_and_the_exit_code_is_0(
    start_local: "StartLocal", tmp_path: Path, number: int
) -> None:
    with start_local(tmp_path) as started:
        children = grown_up(started.process.pid) if sys.platform == "linux" else []
        assert started.stop(number) == (0, "", "")
        wait_until_gone(children)
        with pytest.raises(OSError, match="refused"):
            ask(f"{started.url}/health")


@linux
def test_children_end_also_when_the_supervisor_is_killed(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path) as started:
        children = grown_up(started.process.pid)
        started.process.kill()
        wait_until_gone(children)


@linux
@pytest.mark.parametrize(
    ("died", "sentence"),
    [
        ("dynoxide", "the DynamoDB engine ended"),
        ("gunicorn", "the server ended"),
        ("local.runtime.schedule", "the schedule ended"),
    ],
)
def test_when_a_child_dies_the_rest_is_ended(
    start_local: "StartLocal", tmp_path: Path, died: str, sentence: str
) -> None:
    with start_local(tmp_path) as started:
        children = grown_up(started.process.pid)
        named = [pid for pid in children if died in Path(f"/proc/{pid}/cmdline").read_text()]
        if not named:
            pytest.skip(f"{died} is not what runs here")
        os.kill(next(pid for pid in named if _parent(pid) == started.process.pid), signal.SIGKILL)
        _, said = started.process.communicate(timeout=PATIENCE_S)
        assert started.process.returncode == 1
        assert said.startswith(f"quarterhour: {sentence} (-9): see the logs in {tmp_path}")
        assert said.count("\n") == 1
        wait_until_gone(children)


# A gunicorn worker that does nothing, so that by itself it would never notice a thing.
IDLE_WORKER = """
import os, signal
from types import SimpleNamespace
from local.gateway import server
gunicorn = os.getpid()
if os.fork() == 0:
    signal.alarm(3600)  # only for when the test fails
    server.post_fork(None, SimpleNamespace(ppid=gunicorn))
    print(os.getpid(), flush=True)
while True:
    signal.pause()
"""


@linux
def test_a_worker_ends_at_once_when_gunicorn_is_killed() -> None:
    variables = {**os.environ, "QUARTERHOUR_SOCKET": "0", "WORKERS": "1"}
    command = [sys.executable, "-c", IDLE_WORKER]
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE) as gunicorn:
        assert gunicorn.stdout is not None
        worker = int(gunicorn.stdout.readline())
        gunicorn.kill()
        wait_until_gone([worker])


def test_a_second_start_finds_the_data_of_the_first(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path) as first:
        assert ask(f"{first.url}/data", READINGS)[0] == 200
        assert ask(first.url + RANGE)[1]["data"] == FOUR_QUARTERS
    with start_local(tmp_path) as second:
        if "moto" in (tmp_path / "engine.log").read_text():
            pytest.skip("moto keeps nothing")
        assert ask(second.url + RANGE)[1]["data"] == FOUR_QUARTERS


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused(tmp_path, PORT=port)
    assert f"port {port} cannot be used (Address already in use)" in said


def test_a_data_dir_in_use_is_one_sentence(start_local: "StartLocal", tmp_path: Path) -> None:
    with start_local(tmp_path):
        assert f"{tmp_path} is in use by another run" in refused(tmp_path)


def test_a_data_dir_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made (Not a directory)" in refused(tmp_path / "file" / "data")


def test_a_variable_that_means_nothing_is_one_sentence(tmp_path: Path) -> None:
    assert "WORKERS is 'many'" in refused(tmp_path, WORKERS="many")


@pytest.fixture
def raw(server: str) -> Callable[..., tuple[int, dict[str, str], bytes]]:
    """Send a request as it stands; give status, headers and body."""

    def send(
        method: str, target: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(server.removeprefix("http://"), timeout=PATIENCE_S)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return response.status, named, response.read()
        finally:
            connection.close()

    return send


Raw = Callable[..., tuple[int, dict[str, str], bytes]]


def test_unknown_paths_and_wrong_methods_are_the_apis_own_answers(raw: Raw) -> None:
    status, _, body = raw("GET", "/nothing/here")
    assert (status, set(json.loads(body))) == (404, {"error"})
    status, headers, _ = raw("PUT", "/data")
    assert (status, headers["allow"]) == (405, "DELETE, GET, HEAD, POST")


def test_a_percent_encoded_path_is_the_path(raw: Raw) -> None:
    assert raw("GET", "/he%61lth")[0] == 200
    assert raw("GET", "/health%2F")[0] == 200
    assert raw("GET", "/h%C3%A9alth")[0] == 404


def test_a_binary_body_is_refused_by_the_function_not_broken_on_the_way(raw: Raw) -> None:
    kind = {"content-type": "application/octet-stream"}
    status, _, body = raw("POST", "/data", bytes(range(256)), **kind)
    assert status == 415
    assert "error" in json.loads(body)


def test_a_body_above_10_mb_is_the_gateways_413_and_the_client_hears_it(raw: Raw) -> None:
    status, headers, body = raw("POST", "/data", b" " * 11_000_000)
    assert (status, body) == (413, b'{"message":"Request Entity Too Large"}')
    assert headers["content-length"] == str(len(body))


def test_a_preflight_is_answered_by_the_gateway(raw: Raw) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    status, headers, body = raw("OPTIONS", "/data", **asked)
    assert (status, body) == (204, b"")
    assert headers["access-control-allow-origin"] == "*"


def test_only_the_hosts_that_are_named_are_answered(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path, HOST="pi.local") as started:
        for host, status in [("pi.local", 200), ("localhost:1", 200), ("attacker.example", 403)]:
            answer = call(started.url, "GET", "/health", host=host)
            assert answer.status == status
            assert (status == 200) or "HOST=attacker.example" in answer.json["error"]


def test_only_pages_that_are_named_write(start_local: "StartLocal", tmp_path: Path) -> None:
    with start_local(tmp_path, WRITE_ORIGINS="http://localhost:5173") as started:
        for origin, status in [("http://localhost:5173", 200), ("http://localhost:5174", 403)]:
            answer = call(started.url, "POST", "/data", READINGS, origin=origin)
            assert answer.status == status


def wait_until_loading(started: "Started") -> None:
    """Return when what loads the rest has begun, and has told so; the first lines are read."""
    assert started.process.stderr is not None
    for beginning in (BEGINNING, GOING_ON):
        assert beginning.fullmatch(started.process.stderr.readline())


@pytest.mark.slow
def test_the_demo_data_are_there_after_the_first_start_and_posted_once(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path, DEMO="1") as started:
        status, day = ask(started.hint)
        assert (status, len(day["data"])) == (200, 24)
        for ship in (2, 3):
            other = started.hint.replace("spaceship_id=1", f"spaceship_id={ship}")
            assert ask(other)[1]["data"]
        assert len(ask(f"{started.url}/api/houses/1/devices/")[1]["devices"]) == 10
        assert started.process.stdout is not None
        assert DEMO_IS_THERE in started.process.stdout.readline()
    with start_local(tmp_path, DEMO="1") as again:
        assert again.hint.partition("?")[2] == started.hint.partition("?")[2]
        assert ask(again.hint)[1] == day
        assert again.stop() == (0, "", "")


@pytest.mark.slow
def test_demo_data_that_was_cut_short_goes_on_at_the_next_start(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path, DEMO="1") as started:
        wait_until_loading(started)
        code, out, err = started.stop(signal.SIGINT)
    assert (code, out) == (0, "")
    assert STOPPED.fullmatch(err.splitlines()[-1])
    done = json.loads((tmp_path / "demo.json").read_text())
    assert 5 <= len(done["done"]) < 100
    with start_local(tmp_path, DEMO="1") as again:
        assert again.process.stdout is not None
        assert DEMO_IS_THERE in again.process.stdout.readline()
    later = json.loads((tmp_path / "demo.json").read_text())
    assert len(later["done"]) > 200
    assert later["until"] == done["until"]
    assert later["done"][: len(done["done"])] == done["done"]


@linux
@pytest.mark.slow
def test_a_loader_that_is_killed_is_a_line_and_the_server_goes_on(
    start_local: "StartLocal", tmp_path: Path
) -> None:
    with start_local(tmp_path, DEMO="1") as started:
        wait_until_loading(started)
        (loader,) = [
            pid
            for pid in family(started.process.pid)
            if "local.demo.loader" in Path(f"/proc/{pid}/cmdline").read_text()
        ]
        os.kill(loader, signal.SIGKILL)
        wait_until_told(started, "Demo data: its loader ended (-9); the next start goes on.\n")
        assert ask(started.hint)[0] == 200
        assert started.stop() == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("written", ["", '{"until": "2026-11-20T13', "{}"])
def test_a_state_of_the_demo_that_is_broken_loads_it_again(
    start_local: "StartLocal", tmp_path: Path, written: str
) -> None:
    with start_local(tmp_path, DEMO="0"):
        (tmp_path / "demo.json").write_text(written)
    with start_local(tmp_path, DEMO="1") as started:
        assert ask(started.hint)[0] == 200
        code, out, err = started.stop()
    assert (code, out) == (0, "")
    assert err.startswith("Demo data: what demo.json says cannot be used; all of it is loaded")
    assert "Traceback" not in err
