"""Gunicorn's settings for the local run: `gunicorn --config python:local.server`.

From the environment: QUARTERHOUR_SOCKET (an inherited listening socket's number), WORKERS.
"""

import os
from typing import Any

from local.lifeline import tie_to_parent

bind = f"fd://{os.environ['QUARTERHOUR_SOCKET']}"
workers = int(os.environ["WORKERS"])
worker_class = "sync"
preload_app = True
timeout = 60  # an HTTP API gives up after 30 s; the functions answer before that
graceful_timeout = 5
limit_request_line = 8190
forwarded_allow_ips = ""  # nobody stands in front of it
control_socket_disable = True
loglevel = "warning"


def post_fork(_server: Any, worker: Any) -> None:
    """End a worker with its parent; by itself it would notice half a minute later."""
    tie_to_parent(worker.ppid)
