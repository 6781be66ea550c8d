"""A row of the whole house: net, solar, used, each circuit, and what no circuit accounts for."""

from collections.abc import Mapping
from math import fsum

from quarterhour.query.periods import energy, net, present
from quarterhour.query.rows import Found
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House

Rows = Mapping[int, float]


class Balance:
    """The rows of a plan's `energy` and `circuits`, kWh."""

    def __init__(self, house: House, results: Found) -> None:
        self._used, self._solar = (energy(results["energy"], channel) for channel in (USED, SOLAR))
        self._circuits = {
            name: energy(results["circuits"], name) for name in virtual_meters.circuit_ids(house)
        }

    def of_house(self, at_ms: int) -> dict[str, float]:
        """Return net, solar and used."""
        used, solar = self._used.get(at_ms), self._solar.get(at_ms)
        return present(net=net(used, solar), solar=solar, used=used)

    def of_circuits(self, at_ms: int) -> dict[str, float]:
        """Return each circuit, and if none of them is absent, what else the house used."""
        circuits = {name: rows[at_ms] for name, rows in self._circuits.items() if at_ms in rows}
        used = self._used.get(at_ms)
        if used is None or len(circuits) < len(self._circuits):
            return circuits
        return {**circuits, "all_other": used - fsum(circuits.values())}
