"""The in-memory DynamoDB, where no engine here can vouch for it: DynamoDB's own refusals, time."""

from random import Random
from typing import Any

import pytest

from quarterhour.store.table.refused import CallLost, CallRefused, Unreachable
from tests.models.dynamo import ModelDynamo
from tests.models.network import CALM, Faults, Network
from tests.models.reads import Sight

TABLE = "model-table"
ONE = {":1": {"N": "1"}}


def key(sk: str = "1", pk: str = "p") -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def update(expression: str, values: Any = None, **more: Any) -> dict[str, Any]:
    request = {"TableName": TABLE, "Key": key(), "UpdateExpression": expression, **more}
    return request | ({"ExpressionAttributeValues": values} if values else {})


def ask(condition: str, **texts: str) -> dict[str, Any]:
    values = {f":{name}": {"S": text} for name, text in texts.items()}
    return {
        "TableName": TABLE,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
    }


def entry(sk: str, expression: str = "ADD n :1", **more: Any) -> dict[str, Any]:
    return {"Update": {**update(expression, ONE, **more), "Key": key(sk)}}


def code(act: Any, request: dict[str, Any]) -> str:
    with pytest.raises(CallRefused) as caught:
        act(**request)
    return str(caught.value.response["Error"]["Code"])


def count(dynamo: ModelDynamo, sk: str = "1") -> int:
    item = dynamo.get_item(TableName=TABLE, Key=key(sk)).get("Item", {"n": {"N": "0"}})
    return int(item["n"]["N"])


@pytest.mark.parametrize(
    "request_",
    [
        update("SET a = :1"),
        update("SET a = :1", {**ONE, ":2": {"N": "2"}}),
        update("SET #a = :1", ONE),
        update("SET a = :1", ONE, ExpressionAttributeNames={"#a": "a"}),
        update("SET a = :1", ONE, ExpressionAttributeNames={}),
        update("SET year = :1", ONE),
        update("SET 24 = :1", ONE),
        update("SET sk = :1", ONE),
        update("SET a = :1, a = :1", ONE),
        update("SET a = :1 SET b = :1", ONE),
        update("SET a = b"),
        update("SET a = :1 b = :1", ONE),
        update(""),
        update("REMOVE " + "a" * 4090),
        update("ADD a :1", {":1": {"S": "1"}}),
        update("SET a = :1", {":1": {"N": "1e126"}}),
        update("SET a = :1", {":1": {"N": "1" * 39}}),
        update("SET a = :1", {":1": {}}),
        update("SET a = :1", ONE, ConditionExpression="((a = :1))"),
        update("SET a = :1", ONE, ConditionExpression="a = :1 AND"),
        update("SET a = :1", ONE, ReturnValues="ALL"),
        update("SET a = " + "+".join([":1"] * 2) + " + :1", ONE),
        {"TableName": TABLE, "Key": key("")},
        {"TableName": TABLE, "Key": key("x" * 1025)},
        {"TableName": TABLE, "Key": key(pk="é" * 1025)},
        {"TableName": TABLE, "Key": {"pk": {"S": "p"}}},
        {"TableName": TABLE, "Key": {**key(), "sk": {"N": "1"}}},
    ],
)
def test_what_dynamodb_refuses_in_an_update(request_: dict[str, Any]) -> None:
    dynamo = ModelDynamo()
    assert code(dynamo.update_item, request_) == "ValidationException"
    assert dynamo.instant == 0


