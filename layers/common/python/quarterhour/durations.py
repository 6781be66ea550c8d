"""The `interval` of a POST: ISO 8601 durations from a minute to a day (semantics, rule 2)."""

import re
from decimal import Decimal

from quarterhour.reach import MAX_DECLARED_MS, MIN_DECLARED_MS

_N = r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_DURATION = re.compile(rf"P(?=.)(?:{_N}D)?(?:T(?=.)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?")
_PARTS_MS = (86_400_000, 3_600_000, 60_000, 1_000)


def interval_ms(text: str) -> int:
    """Return a declared interval in milliseconds; ValueError unless it is PT1M to P1D.

    >>> interval_ms("PT300S") == interval_ms("PT5M") == 300_000
    True
    """
    spelled = _DURATION.fullmatch(text)
    total = sum(
        Decimal(part.replace(",", ".")) * ms
        for part, ms in zip(spelled.groups() if spelled else (), _PARTS_MS, strict=False)
        if part
    )
    if not MIN_DECLARED_MS <= total <= MAX_DECLARED_MS:
        raise ValueError("must be an ISO 8601 duration from PT1M to P1D, as PT15M or PT1H")
    return int(total)
