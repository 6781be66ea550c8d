"""What can be wrong with a request. Every error knows its HTTP status; one place answers them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is wrong: why, in which field or parameter, of which reading."""

    reason: str
    field: str | None = None
    index: int | None = None


MOST_NAMED = 10


def named_fields(details: Sequence[Detail]) -> str:
    """Return the fields of details for a sentence, the first of them where there are many.

    >>> named_fields([Detail("is required", "name"), Detail("is required")])
    'name, body'
    """
    fields = list(dict.fromkeys(detail.field or "body" for detail in details))
    more = len(fields) - MOST_NAMED
    return ", ".join(fields[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


class QuarterhourError(Exception):
    """A refusal with its HTTP status, a sentence for people and details for programs."""

    status = 500

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to this refusal."""
        return {}


class BadRequest(QuarterhourError):
    """The request is wrong in itself; repeating it will not help."""

    status = 400


def invalid(details: Sequence[Detail]) -> BadRequest:
    """Return the refusal of a request of which these are the faults."""
    return BadRequest(f"The request is not valid: see {named_fields(details)}.", details)


class TooMuchUnsettled(BadRequest):
    """A range with more readings that are not settled yet than one request reads."""


class Forbidden(QuarterhourError):
    """A write by a page that may not write here."""

    status = 403


class NotFound(QuarterhourError):
    """An unknown path, ship, house, device or view."""

    status = 404


class MethodNotAllowed(QuarterhourError):
    """A known path that does not take this method."""

    status = 405

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """`Allow`, which a 405 must carry (RFC 9110)."""
        return {"Allow": ", ".join(self.allowed)}


class TooLarge(QuarterhourError):
    """More than one request may carry."""

    status = 413


class NotJson(QuarterhourError):
    """A body in a media type or encoding that is not read here."""

    status = 415


class Busy(QuarterhourError):
    """The table could not take it in time; repeating the request, after a while, is safe."""

    status = 503

    def __init__(self, message: str, after_s: int = 1) -> None:
        super().__init__(message)
        self.after_s = after_s
