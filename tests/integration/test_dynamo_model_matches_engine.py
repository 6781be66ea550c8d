"""The in-memory model of DynamoDB answers as the engine does, over random short histories.

Left out, because Dynoxide 1.2.1 is known to answer otherwise than DynamoDB, whom the model follows:
- an update of a new item with ReturnValues=ALL_OLD answers the key (here: forgiven);
- malformed expressions inside a transaction are reasons to cancel it, not a ValidationException
  (here: any such reason counts as one), and operands of BETWEEN and begins_with are not
  checked, nor any before the condition has held (here: transactions set and compare numbers);
- unused placeholders and updates of a key are refused only once the condition has held
  (here: malformed updates have no condition);
- two actions in one entry of a transaction are accepted;
- key conditions with a value that is empty or no string are accepted;
- ExclusiveStartKey outside the partition or the range asked for is accepted;
- comparing booleans for order is accepted;
- UpdateItem alone ends some bytes below the 400 KB of an item;
- where a page ends at 1 MB, ScannedCount counts the item after it, too.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from quarterhour.store.table.refused import CallRefused, Unreachable
from quarterhour.store.table.wire import Wire
from tests.models.dynamo import ModelDynamo
from tests.models.interleave import Scheduler
from tests.models.network import ROUGH
from tests.models.random_requests import RandomRequests

pytestmark = pytest.mark.integration

SEQUENCES = 300
CALLS = 14


def outcome(client: Any, method: str, request: dict[str, Any]) -> Any:
    """Return the answer without its metadata, or the codes of the refusal."""
    try:
        answer = getattr(client, method)(**request)
    except CallRefused as refusal:
        reasons = refusal.response.get("CancellationReasons", [])
        told = [(reason["Code"], reason.get("Item")) for reason in reasons]
        return refusal.response["Error"]["Code"], told, refusal.response.get("Item")
    answer.pop("ResponseMetadata", None)
    return answer


def forgiven(request: dict[str, Any], answer: Any) -> Any:
    """Take away where Dynoxide differs (see above)."""
    if answer == {"Attributes": request.get("Key")} and request.get("ReturnValues") == "ALL_OLD":
        return {}
    if isinstance(answer, tuple) and any(code == "ValidationError" for code, _ in answer[1]):
        return "ValidationException", [], None
    return answer


@pytest.fixture
def client(table: str, wire: Wire) -> Wire:
    del table
    return wire


@pytest.mark.slow
def test_random_histories_end_alike_on_the_model_and_on_the_engine(table: str, client: Any) -> None:
    model = ModelDynamo(table)
    refused = 0
    for seed in range(SEQUENCES):
        requests = RandomRequests(seed, table)
        for number in range(CALLS):
            method, request = requests.any()
            ours, theirs = (outcome(one, method, request) for one in (model, client))
            refused += isinstance(ours, tuple)
            assert forgiven(request, ours) == forgiven(request, theirs), (seed, number, request)
    assert SEQUENCES * CALLS / 5 < refused < SEQUENCES * CALLS * 2 / 3


def test_pages_are_cut_at_the_same_megabyte(table: str, client: Any) -> None:
    model = ModelDynamo(table)
    for place in range(8):
        item = {"pk": {"S": "big"}, "sk": {"S": str(place)}, "b": {"B": bytes(300_000)}}
        for one in (model, client):
            one.put_item(TableName=table, Item=item)
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "big"}},
    }
    counts: list[int] = []
    while True:
        ours, theirs = (outcome(one, "query", request) for one in (model, client))
        assert [ours["Items"], ours.get("LastEvaluatedKey")] == [
            theirs["Items"],
            theirs.get("LastEvaluatedKey"),
        ]
        counts.append(ours["Count"])
        if "LastEvaluatedKey" not in ours:
            break
        request["ExclusiveStartKey"] = ours["LastEvaluatedKey"]
    assert counts == [3, 3, 2]


@pytest.mark.parametrize(
    ("method", "extra"),
    [
        ("put_item", 0),
        ("put_item", 1),
        ("update_item", -200),
        ("update_item", 1),
        ("transact_write_items", 0),
        ("transact_write_items", 1),
    ],
)
def test_items_end_at_400_kilobytes(table: str, client: Any, method: str, extra: int) -> None:
    key = {"pk": {"S": "größe"}, "sk": {"S": "1"}}
    small = {"n": {"N": "-12.345"}, "t": {"BOOL": True}, "s": {"S": "ä"}}
    used = 2 + 7 + 2 + 1 + 1 + 5 + 1 + 1 + 1 + 2 + 1
    text = {"S": "x" * (400 * 1024 - used + extra)}
    update = {
        "TableName": table,
        "Key": key,
        "UpdateExpression": "SET v = :v, n = :n, t = :t, s = :s",
        "ExpressionAttributeValues": {":v": text, **{f":{k}": v for k, v in small.items()}},
    }
    requests: dict[str, dict[str, Any]] = {
        "put_item": {"TableName": table, "Item": {**key, **small, "v": text}},
        "update_item": update,
        "transact_write_items": {"TransactItems": [{"Update": update}]},
    }
    ours, theirs = (outcome(one, method, requests[method]) for one in (ModelDynamo(table), client))
    assert ours == theirs
    assert isinstance(ours, tuple) == (extra > 0)


@pytest.mark.parametrize("count", [1, 100, 101])
def test_transactions_take_up_to_a_hundred_items(table: str, client: Any, count: int) -> None:
    keys = ({"pk": {"S": "many"}, "sk": {"S": str(place)}} for place in range(count))
    request = {"TransactItems": [{"Put": {"TableName": table, "Item": key}} for key in keys]}
    act = partial(outcome, method="transact_write_items", request=request)
    assert act(ModelDynamo(table)) == act(client)


def test_a_token_makes_a_transaction_happen_once(table: str, client: Any) -> None:
    key = {"pk": {"S": "once"}, "sk": {"S": "1"}}
    step = {"UpdateExpression": "ADD n :1", "ExpressionAttributeValues": {":1": {"N": "1"}}}
    entry = {"Update": {"TableName": table, "Key": key, **step}}
    other = {"Update": {"TableName": table, "Key": {**key, "sk": {"S": "2"}}, **step}}
    for one in (ModelDynamo(table), client):
        send = partial(outcome, one, "transact_write_items")
        for _ in range(2):
            assert send({"TransactItems": [entry], "ClientRequestToken": table[-32:]}) == {}
        mismatch = send({"TransactItems": [entry, other], "ClientRequestToken": table[-32:]})
        assert mismatch[0] == "IdempotentParameterMismatchException"
        found = one.get_item(TableName=table, Key=key, ConsistentRead=True)
        assert found["Item"]["n"] == {"N": "1"}


def test_the_scheduler_finds_a_lost_update_on_the_engine_too(table: str, client: Any) -> None:
    def lost(increment: Callable[[Any, dict[str, Any]], None], seeds: int) -> int:
        count = 0
        for seed in range(seeds):
            key = {"pk": {"S": increment.__name__}, "sk": {"S": str(seed)}}
            scheduler = Scheduler(seed, client, replace(ROUGH, kill=0.0, unanswered=0.0))
            for name in ("one", "two"):
                scheduler.spawn(name, partial(until_done, scheduler, increment, key))
            scheduler.run()
            count += client.get_item(TableName=table, Key=key)["Item"]["n"] != {"N": "2"}
        return count

    def until_done(
        scheduler: Scheduler, increment: Callable[[Any, dict[str, Any]], None], key: dict[str, Any]
    ) -> None:
        while True:
            with suppress(CallRefused, Unreachable):
                return increment(scheduler.client(), key)
            scheduler.sleep(1.0)

    def add(one: Any, key: dict[str, Any]) -> None:
        one.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="ADD n :1",
            ExpressionAttributeValues={":1": {"N": "1"}},
        )

    def read_modify_put(one: Any, key: dict[str, Any]) -> None:
        found = one.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
        number = int(found.get("n", {"N": "0"})["N"]) + 1
        one.put_item(TableName=table, Item={**key, "n": {"N": str(number)}})

    assert lost(add, 50) == 0
    assert 5 < lost(read_modify_put, 50) < 45
