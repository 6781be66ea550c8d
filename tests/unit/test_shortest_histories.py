"""The shortest histories with a wrong clock: right, and wrong where a rule they need is broken."""

import pytest

from tests.models import faulty_houses, faulty_stores
from tests.models.by_hand import World
from tests.models.shortest_histories import SHORTEST

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

FAULTS = faulty_stores.FAULTS | faulty_houses.FAULTS
LATER = 64  # hours: the days after are due, and nobody has closed them since


def run(name: str) -> None:
    world = World()
    SHORTEST[name][0](world)
    world.check()
    world.at(LATER)
    world.check()


@pytest.mark.parametrize("name", SHORTEST)
def test_a_history_is_right(name: str) -> None:
    run(name)


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, (_, faults) in SHORTEST.items() for fault in faults],
)
def test_a_history_is_wrong_where_its_rule_is_broken(name: str, fault: str) -> None:
    with FAULTS[fault](), pytest.raises(AssertionError, match="kWh"):
        run(name)
