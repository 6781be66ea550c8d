"""The API Gateway HTTP API of the laptop: requests in, events to the functions, answers out.

Limits as on AWS: 10 MB of body and Lambda's 6 MiB of event are 413, 10,240 bytes of request line
and headers' values are 431, an answer above 6 MiB or a function that fails is 500, an unknown route
without `$default` is 404. The 30 s an integration may take are kept in turns.py. Not enforced:
throttling.
"""

import base64
import json
import logging
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from local.gateway import cors, event
from local.gateway.answer import Answer, MalformedResponseError, interpret, message
from local.gateway.event import Request
from local.gateway.routes import Match, select
from local.runtime.context import Handler, context_for
from local.template import Template

BODY_LIMIT = 10 * 1024 * 1024
EVENT_LIMIT = 6 * 1024 * 1024
HEADER_LIMIT = 10_240

_logger = logging.getLogger(__name__)


class Gateway:
    """The HTTP API of `template`, in front of `functions` (handlers by folder name)."""

    def __init__(self, template: Template, functions: Mapping[str, Handler]) -> None:
        self._template = template
        self._handlers = functions
        self._functions = {function.name: function for function in template.functions}
        missing = {route.function for route in template.routes} - functions.keys()
        if missing:
            raise ValueError(f"routes without a function: {', '.join(sorted(missing))}")

    def handle(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        source_ip: str = "127.0.0.1",
    ) -> Answer:
        """Return the answer; `target` is the percent-encoded path with its query string."""
        request = Request(method, target, tuple(headers), body, source_ip)
        request_id = base64.b64encode(os.urandom(11)).decode()
        if _head_bytes(request) > HEADER_LIMIT:
            answer = message(431, "Request Header Fields Too Large")
        else:
            answer = self._answer(request, request_id)
        return answer._replace(headers=(*answer.headers, ("apigw-requestid", request_id)))

    def _answer(self, request: Request, request_id: str) -> Answer:
        answer = self._routed(request, request_id)
        configured = self._template.cors
        if not configured or request.method == "OPTIONS":
            return answer
        return cors.decorate(configured, event.joined(request.headers), answer)

    def _routed(self, request: Request, request_id: str) -> Answer:
        if len(request.body) > BODY_LIMIT:
            return message(413, "Request Entity Too Large")
        match = select(self._template.routes, request.method, request.path)
        if match is None:
            return message(404, "Not Found")
        payload = event.build(request, match, request_id, time.time())
        if _is_above_limit(payload):
            return message(413, "Request Entity Too Large")
        return self._invoke(match, payload)

    def _invoke(self, match: Match, payload: dict[str, Any]) -> Answer:
        function = self._functions[match.route.function]
        context = context_for(function, str(uuid.uuid4()))
        try:
            return interpret(self._handlers[function.name](payload, context))
        except MalformedResponseError as error:
            _logger.error("%s: %s", function.name, error)  # noqa: TRY400 - the function's mistake
        except Exception:
            _logger.exception("%s failed", function.name)
        return message(500, "Internal Server Error")


def _head_bytes(request: Request) -> int:
    """Return the bytes of the request line and of the headers' values, as AWS counts them."""
    line = f"{request.method} {request.target} {request.protocol}"
    return len(line) + sum(len(value) for _, value in request.headers)


def _is_above_limit(payload: Mapping[str, Any]) -> bool:
    # JSON makes at most six bytes of a character's one: small bodies need not be counted.
    if len(payload.get("body", "")) * 6 < EVENT_LIMIT // 2:
        return False
    return len(json.dumps(payload, ensure_ascii=False).encode()) > EVENT_LIMIT
