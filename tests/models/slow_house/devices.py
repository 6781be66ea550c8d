"""Devices of a catalogue entry as it was put, each with what was posted to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.models.slow_house.posted import ENERGY, POWER, Posted, Series

NO_CIRCUITS = {"used", "solar", "adjusted_load"}
REACH = 2 * 86_400_000


@dataclass(frozen=True)
class Device:
    """A device: its entry in the catalogue, and its readings."""

    entry: Mapping[str, Any]
    posted: Posted

    @property
    def id(self) -> int:
        """Its id."""
        return int(self.entry["id"])

    @property
    def rank(self) -> tuple[int, int]:
        """Who has the greater one counts: the priority (else the id), then the id."""
        priority = self.entry.get("priority")
        return self.id if priority is None else int(priority), self.id

    @property
    def quantities(self) -> dict[str, str]:
        """What its channels measure, in the catalogue's order."""
        return {name: said["quantity"] for name, said in self.entry["channels"].items()}

    @property
    def energies(self) -> list[str]:
        """Its channels that are kWh."""
        return [name for name, what in self.quantities.items() if what in {ENERGY, POWER}]

    @property
    def circuits(self) -> list[str]:
        """Its channels that are circuits."""
        return [name for name in self.energies if name not in NO_CIRCUITS]

    def first(self, quantity: str) -> str | None:
        """Return its first channel of a quantity."""
        return next((name for name, what in self.quantities.items() if what == quantity), None)

    def near(self, start_ms: int, end_ms: int) -> "Device":
        """Return the device with no more readings than decide the quarter hours of a range."""

        def kept(series: Series) -> Series:
            near = range(start_ms - REACH, end_ms + REACH)
            return {at: one for at, one in series.items() if at in near}

        few = Posted(())
        few.series = {key: kept(one) for key, one in self.posted.series.items()}
        return Device(self.entry, few)
