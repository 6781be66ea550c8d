"""The credentials that requests are signed with: those of the environment, or botocore's.

Lambda puts them into the environment, once for all its life. With SnapStart, in a container, with a
profile or SSO they are somewhere else, and change: botocore finds them, and renews them.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from quarterhour.store.table.clients import localstack_host, session


class Credentials(NamedTuple):
    """An access key, its secret, and the token of a session where there is one."""

    access: str
    secret: str
    token: str | None = None


# Returns the credentials as they are when it is called.
Provider = Callable[[], Credentials]


def provider(environ: Mapping[str, str]) -> Provider:
    """Return what tells the credentials that `environ` has or leads to; they are found when asked.

    botocore's NoCredentialsError is raised where there are none.
    """
    access, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if access and secret and not localstack_host("dynamodb", environ):
        fixed = Credentials(access, secret, environ.get("AWS_SESSION_TOKEN") or None)
        return lambda: fixed
    return _Found(environ)


class _Found:
    """Credentials that botocore finds, and renews; it is imported here, and asked when needed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._session = session("dynamodb", environ)

    def __call__(self) -> Credentials:
        """Return them as they are now; the session remembers where they are."""
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415  it is there by now

        found = self._session.get_credentials()
        if found is None:
            raise NoCredentialsError
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
