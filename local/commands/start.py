"""`make start`: engine, table, server, demo data; until a signal or a death."""

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from local import template
from local.commands.failures import RunError
from local.commands.settings import Settings
from local.commands.supervisor import HOST, health, listen, logged, supervise, watch
from local.demo import progress
from local.demo.loader import begin, example
from local.engine import dynamodb, folder, table
from local.engine.dynamodb import Engine, end
from local.lifeline import tied
from local.line import shown
from local.runtime import bell
from local.runtime.functions import environment

_READY_S = 60.0
_STOP_S = 15.0
_LOOK_S = 0.5
_OK = 200

_Process = subprocess.Popen[bytes]


def main() -> int:
    """Run until a signal (0), or until something cannot start or go on (1, with a sentence)."""
    return supervise(_run)


def _run(settings: Settings, stack: ExitStack) -> None:
    stack.enter_context(folder.held(settings.data_dir))
    listener = stack.enter_context(listen(settings.port))
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    loaded = template.load(parameters={"WriteOrigins": settings.write_origins})
    database = dynamodb.start(settings.data_dir)
    stack.callback(database.stop)
    stack.enter_context(folder.engine_at(settings.data_dir, database.url))
    variables = environment(loaded, None if database.process is None else database.url)
    heard, rung = bell.pipe()
    server = _serve(settings, listener, rung, variables)
    stack.callback(end, server, _STOP_S)
    notes = _notes(settings.data_dir, database)
    if table.ensure(database.url, variables, loaded.table):
        progress.forget(notes)
    with shown("Starting the server ..."):
        _wait_until_healthy(url, server, settings.data_dir)
    loader = _demo(url, replace(settings, data_dir=notes), database.kind, variables)
    if loader is not None:
        stack.callback(end, loader, _STOP_S)
    children = {"the server": server, "the DynamoDB engine": database.process}
    if loaded.schedules:
        own = {**variables, bell.VARIABLE: str(heard)}
        scheduler = logged("schedule", ["local.runtime.schedule"], settings.data_dir, own, heard)
        stack.callback(end, scheduler, _STOP_S)
        children["the schedule"] = scheduler
    watch(children, settings.data_dir, lambda: loader is not None and loader.poll() is None)
    if loader is not None and loader.returncode:
        sentence = f"Demo data: its loader ended ({loader.returncode}); the next start goes on."
        print(sentence, file=sys.stderr, flush=True)
    watch(children, settings.data_dir, lambda: True)


def _notes(data_dir: Path, database: Engine) -> Path:
    """Return where it is noted how much demo data the table has; another's table is not ours."""
    if database.process is not None:
        return data_dir
    notes = data_dir / "given"
    notes.mkdir(exist_ok=True)
    return notes


def _demo(url: str, settings: Settings, kind: str, variables: Mapping[str, str]) -> _Process | None:
    """Load the newest demo data and print that the server is ready; start loading the rest."""
    if not settings.demo:
        _say_ready(url, "health")
        return None
    extent = progress.FEW_DAYS if kind == "moto" else progress.YEARS
    planned = begin(url, settings.data_dir, time.time(), extent)
    _say_ready(url, f"data?{example(planned)}" if planned else "health")
    return _load_demo(url, settings.data_dir, variables) if planned and planned.left else None


def _serve(
    settings: Settings, listener: socket.socket, rung: int, variables: Mapping[str, str]
) -> _Process:
    """Start gunicorn on the listening socket, which from here on is its own, with a bell."""
    own = {
        "QUARTERHOUR_SOCKET": str(listener.fileno()),
        "WORKERS": str(settings.workers),
        "HOST": ",".join(settings.hosts),
        bell.VARIABLE: str(rung),
    }
    config = ("--config", "python:local.gateway.server")
    command = ["gunicorn", *config, "local.gateway.application:application()"]
    with listener:
        files = listener.fileno(), rung
        return logged("server", command, settings.data_dir, {**variables, **own}, *files)


def _wait_until_healthy(url: str, server: _Process, data_dir: Path) -> None:
    deadline = time.monotonic() + _READY_S
    status: int | str = "no answer"
    while time.monotonic() < deadline and server.poll() is None:
        try:
            status = health(url)
        except OSError:
            time.sleep(_LOOK_S / 10)
            continue
        if status == _OK:
            return
        time.sleep(_LOOK_S)
    outcome = f"GET /health: {status}" if server.poll() is None else "it ended"
    raise RunError(f"the server did not start ({outcome}): see {data_dir / 'server.log'}")


def _say_ready(url: str, hint: str) -> None:
    print(f"Quarterhour is ready on {url} - try: curl '{url}/{hint}'", flush=True)


def _load_demo(url: str, data_dir: Path, variables: Mapping[str, str]) -> _Process:
    command = [sys.executable, "-m", "local.demo.loader", url, str(data_dir)]
    return subprocess.Popen(tied(command), env=dict(variables), start_new_session=True)
