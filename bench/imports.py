"""What a cold start of the ingest function executes: its instructions over those of bare Python."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from bench.sizes import Sizes
from bench.steps import Step
from bench.table import FAILED, Limit, Line, Table, line
from local import template
from local.runtime import functions
from local.template import ROOT

TABLE = Table("Cold start, over bare Python", ("quarterhour", "Flask + pandas + sqlite3", "ratio"))
_COLLECTED = re.compile(r"Collected : (\d+)")
_PEER = "from flask import Flask; import pandas, sqlite3"
_INGEST = "import app"
# As on Lambda: DynamoDB's own endpoint, so TLS is made ready; nothing is sent.
_WITH_CLIENT = f"{_INGEST}; from quarterhour.store.environment import environment; environment()"
_CASES = {
    "import of the ingest function": (_INGEST, 25),
    "import of the ingest function, and its client made": (_WITH_CLIENT, 31),
}


def steps(sizes: Sizes) -> Iterator[Step]:
    """Yield the ratios; a line says so where valgrind is not installed."""
    for what, (code, most) in _CASES.items():
        measure = _run_once if sizes.is_smoke else partial(_measure, most=most)
        yield Step(TABLE, (what,), partial(measure, what, code))


def _run_once(what: str, code: str, _: None) -> Iterator[Line]:
    """Run the code; of bare Python alone are instructions counted, since that takes long."""
    _run([sys.executable, "-c", code])
    yield from _measure(what, "", None, peer="")


def _measure(
    what: str, code: str, _: None, *, most: int | None = None, peer: str = _PEER
) -> Iterator[Line]:
    if not shutil.which("valgrind"):
        yield Line(what, ("valgrind is not installed",))
        return
    ours, theirs, bare = (_instructions(each) for each in (code, peer, ""))
    figures = f"{ours / bare:.1f}x", f"{theirs / bare:.1f}x", f"{ours / theirs:.2f}x"
    limits = [] if most is None else [Limit(f"<= {most}x", ours <= most * bare, FAILED)]
    yield line(what, figures, limits)


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
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_SESSION_TOKEN": "none",
    }


@lru_cache
def _instructions(code: str) -> int:
    python = [sys.executable, "-c", code]
    _run(python)  # writes the bytecode
    said = _run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *python])
    found = _COLLECTED.search(said)
    assert found, said
    return int(found[1])


def _run(command: Sequence[str]) -> str:
    """Return what a command says on stderr."""
    done = subprocess.run(command, env=_variables(), capture_output=True, text=True, check=True)
    return done.stderr
