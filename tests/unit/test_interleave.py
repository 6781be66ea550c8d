"""The scheduler of the model checks: finds races, is reproducible, kills and freezes honestly."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from quarterhour.store.table.refused import CallLost, CallRefused, Unreachable
from tests.models.dynamo import ModelDynamo
from tests.models.interleave import Died, Scheduler, Stuck
from tests.models.network import CALM, ROUGH, Faults

TABLE = "model-table"
COUNTER = {"pk": {"S": "counter"}, "sk": {"S": "1"}}
SEEDS = range(300)


def read_number(client: Any, key: dict[str, Any] = COUNTER, *, strong: bool = True) -> int:
    answer = client.get_item(TableName=TABLE, Key=key, ConsistentRead=strong)
    return int(answer.get("Item", {}).get("n", {"N": "0"})["N"])


def read_modify_put(client: Any) -> None:
    number = read_number(client)
    client.put_item(TableName=TABLE, Item={**COUNTER, "n": {"N": str(number + 1)}})


def add(client: Any, key: dict[str, Any] = COUNTER) -> None:
    client.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="ADD n :1",
        ExpressionAttributeValues={":1": {"N": "1"}},
    )


def add_to_two(client: Any) -> None:
    step = {"UpdateExpression": "ADD n :1", "ExpressionAttributeValues": {":1": {"N": "1"}}}
    client.transact_write_items(
        TransactItems=[
            {"Update": {"TableName": TABLE, "Key": other(name), **step}} for name in ("a", "b")
        ]
    )


def other(name: str) -> dict[str, Any]:
    return {"pk": {"S": "pair"}, "sk": {"S": name}}


def pair(client: Any) -> tuple[int, ...]:
    page = client.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "pair"}},
        ConsistentRead=True,
    )
    return tuple(int(item["n"]["N"]) for item in page["Items"])


def note_pair(client: Any, seen: set[tuple[int, ...]]) -> None:
    seen.add(pair(client))


def counted(seed: int, increment: Callable[[Any], None], faults: Faults = CALM) -> int:
    scheduler = Scheduler(seed, ModelDynamo(), faults)
    for name in ("one", "two"):
        scheduler.spawn(name, lambda: increment(scheduler.client()))
    scheduler.run()
    return read_number(scheduler.client())


def test_a_lost_update_is_found() -> None:
    lost = sum(counted(seed, read_modify_put) < 2 for seed in SEEDS)
    assert 30 < lost < 270


def test_update_item_add_loses_nothing() -> None:
    assert {counted(seed, add) for seed in SEEDS} == {2}


def test_a_seed_gives_the_same_history_again() -> None:
    def story(seed: int) -> str:
        scheduler = Scheduler(seed, ModelDynamo(), ROUGH)
        for name in ("one", "two", "three"):
            scheduler.spawn(name, lambda: persistently(scheduler, lambda: add(scheduler.client())))
        scheduler.run()
        return scheduler.story()

    assert story(7) == story(7)
    assert len({story(seed) for seed in range(20)}) > 10


def persistently(scheduler: Scheduler, work: Callable[[], None]) -> None:
    while True:
        try:
            return work()
        except (CallRefused, Unreachable, CallLost):
            scheduler.sleep(1.0)


def test_a_killed_process_has_made_its_call_or_not() -> None:
    found = set()
    for seed in SEEDS:
        scheduler = Scheduler(seed, ModelDynamo(), Faults(kill=0.3))
        finished: list[int] = []

        def work(scheduler: Scheduler = scheduler, finished: list[int] = finished) -> None:
            add(scheduler.client())
            finished.append(1)

        scheduler.spawn("one", work)
        scheduler.run()
        found.add((read_number(scheduler.client()), bool(finished)))
    assert found == {(0, False), (1, False), (1, True)}


def test_a_killed_process_can_neither_call_nor_sleep_any_more() -> None:
    scheduler = Scheduler(1, ModelDynamo(), Faults(kill=1.0))

    def work() -> None:
        try:
            scheduler.sleep(1)
        finally:
            add(scheduler.client())

    scheduler.spawn("one", work)
    scheduler.run()
    assert read_number(scheduler.client()) == 0


def test_a_transaction_in_flight_conflicts_with_other_writes_on_its_items() -> None:
    codes = set()
    for seed in range(100):
        scheduler = Scheduler(seed, ModelDynamo())

        def work(write: Callable[[Any], None], scheduler: Scheduler = scheduler) -> None:
            try:
                write(scheduler.client())
            except CallRefused as refusal:
                codes.add(refusal.response["Error"]["Code"])

        scheduler.spawn("one", partial(work, add_to_two))
        scheduler.spawn("two", partial(work, add_to_two))
        scheduler.spawn("three", partial(work, partial(add, key=other("a"))))
        scheduler.run()
    assert codes == {"TransactionCanceledException", "TransactionConflictException"}


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        (CALM, {(), (1, 1)}),
        (Faults(torn_queries=True), {(), (1,), (1, 1)}),
        (Faults(spread_transactions=True), {(), (1,), (1, 1)}),
    ],
)
def test_what_queries_see_of_a_transaction(faults: Faults, seen: set[tuple[int, ...]]) -> None:
    pairs: set[tuple[int, ...]] = set()
    for seed in range(100):
        scheduler = Scheduler(seed, ModelDynamo(), faults)
        client = scheduler.client()
        scheduler.spawn("writer", partial(add_to_two, client))
        scheduler.spawn("reader", partial(note_pair, client, pairs))
        scheduler.run()
        assert pair(client) == (1, 1)
    assert pairs == seen


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        (Faults(torn_queries=True), {(0, 0), (0, 1), (1, 1)}),
        (Faults(spread_transactions=True), {(0, 0), (0, 1), (1, 0), (1, 1)}),
    ],
)
def test_what_reads_one_after_another_see_of_a_transaction(
    faults: Faults, seen: set[tuple[int, int]]
) -> None:
    found = set()
    for seed in range(300):
        scheduler = Scheduler(seed, ModelDynamo(), faults)
        client = scheduler.client()

        def reader(client: Any = client) -> None:
            found.add((read_number(client, other("a")), read_number(client, other("b"))))

        scheduler.spawn("writer", partial(add_to_two, client))
        scheduler.spawn("reader", reader)
        scheduler.run()
    assert found == seen


@pytest.mark.parametrize("faults", [CALM, Faults(spread_transactions=True)])
def test_a_transaction_whose_client_is_killed_is_whole_and_lets_its_items_go(
    faults: Faults,
) -> None:
    found = set()
    for seed in range(200):
        scheduler = Scheduler(seed, ModelDynamo(), replace(faults, kill=0.3))
        client = scheduler.client()
        scheduler.spawn("one", partial(add_to_two, client))
        scheduler.run()
        found.add(pair(client))
        add_to_two(client)
        assert len(set(pair(client))) == 1
    assert found == {(), (1, 1)}


@pytest.mark.parametrize("faults", [CALM, Faults(spread_transactions=True)])
def test_a_cancelled_transaction_leaves_nothing_behind(faults: Faults) -> None:
    for seed in range(50):
        scheduler = Scheduler(seed, ModelDynamo(), faults)
        client = scheduler.client()
        client.put_item(TableName=TABLE, Item={**other("b"), "n": {"S": "no number"}})

        def work(client: Any = client) -> None:
            with pytest.raises(CallRefused):
                add_to_two(client)

        scheduler.spawn("one", work)
        scheduler.run()
        client.put_item(TableName=TABLE, Item={**other("b"), "n": {"N": "0"}})
        assert pair(client) == (0,)
        add_to_two(client)


def test_a_frozen_client_does_not_hold_its_transaction_open() -> None:
    waits = []
    for seed in range(100):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(freeze=0.2))
        client = scheduler.client()

        def patient(scheduler: Scheduler = scheduler, client: Any = client) -> None:
            began = scheduler.clock()
            persistently(scheduler, partial(add, client, other("a")))
            waits.append(scheduler.clock() - began)

        scheduler.spawn("frozen", partial(persistently, scheduler, partial(add_to_two, client)))
        scheduler.spawn("patient", patient, mortal=False)
        scheduler.run()
    assert 0.9 < max(waits) < 5


def test_an_unanswered_call_is_applied_within_its_time_and_not_twice() -> None:
    at_once = set()
    for seed in range(50):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(unanswered=1.0, late_seconds=100.0))

        def work(scheduler: Scheduler = scheduler) -> None:
            with pytest.raises(CallLost):
                add(scheduler.client())

        scheduler.spawn("one", work)
        scheduler.spawn("watch", partial(scheduler.sleep, 6.0), mortal=False)
        late = scheduler._network
        scheduler.run()
        at_once.add(scheduler.clock() < 10)
        assert read_number(scheduler.client()) == 1
        assert scheduler.clock() <= 110
        assert late.last_arrival() < 0
    assert at_once == {True, False}


def test_a_request_frozen_longer_than_its_signature_lives_is_void() -> None:
    ends = set()
    for seed in range(200):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(freeze=0.3, slow_answers=0.0))

        def work(scheduler: Scheduler = scheduler) -> None:
            began = scheduler.clock()
            try:
                add(scheduler.client())
                end = "ok"
            except CallRefused as refusal:
                end = refusal.response["Error"]["Code"]
            ends.add((end, scheduler.clock() - began > 300))

        scheduler.spawn("one", work)
        scheduler.run()
    assert ends == {("ok", False), ("InvalidSignatureException", True)}


def test_eventually_consistent_reads_are_old_within_their_bound() -> None:
    ages = set()
    for seed in range(100):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(stale_seconds=10.0))

        def writer(scheduler: Scheduler = scheduler) -> None:
            for _ in range(20):
                add(scheduler.client())
                scheduler.sleep(3.0)

        def reader(scheduler: Scheduler = scheduler) -> None:
            for _ in range(10):
                newest = read_number(scheduler.client())
                seen = read_number(scheduler.client(), strong=False)
                ages.add(newest - seen)
                scheduler.sleep(3.0)

        scheduler.spawn("writer", writer)
        scheduler.spawn("reader", reader)
        scheduler.run()
    assert {0, 1, 2, 3} <= ages
    assert max(ages) <= 4


def test_invoke_answers_or_tells_what_became_of_the_process() -> None:
    ends = set()
    for seed in range(100):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(kill=0.1, freeze=0.1))

        def client(scheduler: Scheduler = scheduler) -> None:
            try:
                scheduler.invoke("handler", lambda: add(scheduler.client()), patience=30.0)
                ends.add("answered")
            except (Died, TimeoutError, CallRefused) as end:
                ends.add(type(end).__name__)

        scheduler.spawn("client", client, mortal=False)
        scheduler.run()
    assert {"answered", "Died", "TimeoutError"} <= ends


def test_work_side_by_side_shares_the_fate_of_its_process() -> None:
    found = set()
    for seed in range(200):
        scheduler = Scheduler(seed, ModelDynamo(), Faults(kill=0.1))

        def work(scheduler: Scheduler = scheduler) -> None:
            keys = [other(name) for name in "abc"]
            scheduler.side_by_side(lambda key: add(scheduler.client(), key), keys)
            found.add("done")

        scheduler.spawn("one", work)
        scheduler.run()
        found.add(str(len(pair(scheduler.client()))))
    assert found == {"0", "1", "2", "3", "done"}


def test_an_error_nobody_awaits_ends_the_run_with_seed_and_story() -> None:
    scheduler = Scheduler(5, ModelDynamo())

    def work() -> None:
        add(scheduler.client())
        raise ZeroDivisionError

    scheduler.spawn("one", work)
    with pytest.raises(ZeroDivisionError) as caught:
        scheduler.run()
    (note,) = caught.value.__notes__
    assert "seed 5" in note
    assert "update_item counter/1 [ADD n 1] -> ok" in note


def test_going_on_for_ever_is_stuck() -> None:
    scheduler = Scheduler(1, ModelDynamo())

    def work() -> None:
        while True:
            scheduler.sleep(1)

    scheduler.spawn("one", work)
    with pytest.raises(Stuck):
        scheduler.run(limit=100)


def test_clocks_are_off_by_no_more_than_the_skew() -> None:
    scheduler = Scheduler(1, ModelDynamo(), Faults(skew_seconds=30.0), start=1000.0)
    clocks: list[float] = []
    for name in "abcd":
        scheduler.spawn(name, lambda: clocks.append(scheduler.clock()))
    scheduler.run()
    assert len(set(clocks)) == 4
    assert all(970 <= clock <= 1031 for clock in clocks)
