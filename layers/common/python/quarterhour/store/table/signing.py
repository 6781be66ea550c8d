"""Signature Version 4, as DynamoDB wants it: of a POST and the few headers that each has.

The signature is over the whole body and every header that is signed here. What it says of the
algorithm is in AWS's "Create a signed AWS API request"; botocore's signer is what tests compare.
"""

import hmac
import time
from hashlib import sha256
from urllib.parse import quote

from quarterhour.store.table.credentials import Credentials
from quarterhour.store.table.endpoint import Endpoint

CONTENT_TYPE = "application/x-amz-json-1.0"
_ALGORITHM = "AWS4-HMAC-SHA256"
_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_SIGNED_OF_SESSION = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"


class Signer:
    """Signs the requests to one endpoint; the key of a day is derived once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._host, self._region = endpoint.host, endpoint.region
        self._path = quote(endpoint.path, safe="/~")
        self._key: tuple[str, str, bytes] = ("", "", b"")

    def headers(
        self, target: str, body: bytes, credentials: Credentials, now_s: float
    ) -> dict[str, str]:
        """Return the headers of a signed request: `target` is what X-Amz-Target says.

        `now_s` is in seconds since 1970.
        """
        access, secret, token = credentials
        host, region = self._host, self._region
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
        day = stamp[:8]
        scope = f"{day}/{region}/dynamodb/aws4_request"
        names, token_line = _SIGNED, ""
        if token:
            names, token_line = _SIGNED_OF_SESSION, f"x-amz-security-token:{token}\n"
        canonical = (
            f"POST\n{self._path}\n\n"
            f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{stamp}\n{token_line}"
            f"x-amz-target:{target}\n\n{names}\n{sha256(body).hexdigest()}"
        )
        digest = sha256(canonical.encode()).hexdigest()
        to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}"
        signature = hmac.digest(self._day_key(day, secret), to_sign.encode(), "sha256").hex()
        signed = {
            "Host": host,
            "Content-Type": CONTENT_TYPE,
            "X-Amz-Date": stamp,
            "X-Amz-Target": target,
            "Authorization": f"{_ALGORITHM} Credential={access}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}",
        }
        if token:
            signed["X-Amz-Security-Token"] = token
        return signed

    def _day_key(self, day: str, secret: str) -> bytes:
        known_day, known_secret, key = self._key
        if (known_day, known_secret) != (day, secret):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, "dynamodb", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = day, secret, key  # one assignment: any thread sees all of it, or none
        return key
