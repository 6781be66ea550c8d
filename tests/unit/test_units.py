"""Units: their names in any case, what they are worth, and which a quantity takes."""

import pytest

from quarterhour.energy.quantities import POSTED, POWER_AND_ENERGY, UNITS, Quantity, unit, units_of


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title, str.swapcase])
def test_a_unit_has_its_name_in_any_case(name: str, case: object) -> None:
    assert callable(case)
    assert unit(case(name)) is UNITS[name]


@pytest.mark.parametrize(
    "name",
    [
        "", " kWh", "kWh ", "TWh", "k", "F", "C", "°C", "°F", "℃", "K", "\u212aW", "deg", "degK",
        "litre", "l.", "m³", "m^3", "M3 ", "gallon", "gals", "hdds", "\uff05", "percent", "\uff2c",
    ],
    ids=ascii,
)  # fmt: skip
def test_there_are_no_other_names(name: str) -> None:
    with pytest.raises(ValueError, match=r"must be one of kW, W, MW, .*, m3, ft3, CCF, hdd"):
        unit(name)


@pytest.mark.parametrize("name", ["gal", "l", "M3", "hdd", "degF", "degc", "%"])
def test_where_power_and_energy_are_asked_for_no_other_unit_is_known(name: str) -> None:
    with pytest.raises(ValueError, match=r"^must be one of kW, W, MW, kWh, .*, MJ, GJ$"):
        unit(name, POWER_AND_ENERGY)


def test_the_units_of_a_quantity_begin_with_the_stored_one() -> None:
    for quantity in POSTED:
        first, *_ = units_of([quantity])
        assert [unit(first).stored(value) for value in (0.1, 1e9, 0)] == [0.1, 1e9, 0]
    assert sorted(name for one in POSTED for name in units_of([one])) == sorted(UNITS)


@pytest.mark.parametrize(
    ("name", "posted", "stored"),
    [
        ("MW", 2, 2000), ("MWh", 0.5, 500), ("J", 3.6e6, 1), ("kJ", 3600, 1), ("MJ", 3.6, 1),
        ("GJ", 1, 277.7777777777778), ("hL", 1, 26.417205235814843), ("ft3", 1, 7.480519480519481),
        ("CCF", 1, 748.0519480519481), ("ft3", 77, 576),
        ("W", 1, 0.001), ("Wh", 1, 0.001), ("L", 3.785411784, 1), ("m3", 0.003785411784, 1),
        ("m3", 1000, 264172.0523581484), ("degC", 0, 32), ("degC", 100, 212), ("degC", -40, -40),
        ("degC", -273.15, -459.67), ("degC", 37, 98.6),
    ],
)  # fmt: skip
def test_a_unit_is_converted_to_the_stored_one(name: str, posted: float, stored: float) -> None:
    assert unit(name).stored(posted) == pytest.approx(stored, rel=1e-14)


def test_a_quantity_is_an_amount_or_a_gauge_or_power() -> None:
    amounts = [one for one in Quantity if one.is_amount]
    gauges = [one for one in Quantity if one.is_gauge]
    assert amounts == [Quantity.ENERGY, Quantity.VOLUME, Quantity.DEGREE_DAYS]
    assert [one for one in gauges if not one.is_hourly] == [
        Quantity.TEMPERATURE,
        Quantity.HUMIDITY,
    ]
    assert not {*POSTED} & {one for one in Quantity if one.is_hourly}


def test_the_codes_of_the_table_are_single_letters_capitals_of_what_is_hourly() -> None:
    assert "".join(Quantity) == "epvdthxEDX"
    assert all(one.is_hourly == one.isupper() for one in Quantity)
