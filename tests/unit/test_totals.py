"""Totals of days, a month or a year: each local day has an equal share, and nothing is lost."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import fsum
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.period_totals import Shares, Total, days, shares, with_totals
from quarterhour.energy.profile import Row, of_rows, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.time.calendar import HOUR_MS, zone
from quarterhour.time.instants import FIRST_MS, LAST_MS
from tests.house_builders import NEW_YORK, at

MAIN = Series("main", Quantity.VOLUME)
USED, SOLAR = Series("used"), Series("solar")
# By the half hour, by the quarter, both ends of the date, midnights that DST leaves out, a day
# that was left out, and rules of their own.
ZONES = (
    "UTC", NEW_YORK, "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Apia",
    "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe", "Africa/Casablanca",
)  # fmt: skip
EVER = FIRST_MS - 400 * 24 * HOUR_MS, LAST_MS + 800 * 24 * HOUR_MS

periods = st.sampled_from(("P1M", "P1Y", "P2D", "P31D", "P400D"))
zones = st.sampled_from(ZONES)
near_the_day_without = st.integers(1_322_000_000_000, 1_326_000_000_000)
near = near_the_day_without | st.integers(1_300_000_000_000, 1_400_000_000_000)
instants = st.integers(FIRST_MS, LAST_MS) | near
amounts = st.floats(-1e9, 1e9, allow_subnormal=False) | st.sampled_from((0.0, 0.1, 1e9, 31.0))


def total(
    day: str, amount: float = 31, period: str = "P1M", *, device: str = "1", of: Series = MAIN
) -> Total:
    """Return a total from the beginning of a day in New York on."""
    return Total(device, of, at(day), period, amount)


def of_days(*totals: Total, device: str = "1", of: Series = MAIN) -> dict[str, float]:
    """Return the shares of a device's days in New York, by date."""
    found = shares(totals, zone(NEW_YORK), *EVER)
    return _dated(found.get(device, {}).get(of, {}))


def merged(
    rows: dict[Series, dict[str, float]],
    *totals: Total,
    devices: tuple[str, ...] = ("1",),
    measured: dict[Series, list[str]] | None = None,
) -> dict[Series, dict[str, float]]:
    """Return what rows of days in New York become with totals, by date."""
    sums = {
        measure: of_rows(Row(at(day), of[day], HOUR_MS) for day in sorted(of))
        for measure, of in rows.items()
    }
    others = {measure: {at(day) for day in of} for measure, of in (measured or {}).items()}
    found = with_totals(sums, shares(totals, zone(NEW_YORK), *EVER), devices, others)
    for of in found.values():
        assert [*of.starts] == sorted({*of.starts})
    return {measure: _dated(of.by_start()) for measure, of in found.items()}


def _dated(by_day: Mapping[int, float]) -> dict[str, float]:
    return {zone(NEW_YORK).date_of(day).isoformat(): amount for day, amount in by_day.items()}


def calendar_days(begin: datetime, period: str) -> list[date]:
    """Return the dates of a period, by arithmetic of dates alone; `begin` is local."""
    first = begin.date()
    if period.endswith("D"):
        return [first + timedelta(nth) for nth in range(int(period[1:-1]))]
    year, month = first.year + (period == "P1Y"), first.month + (period == "P1M")
    year, month = (year + 1, 1) if month > 12 else (year, month)
    end = date(year, month, min(first.day, monthrange(year, month)[1]))
    return [first + timedelta(nth) for nth in range((end - first).days)]


# --- The days of a total --------------------------------------------------------------------------


@given(instants, periods, zones)
def test_a_total_has_the_days_of_its_calendar_period(start_ms: int, period: str, name: str) -> None:
    local = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(ZoneInfo(name))
    expected = calendar_days(local, period)
    if name == "Pacific/Apia":
        expected = [day for day in expected if day != date(2011, 12, 30)]
    found = days(Total("1", MAIN, start_ms, period, 1), zone(name))
    assert [zone(name).date_of(day) for day in found] == expected
    assert [zone(name).day_of(day) for day in found] == [*found]


