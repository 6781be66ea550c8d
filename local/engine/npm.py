"""Packages of npm, as the npm that is installed fetches them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

FETCHING = "Fetching the table's engine through npm (once) ..."
_PATIENCE_S = 120
_CODE = re.compile(r"^npm \S+ code (\w+)$", re.MULTILINE)
_NOT_THERE = ("E404", "ETARGET")


class UnavailableError(Exception):
    """What is wanted cannot be had here; the text says why."""


def pack(name: str, version: str, folder: Path) -> Path:
    """Fetch a package into the folder and return where it is; UnavailableError where it fails.

    npm compares it with the checksum that its registry has of it, and fails where that differs.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm is not installed")
    print(FETCHING, file=sys.stderr, flush=True)
    # With --silent it would not even say what went wrong.
    command = [npm, "pack", f"{name}@{version}", "--loglevel=error", "--ignore-scripts"]
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm pack took longer than {_PATIENCE_S} s") from None
    except subprocess.CalledProcessError as error:
        raise UnavailableError(_reason(f"{name} {version}", error.stderr)) from error
    return next(folder.glob("*.tgz"))


def _reason(package: str, output: str) -> str:
    """Return why there is no package, by what npm printed."""
    code = _CODE.search(output)
    if code is None:
        *_, last = output.strip().rpartition("\n")
        return f"npm pack failed: {last}"
    return f"npm has no {package}" if code[1] in _NOT_THERE else f"npm pack failed: {code[1]}"
