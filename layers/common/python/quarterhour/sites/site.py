"""A site: what has devices that measure. A ship is one with a single device, in UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from quarterhour.energy.quantities import POWER_AND_ENERGY, Quantity
from quarterhour.energy.readings import MAX_VALUE, USED, Series
from quarterhour.errors import Detail, invalid
from quarterhour.sites.sources import Source, ship
from quarterhour.time.calendar import Zone, zone
from quarterhour.time.declared import UNDECLARED, Declared


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a device; `signed` ones may be negative (solar is, when generating).

    `declared` is how its readings last where a POST says nothing, and what is posted is multiplied
    by `factor`: all of this when it arrives.
    """

    name: str
    quantity: Quantity
    signed: bool = False
    declared: Declared = UNDECLARED
    factor: float = 1

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
        return next((channel for channel in self.channels if channel.name == name), None)

    def named(self, names: Sequence[str]) -> list[Channel]:
        """Return the channels of these names, or all; BadRequest where one is no channel."""
        unknown = [name for name in names if not self.channel(name)]
        if unknown:
            reason = f"{', '.join(unknown)}: no channel of this device"
            raise invalid([Detail(reason, "channels")])
        return [each for each in self.channels if not names or each.name in names]

    def of_quantity(self, quantity: Quantity) -> list[Series]:
        """Return the measures of a quantity, in order; those of energy for power, too."""
        return [
            channel.measure for channel in self.channels if channel.measure.quantity is quantity
        ]


@dataclass(frozen=True, kw_only=True)
class Site:
    """What has devices; `owner` is the name under which the table keeps it: `S77`, `H5`.

    `created_ms` is when it was first put, `since_ms` the last day that was closed then: what lies
    before its end and was never marked has no readings. `has_totals`: period totals (P1M, P1Y) were
    posted for some device, so reads look for them; `has_early_totals`: to a release that gave them
    other keys.
    """

    owner: str
    timezone: str
    devices: tuple[Device, ...] = ()
    created_ms: int = 0
    since_ms: int | None = None
    has_totals: bool = False
    has_early_totals: bool = False

    @staticmethod
    def of_ship(spaceship_id: int) -> "Site":
        """Return a ship: one device, with the one channel `used`."""
        return Site(owner=ship(spaceship_id).owner, timezone="UTC", devices=_OF_A_SHIP)

    @cached_property
    def zone(self) -> Zone:
        """Its calendar."""
        return zone(self.timezone)

    def device(self, device_id: int) -> Device | None:
        """Return the device of that id."""
        return next((device for device in self.devices if device.id == device_id), None)

    def source(self, device: Device) -> Source:  # noqa: ARG002  a house needs it
        """Return what the table keeps a device's readings under: the ship, where it is the one."""
        return Source(self.owner)


_OF_A_SHIP = (Device(0, "", (Channel(USED, Quantity.ENERGY),)),)


def by_rank(devices: Sequence[Device]) -> list[Device]:
    """Return devices with the one that counts first."""
    return sorted(devices, key=lambda device: device.rank, reverse=True)
