"""What every refusal looks like, checked in one place."""

from typing import Any

from tests.conftest import Answer


def refused(answer: Answer, status: int = 400) -> dict[str, Any]:
    """Return the error body of a refusal, its shape checked."""
    assert answer.status == status, answer.text[:1000]
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json
    assert body.keys() <= {"error", "details"}
    assert isinstance(body["error"], str)
    assert body["error"].endswith(".")
    assert body.get("details") != []
    for detail in body.get("details", []):
        assert detail.keys() <= {"index", "field", "reason"}
        assert isinstance(detail["reason"], str)
        assert isinstance(detail.get("index", 0), int)
        assert isinstance(detail.get("field", ""), str)
    return body


def places(body: dict[str, Any]) -> list[tuple[int | None, str | None]]:
    """Return what the details of an error body point at."""
    return [(detail.get("index"), detail.get("field")) for detail in body.get("details", [])]
