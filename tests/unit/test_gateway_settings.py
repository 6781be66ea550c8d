import re
from pathlib import Path

import pytest

from local.commands.settings import Settings, SettingsError

PAGES = "http://localhost:5173, https://a.example"


def test_what_is_not_set_or_empty_has_its_default() -> None:
    expected = Settings(port=3000, data_dir=Path(".local").resolve(), demo=True, workers=2)
    assert Settings.read({}) == expected
    assert Settings.read({"PORT": "", "DEMO": ""}) == expected


def test_what_is_set_counts() -> None:
    given = {"PORT": "0", "DATA_DIR": "/somewhere", "DEMO": "0", "WORKERS": "4", "HOST": "a,b"}
    given |= {"WRITE_ORIGINS": PAGES}
    hosts = frozenset({"a", "b", "127.0.0.1", "localhost", "[::1]"})
    expected = Settings(
        0, Path("/somewhere"), demo=False, workers=4, hosts=hosts, write_origins=PAGES
    )
    assert Settings.read(given) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PORT", "abc"), ("PORT", "65536"), ("PORT", "-1"), ("DEMO", "yes"), ("WORKERS", "0")),
        *(("HOST", "http://a"), ("HOST", "a:3000")),
        *(("WRITE_ORIGINS", "a.example"), ("WRITE_ORIGINS", "https://a.example/")),
        *(("WRITE_ORIGINS", "https://a.example,"), ("WRITE_ORIGINS", "*")),
    ],
)
def test_what_means_nothing_is_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"{name} is '{value}': give ")):
        Settings.read({name: value})
