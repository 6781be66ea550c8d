"""How much is measured: the whole benchmark, or a smoke run that does everything once."""

from dataclasses import dataclass
from datetime import UTC, datetime

from local.demo.house.history import Sample


def _house(house_id: int, end: datetime) -> Sample:
    return Sample(datetime(2012, 1, 1, 5, tzinfo=UTC), end, house_id)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds are taken in turns and the least of them counts; in a round a request is repeated."""

    rounds: int
    ranges: tuple[int, ...]  # days of a ship; the last of them is the whole history
    days_a_round: int  # posted
    readings_a_round: int  # posted one by one
    gets_a_round: tuple[int, ...]  # of each range
    live: tuple[int, ...]  # ships
    settled: tuple[int, ...]  # ships
    grown: tuple[int, ...]  # ships of which a day is closed
    house: Sample
    quarter: Sample
    channels: int
    channel_days: int
    unsettled_days: int  # of all channels
    years: int
    kernel_runs: int
    is_smoke: bool = False


WHOLE = Sizes(
    rounds=5,
    ranges=(1, 30, 365),
    days_a_round=73,
    readings_a_round=40,
    gets_a_round=(60, 15, 3),
    live=(10, 100, 500),
    settled=(10, 100, 1000),
    grown=(10, 100, 1000, 10_000),
    house=_house(1, datetime(2014, 1, 1, 5, tzinfo=UTC)),
    quarter=_house(2, datetime(2012, 4, 1, 4, tzinfo=UTC)),
    channels=100,
    channel_days=365,
    unsettled_days=100,
    years=9,
    kernel_runs=300,
)
SMOKE = Sizes(
    is_smoke=True,
    rounds=1,
    ranges=(1, 2, 3),
    days_a_round=3,
    readings_a_round=2,
    gets_a_round=(1, 1, 1),
    live=(2, 9),
    settled=(2, 9),
    grown=(2, 9),
    house=_house(1, datetime(2012, 1, 5, 5, tzinfo=UTC)),
    quarter=_house(2, datetime(2012, 1, 4, 5, tzinfo=UTC)),
    channels=10,
    channel_days=3,
    unsettled_days=2,
    years=2,
    kernel_runs=2,
)
