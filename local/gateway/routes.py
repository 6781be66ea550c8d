"""Which route serves a request, by the rules of an API Gateway HTTP API.

Documented order: a full match, then a greedy one (`{proxy+}`), then `$default`. Where several are
left: the exact method before ANY, then the path segment by segment, a literal before `{name}`, and
that before `{proxy+}`. The path is compared as it stands: `/data/` is not `/data`, but
`/data/{proxy+}` takes it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from local.template import DEFAULT_ROUTE, Route

_Rank = tuple[int, ...]


class Match(NamedTuple):
    """The chosen route and what its variables caught."""

    route: Route
    path_parameters: Mapping[str, str]


def select(routes: Iterable[Route], method: str, path: str) -> Match | None:
    """Choose the route for `method` and the decoded `path`; None is the gateway's own 404."""
    best: tuple[_Rank, Match] | None = None
    for route in routes:
        if route.method not in {method, "ANY", DEFAULT_ROUTE}:
            continue
        ranked = _match(route, path)
        if ranked is not None and (best is None or ranked[0] < best[0]):
            best = ranked
    return best and best[1]


def _match(route: Route, path: str) -> tuple[_Rank, Match] | None:
    if route.method == DEFAULT_ROUTE:
        return (2,), Match(route, {})
    patterns = route.path.removeprefix("/").split("/")
    segments = path.removeprefix("/").split("/")
    greedy = patterns[-1].endswith("+}")
    if greedy and len(segments) >= len(patterns):
        segments[len(patterns) - 1 :] = ["/".join(segments[len(patterns) - 1 :])]
    if len(segments) != len(patterns):
        return None
    caught: dict[str, str] = {}
    specificity: list[int] = []
    for pattern, segment in zip(patterns, segments, strict=True):
        variable = pattern.startswith("{")
        if variable and (segment or greedy):
            caught[pattern.strip("{+}")] = segment
        elif pattern != segment:
            return None
        specificity.append(variable + pattern.endswith("+}"))
    return (greedy, route.method == "ANY", *specificity), Match(route, caught)
