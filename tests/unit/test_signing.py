"""Signatures are botocore's, to the last letter, of whatever is signed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from unittest.mock import patch

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as OfBotocore

from quarterhour.store.table.credentials import Credentials
from quarterhour.store.table.endpoint import Endpoint
from quarterhour.store.table.signing import Signer

REQUESTS = 3000
LATEST_S = 4_000_000_000
URLS = (
    "https://dynamodb.eu-central-1.amazonaws.com",
    "https://dynamodb.us-east-1.amazonaws.com:443/",
    "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com:8443",
    "http://127.0.0.1:8000",
    "http://localhost:80",
    "http://[::1]:8000",
    "http://gateway.example/a/b-c_d.e~f",
    "http://gateway.example/a%20b",
)
TARGETS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")
LETTERS = "abcXYZ0189+/=.-_~"


class Requests:
    """Requests by chance; days and credentials are often those of the one before."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.credentials = Credentials("AKID", "secret")
        self.now_s = 0

    def text(self, most: int) -> str:
        return "".join(self._random.choices(LETTERS, k=self._random.randint(1, most)))

    def __iter__(self) -> Iterator[tuple[Credentials, int, str, bytes]]:
        while True:
            if self._random.random() < 0.5:
                token = self.text(1000) if self._random.random() < 0.5 else None
                self.credentials = Credentials(self.text(20), self.text(40), token)
            if self._random.random() < 0.5:
                self.now_s = self._random.randrange(LATEST_S)
            target = f"DynamoDB_20120810.{self._random.choice(TARGETS)}"
            body = self._random.randbytes(self._random.choice((1, 2, 100, 10_000)))
            yield self.credentials, self.now_s, target, body


def of_botocore(
    endpoint: Endpoint, credentials: Credentials, now_s: int, target: str, body: bytes
) -> dict[str, str]:
    """Return the headers that botocore makes of the same."""
    asked = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target}
    request = AWSRequest("POST", endpoint.url, asked, body)
    found = OfBotocore(credentials.access, credentials.secret, credentials.token)
    with patch.object(auth, "get_current_datetime", lambda: datetime.fromtimestamp(now_s, UTC)):
        auth.SigV4Auth(found, "dynamodb", endpoint.region).add_auth(request)
    return {"Host": endpoint.host, **dict(request.headers.items())}


@pytest.mark.parametrize("url", URLS)
def test_thousands_of_random_requests_are_signed_as_botocore_signs_them(url: str) -> None:
    endpoint = Endpoint(url, "eu-central-1")
    signer = Signer(endpoint)
    requests = iter(Requests(URLS.index(url)))
    for _ in range(REQUESTS // len(URLS)):
        credentials, now_s, target, body = next(requests)
        ours = signer.headers(target, body, credentials, float(now_s))
        assert ours == of_botocore(endpoint, credentials, now_s, target, body)


def test_part_of_a_second_is_not_signed() -> None:
    signer = Signer(Endpoint("http://localhost:8000", "eu-central-1"))
    headers = [signer.headers("t", b"", Credentials("a", "b"), at_s) for at_s in (7.0, 7.999)]
    assert headers[0] == headers[1]
