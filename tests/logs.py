"""What the package logs, as tests read it, or do without it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aws_lambda_powertools import Logger


def written_by(logger: Logger, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return what a logger writes from now on, in place of its usual stream."""
    written = io.StringIO()
    (handler,) = (one for one in logger.handlers if isinstance(one, logging.StreamHandler))
    monkeypatch.setattr(handler, "stream", written)
    return written


@contextmanager
def nothing_logged() -> Iterator[None]:
    """Let nothing be logged until the end of the block.

    By `logging.disable` alone: loggers remember what is enabled, and are told by nothing else.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
