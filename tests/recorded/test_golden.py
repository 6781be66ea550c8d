"""Each release reads what the ones before it left in the table, and settles it."""

import re
from collections.abc import Iterable, Iterator

import pytest

from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from quarterhour import __version__
from quarterhour.energy.quantities import POSTED
from tests.recorded import golden
from tests.recorded.golden import READ_AT, TABLES
from tests.recorded.recording import read
from tests.recorded.running import Row, Service, service
from tests.recorded.since import as_today
from tests.recorded.test_recorded import _of_answers, _same

pytestmark = pytest.mark.integration

RELEASES = sorted(folder.name for folder in TABLES.iterdir())
# What there is to be read, as docs/table.md lists it: of ships, of houses, and above them.
KINDS = {
    *("R#S", "R#H", "G#S", "C#H", "T S", "TH H", "W shard", "W fleet", "W H"),
    *(f"{owner} {kind}#" for owner in "SH" for kind in "hdmy"),
    *("H c#catalogue", "H c#budgets", "H t#", "F d#", "F m#", "Q day", "Q month", "Q year"),
}
# Of an owner: the catalogue has a version, and all else follows from the readings.
_CHANGED = {"c#", "h#", "d#", "m#", "y#"}
_PERIODS = {len("Q#2018"): "Q year", len("Q#2018-08"): "Q month", len("Q#2018-08-24"): "Q day"}


def kind(item: Row) -> str:
    """Return what an item is."""
    pk, sk = _key(item)
    if pk.startswith("Q#"):
        return _PERIODS[len(pk)]
    if pk[:2] in {"R#", "G#", "C#"}:
        return pk[:2] + (pk[2] if pk.startswith("R#") else sk[0])
    if pk.startswith("T"):
        return f"{pk.split('#')[0]} {sk.split('#')[1][0]}"
    if pk == "W":
        return f"W {'fleet' if sk == 'fleet' else 'H' if sk.startswith('H') else 'shard'}"
    owner = pk[0]
    return f"{owner} {sk}" if sk.startswith("c#") else f"{owner} {sk[:2]}"


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """The name of a release that has a table here."""
    return str(request.param)


@pytest.fixture
def running(engine: Engine, gateway: Gateway, release: str) -> Iterator[Service]:
    """The service of today on the table of a release."""
    with service(engine, gateway) as on_the_table:
        on_the_table.clock.stop_at(READ_AT)
        on_the_table.load([*read(golden.table(release))])
        yield on_the_table


def test_the_table_of_a_release_is_read_as_it_was_and_settled(
    running: Service, release: str
) -> None:
    answered = [*read(golden.answered(release))]
    _same(_of_answers(answered, golden.answers(running)))
    for _ in range(2):
        running.roll_up()
        _same(_of_answers(answered, golden.answers(running)))
    assert not [item for item in running.items() if item["pk"]["S"].startswith("T")]


def test_what_is_posted_to_the_table_of_a_release_makes_no_difference_when_it_is_there(
    running: Service, release: str
) -> None:
    """The same readings again: they are found under the same names."""
    stored = _posted(read(golden.table(release)))
    for request in (*golden.opening(), *golden.later()):
        assert running.answer(request)["status"] in {200, 201}
    assert _posted(running.items()) == stored


def test_the_table_of_a_release_has_everything(release: str) -> None:
    items = [*map(as_today, read(golden.table(release)))]
    assert {kind(item) for item in items} >= KINDS
    values = {
        name: value
        for item in items
        if kind(item)[:2] == "R#"
        for name, value in item.items()
        if name not in {"pk", "sk"}
    }
    letters = {found[1] for name in values if (found := re.search(r"([a-z])\d", name))}
    assert letters == {quantity.value for quantity in POSTED}
    assert {form for value in values.values() for form in value} == {"N", "S"}
    assert any("_" in name for name in values)


def test_this_release_has_a_table() -> None:
    assert __version__ in RELEASES


def _posted(items: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """Return the items that a POST makes, and that no other changes."""
    return {
        (pk, sk): item
        for item in map(as_today, items)
        for pk, sk in [_key(item)]
        if pk[0] in "RGC" or (pk[0] in "SH" and sk[:2] not in _CHANGED)
    }


def _key(item: Row) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
