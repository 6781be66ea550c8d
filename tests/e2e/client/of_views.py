"""What the house measured on the day that was posted, and its views of it."""

from typing import Any

from quarterhour_client import Client
from quarterhour_client.api.houses import get_house_now
from quarterhour_client.api.values import get_circuit_values, get_device_values, get_temperatures
from quarterhour_client.api.views import get_default, get_defaults, get_view, list_views
from quarterhour_client.models import (
    CircuitValues,
    Default,
    DeviceValues,
    GetCircuitValuesInterval,
    GetDefaultsInterval,
    GetDeviceValuesFormat,
    GetDeviceValuesInterval,
    GetTemperaturesInterval,
    GetViewInterval,
    GetViewView,
    HouseNow,
    TemperatureValues,
    View,
    Views,
)

from tests.e2e.client.answers import of
from tests.e2e.client.of_houses import HALL, HOUSE, METER, OUTDOOR

LOCAL_DAY = "2007-03-06"
OF_DAY: dict[str, Any] = {"start": LOCAL_DAY, "duration": "1day"}
# Members of each view: 24 hours of 900 Wh, of them 400 of the heat pump, 100 generated, at 41 degF.
VIEWS: dict[str, dict[str, Any]] = {
    "summary": {"totals": {"net": 19.2, "solar": -2.4, "used": 21.6, "hdd": 24}},
    "generation": {"max_solar_day": {"date": LOCAL_DAY, "solar": -2.4}},
    "usage": {"view": "usage.summary"},
    "hdd": {"coldest_day": {"date": LOCAL_DAY, "temperature": 24, "hdd": 24}, "iga": 1500},
    "temperature": {"location": "0"},
    "water": {"interval": "month", "items": [{"date": "2007-03-01"}]},
    "basetemp": {"view": "heat", "base": "62.5", "fit": {"n": 1}},
    "heatmap": {"interval": "day"},
    "chart": {"view": "chart"},
}


def read_values(client: Client) -> None:
    answer = get_device_values.sync(
        client=client,
        house=HOUSE,
        devices=f"{METER},{OUTDOOR}",
        interval=GetDeviceValuesInterval.DAILY,
        fields="used,net",
        **OF_DAY,
    )
    assert [one.to_dict() for one in of(DeviceValues, answer).items] == [
        {"device": METER, "date": LOCAL_DAY, "used": 21.6, "net": 19.2}
    ]


def read_a_range_of_values_by_instants(client: Client) -> None:
    answer = get_device_values.sync(
        client=client,
        house=HOUSE,
        devices=f"{METER}",
        interval=GetDeviceValuesInterval.DAY,
        start=f"{LOCAL_DAY}T06:00",
        end=f"{LOCAL_DAY}T12:00:00-05:00",
        fields="used",
    )
    (item,) = of(DeviceValues, answer).items
    assert item.to_dict() == {
        "device": METER,
        "date": LOCAL_DAY,
        "used": 5.4,
        "coverage": {"used": 0.25},
    }


def read_values_as_csv(client: Client) -> None:
    """By the client's HTTP, as it reads the first form that the document has of an answer."""
    request = get_device_values._get_kwargs(
        house=HOUSE,
        devices=f"{METER}",
        interval=GetDeviceValuesInterval.DAY,
        fields="used",
        format_=GetDeviceValuesFormat.CSV,
        **OF_DAY,
    )
    answer = client.get_httpx_client().request(**request)
    assert answer.text.splitlines() == [
        "device,date,used,used_coverage",
        f"{METER},{LOCAL_DAY}T00:00:00-05:00,21.6,1",
    ]


def read_the_house_as_it_stands(client: Client) -> None:
    house = of(HouseNow, get_house_now.sync(client=client, house=HOUSE))
    assert (house.units, house.total_kwh, house.solar_total_kwh) == ("kWh", 21.6, -2.4)


def read_values_of_circuits(client: Client) -> None:
    interval = GetCircuitValuesInterval.DAY
    answer = get_circuit_values.sync(
        client=client, house=HOUSE, circuits="ashp", interval=interval, **OF_DAY
    )
    (item,) = of(CircuitValues, answer).items
    assert (item.circuit, item.date, item.actual) == ("ashp", LOCAL_DAY, 9.6)


def read_temperatures(client: Client) -> None:
    interval = GetTemperaturesInterval.DAY
    answer = get_temperatures.sync(client=client, house=HOUSE, interval=interval, **OF_DAY)
    items = of(TemperatureValues, answer).items
    assert [(one.device, one.avg_temperature) for one in items] == [(OUTDOOR, 41), (HALL, 68)]


def read_defaults(client: Client) -> None:
    listed = of(Views, list_views.sync(client=client, house=HOUSE)).views
    assert listed[0].endswith(f"/api/houses/{HOUSE}/views/default/")
    by_months = of(Default, get_default.sync(client=client, house=HOUSE)).to_dict()
    assert (by_months["years"], by_months["asof"]) == (["2007"], LOCAL_DAY)
    interval = GetDefaultsInterval.DAYS
    by_days = of(Default, get_defaults.sync(client=client, house=HOUSE, interval=interval))
    assert by_days.to_dict()["limits"]["used_max"] == 900


def read_views(client: Client) -> None:
    for name in GetViewView:
        shown, members = _view(client, name).to_dict(), VIEWS[name.value]
        assert {member: shown[member] for member in members} == members, shown


def read_usage_of_circuits(client: Client) -> None:
    for circuit in ("all", "ashp", "all_other"):
        shown = _view(client, GetViewView.USAGE, circuit=circuit).to_dict()
        assert shown["circuit"]["circuit_id"] == circuit


def _view(client: Client, name: GetViewView, **more: Any) -> View:
    """Return a view of the day; `water` knows months alone."""
    of_month = {"interval": GetViewInterval.MONTH, "start": "2007-03"}
    asked = of_month if name is GetViewView.WATER else {"interval": GetViewInterval.DAY, **OF_DAY}
    answer = get_view.sync(client=client, house=HOUSE, view=name, base=62.5, **asked, **more)
    return of(View, answer)


PARTS = (
    read_values,
    read_a_range_of_values_by_instants,
    read_values_as_csv,
    read_the_house_as_it_stands,
    read_values_of_circuits,
    read_temperatures,
    read_defaults,
    read_views,
    read_usage_of_circuits,
)
