"""The Lambda functions in this process: their environment and their handlers."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from local.runtime.context import REGION, Handler, LambdaContext
from local.template import ROOT, Template

LAYER = ROOT / "layers" / "common" / "python"

# Set for another purpose, they would change what the functions and their server do here.
_DROPPED = frozenset(
    {
        "POWERTOOLS_DEV",
        "POWERTOOLS_DEBUG",
        "POWERTOOLS_LOGGER_LOG_EVENT",
        "POWERTOOLS_METRICS_DISABLED",
        "GUNICORN_CMD_ARGS",
    }
)
# There is no queue here: this process remembers what it has announced.
_NOT_HERE = frozenset({"SHARD_QUEUE_URL"})
_REGION = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
# With our own engine: real credentials must not reach a port of the laptop.
_DUMMIES = {**_REGION, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_CREDENTIALS = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"})


def environment(template: Template, endpoint: str | None) -> dict[str, str]:
    """Make the environment of a process that holds all functions of `template`.

    `endpoint` is our own DynamoDB engine, spoken to with dummy credentials; None keeps the
    endpoint, region and credentials that are set. ValueError where two functions give one variable
    different values: one process cannot hold both.
    """
    result = {key: value for key, value in os.environ.items() if key not in _DROPPED}
    if endpoint is None:
        own = {"AWS_PROFILE", "AWS_ACCESS_KEY_ID"} & result.keys()
        result = {**(_REGION if own else _DUMMIES), **result}
    else:
        others = {key: value for key, value in result.items() if key not in _CREDENTIALS}
        result = {**others, **_DUMMIES, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}
    paths = [str(LAYER), str(ROOT)]
    given = {**result, **_variables(template), "PYTHONPATH": os.pathsep.join(paths)}
    return {name: value for name, value in given.items() if name not in _NOT_HERE}


def _variables(template: Template) -> dict[str, str]:
    result: dict[str, str] = {}
    for function in template.functions:
        for name, value in function.environment.items():
            if result.setdefault(name, value) != value:
                raise ValueError(f"functions disagree about the variable {name}")
    return result


def load(template: Template, folder: Path = ROOT / "functions") -> dict[str, Handler]:
    """Import every function of `template` from `folder`, each under a module name of its own.

    While a module or its handler runs, AWS_LAMBDA_FUNCTION_NAME is its name, as on Lambda.
    """
    return {
        function.name: _handler(folder, function.name, function.handler)
        for function in template.functions
    }


def module(folder: Path, name: str, file: str = "app") -> ModuleType:
    """Import `<folder>/<name>/<file>.py` as a module that no other function's can be taken for."""
    unique = f"quarterhour_function_{name}"
    spec = importlib.util.spec_from_file_location(unique, folder / name / f"{file}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder / name / file}.py cannot be imported")
    loaded = importlib.util.module_from_spec(spec)
    # Pydantic looks annotations up in sys.modules while the module runs.
    sys.modules[unique] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _handler(folder: Path, name: str, dotted: str) -> Handler:
    file, _, attribute = dotted.rpartition(".")
    own = {"AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"}
    os.environ.update(own)
    handler = getattr(module(folder, name, file), attribute)

    def called(event: dict[str, Any], context: LambdaContext) -> Any:
        os.environ.update(own)
        return handler(event, context)

    return called
