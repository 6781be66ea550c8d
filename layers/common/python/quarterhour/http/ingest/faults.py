"""What is wrong with a batch: all of it is collected, and answered at once."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from quarterhour.errors import BadRequest, Detail
from quarterhour.http.refusals import bad_request

# Lambda takes answers of 6 MB, and counts the body as JSON in JSON. The 40,000 faults that 20,000
# readings of one channel can have are 5 MB; channels that the body made up could be any number.
MAX_BYTES = 5_800_000
_BYTES_BESIDE = 52
_LONGEST_FIELD = 100

Parsed = TypeVar("Parsed")


class Faults:
    """Faults of a batch, as many of them as an answer can hold."""

    def __init__(self) -> None:
        self._details: list[Detail] = []
        self._room = MAX_BYTES

    def add(self, reason: str, field: str, index: int | None = None) -> None:
        """Note what is wrong with a field of a reading, or with a member of the body."""
        if self._room <= 0:
            return
        detail = Detail(reason, field[:_LONGEST_FIELD], index)
        self._room -= _BYTES_BESIDE + len(reason) + len(json.dumps(json.dumps(detail.field)))
        if self._room <= 0:
            detail = Detail("more is wrong than an answer can hold", "data")
        self._details.append(detail)

    def parsed(
        self, parse: Callable[[Any], Parsed], given: Any, field: str, default: Parsed
    ) -> Parsed:
        """Return a member of the body as `parse` reads it; the default where it is bad."""
        try:
            return parse(given)
        except ValueError as error:
            self.add(str(error), field)
            return default

    def check(self, sentence: str = "") -> None:
        """Refuse the batch if anything is wrong with it; the sentence says what, if one can."""
        if self._details and sentence:
            raise BadRequest(sentence, self._details)
        if self._details:
            readings = {detail.index for detail in self._details} - {None}
            raise bad_request(self._details, len(readings))
