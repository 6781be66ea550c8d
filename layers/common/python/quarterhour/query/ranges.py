"""What a range of a query may be: half-open, and no longer than its answer can be."""

from quarterhour.errors import BadRequest, Detail
from quarterhour.time.calendar import DAY_MS

# 36,000 points fit an answer; hours of five years are 43,848.
LONGEST_DAYS = {"15min": 366, "hour": 5 * 365 + 2}


def check_order(start_ms: int | None, end_ms: int | None) -> None:
    """Refuse a range that runs backwards; start == end is an empty one."""
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise BadRequest("start must not be after end.", [Detail("is after end", "start")])


def check_range(start_ms: int, end_ms: int, interval: str) -> None:
    """Refuse a range that runs backwards or is too long for its interval."""
    check_order(start_ms, end_ms)
    longest = LONGEST_DAYS.get(interval)
    if longest and end_ms - start_ms > longest * DAY_MS:
        reason = f"at most {longest} days after start at interval={interval}"
        raise BadRequest(
            f"The range is too long: at interval={interval} it may span {longest} days.",
            [Detail(reason, "end")],
        )
