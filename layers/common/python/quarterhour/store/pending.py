"""What the rollup still has to do, as a run sees it before and after."""

from quarterhour.energy.reach import closed_from
from quarterhour.store.environment import environment
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.todo import listed


def due(shard: int, now_ms: int) -> set[str]:
    """Return the tokens of a shard's todo items whose days are all closed at `now_ms`.

    A token that is there before a run and after it is work the run did not do: whoever marks anew
    leaves another one.
    """
    here = environment()
    return {
        one.token
        for of in (keys.SHIPS_TODO, keys.HOUSES_TODO)
        for one in listed(Calls(here.client, here.table), of=of)
        if keys.shard_of(one.source, here.shards) == shard
        and all(closed_from(day) <= now_ms for day in one.days)
    }