@given(amounts, instants, periods, zones)
def test_the_shares_of_the_days_are_the_amount(
    amount: float, start_ms: int, period: str, name: str
) -> None:
    one = Total("1", MAIN, start_ms, period, amount)
    found = shares([one], zone(name), *EVER)["1"][MAIN]
    assert [*found] == [*days(one, zone(name))]
    assert fsum(found.values()) == pytest.approx(amount, rel=1e-12)
    assert len({*found.values()}) == 1


@pytest.mark.parametrize(
    ("first", "period", "last", "count"),
    [
        ("2013-01-01", "P1M", "2013-01-31", 31),
        ("2013-02-01", "P1M", "2013-02-28", 28),
        ("2012-02-01", "P1M", "2012-02-29", 29),
        ("2013-01-15", "P1M", "2013-02-14", 31),
        ("2013-01-28", "P1M", "2013-02-27", 31),
        ("2013-01-29", "P1M", "2013-02-27", 30),
        ("2013-01-31", "P1M", "2013-02-27", 28),
        ("2012-01-31", "P1M", "2012-02-28", 29),
        ("2013-03-31", "P1M", "2013-04-29", 30),
        ("2013-02-28", "P1M", "2013-03-27", 28),
        ("2013-12-31", "P1M", "2014-01-30", 31),
        ("2013-01-01", "P1Y", "2013-12-31", 365),
        ("2012-01-01", "P1Y", "2012-12-31", 366),
        ("2012-02-29", "P1Y", "2013-02-27", 365),
        ("2012-03-01", "P1Y", "2013-02-28", 365),
        ("2011-03-01", "P1Y", "2012-02-29", 366),
    ],
)
def test_a_period_ends_before_the_same_date_or_that_month_s_last_day(
    first: str, period: str, last: str, count: int
) -> None:
    found = of_days(total(first, 7 * count, period))
    assert (min(found), max(found), len(found)) == (first, last, count)
    assert {*found.values()} == {7}


def test_a_total_counts_from_the_local_day_of_its_instant() -> None:
    late = Total("1", MAIN, at("2013-01-01 23") + HOUR_MS - 1, "P1M", 31)
    assert of_days(late) == of_days(total("2013-01-01"))


def test_days_of_23_and_25_hours_have_the_share_of_any_other() -> None:
    assert {*of_days(total("2013-03-01", 31)).values()} == {1}
    assert {*of_days(total("2013-11-01", 30)).values()} == {1}


# --- Shares ---------------------------------------------------------------------------------------


def test_totals_of_one_channel_add_up_where_they_overlap() -> None:
    found = of_days(total("2013-01-01", 31), total("2013-01-15", 62))
    assert (found["2013-01-14"], found["2013-01-15"], found["2013-02-14"]) == (1, 3, 2)
    assert len(found) == 45


def test_totals_of_one_day_add_up_exactly() -> None:
    begin = at("2013-01-01")
    found = of_days(
        *(
            Total("1", MAIN, begin + nth, "P1M", amount)
            for nth, amount in enumerate((1e9, 31, -1e9))
        )
    )
    assert {*found.values()} == {1}


def test_devices_and_channels_do_not_mix() -> None:
    hot = Series("hot", Quantity.VOLUME)
    totals = (
        total("2013-01-01", 31),
        total("2013-01-01", 62, of=hot),
        total("2013-01-01", 93, device="2"),
    )
    assert {*of_days(*totals).values()} == {1}
    assert {*of_days(*totals, of=hot).values()} == {2}
    assert {*of_days(*totals, device="2").values()} == {3}


def test_without_totals_there_are_no_shares() -> None:
    assert shares([], zone("UTC"), *EVER) == {}


