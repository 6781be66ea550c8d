"""The container engine of this machine, asked through the API that Docker and podman share."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.commands.failures import RunError
from local.engine.dynamodb import end
from local.lifeline import tied

DOCKER = "/var/run/docker.sock"

_LOOPBACK = "127.0.0.1"
_SAMS = "sam.cli.container.type=lambda"
_ANSWER_S = 60.0
_READY_S = 60.0
_STOP_S = 15.0
_MISSING = 404
_REFUSED = 400


class ContainersError(RunError):
    """There is no container engine to work with."""


@dataclass(frozen=True, slots=True)
class Containers:
    """A container engine at the path of its Unix socket; `server` is what serves it for us."""

    path: str
    server: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """What DOCKER_HOST says of it."""
        return f"unix://{self.path}"

    def answers(self) -> bool:
        """Return whether it is up."""
        try:
            self._ask("GET", "/_ping")
        except ContainersError:
            return False
        return True

    def gateway(self) -> str | None:
        """Return the address of this machine on the containers' network.

        None where they are in a virtual machine, or in a network that only its user enters.
        """
        info = self._read("/info")
        if _is_virtual(info) or _is_rootless(info):
            return None
        config = self._read("/networks/bridge")["IPAM"]["Config"][0]
        return config.get("Gateway") or str(next(ip_network(config["Subnet"]).hosts()))

    def meeting_place(self) -> tuple[str, str]:
        """Return the address on which to listen here, and the host that containers then ask for.

        ContainersError where they reach nothing here that the rest of the network does not.
        """
        gateway, info = self.gateway(), self._read("/info")
        if gateway is not None:
            return gateway, gateway
        if not _is_virtual(info):
            raise ContainersError(
                "the container engine runs without root, so its containers do not reach a table "
                "here: run it as root, or give DYNAMODB=<a table's URL that they reach>."
            )
        return _LOOPBACK, self._name_of_this_machine()

    def remove(self, variable: str) -> None:
        """End and remove SAM CLI's containers whose environment has `name=value`."""
        query = urlencode({"all": 1, "filters": json.dumps({"label": [_SAMS]})})
        for listed in self._read(f"/containers/json?{query}"):
            details = self._read(f"/containers/{listed['Id']}/json") or {"Config": {}}
            if variable in (details["Config"].get("Env") or ()):
                self._ask("DELETE", f"/containers/{listed['Id']}?force=1")

    def _name_of_this_machine(self) -> str:
        parts = self._read("/version").get("Components") or []
        podman = any("Podman" in part["Name"] for part in parts)
        return "host.containers.internal" if podman else "host.docker.internal"

    def _read(self, path: str) -> Any:
        return json.loads(self._ask("GET", path) or "null")

    def _ask(self, method: str, path: str) -> bytes:
        """Return the answer's body, which is empty where there is no such thing."""
        connection = _Connection(self.path)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as error:
            raise ContainersError(
                f"no container engine answers at {self.host} ({error})."
            ) from None
        finally:
            connection.close()
        if answer.status == _MISSING:
            return b""
        if answer.status >= _REFUSED:
            raise ContainersError(f"the container engine refuses {method} {path}: {body[:200]!r}.")
        return body


def _is_virtual(info: Mapping[str, Any]) -> bool:
    return sys.platform != "linux" or bool(info["OperatingSystem"] == "Docker Desktop")


def _is_rootless(info: Mapping[str, Any]) -> bool:
    return any("rootless" in option for option in info.get("SecurityOptions") or ())


class _Connection(HTTPConnection):
    """An HTTP connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@contextmanager
def at_hand() -> Iterator[Containers]:
    """Yield the engine that DOCKER_HOST names, else Docker, else podman.

    Podman has no server of its own: its API is served for the time of the `with`.
    ContainersError where there is none of them.
    """
    host = os.environ.get("DOCKER_HOST")
    if host or Containers(DOCKER).answers():
        yield _named(host or f"unix://{DOCKER}")
    elif podman := shutil.which("podman"):
        with tempfile.TemporaryDirectory() as directory:
            yield from _served(podman, Path(directory))
    else:
        raise ContainersError("no container engine answers: start Docker, or install podman.")


def _named(host: str) -> Containers:
    if not host.startswith("unix://"):
        raise ContainersError(f"DOCKER_HOST is {host}: only unix:// is known here.")
    engine = Containers(host.removeprefix("unix://"))
    if not engine.answers():
        raise ContainersError(f"no container engine answers at {host}, which DOCKER_HOST names.")
    return engine


def _served(podman: str, directory: Path) -> Iterator[Containers]:
    path, log = str(directory / "podman.sock"), directory / "podman.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            tied([podman, "system", "service", "--time", "0", f"unix://{path}"]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        engine = Containers(path, server)
        _wait(engine, server, log)
        yield engine
    finally:
        end(server, _STOP_S)


def _wait(engine: Containers, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while not engine.answers():
        if server.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise ContainersError(f"podman does not serve its API: {last or 'it says nothing'}")
        time.sleep(0.05)
