"""A house: a site with circuits and budgets (its catalogue entry describes it)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from quarterhour.errors import NotFound
from quarterhour.sites.site import Device, Site
from quarterhour.sites.sources import Source, house_id
from quarterhour.sites.sources import device as device_source

OUTDOOR = "outdoor"
FIRST_FLOOR = "first_floor"
MAIN_WATER = "main_water"
HOT_WATER = "hot_water"
HDD_STATION = "hdd_station"

USED, SOLAR, ADJUSTED_LOAD = "used", "solar", "adjusted_load"
NO_CIRCUITS = {USED, SOLAR, ADJUSTED_LOAD}


@dataclass(frozen=True, slots=True)
class Circuit:
    """A name for a circuit's channel."""

    circuit_id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What a month shall come to: kWh, degree days and gallons; None where nothing is said."""

    solar: float | None = None
    used: float | None = None
    hdd: float | None = None
    water: float | None = None


@dataclass(frozen=True, kw_only=True)
class House(Site):
    """A site as its catalogue entry describes it; `budgets` are by month as `2013-01`."""

    name: str
    sname: str
    areas: Mapping[str, float] = field(default_factory=dict)
    circuits: tuple[Circuit, ...] = ()
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    version: int = 1

    @property
    def id(self) -> int:
        """The number that paths have for it."""
        return house_id(self.owner)

    def source(self, device: Device) -> Source:
        """Return what the table keeps a device's readings under."""
        return device_source(self.owner, device.id)

    def known_device(self, device_id: int) -> Device:
        """Return the device of that id; NotFound where the catalogue has none."""
        if device := self.device(device_id):
            return device
        raise NotFound(f"House {self.id} has no device {device_id}.")

    def of_role(self, role: str) -> Device | None:
        """Return the device of that role."""
        return next((device for device in self.devices if device.role == role), None)

    def circuit(self, circuit_id: str) -> Circuit | None:
        """Return the circuit's catalogue entry."""
        return next(
            (circuit for circuit in self.circuits if circuit.circuit_id == circuit_id), None
        )
