"""The one reader of template.yaml: routes, functions, table, CORS and schedules as plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from local.intrinsics import Scope, existing, parse, resolve

ROOT = Path(__file__).resolve().parent.parent
PATH = ROOT / "template.yaml"
LOCAL_TABLE = "quarterhour-local"
DEFAULT_ROUTE = "$default"
HTTP_API = "AWS::Serverless::HttpApi"

_FUNCTION = "AWS::Serverless::Function"
_TABLE = "AWS::DynamoDB::Table"
_CREATE_TABLE = (
    "KeySchema",
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the HTTP API: `method` is upper case, ANY or $default (whose path is empty)."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        """Name the route as API Gateway does: `GET /data`, `$default`."""
        return f"{self.method} {self.path}".rstrip()


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function; `name` is its folder under functions/, `handler` reads `app.handler`."""

    name: str
    handler: str
    environment: Mapping[str, str]
    timeout_s: int
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Cors:
    """The HTTP API's CORS configuration; `max_age_s` None leaves the header out."""

    allow_origins: tuple[str, ...]
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_s: int | None = None
    allow_credentials: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function called at a rate, as `rate(15 minutes)` or a cron expression.

    `input` is the JSON it gets, with EventBridge Scheduler's keywords (`<aws.scheduler...>`).
    """

    name: str
    rate: str
    function: str
    input: str = "{}"


@dataclass(frozen=True, slots=True)
class Template:
    """What the local run needs to know; `table` are the arguments of CreateTable."""

    routes: tuple[Route, ...]
    functions: tuple[Function, ...]
    table: Mapping[str, Any]
    cors: Cors | None
    schedules: tuple[Schedule, ...]


def load(
    path: Path = PATH,
    table_name: str = LOCAL_TABLE,
    parameters: Mapping[str, str] = MappingProxyType({}),
) -> Template:
    """Read the template at `path`; a Ref to its one table gives `table_name`.

    Parameters that are not given have their defaults.
    ValueError where the template has no table or more than one.
    """
    document = parse(path.read_text(encoding="utf-8"))
    document["Resources"] = existing(document["Resources"], _scope(document, parameters))
    tables = [
        name for name, resource in document["Resources"].items() if resource["Type"] == _TABLE
    ]
    if len(tables) != 1:
        raise ValueError(f"{path.name} has {len(tables)} tables: the local run knows exactly one")
    document = resolve(document, _scope(document, {**parameters, tables[0]: table_name}))
    functions = list(_functions(document))
    return Template(
        routes=tuple(route for function in functions for route in _routes(*function)),
        functions=tuple(_function(*function) for function in functions),
        table=_table(document["Resources"][tables[0]]["Properties"], table_name),
        cors=_cors(document),
        schedules=tuple(schedule for function in functions for schedule in _schedules(*function)),
    )


def _scope(document: Mapping[str, Any], values: Mapping[str, str]) -> Scope:
    parameters = document.get("Parameters", {})
    defaults = {name: parameter.get("Default", "") for name, parameter in parameters.items()}
    return Scope(
        {**defaults, **values}, document.get("Mappings", {}), document.get("Conditions", {})
    )


def _functions(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each function's folder name and its properties over those of Globals."""
    common = document.get("Globals", {}).get("Function", {})
    for resource in document["Resources"].values():
        if resource["Type"] == _FUNCTION:
            own = resource["Properties"]
            variables = {**_variables(common), **_variables(own)}
            merged = {**common, **own, "Environment": {"Variables": variables}}
            yield PurePosixPath(merged["CodeUri"]).name, merged


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def _function(name: str, properties: Mapping[str, Any]) -> Function:
    variables = properties["Environment"]["Variables"]
    return Function(
        name=name,
        handler=properties["Handler"],
        environment={key: _text(value) for key, value in variables.items()},
        timeout_s=int(properties.get("Timeout", 3)),
        memory_mb=int(properties.get("MemorySize", 128)),
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _routes(function: str, properties: Mapping[str, Any]) -> Iterator[Route]:
    for event in properties.get("Events", {}).values():
        if event["Type"] != "HttpApi":
            continue
        where = event.get("Properties", {})
        path = where.get("Path", DEFAULT_ROUTE)
        if path.lstrip("/") == DEFAULT_ROUTE:
            yield Route(DEFAULT_ROUTE, "", function)
        else:
            yield Route(where.get("Method", "ANY").upper(), path, function)


def _schedules(function: str, properties: Mapping[str, Any]) -> Iterator[Schedule]:
    for name, event in properties.get("Events", {}).items():
        if event["Type"] in {"Schedule", "ScheduleV2"}:
            what = event["Properties"]
            rate = what.get("ScheduleExpression", what.get("Schedule"))
            yield Schedule(what.get("Name", name), rate, function, what.get("Input", "{}"))


def _table(properties: Mapping[str, Any], name: str) -> dict[str, Any]:
    arguments = {key: properties[key] for key in _CREATE_TABLE if key in properties}
    return {"TableName": name, **arguments}


def _cors(document: Mapping[str, Any]) -> Cors | None:
    resources = document["Resources"].values()
    apis = [
        resource.get("Properties", {}) for resource in resources if resource["Type"] == HTTP_API
    ]
    apis.append(document.get("Globals", {}).get("HttpApi", {}))
    configuration = next(
        (api["CorsConfiguration"] for api in apis if api.get("CorsConfiguration")), None
    )
    if configuration is None:
        return None
    if configuration is True:
        return Cors(allow_origins=("*",))
    return Cors(
        allow_origins=tuple(configuration.get("AllowOrigins", ())),
        allow_methods=tuple(configuration.get("AllowMethods", ())),
        allow_headers=tuple(configuration.get("AllowHeaders", ())),
        expose_headers=tuple(configuration.get("ExposeHeaders", ())),
        max_age_s=None if configuration.get("MaxAge") is None else int(configuration["MaxAge"]),
        allow_credentials=bool(configuration.get("AllowCredentials", False)),
    )
