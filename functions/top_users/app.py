"""GET /topusers: the ships that used most energy."""

from quarterhour.http.answers.fleet import TOP_FORMATS, TopUsers
from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api
from quarterhour.http.documenting import READ
from quarterhour.http.query.parameters import Count, Format, OptionalInstant
from quarterhour.query.ranges import check_order
from quarterhour.store import ranking_reader

api = Api()


@api.get(
    "/topusers",
    operation_id="getTopUsers",
    tags=["Fleet"],
    summary="The top users",
    responses=api.documented(TopUsers, *READ, csv=True),
)
def get_top_users(
    count: Count = 3,
    start: OptionalInstant = None,
    end: OptionalInstant = None,
    form: Format = "json",
) -> Answer:
    """Return the ships that used most in the window (default: ever), ties by id."""
    check_order(start, end)
    return TOP_FORMATS[form](ranking_reader().top(count, start, end))


handler = api.handler()
