"""The functions' own code in this process, on the table of a running server."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from local import template
from local.engine.dynamodb import Engine
from local.runtime import functions
from quarterhour.store import roll_up
from quarterhour.store.environment import environment

_LIMIT_S = 1800.0


@contextmanager
def on_the_table(database: Engine) -> Iterator[None]:
    """Run the functions' code in this process in the environment of the server's functions."""
    variables = functions.environment(template.load(), database.url)
    environment.cache_clear()
    with patch.dict(os.environ, variables):
        yield
    environment().client.close()
    environment.cache_clear()


def settle(database: Engine) -> None:
    """Settle everything posted so far: run the rollup of the one shard to its end."""
    with on_the_table(database):
        roll_up(0, int(time.time() * 1000), _LIMIT_S)
