"""A read of the fleet asks for the todo of all shards at once: three calls one after another."""

import threading
from typing import TYPE_CHECKING

import pytest

from local.gateway.http_api import Gateway
from quarterhour.store.environment import environment
from quarterhour.store.table.wire import Answer, Request, Send
from tests.builders import MIDNIGHT, batch, reading
from tests.fleets import DAY, Window, settle

if TYPE_CHECKING:
    from tests.conftest import Call

pytestmark = pytest.mark.integration

SHARDS = 4
# Only where the lists are read one after another does anybody wait so long.
LONGEST_S = 60.0
A_DAY = Window(MIDNIGHT, MIDNIGHT + DAY, "15min")


@pytest.mark.parametrize("target", [A_DAY.fleet(), A_DAY.top()])
def test_the_lists_of_all_shards_are_read_side_by_side(
    gateway: Gateway,
    table: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    target: str,
) -> None:
    """Each query of a list waits until those of all the others are sent as well."""
    del gateway, table
    monkeypatch.setenv("SHARDS", str(SHARDS))
    environment.cache_clear()
    call: Call = request.getfixturevalue("call")
    for ship in range(20):
        call("POST", "/data", batch([reading(MIDNIGHT, ship)], ship=ship, interval="P1D"))
    settle()
    before = call("GET", target)
    assert before.status == 200
    all_sent = threading.Barrier(SHARDS)
    met = list[str]()

    def meet(send: Send, operation: str, request: Request) -> Answer:
        if operation == "Query":
            partition = request["ExpressionAttributeValues"][":pk"]["S"]
            if partition.startswith("T"):
                all_sent.wait(LONGEST_S)
                met.append(partition)
        return send(request)

    with environment().client.watched(meet):
        found = call("GET", target)
    assert (found.status, found.body) == (200, before.body)
    assert sorted(met) == [f"T#{shard}" for shard in range(SHARDS)]