@given(
    st.lists(st.tuples(near, periods, amounts), max_size=6),
    st.lists(near, min_size=2, max_size=2).map(sorted),
    zones,
    st.randoms(),
)
def test_a_range_has_the_shares_of_its_days_in_any_order_of_the_totals(
    posted: list[tuple[int, str, float]], edges: list[int], name: str, random: Random
) -> None:
    totals = [Total("1", MAIN, *one) for one in posted]
    first, last = edges
    all_ = shares(totals, zone(name), *EVER).get("1", {}).get(MAIN, {})
    random.shuffle(totals)
    found = shares(totals, zone(name), first, last).get("1", {}).get(MAIN, {})
    assert [*found.items()] == [one for one in all_.items() if first <= one[0] < last]


# --- Totals beside readings -----------------------------------------------------------------------


def test_days_without_readings_have_the_totals() -> None:
    found = merged({MAIN: {"2013-01-10": 5, "2013-02-01": 7}}, total("2013-01-01", 31))[MAIN]
    assert len(found) == 32
    assert (found["2013-01-10"], found["2013-02-01"]) == (5, 7)
    assert {amount for day, amount in found.items() if day not in {"2013-01-10", "2013-02-01"}} == {
        1
    }


def test_a_day_measured_by_another_device_has_no_total() -> None:
    found = merged({USED: {}}, total("2013-01-01", of=USED), measured={USED: ["2013-01-02"]})[USED]
    assert len(found) == 30
    assert "2013-01-02" not in found


def test_the_first_device_that_has_a_total_of_a_day_gives_it() -> None:
    one = total("2013-01-16", 31, of=USED, device="1")
    other = total("2013-01-01", 62, of=USED, device="2")
    found = merged({USED: {}}, one, other, devices=("1", "2"))[USED]
    assert (found["2013-01-15"], found["2013-01-16"], found["2013-02-15"]) == (2, 1, 1)
    found = merged({USED: {}}, one, other, devices=("2", "1"))[USED]
    assert (found["2013-01-15"], found["2013-01-31"], found["2013-02-01"]) == (2, 2, 1)


def test_a_device_gives_a_day_as_a_whole() -> None:
    """The second device's solar is not put beside the first one's use."""
    totals = (
        total("2013-01-01", 31, of=USED, device="1"),
        total("2013-01-01", 62, of=USED, device="2"),
        total("2013-01-01", -31, of=SOLAR, device="2"),
    )
    found = merged({USED: {}, SOLAR: {}}, *totals, devices=("1", "2"))
    assert ({*found[USED].values()}, found[SOLAR]) == ({1}, {})
    found = merged({USED: {}, SOLAR: {}}, *totals, devices=("2", "1"))
    assert ({*found[USED].values()}, {*found[SOLAR].values()}) == ({2}, {-1})


def test_a_total_that_does_not_count_takes_no_day_from_the_next_device() -> None:
    """The first device's use was measured that day, so its total has no part in it."""
    totals = (
        total("2013-01-01", 31, of=USED, device="1"),
        total("2013-01-01", -31, of=SOLAR, device="2"),
    )
    found = merged({USED: {"2013-01-02": 9}, SOLAR: {}}, *totals, devices=("1", "2"))
    assert found[USED]["2013-01-02"] == 9
    assert found[SOLAR] == {"2013-01-02": -1}


def test_only_the_measures_and_devices_that_are_asked_for_have_totals() -> None:
    totals = (
        total("2013-01-01", 31),
        total("2013-01-01", 62, device="2"),
        total("2013-01-01", of=USED),
    )
    assert {*merged({MAIN: {}}, *totals)[MAIN].values()} == {1}
    assert merged({SOLAR: {}}, *totals) == {SOLAR: {}}
    assert merged({MAIN: {}}, *totals, devices=()) == {MAIN: {}}


def test_what_a_total_gives_covers_no_time() -> None:
    none: Shares = shares([total("2013-01-01")], zone(NEW_YORK), *EVER)
    found = with_totals({MAIN: profile()}, none, ("1",), {})[MAIN]
    assert {*found.covered} == {0}
