"""Where DynamoDB is: the endpoint and the region, as the environment says.

A DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names, and the ordinary one of a region, are known without
botocore, which takes longer to import than all the rest of a function. Whatever is out of the
ordinary is for botocore to say: LocalStack, profiles, other partitions, FIPS.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from quarterhour.store.table.clients import client, region_of

# Compiled where it is needed: an import counts in every cold start.
_ORDINARY_REGION = r"(af|ap|ca|eu|il|me|mx|sa|us|us-gov)-[a-z]+-\d"
# What may lead elsewhere. AWS_ENDPOINT_URL is one that other variables can switch off.
_OUT_OF_THE_ORDINARY = {
    *("AWS_CONFIG_FILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_PROFILE"),
    *("AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT", "LOCALSTACK_HOST"),
}
_CONFIG_FILE = Path("~/.aws/config")
_PORTS = {"http": 80, "https": 443}


class Endpoint(NamedTuple):
    """A URL, and the region that requests to it are signed for."""

    url: str
    region: str

    @property
    def is_secure(self) -> bool:
        """Whether it is spoken to by TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def address(self) -> tuple[str, int]:
        """The name or address of its host, and the port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _PORTS[parts.scheme]

    @property
    def host(self) -> str:
        """What a request's header Host says: the port is left out where it is the usual one."""
        name, port = self.address
        bracketed = f"[{name}]" if ":" in name else name
        return bracketed if port == _PORTS[urlsplit(self.url).scheme] else f"{bracketed}:{port}"

    @property
    def path(self) -> str:
        """What a request line names."""
        return urlsplit(self.url).path or "/"


def endpoint(environ: Mapping[str, str]) -> Endpoint:
    """Return where the DynamoDB is that `environ` names; botocore's errors where it names none."""
    region = region_of(environ)
    named = environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if named and region:
        return Endpoint(named, region)
    if region and _is_ordinary(region, environ):
        return Endpoint(f"https://dynamodb.{region}.amazonaws.com", region)
    meta = client("dynamodb", environ).meta
    return Endpoint(meta.endpoint_url, meta.region_name)


def _is_ordinary(region: str, environ: Mapping[str, str]) -> bool:
    return (
        re.fullmatch(_ORDINARY_REGION, region) is not None
        and not _OUT_OF_THE_ORDINARY & environ.keys()
        and not _CONFIG_FILE.expanduser().exists()
    )