@pytest.mark.parametrize(
    "request_",
    [
        ask("pk = :p", p=""),
        ask("pk > :p", p="p"),
        ask("sk = :p", p="p"),
        ask("pk = :p AND sk > :s", p="p", s=""),
        ask("pk = :p AND sk <> :s", p="p", s="1"),
        ask("pk = :p AND n = :s", p="p", s="1"),
        ask("pk = :p AND sk BETWEEN :a AND :b", p="p", a="2", b="1"),
        ask("pk = :p", p="p", q="q"),
        {**ask("pk = :p"), "ExpressionAttributeValues": {":p": {"N": "1"}}},
        {**ask("pk = :p", p="p"), "Limit": 0},
        {**ask("pk = :p", p="p"), "ExclusiveStartKey": key(pk="other")},
        {**ask("pk = :p AND sk > :s", p="p", s="2"), "ExclusiveStartKey": key("1")},
        {**ask("pk = :p", p="p"), "ProjectionExpression": "n, n"},
    ],
)
def test_what_dynamodb_refuses_in_a_query(request_: dict[str, Any]) -> None:
    assert code(ModelDynamo().query, request_) == "ValidationException"


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry("1"), entry("1")],
        [entry(str(place)) for place in range(101)],
        [{**entry("1"), "Delete": {"TableName": TABLE, "Key": key()}}],
        [{"ConditionCheck": {"TableName": TABLE, "Key": key()}}],
        [entry("1"), entry("2", "SET a :1")],
        [
            {"Put": {"TableName": TABLE, "Item": {**key(str(n)), "b": {"B": bytes(400_000)}}}}
            for n in range(11)
        ],
    ],
)
def test_what_dynamodb_refuses_in_a_transaction(entries: list[dict[str, Any]]) -> None:
    dynamo = ModelDynamo()
    refused = code(dynamo.transact_write_items, {"TransactItems": entries})
    assert refused == "ValidationException"
    dynamo.transact_write_items(TransactItems=[entry("1")])


def test_a_cancelled_transaction_tells_a_reason_for_each_item_and_writes_nothing() -> None:
    dynamo = ModelDynamo()
    dynamo.put_item(TableName=TABLE, Item={**key("2"), "n": {"S": "x"}})
    guard = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    entries = [entry("1"), entry("2", **guard), entry("3", "SET a = b + :1")]
    with pytest.raises(CallRefused, match="TransactionCanceledException") as caught:
        dynamo.transact_write_items(TransactItems=entries)
    reasons = caught.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == [
        "None",
        "ConditionalCheckFailed",
        "ValidationError",
    ]
    assert reasons[1]["Item"] == {**key("2"), "n": {"S": "x"}}
    assert "[None, ConditionalCheckFailed, ValidationError]" in str(caught.value)
    assert dynamo.instant == 1


def test_what_is_outside_the_model_is_an_error_of_the_test() -> None:
    dynamo = ModelDynamo()
    for request in (
        update("SET a.b = :1", ONE),
        update("DELETE a :1", ONE),
        update("SET a = list_append(a, :1)", ONE),
        update("SET a = :1", {":1": {"L": []}}),
        update("SET a = :1", ONE, ConditionExpression="size(a) > :1"),
        update("SET a = :1", ONE, ConditionExpression="a IN (:1)"),
        update("SET a = :1", ONE, Expected={}),
    ):
        with pytest.raises(NotImplementedError):
            dynamo.update_item(**request)


def test_a_table_that_is_not_there() -> None:
    dynamo = ModelDynamo("one", "two")
    dynamo.put_item(TableName="two", Item=key())
    assert "Item" not in dynamo.get_item(TableName="one", Key=key())
    missing = {"TableName": "three", "Key": key()}
    assert code(dynamo.get_item, missing) == "ResourceNotFoundException"


def test_what_a_caller_gets_is_its_own() -> None:
    dynamo = ModelDynamo()
    dynamo.put_item(TableName=TABLE, Item=key())
    dynamo.get_item(TableName=TABLE, Key=key())["Item"]["more"] = {"S": "x"}
    assert dynamo.get_item(TableName=TABLE, Key=key()) == {"Item": key()}


def test_a_transaction_on_its_way_holds_its_items_until_it_ends() -> None:
    dynamo = ModelDynamo()
    call = dynamo.begin("transact_write_items", {"TransactItems": [entry("1"), entry("2")]})
    assert code(dynamo.update_item, update("ADD n :1", ONE)) == "TransactionConflictException"
    other = {"TransactItems": [entry("2"), entry("3")]}
    assert code(dynamo.transact_write_items, other) == "TransactionCanceledException"
    assert count(dynamo) == 0
    dynamo.finish(call)
    assert (count(dynamo, "1"), count(dynamo, "2"), count(dynamo, "3")) == (1, 1, 0)
    dynamo.transact_write_items(**other)
    dynamo.begin("transact_write_items", other).abandon()
    dynamo.transact_write_items(**other)
    assert (count(dynamo, "2"), count(dynamo, "3")) == (3, 2)


def test_a_transaction_abandoned_half_written_is_written_whole() -> None:
    dynamo = ModelDynamo()
    entries = {"TransactItems": [entry("1"), entry("2"), entry("3")]}
    call = dynamo.begin("transact_write_items", entries, Sight(Random(1)))
    assert dynamo.step(call)
    assert sum(count(dynamo, sk) for sk in "123") == 1
    call.abandon()
    assert [count(dynamo, sk) for sk in "123"] == [1, 1, 1]
    dynamo.transact_write_items(**entries)


