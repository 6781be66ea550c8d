"""Channels that declare once how long their readings last, which end is told, and a factor."""

from typing import Any

import pytest

from quarterhour.store.write import known_sites
from tests.builders import channel_batch, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.refused import places, refused

pytestmark = pytest.mark.integration

TARGET = f"{PATH}devices/1/readings/"
MIDNIGHT = "2024-03-05T00:00:00Z"


def put(call: Call, timezone: str = "UTC", **channels: dict[str, Any]) -> None:
    """Put house 5 with a meter of these channels, of energy where they do not say."""
    said = {name: {"quantity": "energy", **one} for name, one in channels.items()}
    body = entry(meter(1, channels=said), timezone=timezone)
    assert call("PUT", PATH, body).status in {200, 201}


def post(call: Call, *data: Any, **more: Any) -> Any:
    answer = call("POST", TARGET, channel_batch(*data, **more))
    assert answer.status == 200, answer.text[:1000]
    return answer.json


def rows(
    call: Call, interval: str, start: str, duration: str, channel: str = "used"
) -> dict[str, float]:
    query = f"interval={interval}&start={start}&duration={duration}"
    answer = call("GET", f"{PATH}devices/1/?{query}")
    assert answer.status == 200, answer.text[:1000]
    return {one["date"][:16]: one[channel] for one in answer.json["items"] if channel in one}


def test_the_last_reading_before_an_outage_lasts_as_long_as_the_channel_declares(
    call: Call,
) -> None:
    """A feed of every 20 seconds: 60 W, 2,400 W at 19:00, then silence until 20:00."""
    put(call, used={"interval": "PT20S"})
    clocks = [divmod(nth * 20, 60) for nth in range(180)]
    data = [values(f"2024-03-05T18:{minute:02}:{second:02}Z", used=60) for minute, second in clocks]
    data += [values("2024-03-05T19:00:00Z", used=2400), values("2024-03-05T20:00:00Z", used=60)]
    assert post(call, *data, units="W")["warnings"] == []
    found = rows(call, "hour", "2024-03-05", "1day")
    assert [*found.values()] == [0.06, 0.013333, 0.000333]


def test_what_a_post_says_counts_before_what_the_channel_declares(call: Call) -> None:
    put(call, used={"interval": "PT15M", "label": "end"}, stove={}, oven={"interval": "PT30M"})
    at = "2024-03-05T01:00:00Z"
    post(call, values(at, used=1, stove=1, oven=1))
    post(call, values("2024-03-05T05:00:00Z", used=1, stove=1, oven=1), interval="PT1H")
    at = "2024-03-05T09:00:00Z"
    post(call, values(at, used=1, oven=1, stove=1), interval="PT1H", label="start")
    ended = {**values("2024-03-05T13:00:00Z", used=1, stove=1, oven=1), "end": "2024-03-05T15:00Z"}
    post(call, ended, label="end")
    assert rows(call, "hour", "2024-03-05", "1day") == {
        "2024-03-05T00:00": 1, "2024-03-05T04:00": 1, "2024-03-05T09:00": 1,
        "2024-03-05T13:00": 0.5, "2024-03-05T14:00": 0.5,
    }  # fmt: skip
    of_hours = {"2024-03-05T05:00": 1, "2024-03-05T09:00": 1}
    halves = {"2024-03-05T13:00": 0.5, "2024-03-05T14:00": 0.5}
    for channel in ("stove", "oven"):
        found = rows(call, "hour", "2024-03-05", "1day", channel)
        assert found == {"2024-03-05T01:00": 1} | of_hours | halves


def test_a_post_may_label_what_the_channel_gives_an_interval(call: Call) -> None:
    put(call, used={"interval": "PT1H"})
    answer = post(call, values("2024-03-05T01:00:00Z", used=1), label="end")
    assert (answer["start"], answer["end"]) == (MIDNIGHT, MIDNIGHT)


def test_a_channel_that_is_labelled_by_the_end_needs_an_interval(call: Call) -> None:
    put(call, used={"label": "end"}, stove={})
    body = channel_batch(values(MIDNIGHT, used=1))
    assert places(refused(call("POST", TARGET, body))) == [(None, "interval")]
    post(call, values(MIDNIGHT, stove=1, used=None))
    post(call, values("2024-03-05T01:00:00Z", used=1), interval="PT1H")
    assert rows(call, "hour", "2024-03-05", "1day") == {"2024-03-05T00:00": 1}


def test_a_channel_may_declare_the_local_day_or_a_period(call: Call) -> None:
    put(
        call, "Europe/Madrid",
        used={"interval": "P1D"},
        main={"interval": "P1M", "label": "end", "quantity": "volume"},
    )  # fmt: skip
    midnights = ("2025-03-29T00:00+01:00", "2025-03-30T00:00+01:00", "2025-03-31T00:00+02:00",
                 "2025-04-01T00:00+02:00")  # fmt: skip
    units = {"used": "kWh", "main": "gal"}
    post(call, *(values(at, used=18) for at in midnights), units=units)
    post(call, values("2025-04-01T00:00+02:00", main=62), units=units)
    assert [*rows(call, "day", "2025-03-01", "62days").values()] == [18] * 4
    assert [*rows(call, "day", "2025-02-01", "100days", "main").values()] == [2] * 31


