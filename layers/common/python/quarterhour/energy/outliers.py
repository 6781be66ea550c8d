"""Values that stand out of a batch, or of its bucket (docs/semantics.md, "Warnings").

A series is compared with itself: what is not 0 of it, up to the quartile that is used most, so that
noon beside a night says nothing. Gauges are compared by how far they are from their median.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from quarterhour.energy.quantities import UNITS, Quantity
from quarterhour.energy.readings import Posted

# W posted as kW, or Wh as kWh, is a thousand times too much; loads themselves vary, so from 500 on.
JUMP = 500
# A gauge that hardly moves does not jump for less than JUMP times so much (degF, %).
LEAST_OF_A_GAUGE = 1.0
# States of a counter: the first is above so many steps; of fewer readings nothing is said.
REGISTER = 100
FEWEST_OF_A_REGISTER = 3

COUNTED = {Quantity.ENERGY, Quantity.VOLUME}

# What sensors show that are not connected (-127 degC), or have not measured yet (85 degC).
SENSOR_FAULTS_F = {-196.6, UNITS["degC"].stored(-127), 185.0}
BESIDE_F = 40.0


def jumps(
    readings: Sequence[Posted], quantity: Quantity, held: Sequence[float] = ()
) -> list[Posted]:
    """Return the readings far above the others of the batch, or above those held, largest first."""
    if quantity.is_gauge:
        values = sorted(one.value for one in readings)
        is_steady = not values or values[-1] - values[0] < JUMP * LEAST_OF_A_GAUGE
        size = _distance_from(_median(values))
        above = [] if is_steady else _far(readings, size, LEAST_OF_A_GAUGE)
    else:
        above = _far(readings, _magnitude, 0.0)
    if held:
        size, scale = _scale_of(quantity, held)
        places = {one.place for one in above}
        above += [
            one for one in readings if one.place not in places and 0 < JUMP * scale <= size(one)
        ]
    return above


def is_of_another_unit(
    readings: Sequence[Posted], quantity: Quantity, held: Sequence[float]
) -> bool:
    """Return whether several readings are all far above what the bucket held of the series."""
    if quantity.is_gauge or not held:
        return False
    size, scale = _scale_of(quantity, held)
    some = [one for one in readings if one.value]
    return len(some) > 1 and all(0 < JUMP * scale <= size(one) for one in some)


def is_of_a_register(readings: Sequence[Posted], quantity: Quantity) -> bool:
    """Return whether readings look like the states of a counter: they rise, in small steps."""
    if quantity not in COUNTED or len(readings) < FEWEST_OF_A_REGISTER:
        return False
    if any(before.value > after.value for before, after in pairwise(readings)):
        return False
    step = _median(sorted(after.value - before.value for before, after in pairwise(readings)))
    return 0 < REGISTER * step < readings[0].value


def sensor_faults(
    readings: Sequence[Posted], quantity: Quantity, held: Sequence[float] = ()
) -> list[Posted]:
    """Return what a sensor shows that is broken, beside what it shows otherwise.

    A humidity of 0; a temperature that is known for it, and no other within BESIDE_F.
    """
    if quantity is Quantity.HUMIDITY:
        return [one for one in readings if one.value == 0]
    if quantity is not Quantity.TEMPERATURE:
        return []
    suspects = [one for one in readings if one.value in SENSOR_FAULTS_F]
    if not suspects:
        return []
    values = (*(one.value for one in readings), *held)
    others = [value for value in values if value not in SENSOR_FAULTS_F]
    return [one for one in suspects if others and not _is_near(one.value, others)]


def upper_quartile(ascending: Sequence[float]) -> float:
    """Return the value that three quarters of ascending values do not exceed; 0 of none.

    >>> upper_quartile([1.0, 2.0, 3.0, 40.0])
    3.0
    """
    return ascending[_place_of_upper_quartile(len(ascending))] if ascending else 0.0


def _place_of_upper_quartile(count: int) -> int:
    return -(-3 * count // 4) - 1


def _far(readings: Sequence[Posted], size: Callable[[Posted], float], least: float) -> list[Posted]:
    """Return the readings at least JUMP times the upper quartile of the others that are not 0."""
    sizes = sorted(map(size, readings))
    some = sizes[bisect_right(sizes, 0.0) :]
    last = len(some) - 1
    quarter = _place_of_upper_quartile(last)
    far = 0
    for rank in range(last, -1, -1):
        of_others = some[quarter + (quarter >= rank)] if last else 0.0
        if not 0 < JUMP * max(least, of_others) <= some[rank]:
            break
        far += 1
    return sorted(readings, key=size)[: -1 - far : -1] if far else []


def _scale_of(quantity: Quantity, held: Sequence[float]) -> tuple[Callable[[Posted], float], float]:
    """Return how the sizes of readings are taken beside those held, and how large these are."""
    if not quantity.is_gauge:
        return _magnitude, upper_quartile(sorted(abs(value) for value in held if value))
    center = _median(sorted(held))
    sizes = sorted(abs(value - center) for value in held if value != center)
    return _distance_from(center), max(LEAST_OF_A_GAUGE, upper_quartile(sizes))


def _magnitude(posted: Posted) -> float:
    return abs(posted.value)


def _distance_from(center: float) -> Callable[[Posted], float]:
    return lambda posted: abs(posted.value - center)


def _median(ascending: Sequence[float]) -> float:
    """Return the median of ascending values; 0 of none."""
    half = len(ascending) // 2
    if not ascending:
        return 0.0
    return ascending[half] if len(ascending) % 2 else (ascending[half - 1] + ascending[half]) / 2


def _is_near(value: float, others: Iterable[float]) -> bool:
    return any(abs(value - other) <= BESIDE_F for other in others)
