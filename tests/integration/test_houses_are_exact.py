"""What no order, repetition or neighbour may change: the bytes of a house's answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from local.demo.house.history import Sample
from tests.conftest import Call
from tests.fleets import settle, utc
from tests.models.slow_house import Request, requests
from tests.sample_house import HOST, load, model, sent, special_days

pytestmark = [pytest.mark.integration, pytest.mark.slow]

DAYS = Sample(utc(2013, 3, 7, 5), utc(2013, 3, 14, 4))  # the 10th has 23 hours


def asked() -> list[Request]:
    """Return requests of every view."""
    of_views = [
        one
        for one in requests(model(DAYS, sent(DAYS)), Random(3), 300, special_days(DAYS))
        if one.path.startswith("views/")
    ]
    return of_views[:110]


def answers(call: Call, house_id: int, wanted: list[Request]) -> list[str]:
    """Return the texts of answers, as if every house were house 1."""
    found = [call("GET", request.target(house_id), host=HOST) for request in wanted]
    assert {answer.status for answer in found} <= {200, 400}
    return [
        answer.text.replace(f"/houses/{house_id}/", "/houses/1/").replace(
            f'"id":{house_id},', '"id":1,'
        )
        for answer in found
    ]


def shuffled(house_id: int, rng: Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the house's POSTs in any order, cut in two anywhere, some of them twice."""
    bodies = []
    for part in sent(replace(DAYS, id=house_id), timedelta(days=2)):
        if part.method == "POST":
            body = part.body()
            data = rng.sample(body["data"], len(body["data"]))
            cut = rng.randint(0, len(data))
            bodies += [(part.path, {**body, "data": half}) for half in (data[:cut], data[cut:])]
    bodies = [one for one in bodies if one[1]["data"]]
    yield from rng.sample(bodies + rng.sample(bodies, len(bodies) // 3), len(bodies) * 4 // 3)


def shifted(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body 100 minutes later, everything a third as much."""
    later = [
        {
            "datetime": (datetime.fromisoformat(one["datetime"]) + timedelta(minutes=100))
            .isoformat()
            .replace("+00:00", "Z"),
            "values": {k: v and v / 3 for k, v in one["values"].items()},
        }
        for one in body["data"]
    ]
    return {**body, "data": later}


def test_any_order_of_the_batches_gives_the_same_bytes_settled_or_not(call: Call) -> None:
    wanted = asked()
    load(call, sent(DAYS))
    plain = answers(call, 1, wanted)
    for part in sent(replace(DAYS, id=2)):
        if part.method == "PUT":
            assert call(part.method, part.path, part.body()).status == 201 or "budgets" in part.path
    for path, body in shuffled(2, Random(4)):
        answer = call("POST", path, body)
        assert answer.status == 200 or "no value" in answer.text, answer.text
    assert answers(call, 2, wanted) == plain
    settle()
    assert answers(call, 1, wanted) == plain
    assert answers(call, 2, wanted) == plain


def test_a_second_house_changes_no_answer_of_the_first(call: Call) -> None:
    wanted = asked()
    load(call, sent(DAYS))
    alone = answers(call, 1, wanted)
    for part in sent(replace(DAYS, id=12)):  # whose name begins as that of house 1
        body = shifted(part.body()) if part.method == "POST" else part.body()
        assert call(part.method, part.path, body).status in {200, 201}
    assert answers(call, 1, wanted) == alone
    assert answers(call, 12, wanted) != alone
    settle()
    assert answers(call, 1, wanted) == alone
