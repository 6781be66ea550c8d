"""`make check`, `make check SOURCE=1 DAYS=30`, `make check REPAIR=1`, by hand.

Which table: see database.py. Closed days, drawn by chance, are derived from the readings once more;
what is kept of them and differs is named, and with REPAIR marked as `make rebuild` marks it.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from local.commands.database import at_hand
from local.commands.failures import FAILURES, ended, failed
from local.commands.rollup import STOPPED, WrongError, owner
from quarterhour.errors import Busy, NotFound
from quarterhour.sites.sources import Source
from quarterhour.store.rollup.check import Difference
from quarterhour.store.rollup.table_check import Checked
from quarterhour.store.rollups import check
from quarterhour.store.writers import writer

DAYS = 10
LIMIT_S = 86_400.0


class Wanted(NamedTuple):
    """What is to be checked: a ship or house, or all; on how many days; whether to mend it."""

    owner: Source | None
    days: int
    repair: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Wanted":
        """Read SOURCE, DAYS and REPAIR; WrongError where one means nothing."""
        days = environ.get("DAYS", "") or str(DAYS)
        if not days.isdecimal() or not int(days):
            raise WrongError(f"DAYS is {days!r}: give how many days to check, as DAYS=30.")
        repair = environ.get("REPAIR", "") or "0"
        if repair not in {"0", "1"}:
            raise WrongError(f"REPAIR is {repair!r}: give REPAIR=1 to have what differs repaired.")
        asked = owner(environ) if environ.get("SOURCE") else None
        return cls(asked, int(days), repair == "1")


class Tally:
    """What was checked so far, and what of it differs or could not be read."""

    def __init__(self) -> None:
        self.sites: set[str] = set()
        self.days = 0
        self.wrong: dict[tuple[str, int], list[Difference]] = {}
        self.unread: dict[str, Exception] = {}

    def add(self, checked: Checked) -> None:
        """Count a day that was checked, and print what differs of it."""
        self.sites.update(checked.owners)
        self.days += len(checked.owners)
        for difference in checked.differences:
            self.wrong.setdefault((difference.owner, difference.day), []).append(difference)
            print(difference)

    def __str__(self) -> str:
        """Say in a sentence how many days of how many sites were checked, and how many differ."""
        days, sites = _counted(self.days, "day"), _counted(len(self.sites), "site")
        differ = f"{len(self.wrong):,} differ" if self.wrong else "none differs"
        return f"Checked {days} of {sites}: {differ}."


def checked(wanted: Wanted, tally: Tally) -> Iterator[Checked]:
    """Yield what is checked; WrongError for an unknown ship or house."""
    table = check(LIMIT_S, tally.unread.__setitem__)
    if wanted.owner is None:
        yield from table.all_sites(wanted.days)
        return
    try:
        yield from table.site(wanted.owner, wanted.days)
    except NotFound:
        raise WrongError(f"{wanted.owner.name} never posted: there is nothing to check.") from None


def repair(differences: Iterable[Difference]) -> None:
    """Mark what differs, so that the next rollup makes it anew: each day of a source once."""
    ends: dict[tuple[Source, int], int] = {}
    for difference in differences:
        for source in difference.sources:
            at = source, difference.day
            ends[at] = max(ends.get(at, 0), difference.end_ms)
    for (source, day), end_ms in ends.items():
        writer().mark(source, day, end_ms)


def main() -> int:
    """Check: 0 where nothing differs, or all that does was marked; else 1."""
    tally = Tally()
    try:
        wanted = Wanted.read(os.environ)
        with at_hand():
            for each in checked(wanted, tally):
                tally.add(each)
                if wanted.repair:
                    repair(each.differences)
    except KeyboardInterrupt:
        return ended(f"stopped. {tally}", STOPPED)
    except Busy as error:
        return ended(f"{error} {tally}")
    except FAILURES as error:
        return failed(error)
    print(tally)
    for site, why in tally.unread.items():
        ended(f"{site} could not be read ({type(why).__name__}: {why}).")
    if tally.wrong and wanted.repair:
        print("What differs is marked: `make rollup`, or the schedule, makes it anew.")
    return int(bool(tally.unread) or (bool(tally.wrong) and not wanted.repair))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


if __name__ == "__main__":
    sys.exit(main())
