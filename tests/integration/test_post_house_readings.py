"""POST of many channels of a house's device: what is accepted, answered, stored, warned of."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterhour.energy.period_totals import Total
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import device
from quarterhour.store.environment import environment, house_entries
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.codec import readings as of_items
from quarterhour.time.instants import FIRST_MS, LAST_MS
from quarterhour.time.instants import iso as iso_ms
from tests.builders import MIDNIGHT, batch, channel_batch, iso, readings, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Answer, Call
from tests.counting import Counted
from tests.integration.conftest import SetClock
from tests.patience import PatientCalls

pytestmark = pytest.mark.integration

CIRCUITS = [f"circuit_{nth}" for nth in range(18)]
METER, WATER, WEATHER, STATION = 1, 2, 3, 4
# Not yet due: its days are never marked, so a bucket is one plain update that tells what was there.
COMING = datetime(2090, 1, 1, 12, tzinfo=UTC)
ITS_DAY = COMING + timedelta(minutes=15)

Stored = dict[str, list[tuple[str, float]]]


def target(device_id: int = METER, house: int = 5) -> str:
    return f"/api/houses/{house}/devices/{device_id}/readings/"


@pytest.fixture
def house(call: Call) -> Call:
    """House 5, with a meter of many circuits, water, weather and a degree-day station."""
    put = entry(
        meter(METER, "used", "solar", *CIRCUITS),
        meter(WATER, channels={name: {"quantity": "volume"} for name in ("main", "hot")}),
        sensor(WEATHER, "outdoor"),
        meter(STATION, channels={"hdd": {"quantity": "degree_days"}}, role="hdd_station"),
    )
    assert call("PUT", PATH, put).status == 201
    return call


def calls() -> Calls:
    return PatientCalls(environment().client, environment().table)


def stored(device_id: int = METER, owner: str = "H5") -> Stored:
    """Return what the table has of a device, by channel and code of the quantity, and when."""
    partition = keys.bucket_partition(device(owner, device_id))
    return {
        f"{channel}.{quantity}": [(iso_ms(one.at_ms)[11:16], one.value) for one in found]
        for (channel, quantity), found in of_items(calls().query(partition)).items()
    }


def totals() -> list[Total]:
    """Return the totals of house 5, by device, channel and instant."""
    found = period_totals.within(calls(), "H5", FIRST_MS, LAST_MS)
    return sorted(found, key=lambda one: (one.device, one.measure.channel, one.start_ms))


def kept_totals() -> list[tuple[str, str, str, str, float]]:
    """Return the totals of house 5: device, channel, date, period, amount."""
    return [
        (one.device, one.measure.channel, iso_ms(one.start_ms)[:10], one.period, one.amount)
        for one in totals()
    ]


def warned(answer: Answer) -> list[tuple[str, str, int]]:
    """Return the code, the channel and the index of each warning of a good answer."""
    assert answer.status == 200, answer.text[:1000]
    for warning in answer.json["warnings"]:
        assert warning.keys() == {"code", "message", "index"}
    return [
        (one["code"], one["message"].split(":")[0], one["index"]) for one in answer.json["warnings"]
    ]


def hourly(count: int, start: datetime = MIDNIGHT, **of_channels: Any) -> list[Any]:
    return [values(start + timedelta(hours=nth), **of_channels) for nth in range(count)]


# --- The answer -----------------------------------------------------------------------------------


def test_the_answer_says_what_was_stored(house: Call) -> None:
    answer = house("POST", target(), channel_batch(*hourly(3, used=1, solar=-2)))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "message": "Data saved successfully for device 1 of house 5",
        "house_id": 5,
        "device": 1,
        "accepted": 3,
        "start": "2018-08-24T00:00:00Z",
        "end": "2018-08-24T02:00:00Z",
        "warnings": [],
    }
    assert stored() == {
        "used.e": [("00:00", 1), ("01:00", 1), ("02:00", 1)],
        "solar.e": [("00:00", -2), ("01:00", -2), ("02:00", -2)],
    }


def test_the_contract_s_own_example(house: Call) -> None:
    of_weather = {
        "interval": "PT1H",
        "units": {"temperature": "degF", "humidity": "%"},
        "data": [{"datetime": "2018-08-24T00:00:00Z", "values": {"temperature": 41.5}}],
    }
    of_energy = {
        "interval": "PT1H",
        "units": "Wh",
        "data": [{"datetime": "2018-08-24T00:00:00Z", "values": {"used": 1722.74, "solar": -3.1}}],
    }
    assert house("POST", target(WEATHER), of_weather).json["device"] == WEATHER
    assert house("POST", target(METER), of_energy).json["device"] == METER
    assert stored(WEATHER) == {"temperature.t": [("00:00", 41.5)]}
    assert stored(METER) == {"used.e": [("00:00", 1.72274)], "solar.e": [("00:00", -0.0031)]}


def test_readings_may_come_in_any_order(house: Call) -> None:
    data = hourly(3, used=1)
    answer = house("POST", target(), channel_batch(data[2], data[0], data[1])).json
    assert (answer["start"], answer["end"]) == ("2018-08-24T00:00:00Z", "2018-08-24T02:00:00Z")


@pytest.mark.parametrize("path", ["", "/", "?rehearse=1"])
def test_paths_with_and_without_a_slash_are_one(house: Call, path: str) -> None:
    answer = house("POST", f"/api/houses/5/devices/1/readings{path}", channel_batch(values(used=1)))
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize("house_id", [0, 2**53 - 1])
@pytest.mark.parametrize("device_id", [0, 2**53 - 1])
def test_houses_and_devices_are_any_integers_up_to_2_53_less_1(
    call: Call, house_id: int, device_id: int
) -> None:
    call("PUT", f"/api/houses/{house_id}/", entry(meter(device_id)))
    answer = call("POST", target(device_id, house_id), channel_batch(values(used=1))).json
    assert (answer["house_id"], answer["device"]) == (house_id, device_id)
    assert stored(device_id, f"H{house_id}") == {"used.e": [("00:00", 1)]}


# --- Values ---------------------------------------------------------------------------------------


def test_null_and_a_missing_channel_are_no_value(house: Call) -> None:
    data = [values(used=1, solar=None), values("2018-08-24T01:00:00Z", solar=-1)]
    assert house("POST", target(), channel_batch(*data)).json["accepted"] == 2
    assert stored() == {"used.e": [("00:00", 1)], "solar.e": [("01:00", -1)]}


def test_null_takes_nothing_away(house: Call) -> None:
    house("POST", target(), channel_batch(values(used=1, solar=-1)))
    house("POST", target(), channel_batch(values(used=None, solar=-2)))
    assert stored() == {"used.e": [("00:00", 1)], "solar.e": [("00:00", -2)]}


@pytest.mark.parametrize("empty", [{}, {"used": None}, {"used": None, "solar": None}])
def test_a_reading_without_a_value_is_none(house: Call, empty: dict[str, None]) -> None:
    first = {"datetime": "2018-08-20T00:00:00Z", "values": empty}
    answer = house("POST", target(), channel_batch(first, values(used=1), {**first, "values": {}}))
    assert (answer.json["accepted"], answer.json["start"]) == (1, "2018-08-24T00:00:00Z")
    assert stored() == {"used.e": [("00:00", 1)]}


def test_an_instant_given_twice_is_one_reading_of_all_its_channels(house: Call) -> None:
    data = [
        values(used=1),
        values("2018-08-24T02:00:00+02:00", solar=-1, used=1.0),
        values("2018-08-24T00:00Z", circuit_0=3, used=None),
    ]
    assert house("POST", target(), channel_batch(*data)).json["accepted"] == 1
    assert stored() == {
        "used.e": [("00:00", 1)], "solar.e": [("00:00", -1)], "circuit_0.e": [("00:00", 3)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kept"),
    [("0", 0), ("-0", 0), ("-0.0", 0), ("1e-320", 0), ("1e9", 1e9), ("1E+2", 100), ("0.1", 0.1)],
)
def test_values_go_from_0_to_1e9(house: Call, value: str, kept: float) -> None:
    body = json.dumps(channel_batch(values(used="here"))).replace('"here"', value)
    assert house("POST", target(), body).status == 200
    assert str(stored()) == str({"used.e": [("00:00", float(kept))]})


def test_minus_zero_is_zero_and_no_second_value(house: Call) -> None:
    data = values(solar=-0.0), values(solar=0)
    assert house("POST", target(), channel_batch(*data)).json["accepted"] == 1
    assert stored() == {"solar.e": [("00:00", 0)]}


def test_signed_channels_go_from_minus_1e9_and_temperatures_from_absolute_zero(
    house: Call,
) -> None:
    house("POST", target(), channel_batch(values(solar=-1e9)))
    assert stored() == {"solar.e": [("00:00", -1e9)]}
    for coldest, units in ((-459.67, "degF"), (-273.15, "degC")):
        body = channel_batch(values(temperature=coldest), units=units)
        assert house("POST", target(WEATHER), body).status == 200
        ((_, kept),) = stored(WEATHER)["temperature.t"]
        assert kept == pytest.approx(-459.67)


def test_a_tiny_negative_value_is_stored_as_0(house: Call) -> None:
    assert house("POST", target(), channel_batch(values(solar=-1e-320))).status == 200
    assert stored() == {"solar.e": [("00:00", 0)]}


# --- Units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device_id", "posted", "series", "kept"),
    [
        (METER, "used 6 kWh", "used.e", 6), (METER, "used 6 WH", "used.e", 0.006),
        (METER, "used 6 kw", "used.p", 6), (METER, "used 6 W", "used.p", 0.006),
        (METER, "solar -6 W", "solar.p", -0.006), (METER, "circuit_17 6 wH", "circuit_17.e", 0.006),
        (WATER, "main 6 gal", "main.v", 6), (WATER, "main 3.785411784 l", "main.v", 1),
        (WATER, "hot 3.785411784 M3", "hot.v", 1000), (STATION, "hdd 6 HDD", "hdd.d", 6),
        (WEATHER, "temperature -6 degf", "temperature.t", -6),
        (WEATHER, "temperature -40 degC", "temperature.t", -40),
        (WEATHER, "humidity 100 %", "humidity.h", 100),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_the_stored_unit_of_its_quantity(
    house: Call, device_id: int, posted: str, series: str, kept: float
) -> None:
    channel, value, unit = posted.split()
    for units in (unit, {channel: unit}):
        body = channel_batch(values(**{channel: float(value)}), units=units)
        assert house("POST", target(device_id), body).status == 200
        ((name, [(_, found)]),) = stored(device_id).items()
        assert name == series
        assert found == pytest.approx(kept, rel=1e-15)


def test_each_channel_may_have_a_unit_of_its_own(house: Call) -> None:
    units = {"used": "Wh", "solar": "kW", "circuit_0": "kWh"}
    house("POST", target(), channel_batch(values(used=6, solar=-6, circuit_0=6), units=units))
    assert stored() == {
        "used.e": [("00:00", 0.006)], "solar.p": [("00:00", -6)], "circuit_0.e": [("00:00", 6)],
    }  # fmt: skip


def test_units_of_channels_without_a_value_may_be_given_or_not(house: Call) -> None:
    data = values(used=6, solar=None)
    for units in ({"used": "kWh"}, {"used": "kWh", "solar": "W", "circuit_3": "kW"}):
        assert house("POST", target(), channel_batch(data, units=units)).status == 200


def test_one_unit_need_not_fit_channels_without_a_value(house: Call) -> None:
    data = values(temperature=40, humidity=None)
    assert house("POST", target(WEATHER), channel_batch(data, units="degF")).status == 200


def test_power_and_energy_of_a_channel_are_two_series(house: Call) -> None:
    house("POST", target(), channel_batch(values(used=6), units="kW"))
    house("POST", target(), channel_batch(values(used=1), units="kWh"))
    assert stored() == {"used.p": [("00:00", 6)], "used.e": [("00:00", 1)]}


# --- What a later POST changes --------------------------------------------------------------------


def test_the_same_post_twice_changes_nothing(house: Call) -> None:
    body = channel_batch(*hourly(3, used=1, solar=-2))
    first = house("POST", target(), body).text
    before = stored()
    assert house("POST", target(), body).text == first
    assert stored() == before


def test_a_later_post_replaces_what_it_repeats_and_nothing_else(house: Call) -> None:
    house("POST", target(), channel_batch(*hourly(2, used=1, solar=-2)))
    house("POST", target(), channel_batch(values(used=5)))
    assert stored() == {
        "used.e": [("00:00", 5), ("01:00", 1)], "solar.e": [("00:00", -2), ("01:00", -2)],
    }  # fmt: skip


def test_devices_and_houses_and_ships_do_not_touch_each_other(house: Call) -> None:
    house("PUT", "/api/houses/51/", entry(meter(1), meter(11)))
    house("POST", target(1, 51), channel_batch(values(used=51)))
    house("POST", target(11, 51), channel_batch(values(used=11)))
    house("POST", "/data", batch(readings([7]), ship=5))
    house("POST", target(), channel_batch(values(used=1)))
    assert stored() == {"used.e": [("00:00", 1)]}
    assert stored(1, "H51") == {"used.e": [("00:00", 51)]}


def test_a_channel_put_just_now_takes_readings(house: Call) -> None:
    assert house("POST", target(), channel_batch(values(used=1))).status == 200
    assert house("POST", target(), channel_batch(values(barn=1))).status == 400
    house("PUT", PATH, entry(meter(METER, "used", "barn")))
    assert house("POST", target(), channel_batch(values(barn=1))).status == 200


def test_what_a_channel_is_now_decides_at_once(house: Call) -> None:
    """What this environment remembers of a house never refuses what the house of now takes."""
    assert house("POST", target(), channel_batch(values(used=-1))).status == 400
    house(
        "PUT", PATH, entry(meter(METER, channels={"used": {"quantity": "energy", "signed": True}}))
    )
    assert house("POST", target(), channel_batch(values(used=-1))).status == 200
    house("PUT", PATH, entry(meter(METER, channels={"used": {"quantity": "volume"}})))
    assert house("POST", target(), channel_batch(values(used=1), units="gal")).status == 200


# --- Intervals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", ["PT5M", "PT300S", "PT0.25H", "P1D", "PT24H"])
def test_a_declared_interval_is_stored_with_every_value(house: Call, interval: str) -> None:
    house("POST", target(), channel_batch(values(used=1, solar=-1), interval=interval))
    seconds = {"PT5M": 300, "PT300S": 300, "PT0.25H": 900}.get(interval, 86_400)
    found = of_items(calls().query("R#H5.1"))
    assert [one.interval_ms for of in found.values() for one in of] == [seconds * 1000] * 2


# --- Sizes ----------------------------------------------------------------------------------------


def test_20_000_values_are_good_and_nulls_and_instants_do_not_count(house: Call) -> None:
    names = ["used", "solar", *CIRCUITS]
    data = [
        values(MIDNIGHT + timedelta(minutes=15 * nth), **dict.fromkeys(names, 0.1 * nth))
        for nth in range(1000)
    ]
    empty = values(MIDNIGHT + timedelta(days=30), **dict.fromkeys(names))
    body = json.dumps(channel_batch(*data, *[empty] * 1000, units="kWh", interval="PT15M")).encode()
    answer = house("POST", target(), gzip.compress(body), content_encoding="gzip")
    assert answer.json["accepted"] == 1000, answer.text[:1000]
    assert sum(map(len, stored().values())) == 20_000


def test_20_000_instants_of_one_channel_and_empty_readings_are_good(house: Call) -> None:
    data = [values(MIDNIGHT + timedelta(minutes=nth), used=1) for nth in range(20_000)]
    body = json.dumps(channel_batch(*data, values(used=None), values(), units="kW"))
    answer = house("POST", target(), body)
    assert answer.json["accepted"] == 20_000, answer.text[:1000]


def test_long_names_of_channels_in_one_bucket_are_good(call: Call, it_is: SetClock) -> None:
    """Two hundred attributes of forty letters are more than an update expression takes as it is."""
    it_is(ITS_DAY)
    names = ["x" * 38 + letter for letter in "abcdefghijklmnopqrst"]
    call("PUT", PATH, entry(meter(1, *names)))
    data = [
        values(COMING + timedelta(seconds=10 * nth), **dict.fromkeys(names, 1 / 3))
        for nth in range(90)
    ]
    assert call("POST", target(), channel_batch(*data, interval="PT1M")).status == 200
    assert sum(map(len, stored().values())) == 1800


def test_400_days_in_one_batch_are_good(house: Call) -> None:
    data = values(used=1), values(MIDNIGHT + timedelta(days=400), solar=1)
    assert house("POST", target(), channel_batch(*data)).json["accepted"] == 2


# --- Period totals --------------------------------------------------------------------------------

METERED = values("2013-01-01T05:00:00Z", main=3100, hot=310)


@pytest.mark.parametrize("period", ["P1M", "P1Y"])
def test_a_period_total_is_kept_beside_the_readings(house: Call, period: str) -> None:
    answer = house("POST", target(WATER), channel_batch(METERED, units="gal", interval=period))
    assert (answer.json["accepted"], answer.json["warnings"]) == (1, [])
    assert kept_totals() == [
        ("2", "hot", "2013-01-01", period, 310), ("2", "main", "2013-01-01", period, 3100),
    ]  # fmt: skip
    assert stored(WATER) == {}
    (one, _) = totals()
    assert one == Total("2", Series("hot", Quantity.VOLUME), 1_357_016_400_000, period, 310.0)


@pytest.mark.parametrize(
    ("device_id", "posted", "quantity", "amount"),
    [
        (METER, "used 500 Wh", Quantity.ENERGY, 0.5),
        (METER, "solar -500 kWh", Quantity.ENERGY, -500),
        (WATER, "main 3.785411784 L", Quantity.VOLUME, 1),
        (STATION, "hdd 1300 hdd", Quantity.DEGREE_DAYS, 1300),
    ],
)  # fmt: skip
def test_any_amount_may_be_a_total(
    house: Call, device_id: int, posted: str, quantity: Quantity, amount: float
) -> None:
    channel, value, unit = posted.split()
    body = channel_batch(values(**{channel: float(value)}), units=unit, interval="P1M")
    assert house("POST", target(device_id), body).status == 200
    (one,) = totals()
    assert (one.measure, one.amount) == (Series(channel, quantity), amount)


def test_the_house_has_totals_from_the_first_one_on(house: Call) -> None:
    house("POST", target(WATER), channel_batch(METERED, units="gal"))
    assert not house_entries().get(5).has_totals
    house("POST", target(WATER), channel_batch(METERED, units="gal", interval="P1M"))
    assert house_entries().get(5).has_totals


def test_no_total_is_stored_before_the_house_says_that_it_has_some(
    house: Call, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that finds the flag unset looks for none, so the flag is first."""
    transact, seen = Calls.transact, list[bool]()

    def watched(calls: Calls, updates: Sequence[Any]) -> None:
        seen.append(house_entries().get(5).has_totals)
        transact(calls, updates)

    monkeypatch.setattr(Calls, "transact", watched)
    body = channel_batch(values(main=1, hot=1), units="gal", interval="P1M")
    assert house("POST", target(WATER), body).status == 200
    assert seen == [True]
    assert counted.calls == ["Query", "UpdateItem", "Query", "TransactWriteItems"]


