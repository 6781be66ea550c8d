"""The table a command works on: one that is named, the running local server's, or its folder."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import template
from local.commands.failures import RunError
from local.commands.settings import Settings
from local.engine import dynamodb, folder
from local.runtime.functions import environment


class NoTableError(RunError):
    """There is no table to work on; the text is a sentence for the user."""


@contextmanager
def at_hand() -> Iterator[None]:
    """Set the environment of the functions for the table that the environment of the user means.

    With TABLE_NAME set it is that table, on AWS or in a DynamoDB that somebody else runs; else the
    running local server's; else the data of DATA_DIR, with an engine for the time of the `with`.
    """
    if os.environ.get("TABLE_NAME"):
        if not os.environ.get("SHARDS"):
            raise NoTableError("TABLE_NAME is set: set SHARDS too, as the stack has it.")
        yield
        return
    with ExitStack() as stack:
        url = None if dynamodb.given() else _local(stack)
        os.environ.update(environment(template.load(), url))
        yield


def _local(stack: ExitStack) -> str:
    data_dir = Settings.read(os.environ).data_dir
    if not data_dir.is_dir():
        raise NoTableError(f"there is nothing in {data_dir}: `make start` first.")
    try:
        stack.enter_context(folder.held(data_dir))
    except folder.InUseError:
        return _running(data_dir)
    if not (data_dir / dynamodb.STORAGE).exists():
        raise NoTableError(f"{data_dir} has no table: `make start` first.")
    database = dynamodb.start(data_dir)
    stack.callback(database.stop)
    return database.url


def _running(data_dir: Path) -> str:
    url = folder.engine_url(data_dir)
    if url is None:
        raise NoTableError(
            f"{data_dir} is in use, and does not say where its engine is: "
            "try again in a moment, or after a new `make start`."
        )
    return url
