import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.runtime.context import context_for
from local.runtime.functions import environment, load
from local.template import Function, Template

APP = """
import os
HERE = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
def handler(event, context):
    return [__name__, HERE, os.environ["AWS_LAMBDA_FUNCTION_NAME"], context.function_name, event]
"""


def function(name: str, variables: Mapping[str, str] | None = None) -> Function:
    return Function(name, "app.handler", variables or {}, timeout_s=30, memory_mb=128)


def template(*functions: Function) -> Template:
    return Template((), functions, {}, None, ())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two functions of the same text, and the process as it was afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION"):
        monkeypatch.setenv(name, "outside")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(APP)
    yield tmp_path
    for name in ("first", "second"):
        sys.modules.pop(f"quarterhour_function_{name}", None)


def test_each_function_is_a_module_of_its_own_and_knows_its_name(folder: Path) -> None:
    functions = (function("first"), function("second"))
    handlers = load(template(*functions), folder)
    for each in functions:
        said = handlers[each.name]({"a": 1}, context_for(each, "id"))
        module = f"quarterhour_function_{each.name}"
        assert said == [module, each.name, each.name, each.name, {"a": 1}]


def test_a_missing_function_fails_at_the_start(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="third"):
        load(template(function("third")), folder)


def test_our_engine_is_spoken_to_with_dummy_credentials_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "real")
    made = environment(template(function("a", {"TABLE_NAME": "t"})), "http://127.0.0.1:8000")
    assert made["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:8000"
    assert made["AWS_ACCESS_KEY_ID"] == "local"
    assert made["TABLE_NAME"] == "t"
    assert "real" not in made.values()


def test_a_given_endpoint_keeps_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    made = environment(template(), None)
    assert made["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:4566"
    assert "AWS_ACCESS_KEY_ID" not in made
    assert made["AWS_REGION"] == "us-east-1"
    monkeypatch.delenv("AWS_PROFILE")
    assert environment(template(), None)["AWS_ACCESS_KEY_ID"] == "local"


def test_switches_of_a_developers_shell_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_DEV", "1")
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers=9")
    for endpoint in ("http://127.0.0.1:8000", None):
        made = environment(template(), endpoint)
        assert not {"POWERTOOLS_DEV", "GUNICORN_CMD_ARGS"} & made.keys()


def test_the_layer_comes_before_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    first, second = environment(template(), None)["PYTHONPATH"].split(os.pathsep)
    assert first == str(Path(second) / "layers" / "common" / "python")


def test_functions_that_disagree_about_a_variable_cannot_share_a_process() -> None:
    both = template(function("a", {"LOG_LEVEL": "INFO"}), function("b", {"LOG_LEVEL": "DEBUG"}))
    with pytest.raises(ValueError, match="disagree about the variable LOG_LEVEL"):
        environment(both, None)
