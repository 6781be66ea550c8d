"""The Dynoxide binary: fetched once through npm, at one version, checked against its checksums."""

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "1.2.1"
# Only this platform's package has a checksum here; others run on moto's server.
PACKAGE = "@dynoxide/linux-x64"
INTEGRITY = (
    "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg=="
)
# Of the binary in it, as sha256sum prints it.
SHA256 = "be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e"
_MEMBER = "package/dynoxide"


class UnavailableError(Exception):
    """The binary cannot be had here; the text says why."""


def binary(tools: Path) -> Path:
    """Give the path of the binary under `tools`, fetched if it is not there or is damaged.

    Any number of processes may ask at once. UnavailableError on another platform, without npm,
    without the registry, or when the package is not the one that was pinned.
    """
    target = tools / f"dynoxide-{VERSION}"
    if not _is_whole(target):
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            raise UnavailableError(f"no checksum for {sys.platform} on {platform.machine()}")
        tools.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=tools) as folder:
            _unpack(_fetch(Path(folder)), Path(folder) / "dynoxide")
            Path(folder, "dynoxide").replace(target)
    return target


def _is_whole(target: Path) -> bool:
    """Return whether the binary is there, is the pinned one, and can be run."""
    if not os.access(target, os.R_OK | os.X_OK):
        return False
    return hashlib.sha256(target.read_bytes()).hexdigest() == SHA256


def _fetch(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm is not installed")
    print("Fetching the table's engine through npm (once) ...", file=sys.stderr, flush=True)
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        raise UnavailableError("npm pack took longer than 120 s") from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().rpartition("\n")[2]
        raise UnavailableError(f"npm pack failed: {last}") from error
    package = next(folder.glob("*.tgz"))
    if hashlib.sha512(package.read_bytes()).digest() != base64.b64decode(INTEGRITY):
        raise UnavailableError(f"{PACKAGE} {VERSION} does not match its checksum")
    return package


def _unpack(package: Path, target: Path) -> None:
    with tarfile.open(package) as archive:
        member = archive.extractfile(_MEMBER)
        if member is None:
            raise UnavailableError(f"{package.name} has no {_MEMBER}")
        target.write_bytes(member.read())
    target.chmod(0o700)
