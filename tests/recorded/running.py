"""The service on a table of its own, at a time that stands still: what it answers, and the cost."""

import json
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import boto3
import pytest

from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from quarterhour.store.environment import environment
from quarterhour.store.rollups import roll_up, roll_up_fleet
from quarterhour.store.table import keys
from tests import patience
from tests.conftest import TEMPLATE
from tests.counting import Counted, counting, forget_blocks
from tests.fleets import at_once
from tests.logs import nothing_logged

HOST = "127.0.0.1:3000"
SHARDS = "2"
# A marked day's token is random, and nothing that is answered.
NO_TOKEN = {"S": "0" * 16}

LIMIT_S = 3600.0
# What is marked of a day that a run closes is for the run after it.
RUNS = 2

_IDENTITY = "apigw-requestid"
_MOST_AT_ONCE = 25

# A request with its answer and cost, or an item of the table, as JSON.
Row = dict[str, Any]


class Request(NamedTuple):
    """A request; `target` is percent-encoded."""

    method: str
    target: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """How a difference names it."""
        said = [f"{name}: {value}" for name, value in self.headers]
        return " ".join([self.method, self.target, *said])


@dataclass(slots=True)
class Clock:
    """The time of everything that asks for it."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s

    def stop_at(self, time: str) -> None:
        """Let it be this time from now on."""
        self.now_s = datetime.fromisoformat(time).astimezone(UTC).timestamp()


@dataclass(slots=True)
class Service:
    """The API and the rollup on one table."""

    gateway: Gateway
    clock: Clock
    table: str
    client: Any
    counted: Counted

    def answer(self, request: Request) -> Row:
        """Return what is answered, with the calls in their order where the request reads.

        The environment has kept no blocks: none of a table that was here before, and none that the
        recorded requests had not.
        """
        forget_blocks()
        self.counted.clear()
        headers = (("host", HOST), *request.headers)
        said = self.gateway.handle(request.method, request.target, headers, request.body)
        kept = {name.lower(): value for name, value in said.headers}
        del kept[_IDENTITY]
        answered = {"status": said.status, "headers": kept, "body": said.body.decode()}
        calls = [*self.counted.calls]
        # Writes go out side by side.
        in_order = calls if request.method == "GET" else sorted(calls)
        return {"request": request.name, **answered, **self._cost(in_order)}

    def answers(self, requests: Iterable[Request]) -> Iterator[Row]:
        """Yield the answers, and where there is a next page that one's."""
        for request in requests:
            following: Request | None = request
            while following:
                row = self.answer(following)
                yield row
                following = _next(following, row)

    def begin_fence(self, day: str) -> None:
        """Let all watermarks begin at a day, as `2024-11-03`."""
        until = {"N": str(keys.begin_ms(day))}
        at = {"pk": {"S": keys.WATERMARKS}, "sk": {"S": keys.FENCE}}
        self.client.put_item(TableName=self.table, Item={**at, "fence": until, "first": until})

    def roll_up(self) -> Row:
        """Close what is due, at once, and settle what is marked."""
        with at_once():
            for _ in range(RUNS):
                for shard in range(environment().shards):
                    roll_up(shard, int(self.clock.now_s * 1000), LIMIT_S)
                roll_up_fleet(LIMIT_S)
        return {"request": f"rollup {datetime.fromtimestamp(self.clock.now_s, UTC):%F %R}"}

    def items(self) -> list[Row]:
        """Return all items of the table, by key; tokens are made the same."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        found = [_told(item) for page in pages for item in page["Items"]]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def load(self, items: Sequence[Row]) -> None:
        """Put items as `items` returns them."""
        for first in range(0, len(items), _MOST_AT_ONCE):
            puts = [
                {"PutRequest": {"Item": _wire(item)}}
                for item in items[first : first + _MOST_AT_ONCE]
            ]
            answer = self.client.batch_write_item(RequestItems={self.table: puts})
            assert not answer["UnprocessedItems"]

    def _cost(self, calls: Sequence[str]) -> Row:
        units = {
            "read_units": self.counted.read_units,
            "write_units": self.counted.write_units,
        }
        return {"calls": " ".join(calls), **units}


@contextmanager
def service(engine: Engine, gateway: Gateway) -> Iterator[Service]:
    """Run the service on an empty table; only Dynoxide says what a call costs."""
    if engine.kind != "dynoxide":
        pytest.skip(f"capacity units of {engine.kind} are not DynamoDB's")
    # Thousands of lines would stand before what a failure says.
    with nothing_logged(), pytest.MonkeyPatch.context() as patch:
        clock, table = Clock(), f"quarterhour-{uuid.uuid4().hex}"
        patience.unhurried(patch, patience.patient_wire(engine.url))
        patience.begun_at(patch, clock)
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.url)
        patch.setenv("TABLE_NAME", table)
        patch.setenv("SHARDS", SHARDS)
        environment.cache_clear()
        client = boto3.client("dynamodb")
        client.create_table(**{**TEMPLATE.table, "TableName": table})
        try:
            with counting(environment().client) as counted:
                yield Service(gateway, clock, table, client, counted)
        finally:
            client.delete_table(TableName=table)
            client.close()
            environment().client.close()
            environment.cache_clear()


def _next(request: Request, row: Row) -> Request | None:
    """Return the request of the page after this one."""
    if row["status"] != HTTPStatus.OK or not row["body"].startswith("{"):
        return None
    url = json.loads(row["body"]).get("next")
    return request._replace(target=url.removeprefix(f"http://{HOST}")) if url else None


def _told(item: Row) -> Row:
    """Return an item as JSON."""
    return {
        name: NO_TOKEN
        if name == "tok"
        else {"B": b64encode(value["B"]).decode()}
        if "B" in value
        else value
        for name, value in item.items()
    }


def _wire(item: Row) -> Row:
    """Return an item as the client takes it."""
    return {
        name: {"B": b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }
