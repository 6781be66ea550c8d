"""The seam to DynamoDB: what is tried again, for how long, and what is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

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
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.refused import CallLost, CallRefused, Unreachable
from quarterhour.store.table.retries import BUDGET, COST, RetryBudget

UPDATE = set_values("p", "s", {"a": {"N": "1"}})
PASSING = (
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
)


def refusal(
    code: str, message: str = "", reasons: tuple[str, ...] = (), status: int = 400
) -> CallRefused:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return CallRefused(response, "UpdateItem")


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
    """Clocks that only sleeping moves."""

    def __init__(
        self, *answers: Any, forever: Any = None, budget: RetryBudget | None = None
    ) -> None:
        self.now = 1000.0
        self.elapsed = 50.0
        given = iter(answers) if forever is None else iter(lambda: forever, None)
        self.client = Client(given, lambda: self.now)
        clock = Clock(lambda: self.now, lambda: self.elapsed, self.sleep)
        self.calls = Calls(self.client, "table", clock, budget=budget)  # type: ignore[arg-type]

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += max(seconds, 0.001)
        self.elapsed += max(seconds, 0.001)


@pytest.mark.parametrize("code", PASSING)
def test_what_passes_is_tried_again(code: str) -> None:
    world = World(refusal(code), refusal(code), {"Attributes": {"a": {"N": "0"}}})
    assert world.calls.update(UPDATE) == {"a": {"N": "0"}}
    assert len(world.client.sent) == 3


@pytest.mark.parametrize(
    "lost",
    [Unreachable("x"), CallLost("x")],
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
    with pytest.raises(CallRefused):
        World(cancelled).calls.transact([UPDATE])


def test_any_other_refusal_is_a_fault_and_is_not_tried_again() -> None:
    world = World(refusal("AccessDeniedException"))
    with pytest.raises(CallRefused):
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
    with pytest.raises(Busy):
        world.calls.update(UPDATE)
    assert len(world.client.sent) > 3
    assert max(at for at, _ in world.client.sent) <= 1000 + SEND_WITHIN_S


def test_a_sandbox_that_was_frozen_sends_nothing_old() -> None:
    """Its monotonic clock stood still, as that of a laptop which was asleep."""
    world = World({})
    world.now += SEND_WITHIN_S + 0.1
    with pytest.raises(Busy):
        world.calls.update(UPDATE)
    assert not world.client.sent


def test_a_wall_clock_that_is_set_back_gives_no_more_time() -> None:
    world = World({})
    world.now -= 3600
    world.elapsed += SEND_WITHIN_S + 0.1
    with pytest.raises(Busy):
        world.calls.update(UPDATE)
    assert not world.client.sent


def test_the_time_at_which_a_gateway_received_the_request_is_no_time_that_passed() -> None:
    world = World({})
    clock = Clock(lambda: world.now, lambda: world.elapsed, world.sleep)
    Calls(world.client, "table", clock, gateway_s=5_000_000.0).update(UPDATE)  # type: ignore[arg-type]
    assert len(world.client.sent) == 1


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


def test_a_transaction_says_which_of_its_conditions_did_not_hold() -> None:
    reasons = "None", "ConditionalCheckFailed", "TransactionConflict", "ConditionalCheckFailed"
    world = World(refusal("TransactionCanceledException", reasons=reasons), {})
    assert [world.calls.transact_checked([UPDATE] * 4) for _ in range(2)] == [[1, 3], []]


def test_a_transaction_has_updates_and_deletions() -> None:
    world = World({})
    world.calls.transact([UPDATE, deletion("p", "s")])
    ((_, request),) = world.client.sent
    assert [[*item] for item in request["TransactItems"]] == [["Update"], ["Delete"]]


def test_a_conditional_transaction_cancelled_for_another_reason_is_a_fault() -> None:
    cancelled = refusal("TransactionCanceledException", reasons=("None", "ValidationError"))
    with pytest.raises(CallRefused):
        World(cancelled).calls.transact_if([UPDATE])


# --- What is tried again costs --------------------------------------------------------------------

THROTTLED = refusal("ThrottlingException")
CONFLICT = refusal("TransactionConflictException")
RETRIES = BUDGET // COST


def busy_request(budget: RetryBudget, answer: CallRefused = THROTTLED) -> int:
    """Return how many calls one more request makes that is answered like this for ever."""
    world = World(forever=answer, budget=budget)
    with pytest.raises(Busy):
        world.calls.update(UPDATE)
    return len(world.client.sent)


def test_a_throttled_table_is_asked_once_a_request_when_the_budget_is_spent() -> None:
    budget = RetryBudget()
    sent = [busy_request(budget) for _ in range(100)]
    assert 100 + RETRIES - 5 < sum(sent) <= 100 + RETRIES  # some are paid for when time is up
    assert max(sent[:2]) > 10
    assert set(sent[-50:]) == {1}


def test_the_first_attempt_is_free() -> None:
    budget = RetryBudget()
    while budget.afford():
        continue
    world = World({}, budget=budget)
    world.calls.update(UPDATE)
    assert len(world.client.sent) == 1


def test_what_succeeds_gives_back_what_its_last_retry_cost() -> None:
    budget = RetryBudget()
    for _ in range(10 * RETRIES):
        World(THROTTLED, {}, budget=budget).calls.update(UPDATE)
    assert budget.afford()


def test_calls_that_succeed_at_once_pay_for_a_retry_in_so_many_calls() -> None:
    budget = RetryBudget()
    while budget.afford():
        continue
    for _ in range(COST):
        assert busy_request(budget) == 1
        World({}, budget=budget).calls.update(UPDATE)
    assert busy_request(budget) == 2
    assert busy_request(budget) == 1


def test_the_budget_never_grows() -> None:
    budget = RetryBudget(2 * COST)
    for _ in range(100):
        World({}, budget=budget).calls.update(UPDATE)
    assert [budget.afford() for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "conflict",
    [
        CONFLICT,
        refusal("TransactionInProgressException"),
        refusal("TransactionCanceledException", reasons=("None", "TransactionConflict")),
    ],
    ids=["one item", "the same again", "cancelled"],
)
def test_a_conflict_with_another_writer_costs_nothing(conflict: CallRefused) -> None:
    budget = RetryBudget()
    sent = [busy_request(budget, conflict) for _ in range(20)]
    assert sum(sent) > 2 * RETRIES
    assert min(sent) > 10
    assert busy_request(budget) > 10


def test_a_transaction_that_met_a_conflict_and_was_throttled_costs() -> None:
    budget = RetryBudget(COST)
    both = refusal(
        "TransactionCanceledException", reasons=("TransactionConflict", "ThrottlingError")
    )
    assert [busy_request(budget, both) for _ in range(2)] == [2, 1]


def test_lost_answers_and_faults_of_the_table_cost() -> None:
    budget = RetryBudget(2 * COST)
    lost = CallLost("x")
    world = World(lost, refusal("InternalFailure", status=500), lost, budget=budget)
    with pytest.raises(Busy) as busy:
        world.calls.update(UPDATE)
    assert busy.value.__cause__ is lost
    assert len(world.client.sent) == 3


# --- Batches --------------------------------------------------------------------------------------

KEYS = [("p", f"s{nth}") for nth in range(3)]


def batch_answer(*items: Any, left: int = 0) -> Any:
    """Return an answer with these items, in which so many keys were not looked at."""
    keys = [{"pk": {"S": "p"}, "sk": {"S": f"s{nth}"}} for nth in range(left)]
    unprocessed = {"table": {"Keys": keys}} if left else {}
    return {"Responses": {"table": list(items)}, "UnprocessedKeys": unprocessed}


def test_what_a_batch_did_not_look_at_is_asked_for_again_after_a_pause() -> None:
    items = [{"sk": {"S": f"s{nth}"}} for nth in range(3)]
    rounds = [batch_answer(item, left=2 - nth) for nth, item in enumerate(items)]
    world = World(*rounds)
    assert list(world.calls.get_many(KEYS, strong=True)) == items
    (first, _), (second, again), (third, _) = world.client.sent
    assert first < second < third
    assert len(again["RequestItems"]["table"]["Keys"]) == 2


def test_a_batch_that_is_never_looked_at_is_busy_when_the_time_is_up() -> None:
    world = World(forever=batch_answer(left=3))
    with pytest.raises(Busy):
        list(world.calls.get_many(KEYS, strong=True))
    assert 5 < len(world.client.sent) < 100
    assert max(at for at, _ in world.client.sent) <= 1000 + SEND_WITHIN_S


def test_a_batch_of_which_nothing_is_looked_at_was_throttled() -> None:
    """Each round is answered, which gives a little back."""
    budget = RetryBudget(2 * COST)
    world = World(forever=batch_answer(left=3), budget=budget)
    with pytest.raises(Busy):
        list(world.calls.get_many(KEYS, strong=True))
    assert len(world.client.sent) == 3


def test_a_batch_that_is_larger_than_an_answer_costs_nothing() -> None:
    budget = RetryBudget(COST)
    world = World(*[batch_answer(1, left=2)] * 9, batch_answer(2), budget=budget)
    assert len(list(world.calls.get_many(KEYS, strong=True))) == 10
    assert budget.afford()


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
