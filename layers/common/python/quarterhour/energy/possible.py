"""What no reading can be: from far ahead of now, colder than cold, wetter than wet (rule 8)."""

from collections.abc import Sequence

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS

# A clock that is further ahead than a day is broken; a few minutes are said, and no more.
MAX_AHEAD_MS = DAY_MS
FUTURE_MS = 5 * MINUTE_MS

ABSOLUTE_ZERO_F = -459.67
FULL_HUMIDITY = 100.0
# Sensors show up to so much in fog: they are no better than that.
MAX_HUMIDITY = 105.0

_TOO_COLD = "is below absolute zero (-273.15 degC, -459.67 degF)"
_TOO_WET = f"must be less than or equal to {FULL_HUMIDITY:.0f} %"


def too_far_ahead(at_ms: int, now_ms: int) -> str | None:
    """Return why an instant is too far ahead of now; None where it is not.

    >>> too_far_ahead(3 * DAY_MS + 1, 0)
    "is 3 days ahead of the server's clock"
    """
    if at_ms - now_ms <= MAX_AHEAD_MS:
        return None
    return f"is {ahead_text(at_ms - now_ms)} ahead of the server's clock"


def ahead_text(length_ms: int) -> str:
    """Return how long that is, in whole days, hours or minutes.

    >>> ahead_text(26 * HOUR_MS)
    '26 hours'
    """
    for unit_ms, word in ((DAY_MS, "days"), (HOUR_MS, "hours")):
        if length_ms >= 2 * unit_ms:
            return f"{length_ms // unit_ms} {word}"
    return f"{length_ms // MINUTE_MS} minutes"


def impossible(quantity: Quantity, posted: Sequence[Posted]) -> list[tuple[Posted, str]]:
    """Return those readings of a series that cannot be, each with the reason."""
    if quantity is Quantity.TEMPERATURE:
        return [(one, _TOO_COLD) for one in posted if one.value < ABSOLUTE_ZERO_F]
    if quantity is Quantity.HUMIDITY:
        return [(one, _TOO_WET) for one in posted if one.value > MAX_HUMIDITY]
    return []


def too_wet(quantity: Quantity, posted: Sequence[Posted]) -> list[Posted]:
    """Return the humidities that are stored as 100 %, being a little above it."""
    if quantity is not Quantity.HUMIDITY:
        return []
    return [one for one in posted if FULL_HUMIDITY < one.value <= MAX_HUMIDITY]
