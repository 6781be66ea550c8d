"""What is asked of a house, and what the contract has it answer."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from tests.models.slow_house import cold, heat, pictures, summary, usage, values
from tests.models.slow_house.asked import Asked, Refused, asked
from tests.models.slow_house.figures import Body
from tests.models.slow_house.house import House

VIEWS: dict[str, Callable[[House, Asked], Body]] = {
    "summary": summary.summary,
    "generation": summary.generation,
    "usage": usage.usage,
    "hdd": cold.hdd,
    "temperature": cold.temperature,
    "water": cold.water,
    "basetemp": heat.basetemp,
    "heatmap": pictures.heatmap,
    "chart": pictures.chart,
}
ORIGIN = "http://127.0.0.1:3000"


class Request(NamedTuple):
    """A path below the house, as `views/summary` or `devices/1,2`, and the query's raw texts."""

    path: str
    params: Mapping[str, str]

    def target(self, house_id: int) -> str:
        """Return the request's target, percent-encoded."""
        query = f"?{urlencode(self.params)}" if self.params else ""
        return f"/api/houses/{house_id}/{self.path}/{query}"


def expected(house: House, request: Request, origin: str = ORIGIN) -> Body | Refused:
    """Return the body that answers a request (of values: its `items` alone), or the refusal."""
    try:
        return _answer(house, request, origin)
    except Refused as refused:
        return refused


def _answer(house: House, request: Request, origin: str) -> Body:
    group, _, name = request.path.partition("/")
    if request.path in {"views/default", "views/defaults"}:
        return pictures.default(house, request.params, origin)
    if group == "views" and name in VIEWS:
        return VIEWS[name](house, asked(house.clock, request.params))
    if group == "devices":
        return values.devices(house, name, request.params)
    if group == "circuits":
        return values.circuits(house, name, request.params)
    if request.path == "temperatures":
        return values.temperatures(house, request.params)
    raise Refused(404)
