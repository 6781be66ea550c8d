"""What a client takes, and what is packed for it."""

import gzip
import random
from base64 import b64decode
from typing import Any

import pytest

from quarterhour.errors import BadRequest
from quarterhour.http import negotiation
from quarterhour.http.negotiation import LEAST_PACKED_BYTES, packed, takes_gzip, with_form

LONG = "x" * (LEAST_PACKED_BYTES + 1)


def event(query: str = "", **headers: str) -> dict[str, Any]:
    return {
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "rawQueryString": query,
    }


def answer(body: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": False}


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        *(("gzip", True), ("GZIP", True), ("deflate, gzip, br", True), ("x-gzip", True)),
        *(
            ("*", True),
            ("gzip;q=0.5", True),
            ("gzip; q=1.000, identity", True),
            ("br, *;q=0.1", True),
        ),
        *(("", False), ("br", False), ("identity", False), ("gzip;q=0", False), ("*;q=0", False)),
        *(("gzip;q=0, *", False), ("gzip;q=0.5, identity", False), ("gzip;q=x", False)),
        *(
            ("gzip;q=nan", False),
            ("gzip;q=0.0000000001", False),
            ("gzipped", False),
            (",;,", False),
        ),
    ],
)
def test_gzip_is_taken_by_who_says_so_and_likes_nothing_better(header: str, *, takes: bool) -> None:
    assert takes_gzip(event(accept_encoding=header)) is takes


@pytest.mark.parametrize(
    ("header", "is_csv"),
    [
        *(("text/csv", True), ("TEXT/CSV; header=present", True), ("text/csv, */*;q=0.1", True)),
        *(("text/csv, */*", True), ("application/json;q=0.5, text/csv", True)),
        *(("", False), ("*/*", False), ("text/*", False), ("application/json", False)),
        *(("text/csv, application/json", False), ("text/csv;q=0", False)),
        *(("text/csv;q=0.1, */*", False), ("text/html, text/csv;q=0.9, application/json", False)),
    ],
)
def test_csv_is_for_who_likes_it_best(header: str, *, is_csv: bool) -> None:
    found = with_form(event("start=1", accept=header))
    assert found.get("queryStringParameters") == ({"format": "csv"} if is_csv else None)
    assert found["rawQueryString"] == ("start=1&format=csv" if is_csv else "start=1")


@pytest.mark.parametrize("query", ["format=json", "a=1&format=", "format"])
def test_a_format_that_is_named_counts(query: str) -> None:
    assert with_form(event(query, accept="text/csv")) == event(query, accept="text/csv")


def test_an_answer_is_packed_for_who_takes_it_and_varies_for_all() -> None:
    found = packed(event(accept_encoding="gzip"), answer(LONG))
    assert gzip.decompress(b64decode(found["body"])).decode() == LONG
    assert found["isBase64Encoded"]
    assert found["headers"] == {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Vary": "Accept, Accept-Encoding",
    }
    plain = packed(event(), answer(LONG))
    assert (plain["body"], plain["isBase64Encoded"]) == (LONG, False)
    assert plain["headers"]["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Encoding" not in plain["headers"]


def test_a_short_answer_stays_as_it_is() -> None:
    assert packed(event(accept_encoding="gzip"), answer(LONG[1:])) == answer(LONG[1:])


def test_the_same_answer_is_packed_to_the_same_bytes() -> None:
    first, again = (packed(event(accept_encoding="gzip"), answer(LONG)) for _ in range(2))
    assert first == again


def test_what_is_too_long_packed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = random.Random(1).randbytes(3000).hex()
    fits = len(packed(event(accept_encoding="gzip"), answer(text))["body"])
    monkeypatch.setattr(negotiation, "MAX_PACKED_BYTES", fits)
    assert packed(event(accept_encoding="gzip"), answer(text))["isBase64Encoded"]
    monkeypatch.setattr(negotiation, "MAX_PACKED_BYTES", fits - 1)
    with pytest.raises(BadRequest):
        packed(event(accept_encoding="gzip"), answer(text))
