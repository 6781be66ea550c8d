"""Answers of values: a page of what devices, circuits or sensors measured, and where it goes on."""

from collections.abc import Sequence
from typing import NamedTuple, NotRequired
from urllib.parse import parse_qsl, quote, urlencode

from typing_extensions import TypedDict

from quarterhour.energy.ladder import QUARTER_HOURS
from quarterhour.http.answers.forms import Answer, answer, figures_beside, number
from quarterhour.http.answers.houses import url
from quarterhour.http.query.value_parameters import AskedValues, place_text
from quarterhour.query.periods import label
from quarterhour.sites.house import House
from quarterhour.values.items import Item
from quarterhour.values.pages import Page, Place


@figures_beside
class DeviceItem(TypedDict):
    """A device's period, and beside these each of its fields that has a figure."""

    device: int
    date: str


class DeviceValues(TypedDict):
    """A page of what devices measured: kWh, gallons, degree days; degF and % as means."""

    house_id: int
    devices: list[int]
    interval: str
    items: list[DeviceItem]
    next: NotRequired[str]


class CircuitItem(TypedDict):
    """What a circuit used in a period, kWh."""

    circuit: str
    date: str
    actual: float


class CircuitValues(TypedDict):
    """A page of what circuits used."""

    house_id: int
    circuits: list[str]
    interval: str
    items: list[CircuitItem]
    next: NotRequired[str]


class TemperatureItem(TypedDict):
    """What a sensor showed in a period, degF and %; means are those of the hours."""

    device: int
    location: NotRequired[str]
    date: str
    min_temperature: NotRequired[float]
    max_temperature: NotRequired[float]
    avg_temperature: NotRequired[float]
    min_humidity: NotRequired[float]
    max_humidity: NotRequired[float]
    avg_humidity: NotRequired[float]


class TemperatureValues(TypedDict):
    """A page of what all sensors showed."""

    house_id: int
    interval: str
    items: list[TemperatureItem]
    next: NotRequired[str]


class Sent(NamedTuple):
    """Where a request was sent, as `https://example.org`, and its query string as it was sent."""

    origin: str
    query: str


def device_values(
    house: House, devices: Sequence[int], asked: AskedValues, page: Page, sent: Sent
) -> Answer:
    """Return a page of devices."""
    here = url(sent.origin, house.id, "devices", ",".join(map(str, devices)))
    told = {
        "house_id": house.id,
        "devices": [*devices],
        "interval": asked.range.interval,
        "items": [{"device": one.id, **_told(one, house, asked)} for one in page.items],
    }
    return answer({**told, **_next(here, sent, page)})


def circuit_values(
    house: House, circuits: Sequence[str], asked: AskedValues, page: Page, sent: Sent
) -> Answer:
    """Return a page of circuits."""
    here = url(sent.origin, house.id, "circuits", ",".join(circuits))
    told = {
        "house_id": house.id,
        "circuits": [*circuits],
        "interval": asked.range.interval,
        "items": [{"circuit": one.id, **_told(one, house, asked)} for one in page.items],
    }
    return answer({**told, **_next(here, sent, page)})


def temperature_values(house: House, asked: AskedValues, page: Page, sent: Sent) -> Answer:
    """Return a page of all sensors, each with where it is if the catalogue says so."""
    here = url(sent.origin, house.id, "temperatures")
    places = {one.id: {"location": one.location} for one in house.devices if one.location}
    told = {
        "house_id": house.id,
        "interval": asked.range.interval,
        "items": [
            {"device": one.id, **places.get(int(one.id), {}), **_told(one, house, asked)}
            for one in page.items
        ],
    }
    return answer({**told, **_next(here, sent, page)})


def next_url(here: str, query: str, place: Place) -> str:
    """Return the URL of the page that goes on at a place, with the parameters of the one before.

    >>> next_url("https://example.org/values/", "fields=used%2Cnet&after=1.5", Place(2, "7"))
    'https://example.org/values/?fields=used%2Cnet&after=2.7'
    """
    given = parse_qsl(query, keep_blank_values=True)
    kept = [(name, text) for name, text in given if name != "after"]
    return f"{here}?{urlencode([*kept, ('after', place_text(place))], quote_via=quote)}"


def _next(here: str, sent: Sent, page: Page) -> dict[str, str]:
    return {"next": next_url(here, sent.query, page.end)} if page.end else {}


def _told(item: Item, house: House, asked: AskedValues) -> dict[str, str | float]:
    """Return an item's local date, of quarter hours with their minutes, and its figures."""
    interval = asked.range.interval
    if interval == QUARTER_HOURS:
        date = f"{house.zone.clock_of(item.at_ms):%Y-%m-%dT%H:%M:%S}"
    else:
        date = label(item.at_ms, interval, house.zone)
    return {"date": date, **{name: number(figure) for name, figure in item.figures.items()}}
