"""What is not HTTP, refused with the error body that the API has for all refusals."""

from http import HTTPStatus

from gunicorn.http import errors

from local.gateway.answer import Answer, error

_MOST_SHOWN = 200


class TooSlowError(errors.ParseException):  # type: ignore[misc]
    """A request did not come to its end in time; the text is a sentence."""


_STATUS: dict[type[Exception], HTTPStatus] = {
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    TooSlowError: HTTPStatus.REQUEST_TIMEOUT,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
}
_SENTENCES = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "The request failed.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The request line is too long.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too large, or too many.",
    HTTPStatus.NOT_IMPLEMENTED: "Transfer-Encoding can only be chunked.",
    HTTPStatus.EXPECTATION_FAILED: "Expect can only be 100-continue.",
}


def refusal(failure: BaseException) -> Answer:
    """Return the answer to a request that could not be read; 500 where that is our fault."""
    statuses = (status for kind, status in _STATUS.items() if isinstance(failure, kind))
    status = next(statuses, HTTPStatus.INTERNAL_SERVER_ERROR)
    return error(status, _SENTENCES.get(status) or _sentence(failure))


def _sentence(failure: BaseException) -> str:
    if isinstance(failure, TooSlowError):
        return str(failure)
    return f"The request is not valid HTTP: {str(failure)[:_MOST_SHOWN]}."
