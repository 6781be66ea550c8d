"""Emulated: HTTP requests to the deployed functions, by way of an emulated API Gateway.

The emulator makes an API without the routes of its `Body`: the tests make them, from the Body
that the stack has. Of CORS and throttling, which are in there too, nothing is emulated.
"""

import re
from typing import Any

import pytest

from tests.conftest import Answer
from tests.e2e.emulated.stacks import Stack
from tests.e2e.over_http import call

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]

ANY = "x-amazon-apigateway-any-method"
PUT = {
    "name": "A house by the sea",
    "sname": "Sea",
    "timezone": "UTC",
    "devices": [{"id": 1, "name": "Panel", "channels": {"used": {"quantity": "energy"}}}],
}
HOURS = {
    "interval": "PT1H",
    "units": "kWh",
    "data": [{"datetime": "2018-08-24T00:00:00Z", "values": {"used": 2}}],
}
SHIP = {
    "spaceship_id": 77,
    "units": "kWh",
    "interval": "PT1H",
    "data": [{"datetime": "2019-02-03T04:00:00Z", "value": 6}],
}
SPAN = "start=2019-02-03T04:00:00Z&end=2019-02-03T05:00:00Z"


class Api:
    """The API of a stack, with the routes of its Body."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.client = stack.emulator.client("apigatewayv2")
        self.id = stack.resources["Api"]

    def __call__(self, method: str, target: str, sent: Any = None) -> Answer:
        # With the API's own host, the emulator would answer /health itself.
        path = f"/_aws/execute-api/{self.id}/$default{target}"
        return call(self.stack.emulator.url, method, path, sent)

    def paths(self) -> dict[str, Any]:
        """Return the paths of the Body, as SAM made them of the template."""
        stored = self.stack.emulator.client("cloudformation").get_template(
            StackName=self.stack.name, TemplateStage="Processed"
        )
        paths: dict[str, Any] = stored["TemplateBody"]["Resources"]["Api"]["Properties"]["Body"][
            "paths"
        ]
        return paths

    def make_routes(self) -> None:
        for path, operations in self.paths().items():
            for method, operation in operations.items():
                integration = operation["x-amazon-apigateway-integration"]
                self.make_route(_route_key(method, path), integration)

    def make_route(self, key: str, integration: dict[str, Any]) -> None:
        made = self.client.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=self._function_arn(integration["uri"]["Fn::Sub"]),
            PayloadFormatVersion=integration["payloadFormatVersion"],
        )
        target = f"integrations/{made['IntegrationId']}"
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=target)

    def _function_arn(self, uri: str) -> str:
        (logical,) = re.findall(r"\$\{(\w+Function)\.Arn\}", uri)
        configuration = self.stack.emulator.client("lambda").get_function_configuration(
            FunctionName=self.stack.resources[logical]
        )
        return str(configuration["FunctionArn"])


def _route_key(method: str, path: str) -> str:
    if path == "$default":
        return path
    return f"{'ANY' if method == ANY else method.upper()} {path}"


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    api = Api(stack)
    assert not api.client.get_routes(ApiId=api.id)["Items"], "the emulator makes the routes now"
    api.make_routes()
    return api


def test_readings_of_a_ship(api: Api) -> None:
    assert api("POST", "/data", SHIP).json["accepted"] == 1
    answer = api("GET", f"/data?spaceship_id=77&{SPAN}&interval=hour")
    assert answer.json["data"] == [{"datetime": "2019-02-03T04:00:00Z", "value": 6}]


def test_the_emulator_does_not_route_a_path_that_ends_with_a_slash(api: Api) -> None:
    """Its greedy variable takes at least a character, and that of API Gateway an empty rest."""
    assert api("POST", "/data/", SHIP).status in {404, 405}


def test_csv(api: Api) -> None:
    api("POST", "/data", SHIP)
    answer = api("GET", f"/data?spaceship_id=77&{SPAN}&interval=hour&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.body.splitlines() == [b"datetime,value,coverage", b"2019-02-03T04:00:00Z,6,1"]


def test_the_fleet_and_the_top_users(api: Api) -> None:
    api("POST", "/data", SHIP)
    (row,) = api("GET", f"/data/fleet?{SPAN}&interval=hour").json["data"]
    assert (row["sum"], row["ships"]) == (6, 1)
    top = api("GET", f"/topusers?{SPAN}&count=1").json
    assert top["ships"] == [{"spaceship_id": 77, "consumption": 6}]


def test_a_house(api: Api) -> None:
    assert api("PUT", "/api/houses/77", PUT).json["house_id"] == 77
    assert api("POST", "/api/houses/77/devices/1/readings", HOURS).json["accepted"] == 1
    summary = "/api/houses/77/views/summary?interval=days&start=2018-08-24&duration=1day"
    assert api("GET", summary).json["totals"]["used"] == 2
    assert api("GET", "/api/houses/77").json["house"]["id"] == 77


def test_readings_are_deleted_and_told_of(api: Api) -> None:
    api("POST", "/data", SHIP)
    target = f"spaceship_id=77&{SPAN}"
    assert len(api("GET", f"/data/readings?{target}").json["data"]) == 1
    assert api("DELETE", f"/data?{target}").json["deleted"] == 1
    assert api("GET", f"/data/gaps?{target}").json["coverage"] == 0
    assert api("GET", "/audit").json["corrections"][-1]["done"] == 1


def test_health_and_the_openapi_document(api: Api) -> None:
    assert api("GET", "/health").json["status"] == "ok"
    assert api("GET", "/openapi.json").json["openapi"].startswith("3.")


def test_a_refusal_is_the_functions_own(api: Api) -> None:
    assert "error" in api("POST", "/data", {"spaceship_id": 77}).json
    for method, target, status in (("GET", "/nowhere", 404), ("PUT", "/data", 405)):
        answer = api(method, target)
        assert (answer.status, answer.json.keys()) == (status, {"error"})
