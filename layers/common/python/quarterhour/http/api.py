"""One function's part of the API: its routes, and what is the same for every request."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_HTTP
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour import __version__
from quarterhour.errors import BadRequest, Detail, NotFound, QuarterhourError
from quarterhour.http import body
from quarterhour.http.answers.forms import Answer
from quarterhour.http.document import check_routed
from quarterhour.http.documenting import STATUSES, Documenting
from quarterhour.http.negotiation import packed, takes_gzip, with_form
from quarterhour.http.origin import READS, check_origin, origin, preflight
from quarterhour.http.refusals import bad_shape, refusal

BAD = 400
# By so much the clock here and the gateway's may differ before it is told.
SKEW_S = 60.0

# What marks days by the clock.
_BY_THE_CLOCK = frozenset({"DELETE", "POST"})

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
Handling = TypeVar("Handling", bound=Callable[..., Answer])

logger = Logger()
metrics = Metrics()


class Api:
    """Routes by `route`; `handler` is what Lambda calls.

    A HEAD is answered as the GET of its path, without the body. Whatever is raised below a route
    becomes the error body here and nowhere else.
    """

    def __init__(self, *, has_table: bool = True) -> None:
        self._resolver = APIGatewayHttpResolver(
            enable_validation=True, json_body_deserializer=body.parse
        )
        self._documenting = Documenting()
        self._always = (HTTPStatus.SERVICE_UNAVAILABLE,) if has_table else ()
        for kind, handling in _HANDLINGS.items():
            self._resolver.exception_handler(kind)(handling)

    def route(
        self, route: str, shape: type, *statuses: int, name: str, tag: str, summary: str
    ) -> Callable[[Handling], Handling]:
        """Route requests, as of `GET /data`, to the function that is decorated.

        All else is for the OpenAPI document: the shape of the answer, statuses that neither the
        method nor a variable of the path (404) tells, the operation's name.
        """
        method, path = route.split()
        named = (HTTPStatus.NOT_FOUND,) if "<" in path else ()
        possible = (*STATUSES[method], *self._always, *named, *statuses)

        def decorate(handling: Handling) -> Handling:
            return self._resolver.route(
                path,
                method,
                summary=summary,
                responses=self._documenting.described(handling, name, shape, possible),
                tags=[tag],
                operation_id=name,
            )(handling)

        return decorate

    def handler(self) -> Handler:
        """Return the function's handler; all that is loaded by now is kept out of later sweeps."""
        gc.freeze()
        return logger.inject_lambda_context(self._handle, correlation_id_path=API_GATEWAY_HTTP)

    @property
    def origin(self) -> str:
        """Where the request that is being answered came to, as `https://example.org`."""
        return origin(self._resolver.current_event.raw_event)

    @property
    def received_s(self) -> float:
        """When the gateway received the request that is being answered, in seconds since 1970.

        0 where it does not say.
        """
        return _received_s(self._resolver.current_event.raw_event)

    @property
    def takes_gzip(self) -> bool:
        """Whether the answer to the request that is being answered will be packed."""
        return takes_gzip(self._resolver.current_event.raw_event)

    @property
    def query(self) -> str:
        """The query string of the request that is being answered, as it was sent."""
        return str(self._resolver.current_event.raw_event.get("rawQueryString", ""))

    @property
    def query_names(self) -> list[str]:
        """The names of the parameters of the request that is being answered."""
        return [name for name, _ in parse_qsl(self.query, keep_blank_values=True)]

    def openapi(self) -> dict[str, Any]:
        """Return this function's OpenAPI document."""
        document = self._resolver.get_openapi_schema(title="Quarterhour", version=__version__)
        return self._documenting.finished(
            document.model_dump(by_alias=True, exclude_none=True, mode="json")
        )

    def _handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        method = event["requestContext"]["http"]["method"]
        answered = self._answered(event, context)
        if method == "POST" and answered["statusCode"] >= BAD:
            count("RefusedBatches", 1)
        received_s = _received_s(event)
        if method in _BY_THE_CLOCK and received_s and abs(time.time() - received_s) > SKEW_S:
            count("ClockSkew", 1)
        return answered if method != "HEAD" else {**answered, "body": "", "isBase64Encoded": False}

    def _answered(self, raw: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        event = _lower_named(raw)
        method = event["requestContext"]["http"]["method"]
        if method == "OPTIONS":
            return _plain(preflight())
        try:
            if method not in READS:
                check_origin(event)
            path = event["rawPath"].removesuffix("/") or "/"  # with and without it is the same
            if event["routeKey"] != f"{method} {path}":
                check_routed(method, path)
            _check_given_once(event.get("rawQueryString", ""))
            asked = with_form(event) if method in READS else event
            readable = {**_head_as_get(body.unpacked(asked)), "rawPath": path}
            return packed(event, self._resolver.resolve(readable, context))
        except QuarterhourError as error:
            return _plain(_refused(error))


def _lower_named(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with lower-case header names, as HTTP APIs have them and others do not."""
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    return {**event, "headers": headers}


def _head_as_get(event: dict[str, Any]) -> dict[str, Any]:
    context = event["requestContext"]
    if context["http"]["method"] != "HEAD":
        return event
    return {**event, "requestContext": {**context, "http": {**context["http"], "method": "GET"}}}


def _received_s(event: dict[str, Any]) -> float:
    return float(event["requestContext"].get("timeEpoch", 0)) / 1000


def count(name: str, number: int) -> None:
    """Count something for this minute's metrics (CloudWatch embedded metric format)."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()


def _check_given_once(query: str) -> None:
    times = Counter(name for name, _ in parse_qsl(query, keep_blank_values=True))
    twice = [name for name, number in times.items() if number > 1]
    if twice:
        raise BadRequest(
            "A parameter is given more than once.",
            [Detail("is given more than once", name[:100]) for name in twice],
        )


def _refused(error: QuarterhourError) -> Answer:
    cause = {"cause": repr(error.__cause__)} if error.__cause__ else {}
    logger.info("refused", extra={"status": error.status, "error": error.message, **cause})
    return refusal(error)


def _misshapen(error: RequestValidationError) -> Answer:
    return _refused(bad_shape(error))


def _nowhere(_: NotFoundError) -> Answer:
    return _refused(NotFound("There is nothing at this path."))


def _failed(error: Exception) -> Answer:
    logger.error("failed", exc_info=error)
    return refusal(QuarterhourError("This failed on our side; it is logged. Try again later."))


_HANDLINGS: Mapping[type[Exception], Callable[[Any], Answer]] = {
    QuarterhourError: _refused,
    RequestValidationError: _misshapen,
    NotFoundError: _nowhere,
    Exception: _failed,
}


def _plain(reply: Answer) -> dict[str, Any]:
    return {
        "statusCode": reply.status_code,
        "headers": dict(reply.headers),
        "body": reply.body,
        "isBase64Encoded": False,
    }
