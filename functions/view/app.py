"""GET /api/houses/{house}/views/{view}: the performance of a house."""

from quarterhour import store
from quarterhour.http.answers.forms import Answer
from quarterhour.http.answers.houses import house_card
from quarterhour.http.answers.view_shapes import Default, View
from quarterhour.http.answers.views import view_answer
from quarterhour.http.api import Api
from quarterhour.http.documenting import READ
from quarterhour.http.query import texts
from quarterhour.http.query.paths import HouseId
from quarterhour.http.query.view_parameters import ViewName, ViewParameters
from quarterhour.query.asked import DAY, MONTH
from quarterhour.sites.house import House
from quarterhour.views import default
from quarterhour.views.by_name import VIEWS

VIEWS_OF_HOUSE = "/api/houses/<house>/views"

api = Api()


def _years(house: House) -> Answer:
    reader = store.house_reader()
    found = reader.read(house, default.plan_years(house))
    years = default.years(house, found, reader.newest_energy(house))
    return view_answer({**years, "house": house_card(api.origin, house)})


def _limits(house: House) -> Answer:
    found = store.house_reader().read(house, default.plan_limits(house))
    return view_answer({"limits": default.limits(house, found)})


DEFAULTS = {MONTH: _years, DAY: _limits}


# Before the views of any name, of which it is none.
@api.get(
    f"{VIEWS_OF_HOUSE}/defaults",
    operation_id="getDefaults",
    tags=["Views"],
    summary="Where a house's data begin and end",
    responses=api.documented(Default, *READ, 404),
)
@api.get(
    f"{VIEWS_OF_HOUSE}/default",
    operation_id="getDefault",
    tags=["Views"],
    summary="Where a house's data begin and end",
    responses=api.documented(Default, *READ, 404),
)
def get_default(house: HouseId, interval: texts.DefaultInterval = "months") -> Answer:
    """Return the years with energy and the house; by days the limits of its figures."""
    found = store.houses().get(house)
    return DEFAULTS[default.interval(interval)](found)


@api.get(
    f"{VIEWS_OF_HOUSE}/<view>",
    operation_id="getView",
    tags=["Views"],
    summary="A view of a house",
    responses=api.documented(View, *READ, 404),
)
def get_view(  # noqa: PLR0913  what all views have, and what single ones have
    house: HouseId,
    view: ViewName,
    *,
    interval: texts.IntervalText = None,
    start: texts.StartText = None,
    end: texts.EndText = None,
    duration: texts.DurationText = None,
    circuit: texts.CircuitText = None,
    base: texts.BaseText = None,
    location: texts.LocationText = None,
) -> Answer:
    """Return a view; figures without data are absent."""
    described = store.houses().get(house)
    written = ViewParameters(interval, start, end, duration, circuit, base, location)
    asked = written.asked(view, described.zone)
    found = store.house_reader().read(described, VIEWS[view].plan(asked, described))
    return view_answer(VIEWS[view].answer(asked, described, found))


handler = api.handler()
