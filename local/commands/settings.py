"""What `make start` is told through the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.gateway import hosts

_MOST_WORKERS = 64
_MOST_PORT = 65_535
# As browsers send it: lower case, and no path.
_ORIGIN = re.compile(r"https?://[a-z0-9.\[\]:_-]+")


class SettingsError(Exception):
    """A variable has a value that means nothing; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Settings:
    """PORT (0: any free one), DATA_DIR, DEMO (0 or 1), WORKERS.

    HOST names more hosts that are answered, WRITE_ORIGINS the origins whose pages may write.
    """

    port: int
    data_dir: Path
    demo: bool
    workers: int
    hosts: frozenset[str] = hosts.OWN
    write_origins: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables; what is not set or empty has its default."""
        values = {name: value for name, value in environ.items() if value}
        return cls(
            port=_number(values, "PORT", 3000, range(_MOST_PORT + 1)),
            data_dir=Path(values.get("DATA_DIR", ".local")).resolve(),
            demo=bool(_number(values, "DEMO", 1, range(2))),
            workers=_number(values, "WORKERS", 2, range(1, _MOST_WORKERS + 1)),
            hosts=_hosts(values.get("HOST", "")),
            write_origins=_origins(values.get("WRITE_ORIGINS", "")),
        )


def _hosts(text: str) -> frozenset[str]:
    try:
        return hosts.named(text)
    except ValueError:
        raise SettingsError(
            f"HOST is {text!r}: give names without a port, as HOST=pi.local,192.168.1.5."
        ) from None


def _origins(text: str) -> str:
    if not all(_ORIGIN.fullmatch(origin.strip()) for origin in text.split(",") if text):
        raise SettingsError(
            f"WRITE_ORIGINS is {text!r}: give origins, as WRITE_ORIGINS=http://localhost:5173."
        )
    return text


def _number(values: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) in allowed):
        raise SettingsError(f"{name} is {text!r}: give {allowed[0]} to {allowed[-1]}.")
    return int(text)
