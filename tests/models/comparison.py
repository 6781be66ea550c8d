"""Putting the package's kernel and the slow model beside each other."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from quarterhour.energy.profile import Profile, filled
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.resample import buckets, energy_buckets, power_buckets
from tests.models.slow_resample import Amount, Kind, Posted, slow_amounts
from tests.profiles import Bucket, buckets_of

_Kernel = Callable[[Sequence[Reading], int, int], Profile]
KERNELS: dict[Kind, _Kernel] = {Kind.POWER: power_buckets, Kind.AMOUNT: energy_buckets}


QUANTITIES = {Kind.POWER: Quantity.POWER, Kind.AMOUNT: Quantity.ENERGY}


def kernel(readings: Sequence[Posted], kind: Kind, start_ms: int, end_ms: int) -> dict[int, Bucket]:
    """Return the package's buckets of the one series of `kind`, whatever the order of readings."""
    return buckets_of(_kernel(readings, kind, start_ms, end_ms))


def _kernel(readings: Sequence[Posted], kind: Kind, start_ms: int, end_ms: int) -> Profile:
    return KERNELS[kind](_series(readings, kind), start_ms, end_ms)


def _series(readings: Sequence[Posted], kind: Kind) -> list[Reading]:
    mine = sorted((r for r in readings if r.kind is kind), key=lambda r: r.at_ms)
    return [Reading(r.at_ms, r.value, r.interval_ms) for r in mine]


def kernel_of_channel(readings: Sequence[Posted], start_ms: int, end_ms: int) -> dict[int, Bucket]:
    """Return the package's answer for a channel posted in both quantities (rule 7)."""
    energy = _kernel(readings, Kind.AMOUNT, start_ms, end_ms)
    power = _kernel(readings, Kind.POWER, start_ms, end_ms)
    return buckets_of(filled(energy, power))


def answered(readings: Sequence[Posted], start_ms: int, end_ms: int) -> dict[int, Bucket]:
    """Return the package's answer for the series of a source, among them this channel's two."""
    series = {
        Series("used", quantity): mine
        for kind, quantity in QUANTITIES.items()
        if (mine := _series(readings, kind))
    }
    return buckets_of(buckets(series, "used", start_ms, end_ms))


def power_seen_at(
    readings: Sequence[Posted], now_ms: int, start_ms: int, end_ms: int
) -> dict[int, Bucket]:
    """Return the package's buckets of the power series, as they are seen at an instant."""
    return buckets_of(power_buckets(_series(readings, Kind.POWER), start_ms, end_ms, now_ms))


def magnitudes(
    readings: Sequence[Posted], kind: Kind, start_ms: int, end_ms: int
) -> dict[int, Amount]:
    """Return the model's buckets of the absolute values: the scale of rounding errors."""
    absolute = [r._replace(value=abs(r.value)) for r in readings]
    return slow_amounts(absolute, kind, start_ms, end_ms)


def assert_close(
    found: Mapping[int, Bucket], exact: Mapping[int, Amount], scale: Mapping[int, Amount]
) -> None:
    """Buckets and their coverage are equal, and energies within 1e-9 of their scale."""
    assert {at: b.covered_ms for at, b in found.items()} == {
        at: b.covered_ms for at, b in exact.items()
    }
    for at, bucket in found.items():
        error = abs(Fraction(bucket.value) - exact[at].energy)
        assert error <= scale[at].energy * Fraction(1, 10**9), (at, bucket, exact[at])