def test_a_later_total_replaces_the_one_of_its_instant_and_its_period_too(house: Call) -> None:
    for period, amount in (("P1Y", 1), ("P1M", 2), ("P1M", 2), ("P1M", 3)):
        body = channel_batch(values(main=amount), units="gal", interval=period)
        assert house("POST", target(WATER), body).status == 200
    assert kept_totals() == [("2", "main", "2018-08-24", "P1M", 3)]


def test_totals_of_a_hundred_years_may_come_at_once(house: Call, it_is: SetClock) -> None:
    it_is(datetime(2099, 12, 31, tzinfo=UTC))
    months = [f"{year}-{month:02}-01" for year in range(2000, 2100) for month in range(1, 13)]
    data = [values(f"{month}T12:00:00Z", main=nth) for nth, month in enumerate(months)]
    answer = house("POST", target(WATER), channel_batch(*data, units="gal", interval="P1M"))
    assert (answer.json["accepted"], answer.json["warnings"]) == (1200, [])
    expected = [("2", "main", month, "P1M", nth) for nth, month in enumerate(months)]
    assert kept_totals() == expected


def test_devices_and_houses_have_totals_of_their_own(house: Call) -> None:
    house("PUT", "/api/houses/51/", entry(meter(WATER)))
    house("POST", target(WATER, 51), channel_batch(values(used=1), interval="P1M"))
    assert kept_totals() == []
    assert not house_entries().get(5).has_totals