def test_an_old_read_sees_one_earlier_state_of_everything() -> None:
    dynamo = ModelDynamo()
    for _ in range(10):
        dynamo.transact_write_items(TransactItems=[entry("1"), entry("2")])
    seen = set()
    for seed in range(200):
        call = dynamo.begin("query", ask("pk = :p", p="p"), Sight(Random(seed), stale=4))
        seen.add(tuple(int(item["n"]["N"]) for item in dynamo.finish(call)["Items"]))
    assert seen == {(n, n) for n in range(6, 11)}
    strong = {**ask("pk = :p", p="p"), "ConsistentRead": True}
    for seed in range(20):
        page = dynamo.finish(dynamo.begin("query", strong, Sight(Random(seed), stale=4)))
        assert [item["n"]["N"] for item in page["Items"]] == ["10", "10"]


def test_a_deleted_item_can_still_be_seen_by_an_old_read() -> None:
    dynamo = ModelDynamo()
    dynamo.put_item(TableName=TABLE, Item=key())
    dynamo.delete_item(TableName=TABLE, Key=key())
    request = {"TableName": TABLE, "Key": key()}
    found = {
        "Item" in dynamo.finish(dynamo.begin("get_item", request, Sight(Random(seed), stale=2)))
        for seed in range(50)
    }
    assert found == {True, False}


@pytest.mark.parametrize("forward", [True, False])
def test_pages_cut_short_lose_and_repeat_nothing(*, forward: bool) -> None:
    dynamo = ModelDynamo()
    sorts = [f"{number:02}" for number in range(20)]
    for sk in sorts:
        dynamo.put_item(TableName=TABLE, Item=key(sk))
    sizes = set()
    for seed in range(50):
        random = Random(seed)
        network = Network(dynamo, random, Faults(short_pages=0.7))
        request = {**ask("pk = :p", p="p"), "ScanIndexForward": forward}
        found: list[str] = []
        while True:
            page = network.call("query", request)
            sizes.add(page["Count"])
            found += [item["sk"]["S"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        assert found == (sorts if forward else sorts[::-1])
    assert {0, 1, 2, 3, 20} <= sizes


@pytest.mark.parametrize(
    ("faults", "error", "applied"),
    [
        (Faults(refused=1.0), Unreachable, 0),
        (Faults(throttled=1.0), CallRefused, 0),
        (Faults(conflicts=1.0), CallRefused, 0),
        (Faults(unanswered=1.0), CallLost, 1),
    ],
)
def test_what_the_network_does_to_a_write(
    faults: Faults, error: type[Exception], applied: int
) -> None:
    dynamo = ModelDynamo()
    network = Network(dynamo, Random(1), faults)
    requests = {
        "update_item": update("ADD n :1", ONE),
        "transact_write_items": {"TransactItems": [entry("2"), entry("3")]},
    }
    for method, request in requests.items():
        with pytest.raises(error):
            network.call(method, request)
    network.directly("get_item", {"TableName": TABLE, "Key": key()})
    assert [count(dynamo, sk) for sk in "123"] == [applied] * 3


def test_throttles_and_conflicts_have_their_codes() -> None:
    single = update("ADD n :1", ONE)
    several = {"TransactItems": [entry("2"), entry("3")]}
    found = {}
    for faults in (Faults(throttled=1.0), Faults(conflicts=1.0)):
        network = Network(ModelDynamo(), Random(1), faults)
        for method, request in (("update_item", single), ("transact_write_items", several)):
            with pytest.raises(CallRefused) as caught:
                network.call(method, request)
            response: Any = caught.value.response
            reasons = {reason["Code"] for reason in response.get("CancellationReasons", ())}
            found[response["Error"]["Code"]] = reasons
    assert found == {
        "ProvisionedThroughputExceededException": set(),
        "TransactionConflictException": set(),
        "TransactionCanceledException": {"None", "TransactionConflict"},
    }


def test_calm_is_calm() -> None:
    network = Network(ModelDynamo(), Random(1), CALM)
    for number in range(1, 100):
        answer = network.call("update_item", update("ADD n :1", ONE, ReturnValues="ALL_NEW"))
        assert answer["Attributes"]["n"] == {"N": str(number)}
