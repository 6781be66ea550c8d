"""Which connections a process of the server looks at, and which it gives a thread."""

import resource
import runpy
import socket
from collections.abc import Iterator
from selectors import DefaultSelector

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader, InvalidResponseHeader
from gunicorn.workers.gthread import PollableMethodQueue, TConn

from local.gateway.connections import Worker
from local.gateway.refusals import TooSlowError, refusal
from local.gateway.turns import Turns


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that does not run, with one listener (a pair of sockets stands for it)."""
    made = Worker.__new__(Worker)
    listener, other = socket.socketpair()
    made.cfg, made.alive, made.turns = Config(), True, Turns()
    made.worker_connections, made.nr_conns, made._accepting = 10, 0, False
    made.sockets, made.poller, made.pending_conns = [listener], DefaultSelector(), []
    made.method_queue = PollableMethodQueue()
    made.method_queue.init()
    made.watch_turns()
    yield made
    for each in (listener, other, made.poller, made.method_queue):
        each.close()


def looks_for_new(worker: Worker) -> bool:
    return worker.sockets[0] in {key.fileobj for key in worker.poller.get_map().values()}


def test_a_worker_does_not_look_for_connections_while_its_turn_is_taken(worker: Worker) -> None:
    worker.set_accept_enabled(enabled=True)
    assert looks_for_new(worker)
    worker.turns.take(lambda: worker.accept(worker.sockets[0]))
    assert not looks_for_new(worker)
    worker.turns.take(lambda: worker.set_accept_enabled(enabled=True))
    assert not looks_for_new(worker)


def test_it_looks_again_as_soon_as_the_turn_is_free(worker: Worker) -> None:
    worker.turns.take(lambda: None)
    worker.method_queue.run_callbacks(None)
    assert looks_for_new(worker)


def test_a_worker_that_ends_does_not_look_again(worker: Worker) -> None:
    worker.alive = False
    worker.turns.take(lambda: None)
    worker.method_queue.run_callbacks(None)
    assert not looks_for_new(worker)


def test_a_silent_connection_has_no_thread(worker: Worker) -> None:
    near, far = socket.socketpair()
    connection = TConn(worker.cfg, near, ("127.0.0.1", 1), ("127.0.0.1", 2))
    worker.enqueue_req(connection)  # there is no pool of threads to be asked
    assert worker.pending_conns == [connection]
    assert near in {key.fileobj for key in worker.poller.get_map().values()}
    near.close()
    far.close()


def test_what_is_left_of_a_body_is_not_answered_a_second_time(worker: Worker) -> None:
    class Left:
        parser = property(lambda self: self)

        def finish_body(self, deadline: float) -> bool:
            raise TooSlowError(f"until {deadline}")

    assert worker._keepalive_after(Left(), keepalive=True) is False


def test_a_header_that_we_made_wrong_is_our_fault_and_one_that_came_is_not() -> None:
    assert refusal(InvalidResponseHeader("x")).status == 500
    assert refusal(InvalidHeader("x")).status == 400
    assert refusal(ValueError("secret")).body == b'{"error": "The request failed."}'


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "raised"),
    [
        (256, 100_000, 800, (900, 100_000)),
        (256, resource.RLIM_INFINITY, 800, (900, resource.RLIM_INFINITY)),
        (256, 512, 412, (512, 512)),
        (1_024, 4_096, 800, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 800, None),
    ],
)
def test_a_worker_has_files_for_its_connections(
    monkeypatch: pytest.MonkeyPatch,
    soft: int,
    hard: int,
    connections: int,
    raised: tuple[int, int] | None,
) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr("resource.setrlimit", lambda _, given: limits.append(given))
    monkeypatch.setenv("QUARTERHOUR_SOCKET", "3")
    monkeypatch.setenv("WORKERS", "2")
    settings = runpy.run_module("local.gateway.server")
    assert settings["worker_connections"] == connections
    assert 0 < settings["threads"] < connections  # or none would be kept alive
    assert limits == ([raised] if raised else [])
