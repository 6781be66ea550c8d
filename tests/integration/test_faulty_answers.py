"""What DynamoDB's client makes of answers that are none: each is tried again, and none believed."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest

from quarterhour.errors import Busy
from quarterhour.store import rollups
from quarterhour.store.environment import environment, house_entries
from quarterhour.store.table.calls import Calls, set_values
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.refused import CallRefused
from tests.integration.faulty_dynamodb import FaultyDynamoDB, faulty_dynamodb, http

pytestmark = pytest.mark.integration

ITEM = b'{"Item":{"a":{"N":"1"}}}'
WHOLE = http(200, ITEM)
NAME = b'{"__type":"com.amazon.coral.service#%s","message":"x"}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
UPDATE = set_values("p", "s", {"a": {"N": "1"}})


def summed(body: bytes) -> bytes:
    """Return the header of a body's checksum."""
    return b"x-amz-crc32: %d" % zlib.crc32(body)


PASSING = {
    "an internal server error": http(500, NAME % b"InternalServerError"),
    "an internal failure": http(500, NAME % b"InternalFailure"),
    "a service that is not available": http(503, NAME % b"ServiceUnavailable"),
    "any other name above 500": http(599, NAME % b"SomethingNew"),
    "a page of a gateway": http(503, b"<html><body>no</body></html>"),
    "a page that begins in another way": http(502, b"<!DOCTYPE html><html></html>"),
    "nothing, as a failure": http(500, b""),
    "null, as a failure": http(500, b"null"),
    "a list, as a failure": http(500, b"[1]"),
    "a failure without a name": http(500, b'{"message":"x"}'),
    "a failure that is no text": http(500, b"\xff\xfe"),
    "a failure that is cut": http(500, b'{"__type":"com.amaz'),
    "a refusal that is cut": http(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#Cond'),
    "a refusal that is a page": http(403, b"<html><body>no</body></html>"),
    "a refusal that is empty": http(400, b""),
    "a refusal that is null": http(400, b"null"),
    "an answer that is empty": http(200, b""),
    "an answer that has no body": b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "an answer that is null": http(200, b"null"),
    "an answer that is a list": http(200, b"[]"),
    "an answer that is a page": http(200, b"<html></html>"),
    "an answer that is no text": http(200, ITEM.replace(b"1", b"\xff")),
    "an answer that is cut": http(200, ITEM[:-3]),
    "an answer that is cut and said to be longer": http(200, ITEM[:-3], length=len(ITEM)),
    "an answer that is said to be longer": http(200, ITEM, length=len(ITEM) + 9),
    "an answer that is cut behind its first brace": http(200, ITEM[:-1]),
    "an answer of another checksum": http(200, ITEM, summed(b"{}")),
    "an answer of no checksum": http(200, ITEM, b"x-amz-crc32: none"),
    "an answer whose chunk is cut": CHUNKED + b'18\r\n{"It',
    "an answer without its last chunk": CHUNKED + b"18\r\n%s\r\n" % ITEM,
    "an answer of no chunks": CHUNKED + b"zz\r\n{}",
    "an answer that is packed": http(200, gzip.compress(ITEM), b"Content-Encoding: gzip"),
    "no answer": b"",
    "an answer that is no HTTP": b"garbage\r\n\r\n",
    "only a promise": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyDynamoDB]:
    """A faulty DynamoDB, which this environment's client asks."""
    with faulty_dynamodb() as faulty:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", faulty.url)
        monkeypatch.setenv("TABLE_NAME", "table")
        environment.cache_clear()
        yield faulty
        environment.cache_clear()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def now(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += max(seconds, 0.001)


def calls(limit_s: float = 1.0) -> Calls:
    time = Time()
    return Calls(environment().client, "table", Clock(time.now, time.now, time.sleep), limit_s)


def begin_request() -> object:
    return house_entries().get(5)


def begin_rollup() -> None:
    rollups.roll_up(0, 0, 60.0)


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_what_is_no_answer_is_asked_for_again(server: FaultyDynamoDB, answer: bytes) -> None:
    server.answers = [answer, answer, WHOLE]
    assert calls().get("p", "s", strong=True) == {"a": {"N": "1"}}
    assert server.asked == 3


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_a_write_that_is_not_answered_is_sent_again(server: FaultyDynamoDB, answer: bytes) -> None:
    server.answers = [answer, http(200, b"{}")]
    assert calls().update(UPDATE) == {}
    assert server.asked == 2


def test_a_table_that_never_answers_is_busy(server: FaultyDynamoDB) -> None:
    server.answers = [PASSING["an answer that is cut"]]
    with pytest.raises(Busy):
        calls().get("p", "s", strong=True)
    assert server.asked > 3


@pytest.mark.parametrize(
    "answer",
    [http(200, b"{}"), http(200, b"{}", summed(b"{}")), http(200, b" {} \n")],
    ids=["empty", "with its checksum", "spaced"],
)
def test_an_item_that_is_not_there_is_an_answer(server: FaultyDynamoDB, answer: bytes) -> None:
    server.answers = [answer]
    assert calls().get("p", "s", strong=True) == {}
    assert server.asked == 1


def test_an_answer_with_its_checksum_is_believed(server: FaultyDynamoDB) -> None:
    server.answers = [http(200, ITEM, summed(ITEM))]
    assert calls().get("p", "s", strong=True) == {"a": {"N": "1"}}
    assert server.asked == 1


def test_a_refusal_that_is_one_is_not_tried_again(server: FaultyDynamoDB) -> None:
    server.answers = [http(400, NAME % b"AccessDeniedException")]
    with pytest.raises(CallRefused, match="AccessDenied"):
        calls().get("p", "s", strong=True)
    assert server.asked == 1


@pytest.mark.parametrize("begin", [begin_request, begin_rollup], ids=["request", "rollup"])
def test_an_environment_that_has_used_up_its_retries_asks_once(
    server: FaultyDynamoDB, begin: Callable[[], object]
) -> None:
    server.answers = [PASSING["an internal failure"]]
    while environment().budget.afford():
        continue
    for asked in (1, 2):
        with pytest.raises(Busy):
            begin()
        assert server.asked == asked
