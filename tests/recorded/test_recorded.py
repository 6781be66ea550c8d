"""What an older commit answered and stored: today's code does the same, at no higher cost."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import zip_longest

import pytest

from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from tests.recorded.bodies import READ_AT
from tests.recorded.recording import (
    STATES,
    Played,
    State,
    answers,
    posted,
    read,
    table,
    targets,
)
from tests.recorded.running import Row, service

pytestmark = pytest.mark.integration

MOST_SHOWN = 8
_ANSWERED = ("status", "headers", "body")
_WIDTH = 160


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_the_recorded_table_answers_as_recorded(
    engine: Engine, gateway: Gateway, state: State
) -> None:
    with service(engine, gateway) as running:
        running.clock.stop_at(READ_AT)
        running.load([*read(table(state))])
        found = [*running.answers(targets(state))]
    _same(_of_answers(read(answers(state)), found))


def test_what_is_posted_makes_the_recorded_table(engine: Engine, gateway: Gateway) -> None:
    with service(engine, gateway) as running:
        played = Played(running)
    _same(_of_answers(read(posted()), played.answers))
    for state in STATES:
        _same(_of_items(state, [*read(table(state))], played.tables[state]))


def _same(differences: Iterable[str]) -> None:
    found = [*differences]
    more = [f"... and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    assert not found, "\n".join(["", *found[:MOST_SHOWN], *more])


def _of_answers(recorded: Iterable[Row], found: Iterable[Row]) -> Iterator[str]:
    """Yield what differs, a request each; what costs less than it did is no difference."""
    none: Row = {"request": "nothing"}
    for was, now in zip_longest(recorded, found, fillvalue=none):
        if was["request"] != now["request"]:
            yield f"{now['request']} stands where {was['request']} is recorded"
            return
        lines = [
            *_lines("answer", *(_text(row, _ANSWERED) for row in (was, now))),
            *_dearer(was, now),
        ]
        if lines:
            yield "\n".join([str(was["request"]), *lines])


def _of_items(state: State, recorded: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    """Yield what differs between two tables, an item each."""
    was, now = ({_key(item): item for item in items} for items in (recorded, found))
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            both = was.get(key, {}), now.get(key, {})
            lines = _lines("item", *(_text(item, sorted(item)) for item in both))
            yield "\n".join([f"{' '.join(key)}, {state} the rollup", *lines])


def _key(item: Row) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _text(row: Row, names: Iterable[str]) -> list[str]:
    """Return members of a row a line each, text of JSON a line for each of its members."""
    return [
        f"{name}: {part}"
        for name in names
        if name in row
        for part in json.dumps(row[name], sort_keys=True).replace(',\\"', '\n\\"').splitlines()
    ]


def _lines(what: str, was: list[str], now: list[str]) -> list[str]:
    diff = unified_diff(was, now, f"recorded {what}", what, n=1, lineterm="")
    return [f"  {line[:_WIDTH]}" for line, _ in zip(diff, range(12), strict=False)]


def _dearer(was: Row, now: Row) -> Iterator[str]:
    """Yield how a request costs more calls or units, or makes the same calls in another order."""
    before, after = (row.get("calls", "").split() for row in (was, now))
    if more := Counter(after) - Counter(before):
        yield f"  more calls: {dict(more)}"
    elif len(before) == len(after) and before != after:
        yield f"  calls: {' '.join(after)}, recorded: {' '.join(before)}"
    for units in ("read_units", "write_units"):
        if now.get(units, 0) > was.get(units, 0):
            yield f"  {units}: {now[units]}, recorded: {was[units]}"