@pytest.mark.parametrize("ended", [False, True])
def test_a_day_s_totals_in_madrid_stay_on_their_days(call: Call, ended: bool) -> None:  # noqa: FBT001
    put(call, "Europe/Madrid", used={})
    midnights = ("2025-03-29T00:00+01:00", "2025-03-30T00:00+01:00", "2025-03-31T00:00+02:00",
                 "2025-04-01T00:00+02:00", "2025-04-02T00:00+02:00")  # fmt: skip
    data = [values(at, used=18) for at in midnights[:-1]]
    if ended:
        data = [{**one, "end": end} for one, end in zip(data, midnights[1:], strict=True)]
    assert post(call, *data, **({} if ended else {"interval": "P1D"}))["warnings"] == []
    assert [*rows(call, "day", "2025-03-01", "62days").values()] == [18, 18, 18, 18]


# --- Factors --------------------------------------------------------------------------------------


def test_what_is_posted_is_multiplied_by_the_factor(call: Call) -> None:
    """A current transformer of 40:1, and a clamp that is the wrong way round."""
    put(
        call,
        used={"factor": 40},
        solar={"factor": -1, "signed": True},
        outside={"factor": 0.5, "quantity": "temperature"},
    )
    units = {"used": "Wh", "solar": "kWh", "outside": "degC"}
    post(call, values(MIDNIGHT, used=25, solar=3, outside=20), units=units, interval="PT15M")
    assert rows(call, "hour", "2024-03-05", "1day") == {"2024-03-05T00:00": 1}
    assert rows(call, "hour", "2024-03-05", "1day", "solar") == {"2024-03-05T00:00": -3}
    found = rows(call, "hour", "2024-03-05", "1day", "outside")
    assert found == {"2024-03-05T00:00": 50}


def test_a_total_is_multiplied_as_a_reading_is(call: Call) -> None:
    put(call, used={"factor": 2})
    post(call, values(MIDNIGHT, used=5), interval="P5D")
    assert [*rows(call, "day", "2024-03-05", "9days").values()] == [2] * 5


def test_the_limits_are_those_of_what_is_posted(call: Call) -> None:
    put(call, used={"factor": 1000}, solar={"factor": -1, "signed": True})
    for channel, value, status in (
        ("used", 1e9, 200), ("used", 1.1e9, 400), ("used", -1, 400), ("solar", -1e9, 200),
    ):  # fmt: skip
        body = channel_batch(values(MIDNIGHT, **{channel: value}))
        assert call("POST", TARGET, body).status == status


def test_what_was_stored_before_stays_as_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_sites, "REMEMBERED_S", 0.0)
    put(call, used={"factor": 2, "interval": "PT15M"})
    post(call, values(MIDNIGHT, used=1))
    put(call, used={"factor": 3, "interval": "PT30M"})
    post(call, values("2024-03-05T05:00:00Z", used=1))
    assert rows(call, "hour", "2024-03-05", "1day") == {
        "2024-03-05T00:00": 2, "2024-03-05T05:00": 3,
    }  # fmt: skip


# --- The catalogue --------------------------------------------------------------------------------

DECLARING = {"quantity": "energy", "interval": "PT0.5H", "label": "end", "factor": -2.5}


def test_what_is_declared_is_returned_as_it_was_put(call: Call) -> None:
    put(call, used={**DECLARING, "signed": True}, other={"interval": None, "factor": None})
    (device,) = call("GET", f"{PATH}catalogue/").json["devices"]
    assert device["channels"] == {
        "used": {**DECLARING, "signed": True},
        "other": {"quantity": "energy", "interval": None, "factor": None},
    }


@pytest.mark.parametrize(
    ("channel", "field"),
    [
        ({"quantity": "energy", "factor": -1}, "factor"),
        ({"quantity": "temperature", "factor": -1}, "factor"),
        ({"quantity": "temperature", "interval": "P1M"}, "interval"),
        ({"quantity": "humidity", "interval": "P2D"}, "interval"),
    ],
)
def test_what_cannot_be_of_a_channel_is_refused(
    call: Call, channel: dict[str, Any], field: str
) -> None:
    body = entry(meter(1, channels={"x": channel}))
    found = places(refused(call("PUT", PATH, body)))
    assert found == [(0, f"devices[0].channels.x.{field}")]


@pytest.mark.parametrize("quantity", ["energy", "power", "volume", "degree_days"])
def test_amounts_may_be_totals_of_a_period(call: Call, quantity: str) -> None:
    put(call, x={"quantity": quantity, "interval": "P1M"})
