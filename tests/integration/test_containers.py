"""What is asked of Docker and podman, against a server of their API with answers that they gave."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any

import pytest

from local.commands import containers
from local.commands.containers import Containers, ContainersError

pytestmark = pytest.mark.integration

Answers = Mapping[str, Any]
VERSION = "/version"
BRIDGE = "/networks/bridge"
MARK = "QUARTERHOUR_DATA_DIR=/data"


def engine_of(gateway: str | None, system: str = "Debian GNU/Linux 12", *options: str) -> Answers:
    """Return the answers of an engine on Linux; a bridge need not name its gateway."""
    subnet = {"Subnet": "172.17.0.0/16"} | ({"Gateway": gateway} if gateway else {})
    return {
        "/_ping": "OK",
        "/info": {"OperatingSystem": system, "SecurityOptions": ["name=seccomp", *options]},
        BRIDGE: {"Name": "bridge", "IPAM": {"Driver": "default", "Config": [subnet]}},
        VERSION: {"Components": [{"Name": "Engine", "Version": "28.0.4"}]},
    }


class Api:
    """A server of the API at a Unix socket; what it removed."""

    def __init__(self, path: Path, answers: Answers) -> None:
        self.containers = Containers(str(path))
        self.removed: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = answers.get(self.path.partition("?")[0])
                self.send_response(404 if answer is None else 200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def do_DELETE(self) -> None:
                api.removed.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        self.server = ThreadingUnixStreamServer(str(path), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    served: list[Api] = []

    def start(answers: Answers) -> Api:
        served.append(Api(tmp_path / "engine.sock", answers))
        return served[-1]

    yield start
    for api in served:
        api.server.shutdown()
        api.server.server_close()


@pytest.mark.parametrize(("gateway", "address"), [("10.88.0.1", "10.88.0.1"), (None, "172.17.0.1")])
def test_on_linux_containers_come_to_the_gateway_of_their_bridge(
    serve: Any, monkeypatch: pytest.MonkeyPatch, gateway: str | None, address: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    there = serve(engine_of(gateway)).containers
    assert there.gateway() == address
    assert there.meeting_place() == (address, address)


@pytest.mark.parametrize(
    ("platform", "system", "name"),
    [
        ("linux", "Docker Desktop", "host.docker.internal"),
        ("darwin", "Docker Desktop", "host.docker.internal"),
        ("darwin", "fedora", "host.containers.internal"),
    ],
)
def test_from_a_virtual_machine_they_come_by_a_name(
    serve: Any, monkeypatch: pytest.MonkeyPatch, platform: str, system: str, name: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    part = "Podman Engine" if system == "fedora" else "Engine"
    version = {VERSION: {"Components": [{"Name": part}]}}
    there = serve({**engine_of("172.17.0.1", system), **version}).containers
    assert there.gateway() is None
    assert there.meeting_place() == ("127.0.0.1", name)


def test_without_root_they_come_nowhere(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    there = serve(engine_of("10.88.0.1", "debian", "name=rootless")).containers
    assert there.gateway() is None
    with pytest.raises(ContainersError, match="run it as root, or give DYNAMODB="):
        there.meeting_place()


def test_only_containers_of_the_run_are_removed(serve: Any) -> None:
    """One of them may go between two questions."""
    listed = [{"Id": name} for name in ("ours", "others", "bare", "gone")]
    api = serve(
        {
            "/containers/json": listed,
            "/containers/ours/json": {"Config": {"Env": ["A=1", MARK]}},
            "/containers/others/json": {"Config": {"Env": [f"{MARK}2"]}},
            "/containers/bare/json": {"Config": {"Env": None}},
        }
    )
    api.containers.remove(MARK)
    assert api.removed == ["/containers/ours?force=1"]


def test_docker_host_names_the_engine(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host = serve(engine_of("172.17.0.1")).containers.host
    monkeypatch.setenv("DOCKER_HOST", host)
    with containers.at_hand() as there:
        assert (there.host, there.server) == (host, None)


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("unix:///nowhere.sock", "no container engine answers at unix:///nowhere.sock"),
        ("tcp://127.0.0.1:1", "only unix:// is known here"),
        ("", "no container engine answers: start Docker, or install podman."),
    ],
)
def test_no_engine_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, sentence: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(containers, "DOCKER", str(tmp_path / "docker.sock"))
    with pytest.raises(ContainersError, match=sentence), containers.at_hand():
        pytest.fail("there is an engine")


def test_what_podman_says_when_it_cannot_serve_is_in_the_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "podman"
    program.write_text("#!/bin/sh\necho 'cannot find netavark' >&2\nexit 125\n")
    program.chmod(0o755)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(containers, "DOCKER", str(tmp_path / "docker.sock"))
    with pytest.raises(ContainersError, match="cannot find netavark"), containers.at_hand():
        pytest.fail("there is an engine")
