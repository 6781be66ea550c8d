"""The size of what is deployed: the layer, and the largest function."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Sizes
from bench.steps import Step
from bench.table import FAILED, Limit, Line, Table, figure, line
from local.template import ROOT

TABLE = Table("Size", ("quarterhour",))
WHAT = "layer + largest function, unzipped"
MOST_MB = 60
_BUILT = ROOT / ".aws-sam" / "build"
_SAM = ROOT / ".tools" / "sam" / "bin" / "sam"


def step(sizes: Sizes) -> Step:
    """Return what measures `make build`; it is run where only the SAM CLI is there."""

    def run(_: None) -> Iterator[Line]:
        if not _BUILT.is_dir() and _SAM.exists() and not sizes.is_smoke:
            subprocess.run(["make", "--silent", "build"], cwd=ROOT, check=True, capture_output=True)
        if not _BUILT.is_dir():
            yield Line(WHAT, ("nothing is built: run `make build` first",))
            return
        bytes_ = {folder.name: _bytes(folder) for folder in _BUILT.iterdir() if folder.is_dir()}
        whole_mb = (bytes_.pop("CommonLayer") + max(bytes_.values())) / 1e6
        limit = Limit(f"<= {MOST_MB} MB", whole_mb <= MOST_MB, FAILED)
        yield line(WHAT, [figure(whole_mb, "MB")], [limit])

    return Step(TABLE, (WHAT,), run)


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
