"""DynamoDB's wire: seven operations as JSON over kept connections, without botocore.

What goes in and out has the shapes of boto3's low-level client, as far as the table needs them: an
answer's ResponseMetadata has the status and the headers, a refusal is a `CallRefused`. Nothing is
tried again that may have been applied (calls.py does that), and nothing is believed that is not
whole. Decision 18 says what is left out.
"""

import json
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from quarterhour.store.table.connections import Connections, Response
from quarterhour.store.table.credentials import provider
from quarterhour.store.table.endpoint import endpoint
from quarterhour.store.table.refused import CallLost, CallRefused, ClockSkewed
from quarterhour.store.table.signing import Signer

Request = Mapping[str, Any]
Answer = dict[str, Any]
Send = Callable[[Request], Answer]
# Makes a call in its own way: it sends the request, or one like it, or none, and returns or raises.
Watch = Callable[[Send, str, Request], Answer]

# Asking again finds what there is. What writes may have been applied, and is old when it is late.
_REPEATABLE = frozenset({"BatchGetItem", "GetItem", "Query"})
_VERSION = "DynamoDB_20120810"
_SHOWN = 200
# Those that a clock may be to blame for, from a little less than DynamoDB's five minutes on.
_SIGNATURE_REFUSED = {"InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"}
_SKEW_S = 270


class Wire:
    """A client of the DynamoDB that an environment names, for any number of threads.

    `connect_s` is how long making a connection may take, `read_s` how long each part of an answer.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        connect_s: float,
        read_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.endpoint = endpoint(environ)
        self.connections = Connections(self.endpoint, environ, connect_s, read_s)
        self._credentials = provider(environ)
        self._signer = Signer(self.endpoint)
        self._clock = clock
        self._send: Callable[[str, Request], Answer] = self._exchange

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.connections.close()

    def get_item(self, **request: Any) -> Answer:
        """Return `Item` where there is one."""
        return self._send("GetItem", request)

    def batch_get_item(self, **request: Any) -> Answer:
        """Return `Responses` and `UnprocessedKeys`."""
        return self._send("BatchGetItem", request)

    def query(self, **request: Any) -> Answer:
        """Return a page: `Items`, and `LastEvaluatedKey` where there are more."""
        return self._send("Query", request)

    def put_item(self, **request: Any) -> Answer:
        """Put an item in the place of any."""
        return self._send("PutItem", request)

    def update_item(self, **request: Any) -> Answer:
        """Change or make an item; return `Attributes` where ReturnValues asks for them."""
        return self._send("UpdateItem", request)

    def delete_item(self, **request: Any) -> Answer:
        """Delete an item, where there is one."""
        return self._send("DeleteItem", request)

    def transact_write_items(self, **request: Any) -> Answer:
        """Write all items or none."""
        return self._send("TransactWriteItems", request)

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[None]:
        """Let `watch(send, operation, request)` make each call until the end of the block."""
        unwatched = self._send

        def send(operation: str, request: Request) -> Answer:
            return watch(partial(unwatched, operation), operation, request)

        self._send = send
        try:
            yield
        finally:
            self._send = unwatched

    def _exchange(self, operation: str, request: Request) -> Answer:
        body = _to_json(request).encode()
        now_s = self._clock()
        target = f"{_VERSION}.{operation}"
        headers = self._signer.headers(target, body, self._credentials(), now_s)
        response = self.connections.post(headers, body, repeatable=operation in _REPEATABLE)
        answer = _content(response)
        metadata = {"HTTPStatusCode": response.status, "HTTPHeaders": response.headers}
        if response.status != HTTPStatus.OK:
            raise _refusal(operation, answer, metadata, now_s)
        answer["ResponseMetadata"] = metadata
        return answer


def _content(response: Response) -> Answer:
    """Return the JSON object of a body; CallLost unless it is whole.

    An item that is taken for one that is not there would be a day without marks, whose block is
    then believed.
    """
    body, checksum = response.body, response.headers.get("x-amz-crc32")
    try:
        content = _from_json(body) if checksum in {None, str(zlib.crc32(body))} else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        shown = body[:_SHOWN].decode("utf-8", "replace")
        raise CallLost(f"HTTP {response.status}, not whole: {shown}")
    return content


def _refusal(operation: str, content: Answer, metadata: Answer, now_s: float) -> CallRefused:
    """Return a refusal in botocore's form: the code is the last part of `__type`."""
    status = metadata["HTTPStatusCode"]
    code = str(content.pop("__type", status)).partition(":")[0].rpartition("#")[2]
    message = content.pop("message", "") or content.pop("Message", "")
    off_s = _table_s(metadata, now_s) - now_s
    is_skewed = code in _SIGNATURE_REFUSED and abs(off_s) > _SKEW_S
    if is_skewed:
        message = f"this machine's clock is {-off_s:+.0f} s off DynamoDB's. {message}"
    error = {"Code": code, "Message": message}
    kind = ClockSkewed if is_skewed else CallRefused
    return kind({**content, "Error": error, "ResponseMetadata": metadata}, operation)


def _table_s(metadata: Answer, otherwise_s: float) -> float:
    """Return the time of an answer by DynamoDB's clock."""
    with suppress(KeyError, ValueError):
        return parsedate_to_datetime(metadata["HTTPHeaders"]["date"]).timestamp()
    return otherwise_s


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


_to_json = json.JSONEncoder(separators=(",", ":"), default=_base64).encode


def _from_json(body: bytes) -> Any:
    """Return what a body holds, its binary attributes as bytes; ValueError if it is no JSON."""
    return json.loads(body.decode(), object_hook=_binary if b'"B"' in body else None)


def _binary(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object of an answer; only of an attribute's value is `B` a text."""
    if len(value) == 1 and isinstance(text := value.get("B"), str):
        return {"B": b64decode(text)}
    return value
