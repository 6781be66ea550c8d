"""Gunicorn's settings for the local run: `gunicorn --config python:local.server`.

From the environment: QUARTERHOUR_SOCKET (an inherited listening socket's number), WORKERS, and
what local/worker.py reads.
"""

import os
from typing import Any

from local.lifeline import tie_to_parent

bind = f"fd://{os.environ['QUARTERHOUR_SOCKET']}"
workers = int(os.environ["WORKERS"])
worker_class = "local.connections.Worker"
threads = 128  # of a worker; for connections on which a request or an answer is under way
worker_connections = 512
keepalive = 60
preload_app = True
timeout = 60  # only for a process that cannot even say that it lives
graceful_timeout = 5
limit_request_line = 8190  # gunicorn's most
limit_request_field_size = 16_384  # above what the gateway allows of all headers together
forwarded_allow_ips = ""  # nobody stands in front of it
control_socket_disable = True
loglevel = "warning"


def post_fork(_server: Any, worker: Any) -> None:
    """End a worker with its parent; by itself it would notice half a minute later."""
    tie_to_parent(worker.ppid)


def worker_exit(_server: Any, worker: Any) -> None:
    """End a worker's process at once; Python would wait for threads that read, send or compute."""
    if worker.booted and worker.pid == os.getpid():
        os._exit(0)
