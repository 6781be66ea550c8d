"""The supervisor of `make start`: engine, table, server, demo data; until a signal or a death."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import demo, engine, folder, logs, progress, table, template
from local.functions import environment
from local.lifeline import tied
from local.line import shown
from local.settings import Settings, SettingsError

HOST = "127.0.0.1"

_READY_S = 60.0
_STOP_S = 15.0
_LOOK_S = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_OK = 200

_Process = subprocess.Popen[bytes]


class RunError(Exception):
    """The local run cannot start or go on; the text is a sentence for the user."""


class _Stop(BaseException):
    """A signal asked us to stop: like KeyboardInterrupt a wish, and no failure."""


def main() -> int:
    """Run until a signal (0), or until something cannot start or go on (1, with a sentence)."""
    return supervise(_run)


def supervise(go: Callable[[Settings, ExitStack], None]) -> int:
    """Call `go`, and end what it put on the stack; 0 after a signal, 1 and a sentence else."""
    for number in _SIGNALS:
        signal.signal(number, _stop)
    try:
        with ExitStack() as stack:
            go(Settings.read(os.environ), stack)
    except _Stop:
        pass
    except (RunError, SettingsError, folder.UnusableError, engine.EngineError) as error:
        return _said(str(error))
    except (BotoCoreError, ClientError) as error:
        return _said(f"the table cannot be used: {error}")
    except OSError as error:
        return _said(folder.sentence(error))
    return 0


def _said(sentence: str) -> int:
    print(f"quarterhour: {sentence}", file=sys.stderr)
    return 1


def _stop(_number: int, _frame: Any) -> None:
    # A second signal must not cut the cleaning up short: every wait in it has its own limit.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise _Stop


def _run(settings: Settings, stack: ExitStack) -> None:
    stack.enter_context(folder.held(settings.data_dir))
    listener = stack.enter_context(listen(settings.port))
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    loaded = template.load(parameters={"WriteOrigins": settings.write_origins})
    database = engine.start(settings.data_dir)
    stack.callback(database.stop)
    stack.enter_context(folder.engine_at(settings.data_dir, database.url))
    variables = environment(loaded, None if database.process is None else database.url)
    server = _serve(settings, listener, variables)
    stack.callback(engine.end, server, _STOP_S)
    notes = _notes(settings.data_dir, database)
    if table.ensure(database.url, variables, loaded.table):
        progress.forget(notes)
    with shown("Starting the server ..."):
        _wait_until_healthy(url, server, settings.data_dir)
    loader = _demo(url, replace(settings, data_dir=notes), database.kind, variables)
    if loader is not None:
        stack.callback(engine.end, loader, _STOP_S)
    children = {"the server": server, "the DynamoDB engine": database.process}
    watch(children, settings.data_dir, lambda: loader is not None and loader.poll() is None)
    if loader is not None and loader.returncode:
        sentence = f"Demo data: its loader ended ({loader.returncode}); the next start goes on."
        print(sentence, file=sys.stderr, flush=True)
    if loaded.schedules:
        scheduler = logged("schedule", ["local.schedule"], settings.data_dir, variables)
        stack.callback(engine.end, scheduler, _STOP_S)
        children["the schedule"] = scheduler
    watch(children, settings.data_dir, lambda: True)


def _notes(data_dir: Path, database: engine.Engine) -> Path:
    """Return where it is noted how much demo data the table has; another's table is not ours."""
    if database.process is not None:
        return data_dir
    notes = data_dir / "given"
    notes.mkdir(exist_ok=True)
    return notes


def _demo(url: str, settings: Settings, kind: str, variables: Mapping[str, str]) -> _Process | None:
    """Say that the server is ready, with the newest demo data; start what loads the rest."""
    if not settings.demo:
        _say_ready(url, "health")
        return None
    extent = progress.FEW_DAYS if kind == "moto" else progress.YEARS
    planned = demo.begin(url, settings.data_dir, time.time(), extent)
    _say_ready(url, f"data?{demo.example(planned)}" if planned else "health")
    return _load_demo(url, settings.data_dir, variables) if planned and planned.left else None


def listen(port: int) -> socket.socket:
    """Listen on a port of this machine (0: any free one); RunError where it cannot be used."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise RunError(
            f"port {port} cannot be used ({error.strerror}): give another PORT."
        ) from None
    return listener


def _serve(settings: Settings, listener: socket.socket, variables: Mapping[str, str]) -> _Process:
    """Start gunicorn on the listening socket, which from here on is its own."""
    own = {
        "QUARTERHOUR_SOCKET": str(listener.fileno()),
        "WORKERS": str(settings.workers),
        "HOST": ",".join(settings.hosts),
    }
    command = ["gunicorn", "--config", "python:local.server", "local.worker:application()"]
    with listener:
        return logged("server", command, settings.data_dir, {**variables, **own}, listener.fileno())


def logged(
    name: str, module: list[str], data_dir: Path, variables: Mapping[str, str], *kept: int
) -> _Process:
    """Start a module with its output in `<name>.log`; of the open files it has those `kept`."""
    with logs.begin(data_dir, name) as output:
        return subprocess.Popen(
            tied([sys.executable, "-m", *module]),
            env={**variables, "PYTHONUNBUFFERED": "1"},
            pass_fds=kept,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


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
    said = f"GET /health: {status}" if server.poll() is None else "it ended"
    raise RunError(f"the server did not start ({said}): see {data_dir / 'server.log'}")


def health(url: str, patience_s: float = _READY_S) -> int:
    """Return the status of GET /health; OSError where there is no answer."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=patience_s)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    finally:
        connection.close()


def _say_ready(url: str, hint: str) -> None:
    print(f"Quarterhour is ready on {url} - try: curl '{url}/{hint}'", flush=True)


def _load_demo(url: str, data_dir: Path, variables: Mapping[str, str]) -> _Process:
    command = [sys.executable, "-m", "local.demo", url, str(data_dir)]
    return subprocess.Popen(tied(command), env=dict(variables), start_new_session=True)


def watch(
    children: Mapping[str, _Process | None], data_dir: Path, goes_on: Callable[[], bool]
) -> None:
    """Wait while it `goes_on`, and keep the logs short; RunError when a child has died."""
    while goes_on():
        for name, child in children.items():
            if child is not None and child.poll() is not None:
                raise RunError(f"{name} ended ({child.returncode}): see the logs in {data_dir}")
        logs.cut(data_dir)
        time.sleep(_LOOK_S)
