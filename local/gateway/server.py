"""Gunicorn's settings for the local run: `gunicorn --config python:local.gateway.server`.

From the environment: QUARTERHOUR_SOCKET (an inherited listening socket's number), WORKERS, and
what application.py reads.
"""

import os
import resource
from typing import Any

from local.lifeline import tie_to_parent

_MOST_CONNECTIONS = 800
_OTHER_FILES = 100


def connections() -> int:
    """Return how many connections a worker may have, having raised the limit of files for them."""
    files = _MOST_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(files, soft) - _OTHER_FILES


bind = f"fd://{os.environ['QUARTERHOUR_SOCKET']}"
workers = int(os.environ["WORKERS"])
worker_class = "local.gateway.connections.Worker"
worker_connections = connections()
threads = worker_connections * 3 // 4  # one for each request or answer that is under way
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
