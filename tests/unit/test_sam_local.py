"""What SAM CLI is started with by `make sam-local`."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from local.commands import sam_local
from local.intrinsics import parse
from local.template import PATH, ROOT

ENDPOINT = "http://10.88.0.1:4566"


def test_the_projects_settings_are_named() -> None:
    """SAM CLI would look for them beside the built template."""
    command = sam_local.command(Path("built.json"), 3000, None)
    (named,) = (Path(command[n + 1]) for n, word in enumerate(command) if word == "--config-file")
    assert named == ROOT / "samconfig.toml"
    assert named.is_absolute()
    settings = tomllib.loads(named.read_text())["default"]["local_start_api"]["parameters"]
    assert settings == {"host": "127.0.0.1", "warm_containers": "LAZY"}


def test_containers_know_this_machine_where_it_has_an_address_among_them() -> None:
    there = sam_local.command(Path("built.json"), 3000, "10.88.0.1")
    assert there[-2:] == ["--add-host", "host.docker.internal:10.88.0.1"]
    assert "--add-host" not in sam_local.command(Path("built.json"), 3000, None)


@pytest.fixture
def document() -> Any:
    return sam_local.in_containers(parse(PATH.read_text("utf-8")), ENDPOINT, Path("/data"))


def test_every_function_has_the_endpoint_and_the_mark_and_what_it_had(document: Any) -> None:
    before = parse(PATH.read_text("utf-8"))["Globals"]["Function"]["Environment"]["Variables"]
    after = document["Globals"]["Function"]["Environment"]["Variables"]
    own = {"AWS_ENDPOINT_URL_DYNAMODB": ENDPOINT, sam_local.MARK: "/data"}
    assert after == {**before, **own}


def test_a_body_of_any_type_is_encoded(document: Any) -> None:
    """SAM CLI answers 502 to one that is not UTF-8, unless it knows it for binary."""
    properties = document["Resources"]["Api"]["Properties"]
    body = properties["DefinitionBody"]
    assert body["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert body["paths"] == {}
    assert properties["CorsConfiguration"]
