"""What an older commit answered and stored: today's code does the same, at no higher cost.

It knew no fence, and no `since` of houses. So reading the fence is what requests may cost more;
what a rollup costs is not compared, nor how often it wrote an item: it closes a day in one run and
settles what was marked of it in the next.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import zip_longest

import pytest

from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from quarterhour.energy import possible
from quarterhour.store.table import keys
from quarterhour.store.table.fence import PLACE
from quarterhour.store.write import plan
from quarterhour.time.calendar import day_text
from tests.models.faulty_stores import FAULTS
from tests.recorded.bodies import READ_AT
from tests.recorded.recording import (
    FIRST,
    STATES,
    Played,
    State,
    answers,
    posted,
    read,
    table,
    targets,
)
from tests.recorded.running import SHARDS, Row, service
from tests.recorded.since import (
    as_then,
    as_today,
    asked,
    but_of_values,
    costs,
    is_csv,
    is_new,
    is_routed_anew,
    reach_of_then,
    said_today,
)
from tests.recorded.since import recorded as as_recorded

pytestmark = pytest.mark.integration

MOST_SHOWN = 8
_COSTS = ("calls", "read_units", "write_units")
# A fleet read of a table that has had the old list reads it beside that of each shard.
READS_OF_FLEETS = ("/data/fleet", "/topusers")
_ANSWERED = ("status", "headers", "body")
_WIDTH = 160


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_the_recorded_table_answers_as_recorded(
    engine: Engine, gateway: Gateway, state: State
) -> None:
    """Without `since`, which no house of that time has, some days are read in vain."""
    found = _answers_of(engine, gateway, state, [*read(table(state))])
    _same(_of_answers(read(answers(state)), [*map(_without_cost, found)]))


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_with_houses_that_say_since_when_it_costs_no_more_than_recorded(
    engine: Engine, gateway: Gateway, state: State
) -> None:
    items = [
        {**item, "since": {"N": str(keys.begin_ms(FIRST))}} if _is_entry(item) else item
        for item in read(table(state))
    ]
    _same(_of_answers(read(answers(state)), _answers_of(engine, gateway, state, items)))


def test_the_recorded_table_is_settled_as_it_was_then(engine: Engine, gateway: Gateway) -> None:
    """It has no fence, which begins where its watermarks are."""
    with service(engine, gateway) as running:
        running.clock.stop_at(READ_AT)
        running.load([*read(table("before"))])
        running.roll_up()
        found = running.items()
    (fence,) = (item for item in found if _key(item) == PLACE)
    days = {name: day_text(int(fence[name]["N"])) for name in ("first", "fence")}
    assert days == {"first": "2024-11-04", "fence": "2024-11-06"}
    now = [_comparable(as_today(item)) for item in found if not is_new(item)]
    was = [_comparable(as_today(item)) for item in read(table("after"))]
    _same(_of_items("after", was, now))


def _answers_of(engine: Engine, gateway: Gateway, state: State, items: Sequence[Row]) -> list[Row]:
    """Return what is answered; as it was then, what is held is not cut at now."""
    with service(engine, gateway) as running, FAULTS["power is held beyond now"]():
        running.clock.stop_at(READ_AT)
        running.load(items)
        return [*running.answers(asked(targets(state)))]


def _is_entry(item: Row) -> bool:
    return bool(item["sk"]["S"] == keys.CATALOGUE)


def _without_cost(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _COSTS}


def test_what_is_posted_makes_the_recorded_table(
    engine: Engine, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks reach as far as they did, or each day after the next would be marked as well.

    And what cannot be is stored, as it was then.
    """
    monkeypatch.setattr(plan, "days_changed", reach_of_then)
    monkeypatch.setattr(possible, "MAX_AHEAD_MS", 1 << 60)
    monkeypatch.setattr(possible, "ABSOLUTE_ZERO_F", -1e10)
    monkeypatch.setattr(possible, "MAX_HUMIDITY", 1e10)
    monkeypatch.setattr(possible, "FULL_HUMIDITY", 1e10)
    with service(engine, gateway) as running:
        played = Played(running)
    recorded = [*read(posted())]
    _same(_of_answers(recorded, played.answers))
    for state in STATES:
        was = [_comparable(as_today(item)) for item in read(table(state))]
        now = [_comparable(item) for item in played.tables[state] if not is_new(item)]
        _same(_of_items(state, was, now))


def _comparable(item: Row) -> Row:
    """Return an item without what follows from others, or is new: the fleet's coverage."""
    left_out = {"gen", "since", "todo"}
    if item["pk"]["S"][0] in "FQ":
        left_out |= {"c"}
    return {name: value for name, value in item.items() if name not in left_out}


def _same(differences: Iterable[str]) -> None:
    found = [*differences]
    more = [f"... and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    assert not found, "\n".join(["", *found[:MOST_SHOWN], *more])


def _of_answers(recorded: Iterable[Row], found: Iterable[Row]) -> Iterator[str]:
    """Yield what differs, a request each; what costs less than it did is no difference."""
    none: Row = {"request": "nothing"}
    known = (
        (row for row in rows if not is_routed_anew(row["request"]))
        for rows in (as_recorded(recorded), map(as_then, found))
    )
    for was, now in zip_longest(*known, fillvalue=none):
        if was["request"] != now["request"]:
            yield f"{now['request']} stands where {was['request']} is recorded"
            return
        rows = (but_of_values(said_today(was)), but_of_values(now))
        if is_csv(was):
            continue
        lines = [
            *_lines("answer", *(_text(row, _ANSWERED) for row in rows)),
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
    if was["request"].startswith("rollup"):  # blocks of sums were updated, and are put as a whole
        before, after = (
            sorted("UpdateItem" if one == "PutItem" else one for one in calls)
            for calls in (before, after)
        )
    more_calls, read_units, write_units = costs(was)
    is_of_fleet = any(path in was["request"] for path in READS_OF_FLEETS)
    lists = int(SHARDS) if is_of_fleet and "Query" in before else 0
    if lists:
        first = before.index("Query")
        before[first:first] = ["Query"] * lists
        read_units += lists
    if more := Counter(after) - Counter(before) - more_calls:
        yield f"  more calls: {dict(more)}"
    elif not more_calls and len(before) == len(after) and before != after:
        yield f"  calls: {' '.join(after)}, recorded: {' '.join(before)}"
    for units, most in (("read_units", read_units), ("write_units", write_units)):
        if now.get(units, 0) > was.get(units, 0) + most:
            yield f"  {units}: {now[units]}, recorded: {was[units]}"
