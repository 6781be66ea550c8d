"""Where DynamoDB is looked for, and that botocore would look there, too."""

import os
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from local.runtime.functions import LAYER
from quarterhour.store.table import endpoint as module
from quarterhour.store.table.clients import client
from quarterhour.store.table.endpoint import Endpoint, endpoint

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
NAMED = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Botocore reads the process's own environment, and files at home."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.fixture
def without_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error to ask botocore."""
    monkeypatch.delattr(module, "client")


def regions(*partitions: str) -> list[str]:
    session = botocore.session.get_session()
    return [
        region
        for partition in partitions or session.get_available_partitions()
        for region in session.get_available_regions("dynamodb", partition)
    ]


def of_botocore(region: str) -> Endpoint:
    made = client("dynamodb", {"AWS_REGION": region, **KEYS})
    return Endpoint(made.meta.endpoint_url, region)


@pytest.mark.usefixtures("without_botocore")
@pytest.mark.parametrize("region", regions("aws", "aws-us-gov"))
def test_the_endpoint_of_an_ordinary_region_is_known_without_botocore(region: str) -> None:
    assert endpoint({"AWS_REGION": region}) == of_botocore(region)


@pytest.mark.parametrize("region", sorted({*regions()} - {*regions("aws", "aws-us-gov")}))
def test_that_of_any_other_is_botocores(region: str) -> None:
    found = endpoint({"AWS_REGION": region, **KEYS})
    assert found.url.removeprefix("https://").startswith(f"dynamodb.{region}.")
    assert not found.url.endswith(f"dynamodb.{region}.amazonaws.com")


@pytest.mark.usefixtures("without_botocore")
def test_one_that_is_named_is_taken_whatever_else_is_set() -> None:
    named = {"AWS_ENDPOINT_URL_DYNAMODB": NAMED, "AWS_DEFAULT_REGION": "eu-north-1"}
    others = {"LOCALSTACK_HOST": "localhost", "AWS_PROFILE": "mine", "AWS_REGION": "eu-west-1"}
    assert endpoint({**named, **others}) == Endpoint(NAMED, "eu-north-1")


@pytest.mark.parametrize(
    ("name", "value", "url"),
    [
        ("AWS_ENDPOINT_URL", NAMED, NAMED),
        (
            "AWS_USE_FIPS_ENDPOINT",
            "true",
            "https://dynamodb-fips.us-east-1.amazonaws.com",
        ),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true", "https://dynamodb.us-east-1.api.aws"),
        ("LOCALSTACK_HOST", "localhost:4567", "http://localhost:4567"),
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_botocore(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, url: str
) -> None:
    monkeypatch.setenv(name, value)
    environ = {"AWS_REGION": "us-east-1", name: value, **KEYS}
    assert endpoint(environ) == Endpoint(url, "us-east-1")


@pytest.mark.parametrize("keys", [KEYS, {}], ids=["with keys", "without keys"])
def test_the_settings_of_a_profile_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: dict[str, str]
) -> None:
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text("[default]\nregion = eu-south-1\nuse_dualstack_endpoint = true\n")
    monkeypatch.delenv("AWS_CONFIG_FILE")
    assert endpoint({"AWS_DEFAULT_REGION": "eu-west-3", **keys}) == Endpoint(
        "https://dynamodb.eu-west-3.api.aws", "eu-west-3"
    )
    assert endpoint(keys).region == "eu-south-1"


@pytest.mark.parametrize(
    ("url", "address", "host", "path", "secure"),
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000), "127.0.0.1:8000", "/", False),
        ("http://localhost/", ("localhost", 80), "localhost", "/", False),
        ("https://a.b:443/c/d", ("a.b", 443), "a.b", "/c/d", True),
        ("https://[::1]", ("::1", 443), "[::1]", "/", True),
        ("https://A.b:80", ("a.b", 80), "a.b:80", "/", True),
    ],
)
def test_the_parts_of_a_url(
    url: str, address: tuple[str, int], host: str, path: str, *, secure: bool
) -> None:
    found = Endpoint(url, "eu-north-1")
    assert (found.address, found.host, found.path, found.is_secure) == (
        address,
        host,
        path,
        secure,
    )


MADE_AS_ON_LAMBDA = """
import sys
from quarterhour.store import queue, scheduled
from quarterhour.store.environment import environment
assert environment.cache_info().currsize == 1, "it is made by the first request"
assert environment().client.endpoint.url == "https://dynamodb.eu-north-1.amazonaws.com"
print(sorted(name for name in sys.modules if name.startswith(("boto", "urllib3"))))
"""


def test_nothing_of_boto3_is_imported_where_the_environment_says_all(tmp_path: Path) -> None:
    """But for botocore's name, which powertools asks for; the client is made with the import."""
    of_lambda = {"AWS_REGION": "eu-north-1", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
    of_function = {"TABLE_NAME": "t", "SHARDS": "1"}
    of_process = {"HOME": str(tmp_path), "PYTHONPATH": str(LAYER)}
    ran = subprocess.run(
        [sys.executable, "-c", MADE_AS_ON_LAMBDA],
        env={**KEYS, **of_lambda, **of_function, **of_process},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "['botocore']\n", ran.stderr
