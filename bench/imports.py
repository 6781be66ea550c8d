"""The instructions that importing the ingest function takes, over those of bare Python."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

from bench.table import FAILED, HELD, Line
from local import template
from local.runtime import functions
from local.template import ROOT

LIMIT = 45
_COLLECTED = re.compile(r"Collected : (\d+)")
_BASELINE = "from flask import Flask; import pandas, sqlite3"


def lines() -> Iterator[Line]:
    """Yield the ratio; one line says so where valgrind is not installed."""
    if not shutil.which("valgrind"):
        yield Line("import of ingest: valgrind is not installed", "-")
        return
    variables = _variables()
    ingest = "import app"
    subprocess.run([sys.executable, "-c", ingest], env=variables, check=True)  # writes the .pyc
    bare, ours, peer = (_instructions(code, variables) for code in ("", ingest, _BASELINE))
    yield Line(
        "import of ingest, over bare python",
        f"{ours / bare:.1f}x",
        f"{peer / bare:.1f}x",
        f"{ours / peer:.2f}x",
        f"<= {LIMIT}x bare",
        HELD if ours <= LIMIT * bare else FAILED,
    )


def _variables() -> Mapping[str, str]:
    """Return a clean environment: nothing of the caller's, only what the function is given."""
    loaded = template.load()
    ingest = next(each for each in loaded.functions if each.name == "ingest")
    paths = f"{functions.LAYER}:{ROOT / 'functions' / 'ingest'}"
    return {
        **ingest.environment,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": paths,
        "PYTHONHASHSEED": "0",
        "AWS_REGION": "us-east-1",
    }


def _instructions(code: str, variables: Mapping[str, str]) -> int:
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(
        [*valgrind, sys.executable, "-c", code],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    found = _COLLECTED.search(done.stderr)
    assert found, done.stderr
    return int(found[1])
