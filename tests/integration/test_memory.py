"""A month of a reading a second, or a day of as many as there may be, takes a quarter of a GB.

So does a device of as many channels as there may be, of which nothing is settled.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from local.template import ROOT

pytestmark = pytest.mark.integration

MOST_MB = 256
# A request's time. It takes a seventh of that, where nothing else is done.
MOST_CPU_S = 20


def done(work: str, program: str = "one_hertz") -> Any:
    """Do a piece of work in a process of its own; return what it took."""
    ended = subprocess.run(
        [sys.executable, "-m", f"tests.integration.{program}", work],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers" / "common" / "python")},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


@pytest.mark.parametrize("work", ["settle", "read"])
def test_a_month_of_one_hertz_takes_a_quarter_of_a_gigabyte(work: str) -> None:
    took = done(work)
    assert took["kwh"] == pytest.approx([24] * 31)
    assert took["peak_mb"] <= MOST_MB, took


@pytest.mark.slow
def test_a_day_of_960_000_readings_is_settled_in_a_quarter_of_a_gigabyte() -> None:
    took = done("settle a full day")
    assert took["kwh"] == pytest.approx([24])
    assert took["peak_mb"] <= MOST_MB, took


def test_a_device_of_100_channels_is_answered_unsettled_while_its_readings_may_be_read() -> None:
    """By the hour, 200 days of it are 480,000 readings; in its own time zone, with a day cut."""
    took = done("200", "wide_device")
    assert (took["rows"], took["kwh"], took["refused"]) == (100 * 201, 200 * 12, "")
    assert took["peak_mb"] <= MOST_MB, took
    assert took["cpu_s"] <= MOST_CPU_S, took


def test_a_year_of_it_is_refused_and_an_end_is_named() -> None:
    took = done("365", "wide_device")
    assert took["refused"].startswith("More than 500,000 readings of this range are not settled")
    assert took["peak_mb"] <= MOST_MB, took
    assert took["cpu_s"] <= MOST_CPU_S, took
