"""A house as its catalogue entry describes it: devices with channels, circuits, budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from quarterhour.energy.quantities import POWER_AND_ENERGY, Quantity
from quarterhour.energy.readings import MAX_VALUE, Series
from quarterhour.time.zones import Zone, zone

OUTDOOR = "outdoor"
FIRST_FLOOR = "first_floor"
MAIN_WATER = "main_water"
HOT_WATER = "hot_water"
HDD_STATION = "hdd_station"

USED, SOLAR, ADJUSTED_LOAD = "used", "solar", "adjusted_load"
NO_CIRCUITS = {USED, SOLAR, ADJUSTED_LOAD}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a device; `signed` ones may be negative (solar is, when generating)."""

    name: str
    quantity: Quantity
    signed: bool = False

    @property
    def measure(self) -> Series:
        """What is read of it."""
        return Series(self.name, self.quantity.read_as)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What may be posted to it: of energy and power either."""
        return POWER_AND_ENERGY if self.quantity in POWER_AND_ENERGY else (self.quantity,)

    @property
    def least(self) -> float:
        """The least value that may be posted to it, in any unit."""
        goes_below_0 = self.signed or self.quantity is Quantity.TEMPERATURE
        return -MAX_VALUE if goes_below_0 else 0


@dataclass(frozen=True, slots=True)
class Device:
    """A meter or sensor; `channels` are in the order in which the catalogue lists them."""

    id: int
    name: str
    channels: tuple[Channel, ...]
    location: str | None = None
    role: str | None = None
    priority: int | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """The greater counts: priority, by default the id; of equals the higher id."""
        return (self.id if self.priority is None else self.priority, self.id)

    def channel(self, name: str) -> Channel | None:
        """Return the channel of that name."""
        return next((one for one in self.channels if one.name == name), None)

    def of_quantity(self, quantity: Quantity) -> list[Series]:
        """Return the measures of a quantity, in order; those of energy for power, too."""
        return [one.measure for one in self.channels if one.measure.quantity is quantity]


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


@dataclass(frozen=True)
class House:
    """A house: `budgets` by month as `2013-01`; `created_ms` is when it was first put.

    `has_totals`: period totals (P1M, P1Y) were posted for some device, so reads look for them.
    """

    id: int
    name: str
    sname: str
    timezone: str
    areas: Mapping[str, float] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    created_ms: int = 0
    version: int = 1
    has_totals: bool = False

    @cached_property
    def zone(self) -> Zone:
        """Its calendar."""
        return zone(self.timezone)

    @property
    def owner(self) -> str:
        """The name under which the table keeps it: `H5`."""
        return f"H{self.id}"

    def device(self, device_id: int) -> Device | None:
        """Return the device of that id."""
        return next((one for one in self.devices if one.id == device_id), None)

    def of_role(self, role: str) -> Device | None:
        """Return the device of that role."""
        return next((one for one in self.devices if one.role == role), None)

    def circuit(self, circuit_id: str) -> Circuit | None:
        """Return the circuit's catalogue entry."""
        return next((one for one in self.circuits if one.circuit_id == circuit_id), None)


def by_rank(devices: Sequence[Device]) -> list[Device]:
    """Return devices with the one that counts first."""
    return sorted(devices, key=lambda one: one.rank, reverse=True)
