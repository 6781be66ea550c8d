"""The functions' own code in this process, on the table of a running engine."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from local import template
from local.engine import table
from local.engine.dynamodb import Engine
from local.runtime import functions
from quarterhour.store.environment import environment
from quarterhour.store.rollups import roll_up, roll_up_fleet

_LIMIT_S = 1800.0


@contextmanager
def on_the_table(database: Engine) -> Iterator[None]:
    """Run the functions' code in this process, on the engine's table, which is made if need be."""
    loaded = template.load()
    variables = functions.environment(loaded, database.url)
    table.ensure(database.url, variables, loaded.table)
    environment.cache_clear()
    with patch.dict(os.environ, variables):
        yield
    environment().client.close()
    environment.cache_clear()


def settle(database: Engine) -> None:
    """Settle everything posted so far."""
    with on_the_table(database):
        roll_up_all()


def roll_up_all() -> None:
    """Run the rollups of shard and fleet to their end."""
    roll_up(0, int(time.time() * 1000), _LIMIT_S)
    roll_up_fleet(_LIMIT_S)
