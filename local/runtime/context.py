"""The context object a Lambda function is given beside its event."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.template import Function

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The documented fields; the deadline counts but is not enforced."""

    function_name: str
    aws_request_id: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    deadline_s: float = field(repr=False)
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    tenant_id: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left until the function's configured timeout, at least 0."""
        return max(0, int((self.deadline_s - time.monotonic()) * 1000))


Handler = Callable[[dict[str, Any], LambdaContext], Any]


def context_for(function: Function, request_id: str) -> LambdaContext:
    """Make the context of one call of `function`."""
    return LambdaContext(
        function_name=function.name,
        aws_request_id=request_id,
        invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function.name}",
        memory_limit_in_mb=str(function.memory_mb),
        log_group_name=f"/aws/lambda/{function.name}",
        deadline_s=time.monotonic() + function.timeout_s,
    )
