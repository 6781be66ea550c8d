"""Whether the two servers answer the same: else the baseline is no peer."""

import json
import math
from typing import Any

# Sums of rounded figures, and figures rounded after other sums.
_TOLERANCE = 2e-6
# Of a row; peers do not tell how much of a fleet's time is covered.
_OURS_ALONE = {"coverage"}


def assert_alike(ours: bytes, baseline: bytes) -> None:
    """Raise AssertionError where the rows differ in number, in a name, or in a figure."""
    mine, theirs = (_rows(json.loads(said)) for said in (ours, baseline))
    assert len(mine) == len(theirs), (len(mine), len(theirs))
    for one, other in zip(mine, theirs, strict=True):
        assert other.keys() <= one.keys() <= other.keys() | _OURS_ALONE, (one, other)
        assert all(_same(one[name], figure) for name, figure in other.items()), (one, other)


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = answer["data"] if "data" in answer else answer["ships"]
    return [dict(sorted(row.items())) for row in found]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return bool(one == other)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=_TOLERANCE)
