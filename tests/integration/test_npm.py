"""What is left to npm where no checksum is pinned: the installed one, and a registry of ours."""

import base64
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from local.engine.dynoxide import binary
from local.engine.npm import UnavailableError
from tests.integration.fake_npm import packed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed"),
]

NAME = "@dynoxide/darwin-arm64"
PROGRAM = b"#!/bin/sh\n"


class Registry(http.server.ThreadingHTTPServer):
    """Serves what is at a path, and else 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.bodies: dict[str, bytes] = {}

    def publish(self, package: bytes, served: bytes) -> None:
        """Publish a package with its checksum, and serve these bytes for it."""
        integrity = base64.b64encode(hashlib.sha512(package).digest()).decode()
        dist = {"tarball": f"{self.url}/package.tgz", "integrity": f"sha512-{integrity}"}
        version = {"name": NAME, "version": "1.2.1", "dist": dist}
        document = {"name": NAME, "versions": {"1.2.1": version}}
        self.bodies["/@dynoxide%2fdarwin-arm64"] = json.dumps(document).encode()
        self.bodies["/package.tgz"] = served


class _Answers(http.server.BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        """Send what was published, or 404."""
        body = self.server.bodies.get(self.path)
        self.send_response(HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry that npm asks, with nothing in it; the machine is a Mac on Arm."""
    with Registry() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("npm_config_registry", serving.url)
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
        monkeypatch.setattr("sys.platform", "darwin")
        monkeypatch.setattr("platform.machine", lambda: "arm64")
        yield serving
        serving.shutdown()
        thread.join()


def test_npm_gives_a_package_that_is_what_its_registry_says(
    tmp_path: Path, registry: Registry
) -> None:
    registry.publish(packed(PROGRAM), served=packed(PROGRAM))
    assert binary(tmp_path / "tools").read_bytes() == PROGRAM


def test_npm_refuses_a_package_that_is_not_what_its_registry_says(
    tmp_path: Path, registry: Registry
) -> None:
    registry.publish(packed(PROGRAM), served=packed(b"#!/bin/sh\necho other\n"))
    with pytest.raises(UnavailableError, match=r"^npm pack failed: EINTEGRITY$"):
        binary(tmp_path / "tools")
    assert list((tmp_path / "tools").iterdir()) == []


@pytest.mark.usefixtures("registry")
def test_npm_says_that_its_registry_has_no_such_package(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=rf"^npm has no {NAME} 1\.2\.1$"):
        binary(tmp_path / "tools")
