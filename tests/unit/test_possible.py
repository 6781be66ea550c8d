"""What no reading can be, at the limits and one step beyond."""

import pytest

from quarterhour.energy import possible
from quarterhour.energy.possible import ABSOLUTE_ZERO_F, MAX_AHEAD_MS, MAX_HUMIDITY
from quarterhour.energy.quantities import POSTED, UNITS, Quantity
from quarterhour.energy.readings import Posted
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS


@pytest.mark.parametrize(
    ("ahead_ms", "text"),
    [
        (3 * DAY_MS, "3 days"), (2 * DAY_MS, "2 days"), (2 * DAY_MS - 1, "47 hours"),
        (MAX_AHEAD_MS + 1, "24 hours"), (120 * MINUTE_MS, "2 hours"),
        (119 * MINUTE_MS, "119 minutes"),
    ],
)  # fmt: skip
def test_how_far_an_instant_is_ahead_is_said_in_whole_units(ahead_ms: int, text: str) -> None:
    assert possible.ahead_text(ahead_ms) == text


def test_a_day_ahead_is_the_most() -> None:
    assert possible.too_far_ahead(HOUR_MS + MAX_AHEAD_MS, HOUR_MS) is None
    assert possible.too_far_ahead(-DAY_MS, HOUR_MS) is None
    found = possible.too_far_ahead(HOUR_MS + MAX_AHEAD_MS + 1, HOUR_MS)
    assert found == "is 24 hours ahead of the server's clock"


def values(quantity: Quantity, *found: float) -> list[float]:
    posted = [Posted(0, 0, value) for value in found]
    return [one.value for one, _ in possible.impossible(quantity, posted)]


def test_nothing_is_colder_than_absolute_zero() -> None:
    zero = UNITS["degC"].stored(-273.15)
    assert values(Quantity.TEMPERATURE, zero, ABSOLUTE_ZERO_F, 1e9) == []
    assert values(Quantity.TEMPERATURE, ABSOLUTE_ZERO_F - 0.001) == [ABSOLUTE_ZERO_F - 0.001]


def test_humidity_is_stored_as_100_up_to_105() -> None:
    assert values(Quantity.HUMIDITY, 0, 100, 100.1, MAX_HUMIDITY, 105.1) == [105.1]
    wet = [Posted(place, 0, value) for place, value in enumerate((100, 100.1, 105, 105.1))]
    assert [one.place for one in possible.too_wet(Quantity.HUMIDITY, wet)] == [1, 2]


AMBIENT = {Quantity.TEMPERATURE, Quantity.HUMIDITY}


@pytest.mark.parametrize("quantity", [one for one in POSTED if one not in AMBIENT])
def test_any_value_of_another_quantity_can_be(quantity: Quantity) -> None:
    assert values(quantity, -1e9, 0, 106, 1e9) == []
    assert possible.too_wet(quantity, [Posted(0, 0, 101.0)]) == []
