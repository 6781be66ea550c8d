"""The least and the greatest row: figures are compared as they are shown, to six decimals."""

from collections.abc import Mapping

DECIMALS = 6


def least(rows: Mapping[int, float]) -> tuple[int, float] | None:
    """Return the least of ascending rows, its beginning and figure; the earliest of equals."""
    return min(rows.items(), key=lambda row: round(row[1], DECIMALS), default=None)


def greatest(rows: Mapping[int, float]) -> tuple[int, float] | None:
    """Return the greatest of ascending rows; the earliest of equals."""
    return max(rows.items(), key=lambda row: round(row[1], DECIMALS), default=None)
