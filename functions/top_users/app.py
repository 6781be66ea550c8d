"""GET /topusers: the ships that used most energy."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.http.answers.fleet import TopUsers, top_users
from quarterhour.http.answers.forms import Answer, formed
from quarterhour.http.api import Api
from quarterhour.http.query.ships import TopParameters
from quarterhour.query.asked import check_order
from quarterhour.store.readers import ranking_reader

api = Api()


@api.route(
    "GET /topusers",
    TopUsers,
    name="getTopUsers",
    tag="Fleet",
    summary="The top users",
)
def get_top_users(parameters: Annotated[TopParameters, Query()]) -> Answer:
    """Return the ships that used most in the window (default: ever), ties by id."""
    check_order(parameters.start, parameters.end)
    asked = parameters.count, parameters.start, parameters.end
    return formed(top_users(ranking_reader(api.received_s).top(*asked)), parameters.form)


handler = api.handler()
