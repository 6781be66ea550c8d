"""What has changed since it was recorded: how an item is stored today, and what costs more.

And what is asked and answered otherwise: values, the coverage of fleets, what clients take.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any
from zlib import crc32

from quarterhour.energy.lookback import MAX_HOLD_MS
from quarterhour.store.table import keys
from quarterhour.store.table.fence import PLACE
from quarterhour.time.calendar import DAY_MS, UTC
from tests.recorded.running import SHARDS, Request, Row
from tests.recorded.sums import in_packed_form


def _totals_by_date(item: Row) -> Row:
    """Period totals begin with their instant, so that those of a range are one query."""
    sort = item["sk"]["S"]
    if sort.startswith("p#"):
        _, device, channel, start = sort.split("#")
        return {**item, "sk": {"S": f"t#{start}#{device}#{channel}"}}
    if sort == "c#catalogue" and "totals" in item:
        others = {name: value for name, value in item.items() if name != "totals"}
        return {**others, "totals_by_date": item["totals"]}
    return item


def _by_shard(item: Row) -> Row:
    """The todo is a list for each shard."""
    partition = item["pk"]["S"]
    if partition not in {"T", "TH"}:
        return item
    owner = item["sk"]["S"].split("#")[1].split(".")[0]
    return {**item, "pk": {"S": f"{partition}#{crc32(owner.encode()) % int(SHARDS)}"}}


# What refusals say, by what they said.
_SENTENCES = {
    r'("field":"datetime","reason":)"must be a string"': (
        r'\1"must be an ISO 8601 time or a number of Unix time"'
    ),
    r"duration from PT1M to P1D, as": "duration from PT1S to PT26H, as",
    r", or P1M or P1Y": ", or a period, P2D to P400D, P1M or P1Y",
    r"kW, W, kWh, Wh": "kW, W, MW, kWh, Wh, MWh, J, kJ, MJ, GJ",
    r"gal, L, m3": "gal, L, hL, m3, ft3, CCF",
}

_LIMITS = re.compile(r"/views/defaults?/?\?interval=days?$")


_PATH = re.compile(r"/data/?|/api/houses/[^/]*/devices/[^/]*/readings/?")


def is_routed_anew(request: str) -> bool:
    """Return whether a request was refused for its method, and its path takes more of them today.

    `DELETE /data?spaceship_id=1` would delete what others are answered from.
    """
    method, _, target = request.partition(" ")
    path = re.split("[? ]", target)[0]
    was_taken = {"OPTIONS", "POST"} if path.rstrip("/").endswith("readings") else _OF_DATA
    return bool(_PATH.fullmatch(path)) and method not in was_taken


_OF_DATA = {"GET", "HEAD", "OPTIONS", "POST"}

CHANGES: tuple[Callable[[Row], Row], ...] = (_totals_by_date, _by_shard, in_packed_form)


def reach_of_then(first_ms: int, last_ms: int) -> range:
    """Return the days that a write could change when intervals lasted up to a day."""
    return UTC.days_between(first_ms - MAX_HOLD_MS, last_ms + DAY_MS)


def said_today(answer: Row) -> Row:
    """Return a recorded answer in today's words."""
    body = answer.get("body")
    if isinstance(body, str) and answer.get("status") == HTTPStatus.BAD_REQUEST:
        for said, says in _SENTENCES.items():
            body = re.sub(said, says, body)
        return {**answer, "body": body}
    return answer


def but_of_values(answer: Row) -> Row:
    """Return an answer without the warnings of values and times: these are others today."""
    body = answer.get("body")
    if not (isinstance(body, str) and '"warnings":[{' in body):
        return answer
    said = json.loads(body)
    said["warnings"] = [one for one in said["warnings"] if one["code"] in {"gap", "overlap"}]
    return {**answer, "body": json.dumps(said, separators=(",", ":"))}


def is_csv(answer: Row) -> bool:
    """Return whether a body of CSV was posted, which was no body then."""
    return "text/csv" in str(answer["request"])


def costs(was: Row) -> tuple[Counter[str], float, float]:
    """Return what a request may cost more today: calls, read units and write units.

    A read of what is not settled asks for the watermarks, once a minute; here each environment is
    a new one. It reads two hours more before each gap, as intervals may last longer. A write may
    read the fence, and the first of a table begins it. A new ship is listed and counted in a
    transaction, where an update listed it; the first of a shard after those of a table of before
    were counted. The limits of a house are read by day since month blocks have the
    extremes of hours: blocks of that time have none of these, and each gap is read by itself.
    """
    calls = was.get("calls", "").split()
    if _LIMITS.search(was["request"]):
        return Counter(GetItem=1, BatchGetItem=4, Query=30), 45, 0
    if not was["request"].startswith("POST /data ") or not {"GetItem", "UpdateItem"} <= {*calls}:
        return Counter(GetItem=1, BatchGetItem=1, Query=1), 3, 0
    return Counter(BatchGetItem=1, GetItem=3, Query=4, TransactWriteItems=2, UpdateItem=1), 12, 6


