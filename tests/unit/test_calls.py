"""The seam to DynamoDB: what is tried again, for how long, and what is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from quarterhour.errors import Busy, TooLarge
from quarterhour.store.table.calls import (
    SEND_WITHIN_S,
    Calls,
    add_one,
    deletion,
    only_if,
    remove,
    set_values,
)

UPDATE = set_values("p", "s", {"a": {"N": "1"}})
PASSING = (
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
    "InternalServerError",
    "ServiceUnavailable",
)


def refusal(code: str, message: str = "", reasons: tuple[str, ...] = ()) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "UpdateItem")


class Client:
    """Answers with what is given, one a call; counts the calls and when they came."""

    def __init__(self, answers: Iterator[Any], clock: Callable[[], float]) -> None:
        self._answers = answers
        self._clock = clock
        self.sent: list[tuple[float, dict[str, Any]]] = []

    def __getattr__(self, _operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.sent.append((self._clock(), request))
            answer = next(self._answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class World:
    """A clock that only sleeping moves."""

    def __init__(self, *answers: Any, forever: Any = None) -> None:
        self.now = 1000.0
        given = iter(answers) if forever is None else iter(lambda: forever, None)
        self.client = Client(given, lambda: self.now)
        self.calls = Calls(self.client, "table", lambda: self.now, self.sleep)  # type: ignore[arg-type]

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += max(seconds, 0.001)


@pytest.mark.parametrize("code", PASSING)
def test_what_passes_is_tried_again(code: str) -> None:
    world = World(refusal(code), refusal(code), {"Attributes": {"a": {"N": "0"}}})
    assert world.calls.update(UPDATE) == {"a": {"N": "0"}}
    assert len(world.client.sent) == 3


@pytest.mark.parametrize(
    "lost",
    [EndpointConnectionError(endpoint_url="x"), ReadTimeoutError(endpoint_url="x")],
    ids=["no connection", "no answer"],
)
def test_a_lost_connection_is_tried_again(lost: Exception) -> None:
    world = World(lost, {})
    world.calls.update(UPDATE)
    assert len(world.client.sent) == 2


def test_a_transaction_that_only_met_conflicts_is_tried_again() -> None:
    cancelled = refusal(
        "TransactionCanceledException", reasons=("None", "TransactionConflict", "ThrottlingError")
    )
    world = World(cancelled, {})
    world.calls.transact([UPDATE])
    first, second = (request["ClientRequestToken"] for _, request in world.client.sent)
    assert first == second


def test_a_transaction_cancelled_for_another_reason_is_a_fault() -> None:
    cancelled = refusal(
        "TransactionCanceledException", reasons=("TransactionConflict", "ValidationError")
    )
    with pytest.raises(ClientError):
        World(cancelled).calls.transact([UPDATE])


def test_any_other_refusal_is_a_fault_and_is_not_tried_again() -> None:
    world = World(refusal("AccessDeniedException"))
    with pytest.raises(ClientError):
        world.calls.update(UPDATE)
    assert len(world.client.sent) == 1


def test_an_item_that_is_full_is_too_large() -> None:
    full = refusal(
        "ValidationException", "Item size to update has exceeded the maximum allowed size"
    )
    with pytest.raises(TooLarge):
        World(full).calls.update(UPDATE)


def test_no_call_is_sent_when_the_time_is_up() -> None:
    world = World(forever=refusal("ThrottlingException"))
    with pytest.raises(Busy) as busy:
        world.calls.update(UPDATE)
    assert busy.value.headers["Retry-After"] == "2"
    assert len(world.client.sent) > 3
    assert max(at for at, _ in world.client.sent) <= 1000 + SEND_WITHIN_S


def test_a_sandbox_that_was_frozen_sends_nothing_old() -> None:
    world = World({})
    world.now += SEND_WITHIN_S + 0.1
    with pytest.raises(Busy):
        world.calls.update(UPDATE)
    assert not world.client.sent


def test_a_condition_that_does_not_hold_is_no_error() -> None:
    world = World(refusal("ConditionalCheckFailedException"), {})
    conditional = only_if(deletion("p", "s"), "#tok = :tok", tok={"S": "x"})
    assert [world.calls.delete_if(conditional), world.calls.delete_if(conditional)] == [False, True]


@pytest.mark.parametrize(
    "reasons",
    [
        ("ConditionalCheckFailed", "None"),
        ("None", "ConditionalCheckFailed"),
        ("TransactionConflict", "ConditionalCheckFailed"),
    ],
)
def test_a_transaction_whose_condition_does_not_hold_is_no_error(reasons: tuple[str, ...]) -> None:
    world = World(refusal("TransactionCanceledException", reasons=reasons), {})
    assert [world.calls.transact_if([UPDATE]), world.calls.transact_if([UPDATE])] == [False, True]


def test_a_conditional_transaction_cancelled_for_another_reason_is_a_fault() -> None:
    cancelled = refusal("TransactionCanceledException", reasons=("None", "ValidationError"))
    with pytest.raises(ClientError):
        World(cancelled).calls.transact_if([UPDATE])


def test_a_query_reads_every_page() -> None:
    key = {"pk": {"S": "p"}, "sk": {"S": "b"}}
    world = World({"Items": [{"n": 1}], "LastEvaluatedKey": key}, {"Items": []})
    assert list(world.calls.query("p", "a", "z")) == [{"n": 1}]
    assert world.client.sent[1][1]["ExclusiveStartKey"] == key
    assert world.client.sent[1][1]["ConsistentRead"] is True


def test_requests_name_every_attribute_by_a_placeholder() -> None:
    assert set_values("p", "s", {"until": {"N": "1"}}, keep=True) == {
        "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}},
        "UpdateExpression": "SET #0=if_not_exists(#0,:0)",
        "ExpressionAttributeNames": {"#0": "until"},
        "ExpressionAttributeValues": {":0": {"N": "1"}},
    }


def test_readings_are_named_as_they_are() -> None:
    assert remove("p", "s", ["e0", "e300", "e0_500"]) == {
        "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}},
        "UpdateExpression": "REMOVE e0,e300,#2",
        "ExpressionAttributeNames": {"#2": "e0_500"},
    }
    assert "ExpressionAttributeNames" not in set_values("p", "s", {"e0": {"N": "1"}})


def test_counters_are_added_to() -> None:
    assert add_one("p", "s", ["24"])["UpdateExpression"] == "ADD #0 :1"
