"""Columns as text: the same bytes as one figure, one instant, one point after the other."""

import json
from math import inf, nextafter
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quarterhour.energy.aggregate import lengths_ms
from quarterhour.energy.profile import Profile, profile
from quarterhour.fleets.fleet import FleetRow
from quarterhour.http.answers.fleet import fleet_range
from quarterhour.http.answers.forms import FORMS, compact, figures, number, times
from quarterhour.http.answers.range import ship_range
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS
from quarterhour.time.instants import FIRST_MS, LAST_MS, iso, parse

AUGUST = parse("2018-08-01T00:00:00Z")
ANY = st.floats(allow_nan=False, allow_infinity=False)
# What has few decimals, or is as near as can be to where the sixth is rounded.
SHORT = st.decimals(-(10**10), 10**10, places=7).map(float)
NEAR = st.builds(
    nextafter, st.decimals(-1000, 1000, places=7).map(float), st.sampled_from((-inf, inf))
)
EDGES = st.sampled_from((0.0, -0.0, 1e-4, 1e9, 1e16, 1e-6, 5e-7, 0.0000995, 999999999.9999999))
AROUND = st.builds(nextafter, EDGES, st.sampled_from((-inf, inf)))
KWH = ANY | SHORT | NEAR | EDGES | AROUND | st.floats(0, 100)


@settings(max_examples=400)
@given(st.lists(KWH, max_size=30))
def test_figures_are_those_written_one_by_one(values: list[float]) -> None:
    assert figures(values) == [json.dumps(number(value)) for value in values]


def test_a_figure_is_the_value_rounded_to_six_decimals() -> None:
    assert figures([0.1 + 0.2, 12.50, 1e9 - 0.5, 0.00005, -2.25, 1e22]) == [
        *("0.3", "12.5", "999999999.5", "5e-05", "-2.25", "10000000000000000000000")
    ]


@given(st.sets(st.integers(FIRST_MS // BUCKET_MS, LAST_MS // BUCKET_MS), max_size=20))
def test_times_are_those_written_one_by_one(quarters: set[int]) -> None:
    starts = [nth * BUCKET_MS for nth in sorted(quarters)]
    assert times(starts) == [iso(at) for at in starts]


def test_times_of_whole_days_are_those_written_one_by_one() -> None:
    starts = range(AUGUST + DAY_MS - HOUR_MS, AUGUST + 3 * DAY_MS + HOUR_MS, BUCKET_MS)
    assert times(starts) == [iso(at) for at in starts]
    gaps = [at for at in starts if at % DAY_MS != 5 * HOUR_MS]
    assert times(gaps) == [iso(at) for at in gaps]


# --- Answers --------------------------------------------------------------------------------------

LENGTHS = {"15min": BUCKET_MS, "hour": HOUR_MS, "day": DAY_MS, "month": 31 * DAY_MS}


@st.composite
def some_periods(draw: st.DrawFn) -> tuple[str, Profile]:
    interval = draw(st.sampled_from([*LENGTHS]))
    length = LENGTHS[interval]
    covered = st.just(length) | st.integers(1, length) | st.sampled_from((1, length - 1))
    places = sorted(draw(st.sets(st.integers(0, 200 if interval != "month" else 0), max_size=20)))
    starts = [AUGUST + place * length for place in places]
    kwh, ms = [draw(KWH) for _ in starts], [draw(covered) for _ in starts]
    return interval, profile(starts, kwh, ms)


def texts(answer: Any) -> tuple[str, str]:
    """Return an answer, which can be written once, as JSON or as CSV."""
    return FORMS["json"].text(answer()), FORMS["csv"].text(answer())


def days_with_gaps() -> Profile:
    """Four days of quarter hours: a bucket of the second and a part of one of the third lack."""
    starts = [at for at in range(AUGUST, AUGUST + 4 * DAY_MS, BUCKET_MS) if at != AUGUST + DAY_MS]
    covered = [BUCKET_MS] * len(starts)
    covered[200] = 1
    return profile(starts, [nth / 7 for nth in range(len(starts))], covered)


@given(some_periods())
@example(("15min", profile()))
@example(("15min", days_with_gaps()))
@example(("15min", days_with_gaps().part(3, 380)))
def test_a_range_is_its_points_written_one_by_one(asked: tuple[str, Profile]) -> None:
    interval, found = asked
    points = []
    for row, length in zip(found.rows(), lengths_ms(found.starts, interval), strict=True):
        share = max(number(row.covered / length), 0.000001)
        said = {} if share == 1 else {"coverage": share}
        points.append({"datetime": iso(row.start_ms), "value": number(row.total), **said})
    as_json, as_csv = texts(lambda: ship_range(7, found, interval))
    assert as_json == compact({"spaceship_id": 7, "units": "kWh", "data": points})
    lines = [f"{p['datetime']},{p['value']},{p.get('coverage', 1)}" for p in points]
    assert as_csv == "\r\n".join(["datetime,value,coverage", *lines, ""])


@given(
    st.lists(
        st.tuples(KWH, st.integers(1, 500), st.none() | st.integers(1, 500 * HOUR_MS)), max_size=20
    )
)
def test_a_fleet_s_range_is_its_points_written_one_by_one(
    sums: list[tuple[float, int, int | None]],
) -> None:
    rows = [
        FleetRow(AUGUST + nth * HOUR_MS, kwh, ships, covered and min(covered, ships * HOUR_MS))
        for nth, (kwh, ships, covered) in enumerate(sums)
    ]
    points = [
        {
            "datetime": iso(row.start_ms),
            "sum": number(row.kwh),
            "avg": number(row.kwh / row.ships),
            "ships": row.ships,
            **_partly(row),
        }
        for row in rows
    ]
    as_json, as_csv = texts(lambda: fleet_range(rows, AUGUST, "hour"))
    assert as_json == compact({"units": "kWh", "complete_until": iso(AUGUST), "data": points})
    lines = [
        f"{p['datetime']},{p['sum']},{p['avg']},{p['ships']},"
        f"{'' if row.covered_ms is None else p.get('coverage', 1)}"
        for p, row in zip(points, rows, strict=True)
    ]
    assert as_csv == "\r\n".join(["datetime,sum,avg,ships,coverage", *lines, ""])


def _partly(row: FleetRow) -> dict[str, float | int]:
    share = 1 if row.covered_ms is None else row.covered_ms / (row.ships * HOUR_MS)
    return {} if round(share, 6) == 1 else {"coverage": max(number(share), 0.000001)}
