"""The page with the figures: the bench writes what stands between its markers, people the rest."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import before, postgresql
from bench.table import Line, Table, markdown
from local.engine.dynoxide import VERSION
from local.template import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of the figures -->"


def report(results: Mapping[Table, Sequence[Line]]) -> str:
    """Return where and when it was measured, and all tables."""
    tables = [f"### {table.title}\n\n{markdown(table, lines)}" for table, lines in results.items()]
    return "\n\n".join([_measured_on(), *tables])


def write(figures: str, page: Path = PAGE) -> None:
    """Put the figures in the place of those on the page; ValueError where it has no markers."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no markers for the figures")
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}", encoding="utf-8")


def _measured_on() -> str:
    database = postgresql.version() or "PostgreSQL is not installed, so its columns are empty"
    packages = ("flask", "pandas", "numpy", "psycopg", "gunicorn")
    facts = {
        "Measured": f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}",
        "Machine": f"{os.cpu_count()} x {_processor()}, {_memory_gb():.0f} GB, "
        f"{platform.system()} {platform.release()}",
        "Versions": f"Python {platform.python_version()}, Dynoxide {VERSION}, "
        f"{', '.join(f'{name} {version(name)}' for name in packages)}, "
        f"SQLite {sqlite3.sqlite_version}, {database}",
    }
    if checkout := before.checkout():
        facts["Before"] = f"commit {_commit(checkout)}"
    return "\n".join(f"- {name}: {fact}." for name, fact in facts.items())


def _commit(checkout: Path = ROOT) -> str:
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(asked, cwd=checkout, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory_gb() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
