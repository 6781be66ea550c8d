"""Totals and items: the same figures of all rows and of each period's."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.quantities import Quantity
from quarterhour.query.periods import energy, net, totals_and_items, with_data
from quarterhour.time.calendar import HOUR_MS, zone
from tests.house_builders import NEW_YORK, asked, at, both, gauges, sums

ZONE = zone(NEW_YORK)
HOURS = [at("2012-02-28") + nth * HOUR_MS for nth in range(3 * 366 * 24)]


def counted(rows: Sequence[int]) -> dict[str, float]:
    return {"rows": len(rows)} if rows else {}


def told(interval: str, rows: Sequence[int]) -> dict[str, Any]:
    return totals_and_items(rows, asked(interval), ZONE, counted)


def test_an_item_is_dated_by_its_earliest_row() -> None:
    rows = [at("2012-05-02"), at("2012-03-16"), at("2012-05-09"), at("2013-01-01")]
    assert told("year", rows) == {
        "totals": {"rows": 4},
        "items": [{"date": "2012-03-16", "rows": 3}, {"date": "2013-01-01", "rows": 1}],
    }
    assert [one["date"] for one in told("month", rows)["items"]] == [
        "2012-03-16",
        "2012-05-02",
        "2013-01-01",
    ]


def test_the_leap_day_is_an_item_of_its_own() -> None:
    rows = [at("2012-02-28"), at("2012-02-29"), at("2012-03-01")]
    assert [one["date"] for one in told("day", rows)["items"]] == [
        "2012-02-28",
        "2012-02-29",
        "2012-03-01",
    ]


def test_the_hour_that_clocks_repeat_is_two_items_of_one_label_and_the_skipped_one_is_none() -> (
    None
):
    autumn = [at("2013-11-03") + nth * HOUR_MS for nth in range(4)]
    spring = [at("2013-03-10") + nth * HOUR_MS for nth in range(4)]
    assert [one["date"][11:] for one in told("hour", autumn)["items"]] == [
        "00:00:00",
        "01:00:00",
        "01:00:00",
        "02:00:00",
    ]
    assert [one["date"] for one in told("hour", spring)["items"]] == [
        "2013-03-10T00:00:00",
        "2013-03-10T01:00:00",
        "2013-03-10T03:00:00",
        "2013-03-10T04:00:00",
    ]


def test_an_item_without_figures_is_its_date_and_no_rows_are_nothing() -> None:
    rows = [at("2013-01-05")]
    assert totals_and_items(rows, asked("day"), ZONE, lambda _: {}) == {
        "totals": {},
        "items": [{"date": "2013-01-05"}],
    }
    assert told("day", []) == {"totals": {}, "items": []}


@given(st.sets(st.sampled_from(HOURS)), st.sampled_from(["hour", "day", "month", "year"]))
def test_every_row_is_in_one_item_and_items_ascend(rows: set[int], interval: str) -> None:
    answer = told(interval, sorted(rows, reverse=True))
    assert sum(one["rows"] for one in answer["items"]) == len(rows)
    dates = [one["date"] for one in answer["items"]]
    assert dates == sorted(dates)


def test_a_row_has_data_where_any_measure_has() -> None:
    figures = both(sums(used={1: 0.0}, solar={2: 1.0}), gauges(inside={3: 70.0}))
    assert with_data(figures) == {1, 2, 3}
    assert with_data(sums()) == set()


def test_a_channel_of_the_same_name_that_is_no_energy_is_not_read_as_kwh() -> None:
    gallons = sums(Quantity.VOLUME, barn={1: 7.0})
    assert energy(both(gallons, sums(barn={1: 2.0})), "barn") == {1: 2.0}
    assert energy(gallons, "barn") == {}


@pytest.mark.parametrize(
    ("used", "solar", "expected"),
    [(3.0, -5.0, -2.0), (0.0, 0.0, 0.0), (None, -5.0, None), (3.0, None, None)],
)
def test_net_needs_both(used: float | None, solar: float | None, expected: float | None) -> None:
    assert net(used, solar) == expected
