"""Sites that fail wherever they are worked on, for as long as that is asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from quarterhour.sites.sources import Source
from quarterhour.store.read.raw import Raw
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table.house_entries import HouseEntries

SETTLING, READING, CATALOGUE = PLACES = "settling", "reading", "catalogue"


@contextmanager
def failing(owner: str, *places: str) -> Iterator[None]:
    """Let a site fail where it is settled, where its readings are read, or its catalogue."""

    def refuse(found: str) -> None:
        if found == owner:
            raise ValueError(f"{owner} is beyond me")

    settle, read, described = Settler.settle_days, Raw._read, HouseEntries.of_owner

    def settling(self: Any, days: Any, heads: Any) -> None:
        refuse(next(iter(days)).source.owner)
        settle(self, days, heads)

    def reading(self: Any, source: Source, *rest: Any) -> Any:
        refuse(source.owner)
        return read(self, source, *rest)

    def catalogue(self: Any, name: str) -> Any:
        refuse(name)
        return described(self, name)

    broken = {
        SETTLING: (Settler, "settle_days", settling),
        READING: (Raw, "_read", reading),
        CATALOGUE: (HouseEntries, "of_owner", catalogue),
    }
    with ExitStack() as stack:
        for place in places:
            owner_of, name, piece = broken[place]
            stack.enter_context(patch.object(owner_of, name, piece))
        yield