def test_totals_of_a_signed_0_and_of_nothing_are_0(house: Call) -> None:
    body = channel_batch(values(solar=-0.0, used=1e-200), interval="P1M")
    assert house("POST", target(), body).status == 200
    assert [amount for *_, amount in kept_totals()] == [0, 0]


# --- Warnings -------------------------------------------------------------------------------------


def test_a_gap_is_one_of_a_channel(house: Call) -> None:
    data = [
        values("2018-08-24T00:00:00Z", used=1, solar=-1),
        values("2018-08-24T01:00:00Z", used=1, solar=None),
        values("2018-08-24T02:00:00Z", used=1, solar=-1),
    ]
    assert warned(house("POST", target(), channel_batch(*data))) == [("gap", "solar", 2)]
    assert warned(house("POST", target(), channel_batch(*data[::-1]))) == [("gap", "solar", 0)]
    assert warned(house("POST", target(), channel_batch(*data, interval="PT1H"))) == []


@pytest.mark.parametrize(
    ("device_id", "channel", "unit", "codes"),
    [
        (METER, "used", "kWh", ["overlap"]), (METER, "used", "kW", []),
        (WATER, "main", "gal", ["overlap"]), (STATION, "hdd", "hdd", ["overlap"]),
        (WEATHER, "temperature", "degF", []), (WEATHER, "humidity", "%", []),
    ],
)  # fmt: skip
def test_declared_amounts_that_overlap_warn_and_nothing_else_does(
    house: Call, device_id: int, channel: str, unit: str, codes: list[str]
) -> None:
    data = [values(f"2018-08-24T0{at}Z", **{channel: 4}) for at in ("0:00", "0:30", "1:30")]
    answer = house("POST", target(device_id), channel_batch(*data, units=unit, interval="PT1H"))
    assert warned(answer) == [(code, channel, 1) for code in codes]


