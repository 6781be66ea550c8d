"""What stands out of a batch: jumps, other units, counters and broken sensors."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy import outliers
from quarterhour.energy.outliers import BESIDE_F, JUMP, REGISTER, SENSOR_FAULTS_F
from quarterhour.energy.quantities import UNITS, Quantity
from quarterhour.energy.readings import Posted
from quarterhour.time.calendar import BUCKET_MS

ENERGY, POWER, VOLUME = Quantity.ENERGY, Quantity.POWER, Quantity.VOLUME
TEMPERATURE, HUMIDITY = Quantity.TEMPERATURE, Quantity.HUMIDITY
sums = pytest.mark.parametrize("quantity", [ENERGY, POWER, VOLUME])

# A day of a roof by the half hour: the inverter's own use at night, and noon.
NIGHT = [0.002] * 16
SUN = [0.1, 0.4, 0.8, 1.2, 1.7, 2.3, 2.9, 3.4, 3.4, 2.8, 2.2, 1.6, 1.1, 0.7, 0.3, 0.1]


def posted(values: Sequence[float]) -> list[Posted]:
    return [Posted(place, place * BUCKET_MS, value) for place, value in enumerate(values)]


def jumping(
    values: Sequence[float], quantity: Quantity = ENERGY, held: Sequence[float] = ()
) -> list[int]:
    return [one.place for one in outliers.jumps(posted(values), quantity, held)]


def celsius(*degrees: float) -> list[float]:
    return [*map(UNITS["degC"].stored, degrees)]


def slow_jumps(values: Sequence[float]) -> set[int]:
    """A value of several jumps if it is JUMP times what three quarters of the others do not exceed.

    And if those above it do.
    """
    found = set[int]()
    for place in sorted(range(len(values)), key=lambda place: -abs(values[place])):
        others = sorted(abs(value) for at, value in enumerate(values) if at != place and value)
        enough = [
            other for other in others if sum(o <= other for o in others) * 4 >= 3 * len(others)
        ]
        if not enough or abs(values[place]) < JUMP * min(enough):
            return found
        found.add(place)
    return found


@given(
    st.lists(
        st.sampled_from((0.0, 0.001, 1.0, -1.0, 2.0, 600.0, 1000.0, -1200.0, 1e6)), max_size=12
    )
)
def test_jumps_are_those_of_the_slow_rule(values: list[float]) -> None:
    sizes = [abs(values[place]) for place in jumping(values)]
    assert sorted(sizes) == sorted(abs(values[place]) for place in slow_jumps(values))
    assert sizes == sorted(sizes, reverse=True)


@sums
def test_a_thousand_times_the_others_is_a_jump_and_below_500_is_none(quantity: Quantity) -> None:
    assert jumping([4, 5, 4.5, 2500, 5], quantity) == [3]
    assert jumping([4, 5, 4.5, 2499, 5], quantity) == []
    assert jumping([-4, -5, -4.5, -2500, -5], quantity) == [3]


def test_noon_beside_the_night_is_no_jump() -> None:
    assert jumping([*NIGHT, *SUN, *NIGHT]) == []
    assert jumping([-value for value in [*NIGHT, *SUN, *NIGHT]]) == []
    assert jumping([*NIGHT, *SUN[:7], 3400, *SUN[8:], *NIGHT]) == [23]


def test_what_is_0_is_no_comparison() -> None:
    assert jumping([0] * 40 + [900, 950]) == []
    assert jumping([0] * 40 + [0.9, 0.95, 900]) == [42]
    assert jumping([5]) == jumping([0, 5]) == jumping([0, 0]) == jumping([]) == []


def test_a_reading_is_compared_with_those_its_bucket_held() -> None:
    assert jumping([4500], held=[4, 5]) == [0]
    assert jumping([4500], held=[0, 0]) == jumping([2000], held=[4, 5]) == []
    assert jumping([4, 4500, 5], held=[4, 5]) == [1]


def test_a_gauge_jumps_by_how_far_it_goes() -> None:
    assert jumping(celsius(8, 8.1, 8125, 8.2), TEMPERATURE) == [2]
    assert jumping(celsius(-20, -20.5, 20, 95), TEMPERATURE) == []
    assert jumping(celsius(21125), TEMPERATURE, held=celsius(21, 21.1)) == [0]
    assert jumping(celsius(21.2), TEMPERATURE, held=celsius(21, 21.1)) == []
    assert jumping(celsius(0, 0, 0), TEMPERATURE) == jumping([0, 100, 50], HUMIDITY) == []


# --- Another unit ---------------------------------------------------------------------------------


def test_a_batch_a_thousand_times_what_was_there_is_of_another_unit() -> None:
    is_other = outliers.is_of_another_unit
    assert is_other(posted([4000, 5000, 0]), POWER, [4, 5])
    assert not is_other(posted([4000]), POWER, [4, 5])  # that is a jump
    assert not is_other(posted([4000, 5]), POWER, [4, 5])
    assert not is_other(posted([4000, 5000]), POWER, [])
    assert not is_other(posted([4000, 5000]), POWER, [0, 0])
    assert not is_other(posted([4000, 5000]), TEMPERATURE, [4, 5])


# --- Counters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", [ENERGY, VOLUME])
def test_values_that_rise_in_small_steps_are_of_a_counter(quantity: Quantity) -> None:
    is_register = outliers.is_of_a_register
    assert is_register(posted([17077.963, 17078.21, 17078.5]), quantity)
    assert is_register(posted([500, 500, 501, 502, 502.5]), quantity)
    assert not is_register(posted([17077.963, 17078.21]), quantity)
    assert not is_register(posted([17078.21, 17077.963, 17078.5]), quantity)
    assert not is_register(posted([5, 5, 5, 5]), quantity)
    assert not is_register(posted([1, 2, 3, 4]), quantity)
    assert not is_register(posted([REGISTER, REGISTER + 1, REGISTER + 2]), quantity)


@pytest.mark.parametrize("quantity", [POWER, TEMPERATURE, HUMIDITY, Quantity.DEGREE_DAYS])
def test_a_power_or_a_gauge_is_no_counter(quantity: Quantity) -> None:
    assert not outliers.is_of_a_register(posted([17077.963, 17078.21, 17078.5]), quantity)


# --- Sensors --------------------------------------------------------------------------------------


def faults(
    values: Sequence[float], held: Sequence[float] = (), quantity: Quantity = TEMPERATURE
) -> list[int]:
    return [one.place for one in outliers.sensor_faults(posted(values), quantity, held)]


@pytest.mark.parametrize("broken", [-127, 85])
def test_what_a_broken_sensor_shows_is_implausible_beside_other_temperatures(broken: int) -> None:
    assert faults(celsius(8, 8.1, broken, 8, broken)) == [2, 4]
    assert faults(celsius(broken), held=celsius(8)) == [0]
    assert faults(celsius(broken, broken)) == faults(celsius(broken)) == []
    (shown,) = celsius(broken)
    assert faults([shown, shown + BESIDE_F]) == faults([shown, shown - BESIDE_F]) == []
    assert faults([shown, shown + BESIDE_F + 0.01]) == [0]
    assert faults([shown + 0.1, 46.0]) == []
    assert shown in SENSOR_FAULTS_F


def test_no_air_is_that_dry() -> None:
    assert faults([40, 0, 41], quantity=HUMIDITY) == [1]
    assert faults([0.1, 40], quantity=HUMIDITY) == faults([0, 5], quantity=ENERGY) == []
