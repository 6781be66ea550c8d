"""Answers that are packed, over the gateway: the same as those that are not, and longer ones."""

import gzip
import random
from datetime import UTC, datetime, timedelta

import pytest

from quarterhour.energy.profile import profile
from quarterhour.http.answers.forms import formed
from quarterhour.http.answers.range import ship_range
from quarterhour.http.negotiation import MAX_PACKED_BYTES, packed
from quarterhour.query.intervals import LONGEST_PACKED_DAYS, MOST_PACKED_POINTS
from quarterhour.time.calendar import BUCKET_MS
from quarterhour.time.instants import FIRST_MS
from tests.builders import batch, in_range, iso, readings
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.refused import refused
from tests.value_requests import local, post, target

pytestmark = pytest.mark.integration

MIDNIGHT = datetime(2018, 8, 24, tzinfo=UTC)
DAY = timedelta(days=1)
GZIP = {"accept_encoding": "gzip"}


def test_a_packed_answer_is_the_same_answer(call: Call) -> None:
    call("POST", "/data", batch(readings(range(96), minutes=15), interval="PT15M"))
    call("PUT", PATH, entry(meter(1, "used")))
    post(call, 1, local(2018, 8, 24), used=range(1, 49))
    targets = (
        in_range(MIDNIGHT, MIDNIGHT + DAY, interval="15min"),
        in_range(MIDNIGHT, MIDNIGHT + DAY, interval="15min", format="csv"),
        target("devices/1", interval="hour"),
        target("views/summary", interval="hour"),
        "/openapi.json",
    )
    for at in targets:
        plain, answer = call("GET", at), call("GET", at, **GZIP)
        assert gzip.decompress(answer.body) == plain.body, at
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.body) < len(plain.body) / 2
        assert plain.headers["vary"] == answer.headers["vary"] == "Accept, Accept-Encoding"
        assert call("GET", at, accept_encoding="gzip;q=0").body == plain.body
        head = call("HEAD", at, **GZIP)
        assert (head.body, head.headers["content-encoding"]) == (b"", "gzip")


@pytest.mark.parametrize("path", ["/data?spaceship_id=1&", "/data/fleet?"])
@pytest.mark.parametrize(("interval", "most"), [*LONGEST_PACKED_DAYS.items()])
def test_ranges_are_longer_for_who_takes_gzip(
    call: Call, path: str, interval: str, most: int
) -> None:
    """250,000 points: seven years of quarter hours."""
    assert LONGEST_PACKED_DAYS == {"15min": 2604, "hour": 10_416}
    call("POST", "/data", batch(readings([1])))
    start = datetime(2000, 1, 1, tzinfo=UTC)
    longest, longer = (
        f"{path}start={iso(start)}&end={iso(start + days * DAY)}&interval={interval}"
        for days in (most, most + 1)
    )
    assert call("GET", longest, **GZIP).status == 200
    assert f"at most {most} days" in refused(call("GET", longer, **GZIP))["details"][0]["reason"]
    refused(call("GET", longest))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_as_many_points_of_a_ship_as_there_may_be_fit_whatever_is_in_them(form: str) -> None:
    """Figures at random, each covered in part: nothing packs worse."""
    rng = random.Random(1)
    starts = range(FIRST_MS, FIRST_MS + MOST_PACKED_POINTS * BUCKET_MS, BUCKET_MS)
    kwh = [rng.random() * 1000 for _ in starts]
    covered = [rng.randrange(1, BUCKET_MS) for _ in starts]
    table = ship_range(2**53 - 1, profile(starts, kwh, covered), "15min")
    event = {"headers": {"accept-encoding": "gzip"}}
    answer = packed(event, {"headers": {}, "body": str(formed(table, form).body)})
    assert len(answer["body"]) <= MAX_PACKED_BYTES
