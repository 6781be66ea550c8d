"""An npm that packs packages of ours, notes what it is asked, and has no others."""

import base64
import hashlib
import io
import sys
import tarfile
from pathlib import Path

# As npm 11 says it; what matters is in the first line, and the last one is of no use.
_SCRIPT = """#!/bin/sh
echo "$@" >> {folder}/calls
package={folder}/$(basename ${{2%@*}}).tgz
[ -f $package ] && exec cp $package dynoxide.tgz
case "$*" in *--silent*) exit 1 ;; esac
echo "npm error code {code}" >&2
echo "npm error 404 Not Found - GET http://registry.test/$2" >&2
echo "npm error A complete log of this run can be found in: /root/.npm/_logs/0.log" >&2
exit 1
"""
# Listens where it is told to, as the engine does; that is all it does.
_ENGINE = """#!{python}
# {text}
import socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[-1])))
time.sleep(600)
"""


class FakeNpm:
    """The program, its packages and the calls; all of it under one folder."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        self._folder = folder
        self.fail_with("E404")

    def fail_with(self, code: str) -> None:
        """Fail with this code where there is no package."""
        npm = self.programs / "npm"
        npm.write_text(_SCRIPT.format(folder=self._folder, code=code))
        npm.chmod(0o700)

    def publish(self, machine: str, member: str = "package/dynoxide", text: str = "") -> bytes:
        """Publish a package for the machine; return the content of its binary."""
        program = _ENGINE.format(python=sys.executable, text=text or machine).encode()
        (self._folder / f"{machine}.tgz").write_bytes(packed(program, member))
        return program

    def integrity(self, machine: str) -> str:
        """Return the SHA-512 of the machine's package, as npm gives it."""
        package = (self._folder / f"{machine}.tgz").read_bytes()
        return base64.b64encode(hashlib.sha512(package).digest()).decode()

    @property
    def calls(self) -> list[str]:
        """Return the arguments of each call."""
        calls = self._folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


def packed(program: bytes, member: str = "package/dynoxide") -> bytes:
    """Return a package with the program in it."""
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as archive:
        entry = tarfile.TarInfo(member)
        entry.size = len(program)
        archive.addfile(entry, io.BytesIO(program))
    return package.getvalue()
