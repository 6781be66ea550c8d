"""`make rollup` and `make rebuild SOURCE=1 FROM=2018-08-24 TO=2018-08-31`, by hand.

Which table: see database.py. The rollups of every shard and of the fleet run here, in turn.
"""

import os
import re
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

from local.commands.database import at_hand
from local.commands.failures import FAILURES, RunError, ended, failed
from quarterhour.energy.readings import USED
from quarterhour.errors import Busy, NotFound
from quarterhour.sites.sources import Source, device, house_id, is_of_house, ship
from quarterhour.store.environment import house_entries
from quarterhour.store.queue import shards
from quarterhour.store.readers import reader
from quarterhour.store.rollups import roll_up, roll_up_fleet
from quarterhour.store.writers import writer
from quarterhour.time import instants
from quarterhour.time.calendar import DAY_MS, UTC, day_text

# A shard's rollup that is cut short goes on where the next one begins.
LIMIT_S = 900.0
STOPPED = 130

_SHIP = re.compile(r"[Ss]?([0-9]{1,16})")
_HOUSE = re.compile(r"[Hh]([0-9]{1,16})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class WrongError(RunError):
    """What to rebuild is not said well; the text is a sentence for the user."""


class Wanted(NamedTuple):
    """What is to be made anew: the UTC days that [start_ms, end_ms) touches, of a ship or house."""

    owner: Source
    start_ms: int
    end_ms: int

    @classmethod
    def read(cls, environ: Mapping[str, str], now_ms: int) -> "Wanted":
        """Read SOURCE, FROM and TO; WrongError where one is missing or means nothing."""
        start_ms, end_ms = (_instant(environ, name) for name in ("FROM", "TO"))
        if start_ms >= end_ms:
            raise WrongError("FROM must be before TO: days from FROM on, up to but without TO.")
        if end_ms > UTC.day_of(now_ms) + DAY_MS:
            raise WrongError("TO lies in the future.")
        return cls(owner(environ), start_ms, end_ms)

    def __str__(self) -> str:
        """Name what is rebuilt, and the first and the last day."""
        first, last = day_text(UTC.day_of(self.start_ms)), day_text(UTC.day_of(self.end_ms - 1))
        return f"{self.owner.name}, {first} to {last}"


def owner(environ: Mapping[str, str]) -> Source:
    """Return the ship or house that SOURCE names; WrongError where it means nothing."""
    text = environ.get("SOURCE", "")
    if match := _SHIP.fullmatch(text):
        return ship(int(match[1]))
    if match := _HOUSE.fullmatch(text):
        return Source(f"H{int(match[1])}")
    raise WrongError(
        f"SOURCE is {text!r}: give the number of a ship, as SOURCE=1, or of a house, as SOURCE=H1."
    )


def _instant(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name, "")
    try:
        return instants.parse_query(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError as error:
        raise WrongError(f"{name} is {text!r}: it {error}, or a date as 2018-08-24.") from None


def mark(wanted: Wanted) -> None:
    """Mark the days, so that the rollup makes them anew; WrongError for an unknown owner."""
    try:
        for source in _sources(wanted):
            writer().mark(source, wanted.start_ms, wanted.end_ms)
    except NotFound:
        raise WrongError(
            f"{wanted.owner.name} never posted: there is nothing to rebuild."
        ) from None


def _sources(wanted: Wanted) -> list[Source]:
    """Return what has readings of its own: the ship, or the devices of the house."""
    if is_of_house(wanted.owner):
        house = house_entries().get(house_id(wanted.owner.owner))
        return [device(house.owner, entry.id) for entry in house.devices]
    end_ms = min(wanted.end_ms, wanted.start_ms + DAY_MS)
    reader().rows(wanted.owner, USED, wanted.start_ms, end_ms, "15min")
    return [wanted.owner]


def roll_up_all(now_ms: int) -> tuple[dict[str, Exception], str]:
    """Run the rollup of every shard, then the fleet's; Busy where one did not come to its end.

    Return why which ship or house could not be settled, and the first day that is due and
    announced, as `2018-08-24`, if any: this process does not live as long as such a day has to
    wait.
    """
    told: dict[str, Exception] = {}
    outcomes = [roll_up(shard, now_ms, LIMIT_S, told.__setitem__) for shard in range(shards())]
    roll_up_fleet(LIMIT_S)
    return told, min((outcome.waiting for outcome in outcomes if outcome.waiting), default="")


def main(command: str) -> int:
    """Run `rollup` or `rebuild`: 0, or 1 with a sentence on stderr."""
    now_ms, began = int(time.time() * 1000), time.monotonic()
    try:
        wanted = Wanted.read(os.environ, now_ms) if command == "rebuild" else None
        with at_hand():
            if wanted:
                mark(wanted)
            told, waiting = roll_up_all(now_ms)
    except KeyboardInterrupt:
        return ended("stopped; the next rollup goes on.", STOPPED)
    except Busy:
        return ended("not finished; run `make rollup` again, or wait for the schedule.")
    except FAILURES as error:
        return failed(error)
    if told:
        whys = [f"{owner} ({type(error).__name__}: {error})" for owner, error in told.items()]
        return ended(f"all is settled but {', '.join(whys)}.")
    took_s = time.monotonic() - began
    print(f"Rebuilt {wanted} in {took_s:.1f} s." if wanted else f"Rolled up in {took_s:.1f} s.")
    if waiting:
        print(f"{waiting} is announced: the schedule closes it when all who write know that.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
