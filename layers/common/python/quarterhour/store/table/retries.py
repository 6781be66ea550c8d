"""What is tried again, after which pauses, and how much of it an environment can afford."""

import random
from collections.abc import Iterator
from threading import Lock

from quarterhour.store.table.refused import CallRefused

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0

# As in botocore's standard mode: a hundred retries are at hand. A tenth of all calls may be
# throttled for ever without using them up.
BUDGET = 500
COST = 5

_FAULTS = 500  # of the other side, from this HTTP status on
_CONFLICTS = {"TransactionConflictException", "TransactionInProgressException"}
_THROTTLES = {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
_CONFLICT = {"None", "TransactionConflict"}
_PASSING_REASONS = _CONFLICT | {"ProvisionedThroughputExceeded", "ThrottlingError"}


class RetryBudget:
    """The retries that all requests of an environment have together.

    Each costs; a call that succeeds gives back what its last retry cost, or a little. A table that
    refuses everything uses it up, and is then asked once by each call, no longer all the time.
    """

    def __init__(self, tokens: int = BUDGET) -> None:
        self._most = self._left = tokens
        self._lock = Lock()

    def afford(self) -> bool:
        """Pay for one retry; return whether there was enough left."""
        with self._lock:
            if self._left < COST:
                return False
            self._left -= COST
            return True

    def give_back(self, *, paid: bool) -> None:
        """Note that a call succeeded, at once or after retries that were paid for."""
        with self._lock:
            self._left = min(self._left + (COST if paid else 1), self._most)


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait before the next attempt, for ever: by chance, ever longer."""
    longest_s = FIRST_PAUSE_S
    while True:
        yield random.uniform(0, longest_s)
        longest_s = min(2 * longest_s, LONGEST_PAUSE_S)


def passes(refusal: CallRefused) -> bool:
    """Return whether a call that was refused so may succeed when it is sent again."""
    if refusal.response["ResponseMetadata"]["HTTPStatusCode"] >= _FAULTS:
        return True
    code, reasons = _code(refusal), _reasons(refusal)
    return code in _THROTTLES | _CONFLICTS or (bool(reasons) and reasons <= _PASSING_REASONS)


def is_conflict(failure: Exception) -> bool:
    """Return whether a call only met another one of its kind: no sign that the table is busy."""
    if not isinstance(failure, CallRefused):
        return False
    reasons = _reasons(failure)
    return _code(failure) in _CONFLICTS or (bool(reasons) and reasons <= _CONFLICT)


def _code(refusal: CallRefused) -> str:
    code: str = refusal.response["Error"]["Code"]
    return code


def _reasons(refusal: CallRefused) -> set[str]:
    """Return the reasons for which a transaction was cancelled; none of anything else."""
    reasons = refusal.response.get("CancellationReasons", [])
    return {reason.get("Code", "None") for reason in reasons}
