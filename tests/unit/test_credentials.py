"""Credentials: the environment's at once, any other by botocore, when they are needed."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from botocore import credentials as of_botocore
from botocore.exceptions import NoCredentialsError

from quarterhour.store.table import credentials as module
from quarterhour.store.table.credentials import Credentials, provider

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
REGION = {"AWS_DEFAULT_REGION": "eu-north-1"}


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No credentials anywhere; the folder is the home."""
    for name in (*KEYS, "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_those_of_the_environment_need_no_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module, "session")
    assert provider(KEYS)() == Credentials("AKID", "secret", None)
    assert provider({**KEYS, "AWS_SESSION_TOKEN": "t"})() == Credentials("AKID", "secret", "t")
    assert provider({**KEYS, "AWS_SESSION_TOKEN": ""})() == Credentials("AKID", "secret", None)


def test_those_of_a_profile_are_found_when_they_are_needed(nowhere: Path) -> None:
    current = provider(REGION)
    file = nowhere / ".aws" / "credentials"
    file.parent.mkdir()
    file.write_text("[default]\naws_access_key_id = OF\naws_secret_access_key = PROFILE\n")
    assert current() == Credentials("OF", "PROFILE", None)


@pytest.mark.usefixtures("nowhere")
def test_where_there_are_none_botocore_says_so() -> None:
    with pytest.raises(NoCredentialsError):
        provider(REGION)()


@pytest.mark.usefixtures("nowhere")
def test_those_that_expire_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container, with a role, and with SnapStart."""
    numbers = count(1)

    def fetch() -> dict[str, str]:
        expiry = datetime.now(UTC) + timedelta(seconds=1)  # within what is renewed at once
        keys = {"access_key": f"AKID{next(numbers)}", "secret_key": "s", "token": "t"}
        return {**keys, "expiry_time": expiry.isoformat()}

    def load(_: of_botocore.CredentialResolver) -> of_botocore.RefreshableCredentials:
        renewing = of_botocore.RefreshableCredentials
        return renewing.create_from_metadata(fetch(), fetch, "a test", advisory_timeout=60)

    monkeypatch.setattr(of_botocore.CredentialResolver, "load_credentials", load)
    current = provider(REGION)
    assert [current().access for _ in range(2)] == ["AKID2", "AKID3"]


def test_localstack_gets_none_of_the_users() -> None:
    found = provider({**KEYS, **REGION, "LOCALSTACK_HOST": "localhost"})()
    assert (found.access, found.secret) == ("accesskey", "secretkey")
