"""The table of results: what was measured, its peer, the ratio, the budget, and how it went."""

from collections.abc import Sequence
from typing import NamedTuple

HELD = "ok"
SHORT = "short"
FAILED = "FAILED"
HEAD = ("what", "quarterhour", "baseline", "ratio", "budget", "verdict", "with InfluxDB")


class Line(NamedTuple):
    """A row of the table; `verdict` is HELD, SHORT, FAILED or nothing.

    `earlier` is what Flask, pandas and InfluxDB took when the budgets were made, on another day.
    """

    what: str
    ours: str
    baseline: str = ""
    ratio: str = ""
    budget: str = ""
    verdict: str = ""
    earlier: str = ""


def compared(
    what: str, unit: str, ours: float, baseline: float, budget: float | None = None, **more: str
) -> Line:
    """Return a figure beside the baseline's; a budget is a ratio that is only printed."""
    line = Line(
        what, _figure(ours, unit), _figure(baseline, unit), f"{ours / baseline:.2f}x", **more
    )
    if budget is None:
        return line
    verdict = HELD if ours <= budget * baseline else SHORT
    return line._replace(budget=f"<= {budget:g}x", verdict=verdict)


def limited(what: str, unit: str, measured: float, limit: float, above: str = FAILED) -> Line:
    """Return a figure with its limit, and whether it must hold: `above` is FAILED or SHORT."""
    verdict = HELD if measured <= limit else above
    return Line(
        what, _figure(measured, unit), budget=f"<= {limit:g} {unit}".strip(), verdict=verdict
    )


def has_failed(lines: Sequence[Line]) -> bool:
    """Return whether any figure that must hold does not."""
    return any(line.verdict == FAILED for line in lines)


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(HEAD, *lines, strict=True)]
    rules = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in (HEAD, rules, *lines)
    )


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f} {unit}".strip()
