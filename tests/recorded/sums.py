"""Blocks of sums, which were recorded as an attribute a measure, in the form they have since.

What they say is the same, bit by bit: `v` names the form, `p` has the figures column by column, of
the parts up to `upto`, in place of an attribute for each measure and of `of`, which named these.
"""

import struct
from base64 import b64decode, b64encode
from datetime import date, timedelta

from tests.models.local_time import midnight
from tests.recorded.running import Row

_FIRST_OF_SUMS = ("m#", "y#")
_KEPT = ("pk", "sk", "s", "tz", "upto")
_GAUGES = "th"


def is_of_sums(item: Row) -> bool:
    """Return whether an item is a month's or a year's block of a site."""
    return item["pk"]["S"][0] in "SH" and item["sk"]["S"].startswith(_FIRST_OF_SUMS)


def in_packed_form(item: Row) -> Row:
    """Return the same block as it is stored now; other items stay as they are."""
    if not is_of_sums(item) or "p" in item:
        return item
    names = item["of"]["S"].split()
    parts = _complete(item)
    heads = [struct.pack("<BHH", 1, parts, len(names))]
    columns = []
    for name in names:
        channel, _, letter = name.rpartition(".")
        heads.append(f"{letter}{chr(len(channel))}{channel}".encode())
        forms = "dIdd" if letter in _GAUGES else "dI"
        lines = [*struct.iter_unpack(f"<{forms}", b64decode(item[name]["B"]))][:parts]
        for form, column in zip(forms, zip(*lines, strict=True), strict=False):
            columns.append(struct.pack(f"<{parts}{form}", *column))
    packed = b64encode(b"".join([*heads, *columns])).decode()
    return {**{name: item[name] for name in _KEPT}, "v": {"N": "3"}, "p": {"B": packed}}


def _complete(item: Row) -> int:
    """Return how many of the period's local days, or months, lie before `upto`."""
    kind, *named = item["sk"]["S"].split("#")
    upto_ms, zone = int(item["upto"]["N"]), item["tz"]["S"]
    if kind == "m":
        first = date.fromisoformat(f"{named[1]}-01")
        ends = [first + timedelta(day) for day in range(1, 32)]
        following = (first + timedelta(32)).replace(day=1)
        ends = [end for end in ends if end <= following]
    else:
        year = int(named[0])
        ends = [date(year, month, 1) for month in range(2, 13)] + [date(year + 1, 1, 1)]
    return sum(midnight(zone, end) <= upto_ms for end in ends)