def is_new(item: Row) -> bool:
    """Return whether an item is of a kind that was not there.

    The sizes of shards, the fence, the months of a house's hours.
    """
    partition, sort = item["pk"]["S"], item["sk"]["S"]
    is_of_hours = partition.startswith("H") and sort.startswith("m#") and "h#" in sort
    return (partition, sort) == PLACE or partition == keys.SIZES or is_of_hours


def as_today(item: Row) -> Row:
    """Return a recorded item as it would be stored today."""
    for change in CHANGES:
        item = change(item)
    return item


# --- What is asked and answered -------------------------------------------------------------------

_VALUES = r"/api/houses/[^/]+/(?:devices/[^/?]+|circuits/[^/?]+|temperatures)/?"
_OF_VALUES = re.compile(rf"GET {_VALUES}\?")
_TAKEN = {("accept", "text/csv"), ("accept-encoding", "gzip")}
_TAKES = re.compile(r" (?:accept: text/csv|accept-encoding: gzip)")
# Values refuse parameters that they have not; and their ranges ended with days, whatever the time.
_UNKNOWN = re.compile(r"(?<=[?&])(?:house|date|colour)=[^&]*&?|&(?:house|date|colour)=[^&]*")
_TIME = re.compile(r"(?<=[?&])(start|end)=([0-9]{4}-[0-9]{2}-[0-9]{2})T[^&]*")
# A `+` that is not escaped was none.
_PLUS = re.compile(r"GET /data\?.*start=[^&]*\+")
_OR_A_TIME = ", or a time, as 2013-01-05T17:00"
_BEGINS = {"month": "-01", "year": "-01-01"}
_DATES = {"month": len("2013-01"), "year": len("2013")}
_EXPOSED = "access-control-expose-headers"
LEAST_PACKED_BYTES = 1024


def asked(requests: Iterable[Request]) -> Iterator[Request]:
    """Yield the requests that today are what the recorded ones were then."""
    for request in requests:
        headers = tuple(one for one in request.headers if one not in _TAKEN)
        name = name_today(f"{request.method} {request.target}")
        target = name.partition(" ")[2]
        if not _PLUS.match(name):
            yield request._replace(target=target, headers=headers)


def name_today(name: str) -> str:
    """Return what a recorded request is called today: CSV and gzip were not taken then."""
    name = _TAKES.sub("", name)
    return _TIME.sub(r"\1=\2", _UNKNOWN.sub("", name)) if _OF_VALUES.match(name) else name


def recorded(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield recorded answers as far as they are given today, months and years dated anew."""
    for row in rows:
        if not _PLUS.match(row["request"]):
            name = name_today(row["request"])
            is_page = _OF_VALUES.match(name) and row["status"] == OK
            dated = {"body": _dated_anew(row["body"])} if is_page else {}
            yield {**row, "request": name, **dated}


def _dated_anew(body: str) -> str:
    """Return values whose months and years are dated by their beginning, and ordered by that."""
    page = json.loads(body)
    interval = page["interval"]
    if interval in _BEGINS:
        for item in page["items"]:
            item["date"] = item["date"][: _DATES[interval]] + _BEGINS[interval]
        ids = page.get("devices") or page.get("circuits") or []
        page["items"].sort(key=lambda item: (item["date"], _place(ids, item)))
    return json.dumps(page, separators=(",", ":"))


def _place(ids: list[Any], item: Row) -> int:
    item_id = item.get("circuit", item.get("device"))
    return ids.index(item_id) if ids else int(str(item_id))


def as_then(row: Row) -> Row:
    """Return an answer of today without what none said then.

    Coverage of values and of the fleet; that a long answer varies; headers that pages may read.
    """
    if "body" not in row:
        return row
    body, headers = row["body"], dict(row.get("headers", {}))
    if "vary" in headers and (row["request"].startswith("HEAD ") or len(body) > LEAST_PACKED_BYTES):
        assert headers.pop("vary") == VARIES
    if _EXPOSED in headers:
        headers[_EXPOSED] = headers[_EXPOSED].replace("content-disposition,link,", "")
    if _OF_VALUES.match(row["request"]):
        body = _OF_ITEM.sub("", body).replace(_OR_A_TIME, "")
    elif row["request"].startswith("GET /data/fleet") and row["status"] == OK:
        body = _OF_POINT.sub("", body) if body.startswith("{") else _OF_LINE.sub("", body)
    return {**row, "body": body, **({"headers": headers} if "headers" in row else {})}


OK = 200
VARIES = "Accept, Accept-Encoding"
_OF_ITEM = re.compile(r',"coverage":\{[^{}]*\}(?=})')
_OF_POINT = re.compile(r',"coverage":[0-9.e-]+(?=})')
_OF_LINE = re.compile(r",(?:coverage|[0-9.e-]*)(?=\r\n)")
