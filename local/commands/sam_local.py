"""`make sam-local`: the built functions in containers of SAM CLI, on a table that they reach.

It is the table of `make start`, in DATA_DIR, unless DYNAMODB names another one's endpoint.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from local import template
from local.commands import containers, supervisor
from local.commands.containers import Containers, ContainersError
from local.commands.failures import RunError
from local.commands.settings import Settings
from local.demo import progress
from local.engine import dynamodb, folder, relay, table
from local.engine.dynamodb import end
from local.intrinsics import parse
from local.lifeline import tied
from local.runtime.functions import environment
from local.template import HTTP_API, ROOT

BUILT = ROOT / ".aws-sam" / "build"
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"

MARK = "QUARTERHOUR_DATA_DIR"  # containers with this folder in it are of this run, or of a dead one
_ANY_BODY = {"openapi": "3.0.1", "paths": {}, "x-amazon-apigateway-binary-media-types": ["*/*"]}
_STOP_S = 60.0
_FIRST_S = 900.0  # the first answer waits for images
_LOOK_S = 0.2
_OK = 200

_Children = dict[str, subprocess.Popen[bytes] | None]


def main() -> int:
    """Serve until a signal (0), or until something cannot start or go on (1, with a sentence)."""
    return supervisor.supervise(_run)


def _run(settings: Settings, stack: ExitStack) -> None:
    data_dir = settings.data_dir
    stack.enter_context(folder.held(data_dir))
    port = _port(settings.port)
    engine = stack.enter_context(containers.at_hand())
    children: _Children = {"podman": engine.server}
    address = os.environ.get("DYNAMODB")
    endpoint = address or _table(data_dir, engine, children, stack)
    _end_containers(engine, data_dir)
    stack.callback(_end_containers, engine, data_dir)
    variables = environment(template.load(), None if address else endpoint)
    sam = _sam(engine, _template(endpoint, data_dir), port, variables)
    stack.callback(end, sam, _STOP_S)
    children["SAM CLI"] = sam
    _say_ready(f"http://{supervisor.HOST}:{port}", sam)
    supervisor.watch(children, data_dir, lambda: True)


def _port(number: int) -> int:
    """Return a port that is free; SAM CLI opens it itself."""
    with supervisor.listen(number) as listener:
        return int(listener.getsockname()[1])


def _table(data_dir: Path, engine: Containers, children: _Children, stack: ExitStack) -> str:
    """Start the engine with the table of `data_dir`, and return its endpoint for containers."""
    listening, name = engine.meeting_place()
    loaded = template.load()
    database = dynamodb.start(data_dir)
    stack.callback(database.stop)
    stack.enter_context(folder.engine_at(data_dir, database.url))
    variables = environment(loaded, database.url)
    if table.ensure(database.url, variables, loaded.table):
        progress.forget(data_dir)
    with relay.listen(listening) as listener:
        number, port = listener.fileno(), listener.getsockname()[1]
        command = ["local.engine.relay", str(number), database.url.rpartition(":")[2]]
        passing = supervisor.logged("relay", command, data_dir, variables, number)
    stack.callback(end, passing, _STOP_S)
    children |= {"the DynamoDB engine": database.process, "the relay": passing}
    return f"http://{name}:{port}"


def _template(endpoint: str, data_dir: Path) -> Path:
    """Write the built template with the table's endpoint in it, and return where it is."""
    document = parse((BUILT / "template.yaml").read_text("utf-8"))
    path = BUILT / "local.json"
    path.write_text(json.dumps(in_containers(document, endpoint, data_dir)), "utf-8")
    return path


def in_containers(document: dict[str, Any], endpoint: str, data_dir: Path) -> dict[str, Any]:
    """Return a template whose functions find their table at `endpoint`, and bear the run's mark.

    SAM CLI sets no variable of a function that its template does not have. It encodes no body that
    is not text, a gzipped one say, unless the API's own document names the media types; on AWS an
    HTTP API does so by itself.
    """
    own = {"AWS_ENDPOINT_URL_DYNAMODB": endpoint, MARK: str(data_dir)}
    document["Globals"]["Function"]["Environment"]["Variables"] |= own
    for resource in document["Resources"].values():
        if resource["Type"] == HTTP_API:
            resource["Properties"]["DefinitionBody"] = _ANY_BODY
    return document


def command(path: Path, port: int, gateway: str | None) -> list[str]:
    """Return what starts SAM CLI on the template at `path`.

    It looks for samconfig.toml beside the template unless it is told. With a gateway, containers
    find this machine under Docker's name for it, which Docker for Linux does not set by itself.
    """
    config = ["--config-file", str(ROOT / "samconfig.toml")]
    host = [] if gateway is None else ["--add-host", f"host.docker.internal:{gateway}"]
    where = ["--template", str(path), "--port", str(port)]
    return [str(SAM), "local", "start-api", *config, *where, *host]


def _sam(
    engine: Containers, path: Path, port: int, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start SAM CLI, which says here what it does; it gives the containers their variables."""
    own = {key: value for key, value in variables.items() if key != "PYTHONPATH"}
    return subprocess.Popen(
        tied(command(path, port, engine.gateway())),
        cwd=ROOT,
        env={**own, "DOCKER_HOST": engine.host},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _say_ready(url: str, sam: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer, for which SAM CLI makes an image and a container."""
    while sam.poll() is None:
        try:
            status = supervisor.health(url, _FIRST_S)
        except OSError:
            time.sleep(_LOOK_S)
            continue
        if status != _OK:
            raise RunError(f"GET /health: {status}; SAM CLI says above why.")
        print(f"Quarterhour is ready on {url} - try: curl '{url}/health'", flush=True)
        return
    raise RunError(f"SAM CLI ended ({sam.returncode}); it says above why.")


def _end_containers(engine: Containers, data_dir: Path) -> None:
    """End what SAM CLI leaves when it is killed; podman's server may have died as well."""
    try:
        engine.remove(f"{MARK}={data_dir}")
    except ContainersError:
        with containers.at_hand() as again:
            again.remove(f"{MARK}={data_dir}")


if __name__ == "__main__":
    sys.exit(main())
