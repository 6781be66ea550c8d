"""Requests that schemathesis makes from the OpenAPI document, good ones and bad ones.

None is answered by a 5xx, nor in another way than the document says.
"""

import json
import random
from collections import Counter
from datetime import datetime
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import datetimes
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.commands.openapi import PATH
from tests.patience import PATIENCE_S

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

EACH = settings(
    max_examples=300,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
AT_LEAST = 2_000
READS = {"GET", "HEAD", "OPTIONS"}
FIXED_SEED = 20180824

Operation = APIOperation[Any, Any, Any, Any]
Sent = Counter[tuple[str, int]]

# As it is, a good request would have times of any year, and nearly all were refused for that.
GOOD_TIMES = datetimes(datetime(2018, 1, 1), datetime(2018, 12, 31))  # noqa: DTZ001  Z is added
schemathesis.openapi.format("date-time", GOOD_TIMES.map(lambda at: f"{at.isoformat()}Z"))


def operations() -> list[Operation]:
    """Return the operations of the document, each as a source of requests: reads before writes.

    The ships that generated posts make are hundreds, and none is settled: reading such a fleet
    takes minutes, and is not what this is about.
    """
    found = []
    for result in schemathesis.openapi.from_dict(json.loads(PATH.read_text())).get_all_operations():
        assert isinstance(result, Ok), result
        found.append(result.ok())
    return sorted(found, key=lambda operation: operation.method.upper() not in READS)


def modes(operation: Operation) -> list[GenerationMode]:
    """Return the kinds of requests there are: without parameters none can be wrong."""
    takes_anything = any(True for _ in operation.iter_parameters()) or bool(operation.body)
    return list(GenerationMode) if takes_anything else [GenerationMode.POSITIVE]


def fuzz(
    server: str, operation: Operation, mode: GenerationMode, starting_from: int, sent: Sent
) -> None:
    """Send generated requests; a wrong answer is shrunk, and shown with its command."""

    @seed(starting_from)
    @EACH
    @given(operation.as_strategy(mode))
    def send(case: Case[Any]) -> None:
        answer = case.call(base_url=server, timeout=PATIENCE_S)
        sent[operation.label, answer.status_code] += 1
        case.validate_response(answer, checks=checks(case))

    send()


def checks(case: Case[Any]) -> list[Any]:
    """Return what must hold: a path ends at a decoded `?`, so with one it is another operation's.

    That is so behind API Gateway, and behind the gateway here.
    """
    is_cut = any("?" in unquote(str(value)) for value in (case.path_parameters or {}).values())
    return [not_a_server_error] if is_cut else CHECKS


def test_any_request_is_answered_as_documented(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = (FIXED_SEED, random.SystemRandom().randrange(2**32))
    sent: Sent = Counter()
    with capsys.disabled():
        print(f"\nschemathesis, seeds {seeds}:", end=" ", flush=True)  # noqa: T201
    for operation in operations():
        for starting_from, mode in product(seeds, modes(operation)):
            fuzz(server, operation, mode, starting_from, sent)
    with capsys.disabled():
        print(f"{sent.total()} requests", *sent.items(), sep="\n  ")  # noqa: T201
    assert {label for label, _ in sent} == {operation.label for operation in operations()}
    assert sent.total() >= AT_LEAST
