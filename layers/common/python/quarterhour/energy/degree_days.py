"""Heating degree days: how far hours are below a base temperature (docs/semantics.md)."""

BALANCE_F = 65.0
HOURS_PER_DAY = 24


def of_hour(mean_f: float, base_f: float = BALANCE_F) -> float:
    """Return the degree days F of an hour: what its mean is below the base, a 24th; 0 above it."""
    return max(0.0, base_f - mean_f) / HOURS_PER_DAY
