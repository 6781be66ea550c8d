import pytest

from local.gateway.routes import select
from local.template import Route

# The example of the AWS documentation, with a route more for the method.
DOCUMENTED = [
    Route("GET", "/pets/dog/1", "dog"),
    Route("GET", "/pets/dog/{id}", "dogs"),
    Route("GET", "/pets/{proxy+}", "pets"),
    Route("ANY", "/{proxy+}", "any"),
    Route("$default", "", "rest"),
]


@pytest.mark.parametrize(
    ("method", "path", "function", "caught"),
    [
        ("GET", "/pets/dog/1", "dog", {}),
        ("GET", "/pets/dog/2", "dogs", {"id": "2"}),
        ("GET", "/pets/cat/1", "pets", {"proxy": "cat/1"}),
        ("GET", "/pets/dog/2/", "pets", {"proxy": "dog/2/"}),
        ("POST", "/test/5", "any", {"proxy": "test/5"}),
        ("POST", "/pets/dog/1", "any", {"proxy": "pets/dog/1"}),
    ],
)
def test_the_most_specific_route_serves(
    method: str, path: str, function: str, caught: dict[str, str]
) -> None:
    match = select(DOCUMENTED, method, path)
    assert match is not None
    assert (match.route.function, match.path_parameters) == (function, caught)


def test_the_default_route_takes_the_rest_and_without_it_there_is_none() -> None:
    data = Route("POST", "/data", "ingest")
    default = Route("$default", "", "about")
    for method, path in [("GET", "/data"), ("POST", "/other"), ("POST", "/data/x")]:
        match = select([data, default], method, path)
        assert match is not None
        assert match.route is default
        assert select([data], method, path) is None


def test_a_trailing_slash_is_another_path() -> None:
    plain, slash = Route("GET", "/data", "one"), Route("GET", "/data/", "two")
    assert select([plain], "GET", "/data/") is None
    assert select([slash], "GET", "/data") is None
    match = select([plain, slash], "GET", "/data/")
    assert match is not None
    assert match.route is slash


def test_a_greedy_variable_takes_a_trailing_slash_and_a_plain_one_takes_no_empty_segment() -> None:
    greedy = select([Route("GET", "/data/{proxy+}", "one")], "GET", "/data/")
    assert greedy is not None
    assert greedy.path_parameters == {"proxy": ""}
    assert select([Route("GET", "/data/{proxy+}", "one")], "GET", "/data") is None
    assert select([Route("GET", "/data/{id}", "one")], "GET", "/data/") is None


def test_the_exact_method_is_before_any() -> None:
    routes = [Route("ANY", "/a", "any"), Route("GET", "/a", "get")]
    for method in ("GET", "PUT"):
        match = select(routes, method, "/a")
        assert match is not None
        assert match.route.function == ("get" if method == "GET" else "any")


def test_the_longest_literal_prefix_wins_between_greedy_routes() -> None:
    routes = [Route("GET", "/{proxy+}", "all"), Route("GET", "/pets/{proxy+}", "pets")]
    match = select(routes, "GET", "/pets/dog/1")
    assert match is not None
    assert match.route.function == "pets"


def test_the_longest_greedy_route_wins_where_a_name_stands_in_the_other_s_place() -> None:
    houses = [
        Route("ANY", "/houses/{proxy+}", "houses"),
        Route("ANY", "/houses/{id}/views/{proxy+}", "views"),
    ]
    for routes in (houses, houses[::-1]):
        match = select(routes, "GET", "/houses/5/views/")
        assert match is not None
        assert match.route.function == "views"
