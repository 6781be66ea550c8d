"""A PostgreSQL server of the bench's own: in a temporary folder, on a free port of this machine."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from socket import socket

from local.lifeline import tied

HOST = "127.0.0.1"
_USER = "bench"
_READY_S = 60.0
# PostgreSQL refuses to run as root.
_UNPRIVILEGED = ("postgres", "nobody")
_PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")


@dataclass(frozen=True, slots=True)
class Database:
    """A running server: where it is, and the process above all of its others."""

    url: str
    pid: int
    folder: Path

    def analyze(self) -> None:
        """Do now what autovacuum does in its time: queries are planned for the rows there are."""
        asked = [str(self.folder / "vacuumdb"), "--analyze", "--quiet", "--table=reading", self.url]
        subprocess.run(asked, check=True)


def binaries(root: Path = Path("/")) -> Path | None:
    """Return the folder of the newest server installed under `root`; None where there is none."""
    found = [folder for place in _PLACES for folder in root.glob(place)]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    usable = [each for each in found if (each / "initdb").exists() and (each / "postgres").exists()]
    return max(usable, key=_release, default=None)


@lru_cache(maxsize=1)
def version() -> str:
    """Return its name and version; empty where it is not installed."""
    folder = binaries()
    if folder is None:
        return ""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, check=True)
    found = re.search(r"\d+(\.\d+)*", said.stdout.decode())
    return f"PostgreSQL {found[0]}" if found else "PostgreSQL"


@contextmanager
def running() -> Iterator[Database]:
    """Run a server as its installation would have it; FileNotFoundError where there is none."""
    folder = binaries()
    if folder is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(
        prefix="quarterhour-bench-", ignore_cleanup_errors=True
    ) as own:
        data, port = Path(own) / "data", _free_port()
        user = _user()
        if user:
            os.chown(own, user.pw_uid, user.pw_gid)
        made = [folder / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            _as(user, [*map(str, made), "--locale=C", "--no-sync"]),
            cwd=own,
            check=True,
            capture_output=True,
        )
        settings = {"listen_addresses": HOST, "port": port, "unix_socket_directories": own}
        options = [part for pair in settings.items() for part in ("-c", "=".join(map(str, pair)))]
        with (Path(own) / "log").open("wb") as log:
            command = [str(folder / "postgres"), "-D", str(data), *options]
            process = subprocess.Popen(_tied(user, command), cwd=own, stdout=log, stderr=log)
        try:
            _wait_until_ready(folder, process, port, Path(own) / "log")
            yield Database(f"postgresql://{_USER}@{HOST}:{port}/postgres", process.pid, folder)
        finally:
            process.send_signal(signal.SIGINT)  # whoever is still connected is cut off
            process.wait(_READY_S)


def _release(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", str(folder))))


def _user() -> pwd.struct_passwd | None:
    """Return whom to run as where the bench runs as root; None for who runs the bench."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _as(user: pwd.struct_passwd | None, command: Sequence[str], *options: str) -> list[str]:
    if user is None:
        return list(command)
    ids = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    return ["setpriv", *ids, *options, *command]


def _tied(user: pwd.struct_passwd | None, command: Sequence[str]) -> list[str]:
    """Return what ends with the bench; who changes the user has to ask for that afterwards."""
    return _as(user, command, "--pdeathsig", "INT") if user else tied(command)


def _free_port() -> int:
    with socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    asked = [str(folder / "pg_isready"), "-q", "-h", HOST, "-p", str(port)]
    while time.monotonic() < deadline and process.poll() is None:
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-300:]}")