def test_a_jump_is_one_of_a_channel_whatever_the_sign(house: Call) -> None:
    """The circuits of a house differ more than a thousandfold, and are no comparison."""
    data = hourly(4, used=4, solar=-4, circuit_0=5000, circuit_1=0.001)
    data[2]["values"] |= {"solar": -4000}
    assert warned(house("POST", target(), channel_batch(*data))) == [("jump", "solar", 2)]


def test_a_gauge_may_move_far(house: Call) -> None:
    data = hourly(4, temperature=0.01, humidity=0.01)
    data[2]["values"] = {"temperature": 90, "humidity": 100}
    units = {"temperature": "degF", "humidity": "%"}
    assert warned(house("POST", target(WEATHER), channel_batch(*data, units=units))) == []


def test_a_broken_sensor_warns(house: Call) -> None:
    temperatures = hourly(5, temperature=8)
    temperatures[2]["values"]["temperature"] = -127
    temperatures[3]["values"]["temperature"] = 85
    assert warned(house("POST", target(WEATHER), channel_batch(*temperatures, units="degC"))) == [
        ("implausible", "temperature", 2), ("implausible", "temperature", 3),
    ]  # fmt: skip
    humidities = hourly(4, humidity=40)
    humidities[1]["values"]["humidity"] = 104
    humidities[2]["values"]["humidity"] = 0
    assert warned(house("POST", target(WEATHER), channel_batch(*humidities, units="%"))) == [
        ("implausible", "humidity", 1), ("implausible", "humidity", 2),
    ]  # fmt: skip
    assert sorted(value for _, value in stored(WEATHER)["humidity.h"]) == [0, 40, 40, 100]


