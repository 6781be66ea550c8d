"""The folder of a run's data: held by one process at a time, and where its engine is found."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

_URL = "engine.url"
_SCHEMES = {"http", "https"}


class UnusableError(Exception):
    """The folder cannot be used; the text is a sentence for the user."""


class InUseError(UnusableError):
    """Another process has the folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and hold it for this process; the lock goes with the process.

    InUseError where another process has it, UnusableError where it cannot be made or written.
    """
    with _lock(folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(
                f"{folder} is in use by another run: stop it first, or give another DATA_DIR."
            ) from None
        yield


def _lock(folder: Path) -> TextIO:
    verb = "made"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        verb = "written"
        return (folder / "lock").open("a+")
    except OSError as error:
        raise UnusableError(f"DATA_DIR {folder} cannot be {verb} ({error.strerror}).") from None


def sentence(error: OSError) -> str:
    """Return what an error says of a file, for the user."""
    return f"{error.filename or 'this machine'} cannot be used ({error.strerror or error})."


@contextmanager
def engine_at(folder: Path, url: str) -> Iterator[None]:
    """Leave the engine's address in the folder, which this process holds, until the end."""
    file = folder / _URL
    fresh = folder / f"{_URL}.new"
    fresh.write_text(url)
    fresh.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def engine_url(folder: Path) -> str | None:
    """Return the address that who holds the folder has left there; None where there is none."""
    try:
        url = (folder / _URL).read_text()
        parts = urlsplit(url)
        is_address = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except (OSError, ValueError):  # no file; no text; a port that is none
        return None
    return url if is_address else None
