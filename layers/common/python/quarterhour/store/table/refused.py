"""Calls that DynamoDB refused, and calls that it did not answer.

CallRefused           it says why; `response` has the form that botocore's ClientError gives it
  ClockSkewed     because this machine's clock is off
CallLost              its answer did not come whole: whether the call was applied is not known
  Unreachable     no connection was made: the call was not applied
"""

from collections.abc import Mapping
from typing import Any


class CallRefused(Exception):
    """A refusal of DynamoDB: `response` has Error, ResponseMetadata and CancellationReasons."""

    def __init__(self, response: Mapping[str, Any], operation: str) -> None:
        error = response["Error"]
        code, message = error["Code"], error.get("Message", "")
        super().__init__(f"{operation} was refused with {code}: {message}")
        self.response = response


class ClockSkewed(CallRefused):
    """The signature's time is not within DynamoDB's five minutes."""


class CallLost(Exception):
    """No answer came, or none that is whole."""


class Unreachable(CallLost):
    """Nothing was sent, because there is no connection."""
