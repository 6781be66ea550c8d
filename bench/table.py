"""The tables of results: what was measured, its figures, the limit, and how it went."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

HELD = "ok"
SHORT = "short"
FAILED = "FAILED"
NOTHING = "-"


class Table(NamedTuple):
    """A table: its title, and what the figures of each line are."""

    title: str
    columns: tuple[str, ...]

    @property
    def head(self) -> tuple[str, ...]:
        """The names of all columns."""
        return ("what", *self.columns, "limit", "verdict")


class Line(NamedTuple):
    """A line of a table; `verdict` begins with HELD, SHORT or FAILED, or is empty."""

    what: str
    figures: tuple[str, ...]
    limit: str = ""
    verdict: str = ""


class Limit(NamedTuple):
    """A limit in words, whether it is kept, and the verdict where it is not: SHORT or FAILED."""

    text: str
    is_kept: bool
    above: str = SHORT


def line(what: str, figures: Sequence[str], limits: Iterable[Limit] = ()) -> Line:
    """Return a line under all of the limits: of what is not kept, the worst is the verdict."""
    given = list(limits)
    verdict = HELD if given else ""
    for above in (SHORT, FAILED):
        if any(not limit.is_kept and limit.above == above for limit in given):
            verdict = above
    return Line(what, tuple(figures), ", ".join(limit.text for limit in given), verdict)


def failed(what: str, error: BaseException) -> Line:
    """Return the line of what could not be measured."""
    said = " ".join(f"{type(error).__name__}: {error}".split()).replace("|", "/")
    return Line(what, (), "", f"{FAILED}: {said[:300]}")


def has_failed(lines: Iterable[Line]) -> bool:
    """Return whether any figure that must hold does not, or could not be measured."""
    return any(each.verdict.startswith(FAILED) for each in lines)


def markdown(table: Table, lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table whose columns stand below each other."""
    rows = [table.head]
    for what, figures, limit, verdict in lines:
        cells = [*figures, *[NOTHING] * (len(table.columns) - len(figures))]
        rows.append((what, *cells, limit, verdict))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)


def figure(value: float, unit: str = "") -> str:
    """Return a figure to three digits or so, with its unit.

    >>> figure(1234.5, "ms"), figure(2.345), figure(3)
    ('1,234 ms', '2.35', '3')
    """
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f} {unit}".strip()


def milliseconds(seconds: float) -> str:
    """Return a time, given in seconds."""
    return figure(1e3 * seconds, "ms")
