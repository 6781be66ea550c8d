"""The size of what is deployed: the layer, and the largest function."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.table import Line, limited
from local.template import ROOT

LIMIT_MB = 60
_BUILT = ROOT / ".aws-sam" / "build"
_SAM = ROOT / ".tools" / "sam" / "bin" / "sam"


def lines() -> Iterator[Line]:
    """Yield the size of what `make build` made; it is run where only the SAM CLI is there."""
    if not _BUILT.is_dir() and _SAM.exists():
        subprocess.run(["make", "--silent", "build"], cwd=ROOT, check=True, capture_output=True)
    if not _BUILT.is_dir():
        yield Line("layer + function: nothing is built, run `make build` first", "-")
        return
    sizes = {folder.name: _bytes(folder) for folder in _BUILT.iterdir() if folder.is_dir()}
    layer = sizes.pop("CommonLayer")
    yield limited("layer + function, unzipped", "MB", (layer + max(sizes.values())) / 1e6, LIMIT_MB)


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
