"""GET /api/houses/{house}/views/{view}: the performance of a house."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.energy.aggregate import DAY, MONTH
from quarterhour.errors import Busy, TooMuchUnsettled
from quarterhour.http.answers.forms import Answer
from quarterhour.http.answers.houses import house_card
from quarterhour.http.answers.view_shapes import Default, View
from quarterhour.http.answers.views import view_answer, view_csv
from quarterhour.http.api import Api
from quarterhour.http.query.houses import DefaultParameters, ViewName, ViewParameters
from quarterhour.http.query.parameters import HouseId
from quarterhour.query.rows import Found, Plan
from quarterhour.sites.house import House
from quarterhour.store import readers
from quarterhour.store.environment import house_entries
from quarterhour.store.read.sites import SiteReader
from quarterhour.views import default
from quarterhour.views.by_name import VIEWS

VIEWS_OF_HOUSE = "GET /api/houses/<house>/views"

api = Api()


def _years(house: House) -> Answer:
    reader = readers.reader(api.received_s)
    figures = _read(reader, house, default.plan_years(house))
    years = default.years(house, figures, reader.newest_energy(house))
    return view_answer({**years, "house": house_card(api.origin, house)})


def _limits(house: House) -> Answer:
    reader = readers.reader(api.received_s)
    figures = _read(reader, house, default.plan_limits(house))
    ends = _read(reader, house, default.plan_ends(house, figures))
    return view_answer({"limits": default.limits(house, figures, ends)})


def _read(reader: SiteReader, house: House, plan: Plan) -> Found:
    """Return what a view needs; Busy where that is still to be settled.

    A view's range is that of its page: it is not asked for a smaller one, but for it later.
    """
    try:
        return reader.read(house, plan)
    except TooMuchUnsettled as unsettled:
        raise Busy(
            "Too many readings of this house are not settled yet; ask after the next rollup.",
            SETTLED_AFTER_S,
        ) from unsettled


DEFAULTS = {MONTH: _years, DAY: _limits}
SETTLED_AFTER_S = 900  # the rollup's rate
BEGIN_AND_END = "Where a house's data begin and end"


# Before the views of any name, of which it is none.
@api.route(
    f"{VIEWS_OF_HOUSE}/defaults", Default, name="getDefaults", tag="Views", summary=BEGIN_AND_END
)
@api.route(
    f"{VIEWS_OF_HOUSE}/default", Default, name="getDefault", tag="Views", summary=BEGIN_AND_END
)
def get_default(house: HouseId, parameters: Annotated[DefaultParameters, Query()]) -> Answer:
    """Return the years with energy and the house; by days the limits of its figures."""
    site = house_entries().get(house)
    return DEFAULTS[default.interval(parameters.interval)](site)


@api.route(
    f"{VIEWS_OF_HOUSE}/<view>", View, name="getView", tag="Views", summary="A view of a house"
)
def get_view(
    house: HouseId, view: ViewName, parameters: Annotated[ViewParameters, Query()]
) -> Answer:
    """Return a view; figures without data are absent."""
    site = house_entries().get(house)
    question, form = parameters.asked(view, site.zone)
    figures = _read(readers.reader(api.received_s), site, VIEWS[view].plan(question, site))
    body = VIEWS[view].answer(question, site, figures)
    if form == "csv":
        return view_csv(body, site.zone, f"house-{house}-{view}", is_packed=api.takes_gzip)
    return view_answer(body, is_packed=api.takes_gzip)


handler = api.handler()