@pytest.mark.parametrize(
    ("channel", "value", "unit"),
    [
        ("temperature", -274, "degC"), ("temperature", -459.68, "degF"),
        ("humidity", 106, "%"), ("humidity", -0.1, "%"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(house: Call, channel: str, value: float, unit: str) -> None:
    data = hourly(3, temperature=20, humidity=40)
    data[1]["values"][channel] = value
    units = {"temperature": "degC", "humidity": "%", channel: unit}
    answer = house("POST", target(WEATHER), channel_batch(*data, units=units))
    assert answer.status == 400
    (detail,) = answer.json["details"]
    assert (detail["index"], detail["field"]) == (1, channel)
    assert stored(WEATHER) == {}


def test_a_total_of_a_coming_month_is_refused_once(house: Call, it_is: SetClock) -> None:
    it_is(MIDNIGHT)
    body = channel_batch(values("2018-09-01T12:00:00Z", main=1, hot=2), units="gal", interval="P1M")
    answer = house("POST", target(WATER), body)
    assert answer.status == 400
    (detail,) = answer.json["details"]
    assert detail == {
        "index": 0, "field": "datetime", "reason": "is 8 days ahead of the server's clock",
    }  # fmt: skip


def test_a_value_is_compared_with_what_its_bucket_has_of_the_channel(
    house: Call, it_is: SetClock
) -> None:
    it_is(ITS_DAY)
    house("POST", target(), channel_batch(values(COMING, used=4, solar=-4, circuit_0=4000)))
    late = values(COMING + timedelta(minutes=10), used=4500, solar=-4500, circuit_0=4500)
    assert warned(house("POST", target(), channel_batch(late))) == [
        ("jump", "used", 0), ("jump", "solar", 0),
    ]  # fmt: skip
    assert warned(house("POST", target(), channel_batch(late, units="W"))) == []


def test_totals_whose_days_overlap_warn_and_neighbours_do_not(house: Call) -> None:
    dates = "2013-01-01T05:00:00Z", "2013-02-01T23:00:00Z", "2013-03-02T04:59:59Z"
    body = channel_batch(*(values(at, main=9) for at in dates), units="gal", interval="P1M")
    assert warned(house("POST", target(WATER), body)) == []
    body = channel_batch(*(values(at, main=9) for at in dates), units="gal", interval="P1Y")
    assert warned(house("POST", target(WATER), body)) == [
        ("overlap", "main", 1), ("overlap", "main", 2),
    ]  # fmt: skip


def test_a_total_that_jumps_warns(house: Call) -> None:
    dates = ("2013-01", "2013-02", "2013-03", "2013-04")
    data = [values(f"{at}-01T12:00:00Z", main=3000) for at in dates]
    data[1]["values"]["main"] = 3_000_000
    body = channel_batch(*data, units="gal", interval="P1M")
    assert warned(house("POST", target(WATER), body)) == [("jump", "main", 1)]


def test_no_more_than_100_warnings_of_a_code_are_given_of_all_channels(house: Call) -> None:
    data = [values(MIDNIGHT + timedelta(hours=2 * nth), used=4, solar=-4) for nth in range(80)]
    answer = house("POST", target(), channel_batch(*data))
    found = warned(answer)
    assert [code for code, *_ in found] == ["gap"] * 100
    assert [channel for _, channel, _ in found].count("used") == 79


# --- What it costs --------------------------------------------------------------------------------


def cost(counted: Counted, call: Call, *request: Any) -> tuple[list[str], float, float]:
    """Return the calls of a good POST, its read units and its write units."""
    counted.clear()
    answer = call("POST", *request)
    assert answer.status == 200, answer.text
    return list(counted.calls), counted.read_units, counted.write_units


def test_an_hour_of_20_circuits_in_order_is_one_write(house: Call, counted: Counted) -> None:
    now = datetime.now(UTC)
    body = channel_batch(values(now, **dict.fromkeys(["used", *CIRCUITS], 1.5)), interval="PT1H")
    first = ["Query", "GetItem", "UpdateItem"]  # neither the house nor the fence is known
    assert cost(counted, house, target(), body)[0] == first
    assert cost(counted, house, target(), body) == (["UpdateItem"], 0, 1)


def test_channels_of_one_bucket_are_one_write_wherever_they_are_in_the_batch(
    house: Call, counted: Counted, it_is: SetClock
) -> None:
    it_is(ITS_DAY)
    house("POST", target(), channel_batch(values(used=1)))
    data = [
        values(COMING, used=1),
        values(COMING + timedelta(minutes=5), solar=-1),
        values(COMING, circuit_0=1, circuit_1=2),
        values(COMING + timedelta(minutes=14, seconds=59.5), used=1),
    ]
    assert cost(counted, house, target(), channel_batch(*data)) == (["UpdateItem"], 0, 1)


def test_late_values_of_20_channels_are_one_transaction_with_the_device_s_marks(
    house: Call, counted: Counted, it_is: SetClock
) -> None:
    it_is(ITS_DAY)
    house("POST", target(), channel_batch(values(COMING, used=1)))
    body = channel_batch(values(**dict.fromkeys(["used", *CIRCUITS], 1.5)))
    assert cost(counted, house, target(), body) == (["TransactWriteItems"], 0, 6)
    heads = [*calls().query("H5", "h#", "h#~")]
    assert [(one["sk"]["S"], {*one} - {"pk", "sk"}) for one in heads] == [
        ("h#2018-08", {"1.23", "1.24", "1.25"}),
    ]
    (todo,) = calls().query("TH#0")
    assert todo["sk"]["S"] == "2018-08#H5.1"


def test_a_past_day_of_20_channels_is_one_call(
    house: Call, counted: Counted, it_is: SetClock
) -> None:
    it_is(ITS_DAY)
    house("POST", target(), channel_batch(values(COMING, used=1)))
    names = ["used", "solar", *CIRCUITS]
    data = [
        values(MIDNIGHT + timedelta(minutes=15 * nth), **dict.fromkeys(names, 1.5))
        for nth in range(96)
    ]
    assert cost(counted, house, target(), channel_batch(*data)) == (["TransactWriteItems"], 0, 196)


def test_a_total_is_one_write_and_marks_nothing(house: Call, counted: Counted) -> None:
    one = channel_batch(values(main=1), units="gal", interval="P1M")
    two = channel_batch(values(main=1, hot=1), units="gal", interval="P1M")
    house("POST", target(WATER), one)
    environment().houses.clear()
    assert cost(counted, house, target(WATER), one)[0] == ["Query", "UpdateItem"]
    assert cost(counted, house, target(WATER), one) == (["UpdateItem"], 0, 1)
    assert cost(counted, house, target(WATER), two) == (["TransactWriteItems"], 0, 4)
    assert [*calls().query("H5", "h#", "h#~")] == [*calls().query("TH#0")] == []


def test_a_house_is_not_registered_as_a_ship(house: Call) -> None:
    house("POST", target(), channel_batch(values(used=1)))
    assert [*calls().query(keys.SHIPS.registry_partition(0))] == []
    assert (
        house("GET", f"/data/fleet?start={iso(MIDNIGHT)}&end={iso(COMING)}&interval=day").json[
            "data"
        ]
        == []
    )
