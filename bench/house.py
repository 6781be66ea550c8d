"""A row for each view of the sample house: two years, settled; calls, units and processor time.

The functions run in this process, so the processor time is theirs and the client's.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

from bench.counting import ask, counted
from bench.in_process import on_the_table, settle
from bench.table import Line, limited
from local import template
from local.demo.house.history import Sample
from local.demo.house_parts import requests
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from local.runtime import functions

YEARS = Sample(datetime(2012, 1, 1, 5, tzinfo=UTC), datetime(2014, 1, 1, 5, tzinfo=UTC))
TIMES = 5
_YEAR = "start=2013&duration=1year"
# Calls at most, where the view has a budget.
VIEWS: dict[str, tuple[str, int | None]] = {
    "summary, a year by months": (f"summary?interval=months&{_YEAR}", 4),
    "generation, a year by months": (f"generation?interval=months&{_YEAR}", None),
    "usage, all circuits of a year": (f"usage?interval=months&{_YEAR}", None),
    "usage of the heat pump, a year by months": (
        f"usage?circuit=ashp&interval=months&{_YEAR}",
        None,
    ),
    "hdd, a year by months": (f"hdd?interval=months&{_YEAR}", None),
    "temperature, a year by days": (f"temperature?interval=days&{_YEAR}", 6),
    "water, a year by months": (f"water?interval=months&{_YEAR}", None),
    "basetemp, a year by days": (f"basetemp?interval=days&{_YEAR}", None),
    "heatmap of a year": (f"heatmap?interval=days&{_YEAR}", 6),
    "chart of a day": ("chart?interval=hours&start=2013-07-01", 4),
    "default, years": ("default?interval=months", None),
    "default, limits": ("default?interval=days", None),
}


def lines(database: Engine) -> Iterator[Line]:
    """Post the house, settle it, and yield what each view costs."""
    with on_the_table(database):
        loaded = template.load()
        gateway = Gateway(loaded, functions.load(loaded))
        for part in requests(YEARS):
            ask(gateway, part.method, part.path, json.dumps(part.body()).encode())
    settle(database)
    with on_the_table(database):
        for what, (view, most) in VIEWS.items():
            yield from _of_view(gateway, what, f"/api/houses/{YEARS.id}/views/{view}", most)


def _of_view(gateway: Gateway, what: str, target: str, most: int | None) -> Iterator[Line]:
    with counted() as count:
        ask(gateway, "GET", target)
    if most is None:
        yield Line(f"{what}: calls", str(count.calls))
    else:
        yield limited(f"{what}: calls", "", count.calls, most)
    yield Line(f"{what}: read units", f"{count.read:g}")
    yield Line(f"{what}: CPU", f"{1e3 * median(_cpu_s(gateway, target)):.1f} ms")


def _cpu_s(gateway: Gateway, target: str) -> Iterator[float]:
    for _ in range(TIMES):
        began = time.process_time()
        ask(gateway, "GET", target)
        yield time.process_time() - began
