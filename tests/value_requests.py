"""Requests for values: of whatever house, with whatever parameters, page after page."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from tests.builders import channel_batch, values
from tests.catalogues import PATH
from tests.conftest import Answer, Call

NEW_YORK = ZoneInfo("America/New_York")
HOST = "example.org:8443"
HOUR = timedelta(hours=1)


def local(*at: int) -> datetime:
    """Return a time of New York."""
    return datetime(*at, tzinfo=NEW_YORK)  # type: ignore[misc,arg-type]


def post(
    call: Call,
    device: int,
    start: datetime,
    interval: timedelta = HOUR,
    units: Any = "kWh",
    **channels: Iterable[Any],
) -> None:
    """Post values of channels, one after the other from a time on; None is none."""
    data = [
        values(start.astimezone(UTC) + nth * interval, **dict(zip(channels, row, strict=True)))
        for nth, row in enumerate(zip(*channels.values(), strict=True))
    ]
    for first in range(0, len(data), 500):
        body = channel_batch(
            *data[first : first + 500], units=units, interval=f"PT{interval.seconds // 60}M"
        )
        answer = call("POST", f"{PATH}devices/{device}/readings/", body)
        assert answer.status == 200, answer.text[:1000]


def target(path: str, **parameters: Any) -> str:
    """Return the target of a GET below house 5: `target("devices/1", interval="day")`."""
    return f"{PATH}{path}/?{urlencode(parameters)}"


def items(call: Call, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the items of the only page, without their coverage."""
    return [
        {name: value for name, value in item.items() if name != "coverage"}
        for item in covered_items(call, path, **parameters)
    ]


def covered_items(call: Call, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the items of the only page."""
    answer = call("GET", target(path, **parameters))
    assert answer.status == 200, answer.text[:1000]
    assert "next" not in answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def pages(call: Call, target_: str) -> Iterator[Answer]:
    """Yield the pages from a target on, each as the URL of the one before leads to it."""
    seen = set[str]()
    while target_:
        assert target_ not in seen, "pages never end"
        seen.add(target_)
        answer = call("GET", target_, host=HOST)
        assert answer.status == 200, answer.text[:1000]
        yield answer
        url = answer.json.get("next", "")
        assert not url or url.startswith(f"http://{HOST}/api/houses/")
        target_ = urlsplit(url)._replace(scheme="", netloc="").geturl()
