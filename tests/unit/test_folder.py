"""The address that a run leaves in its folder, and what else may be found in its place."""

from pathlib import Path

import pytest

from local.engine.folder import engine_at, engine_url

ADDRESSES = [
    "http://127.0.0.1:54451",
    "http://localhost:8000/",
    "https://dynamodb.eu-central-1.amazonaws.com",
]
NONE = {
    "empty": b"",
    "cut": b"http://",
    "foreign": b"abc",
    "zeros": bytes(20),
    "no UTF-8": b"\xff\xfe",
    "a port of letters": b"http://127.0.0.1:port",
    "a port that there is none": b"http://127.0.0.1:99999",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_the_address_is_there_for_as_long_as_the_engine(tmp_path: Path, url: str) -> None:
    with engine_at(tmp_path, url):
        assert engine_url(tmp_path) == url
        assert [path.name for path in tmp_path.iterdir()] == ["engine.url"]
    assert engine_url(tmp_path) is None


@pytest.mark.parametrize("written", NONE.values(), ids=NONE)
def test_what_is_no_address_is_none(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "engine.url").write_bytes(written)
    assert engine_url(tmp_path) is None


def test_what_is_no_file_is_none(tmp_path: Path) -> None:
    assert engine_url(tmp_path) is None
    (tmp_path / "engine.url").mkdir()
    assert engine_url(tmp_path) is None


def test_an_address_of_before_is_replaced_and_never_half_written(tmp_path: Path) -> None:
    before = tmp_path / "engine.url"
    before.write_text("http://127.0.0.1:1")
    with before.open() as reader, engine_at(tmp_path, "http://127.0.0.1:54451"):
        assert reader.read() == "http://127.0.0.1:1"
