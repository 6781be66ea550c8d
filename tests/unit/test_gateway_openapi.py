import pytest

from local import template
from local.commands import openapi
from local.commands.openapi import ConflictError, merged
from local.gateway.routes import select
from local.runtime import functions

HEAD = {"openapi": "3.1.0", "info": {"title": "Quarterhour", "version": "1"}}
POINT = {"type": "object"}


def test_methods_of_one_path_come_together_from_several_functions() -> None:
    post = {**HEAD, "paths": {"/data": {"post": {"summary": "in"}}}}
    get = {**HEAD, "paths": {"/data": {"get": {"summary": "out"}}, "/health": {"get": {}}}}
    assert merged([post, get]) == {
        **HEAD,
        "paths": {
            "/data": {"post": {"summary": "in"}, "get": {"summary": "out"}},
            "/health": {"get": {}},
        },
    }


def test_the_same_component_twice_is_one() -> None:
    document = {**HEAD, "paths": {}, "components": {"schemas": {"Point": POINT}}}
    other = {**HEAD, "paths": {}, "components": {"schemas": {"Point": POINT, "More": POINT}}}
    assert set(merged([document, other])["components"]["schemas"]) == {"Point", "More"}


@pytest.mark.parametrize(
    ("where", "first", "second"),
    [
        (
            "components schemas Point",
            *({"components": {"schemas": {"Point": s}}} for s in (POINT, {})),
        ),
        ("paths /data get", *({"paths": {"/data": {"get": {"summary": s}}}} for s in "ab")),
        ("info version", {}, {"info": {"version": "2"}}),
    ],
)
def test_two_descriptions_of_one_thing_are_refused(
    where: str, first: dict[str, object], second: dict[str, object]
) -> None:
    with pytest.raises(ConflictError, match=where):
        merged([{**HEAD, **first}, {**HEAD, **second}])


def test_the_documents_stay_as_they_were() -> None:
    one = {**HEAD, "paths": {"/a": {"get": {}}}}
    merged([one, {**HEAD, "paths": {"/a": {"post": {}}}}])
    assert one == {**HEAD, "paths": {"/a": {"get": {}}}}


def test_the_document_in_the_layer_is_what_the_functions_say() -> None:
    assert openapi.PATH.read_text(encoding="utf-8") == openapi.document(), "run make openapi"


def test_every_operation_is_routed_to_the_function_that_has_it() -> None:
    routes = template.load().routes
    for name in {route.function for route in routes}:
        own = functions.module(template.ROOT / "functions", name).api.openapi()
        for path, operations in own["paths"].items():
            for method in [*operations, *({"head"} if "get" in operations else ())]:
                for target in (path, f"{path}/"):
                    match = select(routes, method.upper(), target)
                    assert match is not None
                    assert match.route.function == name, (method, target)
