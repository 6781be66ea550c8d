"""Answers about ships and houses as they stand now, flat, as sensors of a home want them."""

from collections.abc import Sequence
from typing import Any, NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.quantities import Quantity
from quarterhour.http.answers.forms import Answer, Time, answer, number
from quarterhour.sites.ends import Ends, ListedShip, Newest
from quarterhour.sites.house import SOLAR, USED
from quarterhour.time.instants import iso
from quarterhour.values.standing import Standing

_UNITS = {Quantity.POWER: "kW", Quantity.ENERGY: "kWh"}


class ShipOfList(TypedDict):
    """A ship of the list; `newest` is the time of its newest reading, if it has any."""

    spaceship_id: int
    created: Time
    newest: NotRequired[Time]


class Ships(TypedDict):
    """A page of the ships, by id; `next` is the URL of the page after it, where more follow."""

    ships: list[ShipOfList]
    next: NotRequired[str]


class ShipNow(TypedDict):
    """A ship as it stands: kWh of days and of the month, UTC, and of all its readings."""

    spaceship_id: int
    created: Time
    oldest: NotRequired[Time]
    newest: NotRequired[Time]
    newest_value: NotRequired[float]
    units: NotRequired[str]
    today_kwh: float
    yesterday_kwh: float
    month_kwh: float
    total_kwh: float


class HouseNow(TypedDict):
    """A house's energy as it stands, local days; `solar`, where it has any, is negative."""

    house_id: int
    created: NotRequired[Time]
    oldest: NotRequired[Time]
    newest: NotRequired[Time]
    newest_value: NotRequired[float]
    units: NotRequired[str]
    today_kwh: float
    yesterday_kwh: float
    month_kwh: float
    total_kwh: float
    solar_newest_value: NotRequired[float]
    solar_units: NotRequired[str]
    solar_today_kwh: NotRequired[float]
    solar_yesterday_kwh: NotRequired[float]
    solar_month_kwh: NotRequired[float]
    solar_total_kwh: NotRequired[float]


def ships(origin: str, listed: Sequence[ListedShip], limit: int | None) -> Answer:
    """Return a page of ships; `limit` is for the next, if any."""
    page = Ships(ships=[_listed(ship) for ship in listed])
    if limit:
        page["next"] = f"{origin}/ships?limit={limit}&after={listed[-1].id}"
    return answer(page)


def _listed(ship: ListedShip) -> ShipOfList:
    listed = ShipOfList(spaceship_id=ship.id, created=iso(ship.created_ms))
    return listed if ship.newest_ms is None else {**listed, "newest": iso(ship.newest_ms)}


def ship_now(spaceship_id: int, created_ms: int, ends: Ends, kwh: Standing) -> Answer:
    """Return a ship as it stands."""
    about = {"spaceship_id": spaceship_id, "created": iso(created_ms)}
    return answer({**about, **_ends(ends), **_newest("", ends.newest.get(USED)), **_kwh("", kwh)})


def house_now(
    house_id: int, created_ms: int, ends: Ends, used: Standing, solar: Standing | None
) -> Answer:
    """Return a house as it stands; without `solar` it has none."""
    own = {**_newest("", ends.newest.get(USED)), **_kwh("", used)}
    if solar:
        own |= {**_newest("solar_", ends.newest.get(SOLAR)), **_kwh("solar_", solar)}
    created = {"created": iso(created_ms)} if created_ms else {}
    return answer({"house_id": house_id, **created, **_ends(ends), **own})


def _ends(ends: Ends) -> dict[str, str]:
    times = {"oldest": ends.oldest_ms, "newest": ends.newest_ms}
    return {name: iso(at_ms) for name, at_ms in times.items() if at_ms is not None}


def _newest(prefix: str, newest: Newest | None) -> dict[str, Any]:
    if newest is None:
        return {}
    value, units = number(newest.reading.value), _UNITS[newest.quantity]
    return {f"{prefix}newest_value": value, f"{prefix}units": units}


def _kwh(prefix: str, kwh: Standing) -> dict[str, float]:
    return {f"{prefix}{name}_kwh": number(energy) for name, energy in kwh._asdict().items()}
