"""The `interval` of a POST: durations for all, and calendar periods for the amounts of a house."""

import pytest

from quarterhour.time.declared import interval_ms, interval_or_period

HOUR = 3_600_000


@pytest.mark.parametrize("period", ["P1M", "P1Y", "P2D", "P30D", "P400D"])
def test_days_a_month_and_a_year_are_periods_and_no_intervals(period: str) -> None:
    assert interval_or_period(period) == period
    with pytest.raises(ValueError, match=r"from PT1S to PT26H, as PT15M or PT1H$"):
        interval_ms(period)


@pytest.mark.parametrize("text", ["PT1H", "PT60M", "PT3600.0S", "P0DT1H"])
def test_an_interval_is_one_beside_periods_too(text: str) -> None:
    assert interval_or_period(text) == interval_ms(text) == HOUR


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "P2M", "P12M", "P0M", "P1.0M", "P01M", "P1W", "P1Y1M", "P0Y1M", "P1M0D", "P2Y",
        "P1MT0S", "p1m", "P1M ", " P1M", "P1M\n", "P\uff11M", "-P1M", "P-1M", "PT0.9S", "P1DT2H1S",
        "P401D", "P1000D", "P02D", "P2.0D", "P2DT0S", "p2d",
    ],
    ids=ascii,
)  # fmt: skip
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"PT1S to PT26H, .* period, P2D to P400D, P1M or P1Y$"):
        interval_or_period(text)
