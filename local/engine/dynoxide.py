"""The Dynoxide binary for this machine: fetched once through npm, at one version, and checked.

What a package and its binary are checked against is pinned here for some machines. For the others
npm's check of the package is relied on, and the binary is checked against what came with it.
"""

import base64
import hashlib
import os
import platform
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from local.engine import npm
from local.engine.npm import UnavailableError

VERSION = "1.2.1"


class Checksums(NamedTuple):
    """The SHA-512 of a package, as npm gives it, and the SHA-256 of its binary, as sha256sum."""

    integrity: str
    sha256: str


PINNED = {
    "linux-x64": Checksums(
        "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg==",
        "be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e",
    ),
}
# Systems and processors as Python names them; npm's packages are named <system>-<processor>.
_SYSTEMS = ("darwin", "linux")
_PROCESSORS = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}
_MEMBER = "package/dynoxide"
_UNPINNED = (
    "The table's engine for {} has no checksum here: npm's own check is what it was taken on."
)


def binary(tools: Path) -> Path:
    """Return the path of the binary under `tools`, fetched if it is not there or is damaged.

    Any number of processes may ask at once. UnavailableError on a machine that npm has no package
    for, without npm, without the registry, or when the package is not the one that was pinned.
    """
    machine = _machine()
    target = tools / f"dynoxide-{VERSION}-{machine}"
    if not _is_whole(target, machine):
        tools.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=tools) as folder:
            program = _unpack(_fetch(machine, Path(folder)))
            if machine not in PINNED:
                _remember(program, target)
                print(_UNPINNED.format(machine), file=sys.stderr, flush=True)
            program.replace(target)
    return target


def _machine() -> str:
    """Return this machine as the names of npm's packages have it."""
    processor = _PROCESSORS.get(platform.machine().lower())
    if sys.platform not in _SYSTEMS or processor is None:
        raise UnavailableError(f"it has no package for {sys.platform} on {platform.machine()}")
    return f"{sys.platform}-{processor}"


def _is_whole(target: Path, machine: str) -> bool:
    """Return whether the binary is there, is the one that was fetched, and can be run."""
    if not os.access(target, os.R_OK | os.X_OK):
        return False
    if machine in PINNED:
        return _sha256(target) == PINNED[machine].sha256
    note = _note(target)
    return os.access(note, os.R_OK) and note.read_bytes() == _sha256(target).encode()


def _remember(program: Path, target: Path) -> None:
    """Note the checksum of what will be at `target`; a crash leaves no half of it."""
    fresh = _note(program)
    fresh.write_text(_sha256(program))
    fresh.replace(_note(target))


def _note(program: Path) -> Path:
    """Return where the checksum of a binary is kept for which none is pinned."""
    return program.with_name(f"{program.name}.sha256")


def _sha256(program: Path) -> str:
    return hashlib.sha256(program.read_bytes()).hexdigest()


def _fetch(machine: str, folder: Path) -> Path:
    """Return the machine's package; UnavailableError where it is not the pinned one."""
    name = f"@dynoxide/{machine}"
    package = npm.pack(name, VERSION, folder)
    if machine in PINNED and _sha512(package) != PINNED[machine].integrity:
        raise UnavailableError(f"{name} {VERSION} does not match its checksum")
    return package


def _sha512(package: Path) -> str:
    return base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()


def _unpack(package: Path) -> Path:
    """Return the package's binary, put beside it."""
    with tarfile.open(package) as archive:
        try:
            member = archive.extractfile(_MEMBER)
        except KeyError:
            member = None
        if member is None:
            raise UnavailableError(f"{package.name} has no {_MEMBER}")
        program = package.with_name("dynoxide")
        program.write_bytes(member.read())
    program.chmod(0o700)
    return program
