"""Answers of values: a page of what devices, circuits or sensors measured, and where it goes on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NotRequired
from urllib.parse import parse_qsl, quote, urlencode

from typing_extensions import TypedDict

from quarterhour.energy.aggregate import QUARTER_HOURS
from quarterhour.http.answers.forms import Answer, answer, figures_beside, number
from quarterhour.http.answers.houses import url
from quarterhour.query.periods import label
from quarterhour.sites.house import House
from quarterhour.values.items import Id
from quarterhour.values.pages import Page


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


class ValuesPage(NamedTuple):
    """A page of a house's values, and where it was asked for: `https://example.org`, and how."""

    house: House
    interval: str
    page: Page
    origin: str
    query: str

    def answer(
        self,
        path: Sequence[str],
        about: Mapping[str, Any],
        head: Callable[[Id], Mapping[str, Any]],
    ) -> Answer:
        """Return the page of what is at a path below the house; `head` begins each item."""
        page_url, end = url(self.origin, self.house.id, *path), self.page.end
        return answer(
            {
                "house_id": self.house.id,
                **about,
                "interval": self.interval,
                "items": [
                    {**head(item.id), "date": self._date(item.at_ms), **_rounded(item.figures)}
                    for item in self.page.items
                ],
                **({"next": next_url(page_url, self.query, end.text)} if end else {}),
            }
        )

    def _date(self, at_ms: int) -> str:
        """Return an item's local date, of quarter hours with their minutes."""
        if self.interval == QUARTER_HOURS:
            return f"{self.house.zone.clock_of(at_ms):%Y-%m-%dT%H:%M:%S}"
        return label(at_ms, self.interval, self.house.zone)


def device_values(page: ValuesPage, devices: Sequence[int]) -> Answer:
    """Return a page of devices."""
    path = "devices", ",".join(map(str, devices))
    return page.answer(path, {"devices": devices}, lambda device: {"device": device})


def circuit_values(page: ValuesPage, circuits: Sequence[str]) -> Answer:
    """Return a page of circuits."""
    path = "circuits", ",".join(circuits)
    return page.answer(path, {"circuits": circuits}, lambda circuit: {"circuit": circuit})


def temperature_values(page: ValuesPage) -> Answer:
    """Return a page of all sensors, each with where it is if the catalogue says so."""
    places = {
        device.id: {"location": device.location} for device in page.house.devices if device.location
    }
    return page.answer(
        ["temperatures"], {}, lambda device: {"device": device, **places.get(int(device), {})}
    )


def next_url(page_url: str, query: str, after: str) -> str:
    """Return the URL of the page that goes on at a place, with the parameters of the one before.

    >>> next_url("https://example.org/values/", "fields=used%2Cnet&after=1.5", "2.7")
    'https://example.org/values/?fields=used%2Cnet&after=2.7'
    """
    parameters = parse_qsl(query, keep_blank_values=True)
    others = [(name, text) for name, text in parameters if name != "after"]
    return f"{page_url}?{urlencode([*others, ('after', after)], quote_via=quote)}"


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: number(figure) for name, figure in figures.items()}
