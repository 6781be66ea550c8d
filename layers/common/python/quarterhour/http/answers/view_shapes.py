"""The shapes of views: what a client can count on in each of them, whatever it asked for."""

from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.http.answers.forms import figures_beside
from quarterhour.http.answers.houses import HouseCard


@figures_beside
class ViewRow(TypedDict):
    """A period or point by its local date, and beside it each of its figures that has data."""

    date: str


class MostSolar(TypedDict):
    """The hour (Wh) or the day (kWh) that generated most."""

    date: str
    solar: float


class ColdestHour(TypedDict):
    """The hour of the lowest outdoor temperature, degF."""

    date: str
    temperature: float


class ColdestDay(TypedDict):
    """The day of the most degree days F, which `temperature` says too."""

    date: str
    temperature: float
    hdd: float


class CircuitUse(TypedDict):
    """What a circuit used, kWh."""

    circuit_id: str
    name: str
    actual: float


class CircuitOfView(TypedDict):
    """The circuit a view is about; `summary` has the first and last day of what was asked for."""

    circuit_id: str
    name: str
    description: NotRequired[str]
    startdate: NotRequired[str]
    enddate: NotRequired[str]


class Line(TypedDict):
    """A straight line by least squares through `n` points: kWh by degree days."""

    n: int
    slope: NotRequired[float]
    intercept: NotRequired[float]
    r2: NotRequired[float]


class View(TypedDict):
    """A view: its name, and those of the other members that it has."""

    view: str
    interval: NotRequired[str]
    totals: NotRequired[dict[str, float]]
    items: NotRequired[list[ViewRow]]
    points: NotRequired[list[ViewRow]]
    days: NotRequired[list[ViewRow]]
    hours: NotRequired[list[ViewRow]]
    max_solar_hour: NotRequired[MostSolar]
    max_solar_day: NotRequired[MostSolar]
    coldest_hour: NotRequired[ColdestHour]
    coldest_day: NotRequired[ColdestDay]
    circuit: NotRequired[CircuitOfView]
    circuits: NotRequired[list[CircuitUse]]
    iga: NotRequired[float]
    location: NotRequired[str]
    base: NotRequired[str]
    fit: NotRequired[Line]


class Limits(TypedDict):
    """The extremes of all hours: Wh, degF, degree days F; the first and last hour of energy."""

    used_max: NotRequired[float]
    solar_min: NotRequired[float]
    outdoor_deg_min: NotRequired[float]
    outdoor_deg_max: NotRequired[float]
    hdd_max: NotRequired[float]
    start_date: NotRequired[str]
    end_date: NotRequired[str]


class Default(TypedDict):
    """By months the years with energy, the day of its newest reading and the house; else limits."""

    years: NotRequired[list[str]]
    asof: NotRequired[str]
    house: NotRequired[HouseCard]
    limits: NotRequired[Limits]
