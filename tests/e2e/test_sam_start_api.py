"""`sam local start-api` calls the function that serves, as SAM CLI routes; no containers."""

import json
import re
from pathlib import Path

import pytest

from local import template
from local.runtime import functions
from quarterhour.http.document import document
from tests.e2e.sam_build import run

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

ASK = Path(__file__).with_name("sam_start_api.py")
ABOUT = "AboutFunction"


def served() -> dict[tuple[str, str], str]:
    """Return the logical id of the function that serves a method of a path of the document."""
    return {
        (method.upper(), path): f"{each.name.title().replace('_', '')}Function"
        for each in template.load().functions
        if hasattr(code := functions.module(template.ROOT / "functions", each.name), "api")
        for path, methods in code.api.openapi()["paths"].items()
        for method in [*methods, *({"head"} if "get" in methods else ())]
    }


def targets() -> dict[tuple[str, str], str]:
    """Return the function for each request a client may make, with `/` at its end and without."""
    return {
        (method, re.sub(r"{[^}]*}", "1", path) + slash): function
        for (method, path), function in served().items()
        for slash in ("", "/")
    }


def called(sam: Path, built: Path, seed: int, requests: list[tuple[str, str]]) -> list[str]:
    """Return the functions that SAM CLI calls, its sets and dicts in the order of a seed."""
    answers: list[str] = json.loads(
        run(
            [sam.with_name("python"), ASK, built / "template.yaml"],
            built,
            json.dumps(requests),
            PYTHONHASHSEED=str(seed),
        )
    )
    return answers


def test_every_operation_of_the_document_is_asked() -> None:
    asked = {(method.lower(), path) for method, path in served() if method != "HEAD"}
    assert asked == {
        (method, path) for path in document()["paths"] for method in document()["paths"][path]
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_operation_goes_to_the_function_that_serves_it(
    sam: Path, built: Path, seed: int
) -> None:
    """SAM CLI keeps routes in a set: what one seed serves, another may not."""
    expected = {**targets(), ("PUT", "/data"): ABOUT, ("GET", "/nowhere"): ABOUT}
    answers = called(sam, built, seed, list(expected))
    assert dict(zip(expected, answers, strict=True)) == expected
