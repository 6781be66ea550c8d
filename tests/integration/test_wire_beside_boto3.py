"""Every operation by the wire and by boto3's client, on the engine: the same goes in and out."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.store.table.refused import CallRefused
from quarterhour.store.table.wire import Wire
from tests.conftest import TEMPLATE
from tests.models.random_requests import RandomRequests

pytestmark = pytest.mark.integration

SEQUENCES = 60
CALLS = 14
Clients = list[tuple[Any, str]]


@pytest.fixture
def both(table: str, wire: Wire, dynamodb: DynamoDBClient) -> Iterator[Clients]:
    """The wire and boto3's client, each with a table of its own."""
    other = f"quarterhour-{uuid.uuid4().hex}"
    dynamodb.create_table(**{**TEMPLATE.table, "TableName": other})
    yield [(wire, table), (dynamodb, other)]
    dynamodb.delete_table(TableName=other)


def told(answer: Any, table: str) -> str:
    """Return an answer as text, without what is another each time."""
    text = json.dumps(answer, sort_keys=True, default=lambda value: {"bytes": value.hex()})
    return text.replace(table, "the-table")


def outcome(client: Any, table: str, method: str, request: dict[str, Any]) -> str:
    """Return what a call was answered, or how it was refused."""
    try:
        answer = getattr(client, method)(**request)
    except (CallRefused, ClientError) as refusal:
        answer = {**refusal.response, "refused": True}
        for name in ("message", "Message"):  # botocore says it twice of some
            answer.pop(name, None)
    metadata = answer.pop("ResponseMetadata")
    status, names = metadata["HTTPStatusCode"], sorted(metadata["HTTPHeaders"])
    return told({**answer, "status": status, "headers": names}, table)


def test_random_requests_are_answered_alike(both: Clients) -> None:
    seen = Counter[str]()
    for seed in range(SEQUENCES):
        requests = [RandomRequests(seed, table) for _, table in both]
        for number in range(CALLS):
            (method, ours), (_, theirs) = (each.any() for each in requests)
            outcomes = [
                outcome(*client, method, {**request, "ReturnConsumedCapacity": "TOTAL"})
                for client, request in zip(both, (ours, theirs), strict=True)
            ]
            assert outcomes[0] == outcomes[1], (seed, number, ours)
            seen[method] += 1
            seen["refused"] += '"refused"' in outcomes[0]
            seen["cancelled"] += "CancellationReasons" in outcomes[0]
            seen["bytes"] += '"bytes"' in outcomes[0]
    assert min(seen.values()) > 5, seen
    assert len(seen) == 9, seen


def item(sort: int, **values: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": f"{sort:03}"}, **values}


def put_all(both: Clients, count: int, **values: Any) -> None:
    for client, table in both:
        for sort in range(count):
            client.put_item(TableName=table, Item=item(sort, **values))


def alike(both: Clients, method: str, request: Any) -> str:
    """Return what both were answered; `request` makes the request of a table."""
    ours, theirs = (outcome(*each, method, request(each[1])) for each in both)
    assert ours == theirs
    return ours


def test_many_items_at_once_and_those_that_are_not_there(both: Clients) -> None:
    put_all(both, 3, b={"B": bytes(range(256))}, n={"N": "-1.5"})

    def request(table: str) -> dict[str, Any]:
        return {"RequestItems": {table: {"Keys": [item(sort) for sort in (0, 2, 7)]}}}

    for client, table in both:
        for found in client.batch_get_item(**request(table))["Responses"].values():
            found.sort(key=lambda one: one["sk"]["S"])
            assert found == [
                item(sort, b={"B": bytes(range(256))}, n={"N": "-1.5"}) for sort in (0, 2)
            ]


def test_a_batch_of_what_is_left_unprocessed(both: Clients) -> None:
    put_all(both, 60, b={"B": bytes(300_000)})

    def request(table: str) -> dict[str, Any]:
        return {"RequestItems": {table: {"Keys": [item(sort) for sort in range(60)]}}}

    answers = [client.batch_get_item(**request(table)) for client, table in both]
    left = [
        sorted(
            key["sk"]["S"]
            for unprocessed in answer["UnprocessedKeys"].values()
            for key in unprocessed["Keys"]
        )
        for answer in answers
    ]
    assert left[0] == left[1]
    assert left[0]


def test_pages_end_and_go_on_alike(both: Clients) -> None:
    put_all(both, 5, text={"S": 'ä\n"B"\\ud83d\u2028' * 20_000})
    seen = []
    for client, table in both:
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "p"}},
        }
        while True:
            page = client.query(**request)
            del page["ResponseMetadata"]
            seen.append(told(page, table))
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    assert len(seen) == 4
    assert seen[:2] == seen[2:]


@pytest.mark.parametrize("names", [("B",), ("B", "S"), ("b", "BOOL")])
@pytest.mark.parametrize("value", [{"B": b""}, {"B": b"\xff\x00"}, {"S": "QQ=="}, {"BOOL": False}])
def test_an_attribute_of_any_name_and_kind_comes_back(
    both: Clients, names: tuple[str, ...], value: dict[str, Any]
) -> None:
    values = dict.fromkeys(names, value)
    put_all(both, 1, **values)
    for client, table in both:
        assert client.get_item(TableName=table, Key=item(0))["Item"] == item(0, **values)


def test_a_transaction_that_is_sent_twice_happens_once(both: Clients) -> None:
    add = {"UpdateExpression": "ADD n :1", "ExpressionAttributeValues": {":1": {"N": "1"}}}

    def request(table: str, sort: int) -> dict[str, Any]:
        update = {"TableName": table, "Key": item(sort), **add}
        return {"TransactItems": [{"Update": update}], "ClientRequestToken": table[-32:]}

    for _ in range(2):
        alike(both, "transact_write_items", partial(request, sort=1))
    assert "IdempotentParameterMismatch" in alike(
        both, "transact_write_items", partial(request, sort=2)
    )
    assert '"N": "1"' in alike(both, "get_item", lambda table: {"TableName": table, "Key": item(1)})


def test_a_table_that_is_not_there_is_refused_alike(both: Clients) -> None:
    said = alike(both, "get_item", lambda _: {"TableName": "not-there", "Key": item(1)})
    assert "ResourceNotFoundException" in said


def test_a_call_is_watched_in_its_block_alone(table: str, wire: Wire) -> None:
    put = {"TableName": table, "Item": item(1)}
    watched = list[str]()

    def outer(send: Any, operation: str, request: Any) -> Any:
        watched.append(f"outer {operation}")
        return send(request)

    def inner(send: Any, operation: str, request: Any) -> Any:
        watched.append(f"inner {operation}")
        answer = send({**request, "Item": item(2)})
        watched.append("answered")
        return answer

    with wire.watched(outer):
        with wire.watched(inner):
            wire.put_item(**put)
        wire.get_item(TableName=table, Key=item(1))
    assert wire.get_item(TableName=table, Key=item(2))["Item"] == item(2)
    assert watched == ["inner PutItem", "outer PutItem", "answered", "outer GetItem"]
