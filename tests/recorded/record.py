"""Record what this tree's code answers and stores: `.venv/bin/python -m tests.recorded.record`."""

import os
import sys

from local import engine as engines
from local import functions
from local.gateway import Gateway
from tests.conftest import TEMPLATE
from tests.recorded.bodies import READ_AT
from tests.recorded.recording import STATES, Played, answers, posted, table, written
from tests.recorded.service import service
from tests.recorded.targets import TARGETS


def main() -> None:
    """Write all files."""
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "LOCALSTACK_HOST"):
        os.environ.pop(name, None)
    gateway = Gateway(TEMPLATE, functions.load(TEMPLATE))
    engine = engines.start(None)
    try:
        with service(engine, gateway) as running:
            played = Played(running)
        written(posted(), played.answers)
        for state in STATES:
            written(table(state), played.tables[state])
            with service(engine, gateway) as running:
                running.clock.stop_at(READ_AT)
                running.load(played.tables[state])
                written(answers(state), running.answers(TARGETS))
    finally:
        engine.stop()
    for file in (posted(), *map(table, STATES), *map(answers, STATES)):
        print(f"{file.name}: {file.stat().st_size:,} bytes", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
