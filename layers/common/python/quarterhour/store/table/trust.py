"""Which certificates are trusted: those that botocore trusts, and of them first Amazon's own.

To read all 140 takes as long as a dozen requests. DynamoDB's is signed by one of five that belong
to Amazon (its "Amazon Trust Services"); where it is not, the others are read then.
"""

import re
import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_AMAZONS_HOSTS = ".amazonaws.com"
# Compiled where it is needed: an import counts in every cold start.
_AMAZONS = (
    r'# Label: "(?:Amazon Root CA \d|Starfield Services Root Certificate Authority - G2)"\n'
    r"(?:#.*\n)*(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)"
)


class Trust:
    """What the certificate of a host is checked by: `context` speaks TLS with it."""

    def __init__(self, host: str, environ: Mapping[str, str]) -> None:
        bundle = environ.get("AWS_CA_BUNDLE") or _of_botocore()
        amazons = _amazons_of(bundle) if bundle and host.endswith(_AMAZONS_HOSTS) else ""
        self._unread = bundle if amazons else None
        self.context = (
            ssl.create_default_context(cadata=amazons)
            if amazons
            else ssl.create_default_context(cafile=bundle)
        )

    def widen(self) -> bool:
        """Trust all there are from now on; return whether that is more than before."""
        bundle, self._unread = self._unread, None
        if bundle:
            self.context.load_verify_locations(cafile=bundle)
        return bool(bundle)


def _amazons_of(bundle: str) -> str:
    return "".join(re.findall(_AMAZONS, Path(bundle).read_text(encoding="utf-8")))


def _of_botocore() -> str | None:
    """Return the file that botocore brings, which is not imported for that; None without it."""
    found = find_spec("botocore")
    return str(Path(found.origin).with_name("cacert.pem")) if found and found.origin else None
