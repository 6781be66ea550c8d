"""Random histories of houses: as those of ships, with catalogues that change in between.

Writers post many channels at once, totals of months, delete and mark; readers ask what views ask;
catalogue entries are put; rollups run. Every answer is judged by tests.models.promise,
by the catalogue entry that the reader read.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted, Series
from quarterhour.errors import NotFound
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites.batch import Batch
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source, device
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.rollup import rollup
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.rollup import Settled, Sites, of_house
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.write.known_sites import KnownSites, Remembered
from tests.models import houses_at_random, meters_by_hand
from tests.models.asks_of_houses import ASKS, Answer, answers, asked_by, local
from tests.models.failing_sites import PLACES
from tests.models.histories import DAY, EDGES, HOUR, INTERVALS, MINUTE, NEAR, History
from tests.models.houses_at_random import Entry
from tests.models.local_time import instant, midnight, wall
from tests.models.promise import Asked, Span, Truth, check_rows
from tests.models.settled_sites import Site

# UTC midnights before clocks change: in New York in spring and in autumn, in Berlin in autumn.
BEFORE_CLOCKS_CHANGE = (1_520_726_400_000, 1_541_289_600_000, 1_540_684_800_000)
HOUSES = (5, 6)
CATALOGUE = "c#catalogue"


@dataclass
class HouseHistory(History):
    """A seed's history of houses; AssertionError where an answer or the end is wrong."""

    name = "houses"
    kind = keys.HOUSES
    places_to_fail = PLACES
    edges = (*EDGES, *BEFORE_CLOCKS_CHANGE)
    begins = (30 * MINUTE, 0, -3 * HOUR, -20 * HOUR)

    asks: tuple[str, ...] = ("figures",)
    changes: float = 0.1  # the share of writes that put a catalogue entry
    totals: float = 0.06  # the share of posts that are totals of periods
    first: dict[int, Entry] = field(init=False)
    last: dict[int, Entry] = field(init=False)
    remembered: list[dict[int, Remembered]] = field(init=False)

    def _choose_sites(self) -> None:
        count = self.random.choice((1, 1, 1, 2))
        self.first = {one: houses_at_random.house(self.random) for one in HOUSES[:count]}
        self.last = dict(self.first)
        self.remembered = [{}, {}]
        if self.random.random() < 0.3:
            self.changes = 0.0

    def _direct(self) -> None:
        for number, entry in self.first.items():
            self._put(number, entry)
        super()._direct()

    # Catalogues

    def _put(self, number: int, entry: Entry) -> None:
        self._send(lambda: self._entries(self.calls()).put(number, entry))

    def _change(self) -> None:
        number = self.random.choice([*self.first])
        entry = houses_at_random.changed(self.random, self.last[number], self.first[number])
        self.last[number] = entry
        self._put(number, entry)

    def _entries(self, calls: Calls) -> HouseEntries:
        return HouseEntries(calls, self.shards)

    def entry(self, number: int, version: int) -> Entry:
        """Return the catalogue entry of a version, as it was put."""
        now = self.watched.instant
        for sk, states in self.watched.states(f"H{number}", 0, now):
            if sk == CATALOGUE:
                (doc,) = {
                    state["doc"]["S"]
                    for state in states
                    if state and int(state["version"]["N"]) == version
                }
                entry: Entry = json.loads(doc)
                return entry
        raise AssertionError(f"house {number} has no version {version}")

    def versions(self, number: int, first: int, last: int) -> range:
        """Return the versions that a read of the catalogue from one instant to another may see."""
        items = [self.watched.at(f"H{number}", CATALOGUE, at) for at in (first, last)]
        begin, end = (int(one["version"]["N"]) if one else 0 for one in items)
        return range(begin, end + 1)

    # Writers

    def _write(self) -> None:
        """Put a catalogue entry, mark, delete, or post channels of a device; until answered."""
        kind = self.random.random()
        if kind < self.changes:
            self._change()
            return
        number = self.random.choice([*self.first])
        chosen = self.random.choice(self.first[number]["devices"])
        source = device(f"H{number}", chosen["id"])
        first = self._instant()
        if kind > 0.88:
            self._delete(source, first)
        elif kind > 0.84:
            self._send(lambda: self.writer().mark(source, first, first + DAY))
        else:
            names = [*chosen["channels"]]
            names = self.random.sample(names, self.random.randint(1, len(names)))
            self._post(number, chosen["id"], names)

    def _delete(self, source: Source, first: int) -> None:
        """Delete what begins at an instant or after it: often where totals of the device do."""
        found = (
            instant(sk.split("#")[1])
            for sk, _ in self.watched.states(source.owner, 0, self.watched.instant)
            if sk.startswith("t#") and sk.split("#")[2] == source.device
        )
        at = Random(f"totals {self.seed} {first}").choice([first, *found])
        super()._delete(source, at)

    def _site_of(self, source: Source) -> House | None:
        with suppress(NotFound):
            return self._entries(self.calls()).of_owner(source.owner)
        return None

    def _post(self, number: int, device_id: int, names: list[str]) -> None:
        instants = sorted({self._instant() for _ in range(self.random.randint(1, 3))})
        power = self.random.randrange(2)
        interval: int | str = self.random.choice(INTERVALS)
        if self.random.random() < self.totals:
            interval = self.random.choice(("P1M", "P5D", "P1Y"))
            instants = instants[:1]
        values = {name: [(at, self._value()) for at in instants] for name in names}

        def batch(house: House) -> Batch:
            return _batch(house, device_id, interval, power, values)

        remembered = self.random.choice(self.remembered)

        def post() -> None:
            writer, sites = self.writer(), self._known_sites(remembered)
            with suppress(NotFound):
                writer.post(_read_against(sites, number, batch))

        self._send_perhaps_twice(post)

    def _known_sites(self, remembered: dict[int, Remembered]) -> KnownSites:
        calls = self.calls()
        return KnownSites(self._entries(calls), remembered, calls.began)

    def _instant(self) -> int:
        """Return an instant to write at: as of ships, or near one of the local midnights."""
        at = super()._instant()
        zone = self.random.choice([*self.first.values()])["timezone"]
        if self.random.random() < 0.5:
            near = self.random.choice(NEAR) // 4
            local = midnight(zone, wall(zone, at).date()) + near - near % MINUTE
            at = local if local < self.now_ms() + 30 * MINUTE else local - DAY
        if self.random.random() < 0.12:
            at -= self.random.choice((4, 9, 12, 33, 40, 370)) * DAY
        return at

    # Rollups

    def settler(self, calls: Calls) -> Settler:
        return Settler(calls, self.scheduler.pool)

    def sites(self, calls: Calls, _: Failures | None = None) -> Sites:
        entries = self._entries(calls)
        return Sites(self._registry(calls), lambda owner: of_house(entries.of_owner(owner)))

    # Readers

    def _window(self) -> tuple[int, int]:
        """Return what is asked for: as of ships, or much of the past."""
        start, end = super()._window()
        back = self.random.choice((0, 0, 0, 0, 45, 400)) * DAY
        return start - back, end

    def _figures(self, start: int, end: int) -> None:
        number = self.random.choice([*self.first])
        long = end - start > 6 * DAY
        grains = ("day", "month", "month") if long else ("15min", "hour", "hour", "day", "month")
        names = self._names(number)
        chosen = self.random.sample(names, min(len(names), self.random.choice((1, 2, 3))))
        self.ask_figures(
            number, {name: (self.random.choice(grains), start, end) for name in chosen}
        )

    def _names(self, number: int) -> list[str]:
        """Return what can be asked of a house: what views ask, and all of each device."""
        entry = self.first[number]
        devices = [f"all of {one['id']}" for one in entry["devices"]]
        return [*(name for name, one in ASKS.items() if one.by_hand(entry).measures), *devices]

    def ask_figures(self, number: int, wanted: Mapping[str, Asked]) -> dict[str, Answer]:
        """Read what a plan wants of a house, by name, and keep the answer to be judged."""
        first = self.watched.instant
        try:
            house = self._entries(self.calls()).get(number)
        except NotFound:
            assert not self.watched.at(f"H{number}", CATALOGUE, first), f"no house {number}"
            return {}
        versions = self.versions(number, first, self.watched.instant)
        assert house.version in versions, f"version {house.version}, not {versions}"
        entry = self.entry(number, house.version)
        zone = entry["timezone"]
        asks = [
            (name, one, local(zone, *asked))
            for name, asked in wanted.items()
            if (one := asked_by(entry, name, asked[0]))
        ]
        plan = {
            name: RowQuery(one.meter(house), Grain(asked[0]), *asked[1:])
            for name, one, asked in asks
        }
        calls = self.calls()
        reader = SiteReader(calls, self.shards, memory=self._memory())
        found = answers(reader.read(house, plan))

        def check(span: Span) -> None:
            truth = Truth(self.watched, span, house.owner, zone, calls.now_ms)
            for name, one, asked in asks:
                check_rows(truth, one.by_hand(entry), asked, found[name])

        self._keep(first, check)
        return found

    # The end

    def _end(self) -> None:
        """As of ships; and without blocks every answer has the same bytes."""
        super()._end()
        questions = [*self._last_questions()]
        settled = [repr(question()) for question in questions]
        self._ask_before_the_end()
        self._delete_blocks()
        for question, answer in zip(questions, settled, strict=True):
            assert repr(question()) == answer, f"not the same without blocks: {question.args}"

    def _delete_blocks(self) -> None:
        client = self.scheduler.client()
        now = self.watched.instant
        for number in self.first:
            owner = f"H{number}"
            for sk, _ in [*self.watched.states(owner, now, now)]:
                if sk[0] in "dmy":
                    at = {"pk": {"S": owner}, "sk": {"S": sk}}
                    client.delete_item(TableName=self.watched.table, Key=at)

    def _check_settled(self) -> None:
        """Where a catalogue changed, a rebuild gives what changed its blocks."""
        is_changed = any(self._version(number) > 1 for number in self.first)
        self._rest().check(complete=not is_changed)
        if is_changed:
            self._rebuild()
            self._run_all_but_none_left_to_others()
            self._rest().check(complete=True)

    def _version(self, number: int) -> int:
        return self.versions(number, self.watched.instant, self.watched.instant)[-1]

    def _settled(self) -> Iterator[Site]:
        """Yield the houses that were put."""
        entries = self._entries(self.calls())
        for number in self.first:
            with suppress(NotFound):
                house = entries.get(number)
                zone, meters = of_house(house)
                by_hand = meters_by_hand.settled(self.entry(number, house.version))
                pairs = [*zip(meters, by_hand, strict=True)]
                yield Site(house.owner, zone, house.created_ms, pairs)

    def little(self) -> int:
        """Enough for what is settled of a house in one go, with its months and years.

        A quarter of it is over before a run stops to begin anything, and what it reads first of
        all sites takes a part of the rest.
        """
        return max((_calls_of(of_house(house)) for house in self._houses()), default=0) * 5 // 3

    def sources(self) -> list[Source]:
        return [device(house.owner, one.id) for house in self._houses() for one in house.devices]

    def _houses(self) -> list[House]:
        return [*map(self._entries(self.calls()).of_owner, self.owners())]

    def _rebuild(self) -> None:
        today = self.now_ms() - self.now_ms() % DAY
        for number in self.first:
            if self._version(number):
                house = self._entries(self.calls()).get(number)
                for source in (device(house.owner, one.id) for one in house.devices):
                    self.writer().mark(source, self.edge - 40 * DAY, today)
                    for day in self._marked(house.owner):
                        self.writer().mark(source, day, day + DAY)

    def _marked(self, owner: str) -> list[int]:
        """Return the days of a house that were ever marked."""
        now = self.watched.instant
        items = [item for sk, (item,) in self.watched.states(owner, now, now) if sk[:2] == "h#"]
        return sorted({day for one in items for _, day, _ in keys.marks_of(one)})

    def _last_questions(self) -> Iterator[partial[Any]]:
        today = self.now_ms() - self.now_ms() % DAY
        first, end = self.edge - 4 * DAY, today
        for number in self.first:
            years = self.edge - 800 * DAY, self.edge + 400 * DAY
            for asked in (
                *(("hour", first, end), ("day", first, end), ("day", self.edge - 40 * DAY, end)),
                *(("month", self.edge - 40 * DAY, end), ("month", *years)),
            ):
                yield partial(self.ask_figures, number, dict.fromkeys(self._names(number), asked))


def _calls_of(site: Settled) -> int:
    """Return how many calls a task of a house takes at most: blocks, then two months and years."""
    measures = sum(len(meter.measures) for meter in site.meters)
    days = min(31, rollup.days_at_once(site))
    return days * measures + 26 * len(site.meters) + 2 * measures + 5


def _read_against(sites: KnownSites, number: int, batch: Callable[[House], Batch]) -> Batch:
    """Return the batch as the function of ingest reads it: what was remembered refuses nothing."""
    try:
        return batch(sites.get(number))
    except NotFound:
        if sites.is_read(number):
            raise
        return batch(sites.read(number))


def _batch(
    house: House,
    device_id: int,
    interval: int | str,
    power: int,
    values: Mapping[str, list[tuple[int, float]]],
) -> Batch:
    """Return what is posted; NotFound where the catalogue does not have all of it."""
    chosen = house.device(device_id)
    if chosen is None:
        raise NotFound(str(device_id))
    posted: dict[Series, list[Posted]] = {}
    for name, of_channel in values.items():
        channel = chosen.channel(name)
        if channel is None:
            raise NotFound(name)
        quantity = channel.quantities[power % len(channel.quantities)]
        if isinstance(interval, str) and (not quantity.is_amount):
            raise NotFound(name)
        posted[Series(name, quantity)] = [
            Posted(0, at, _as(quantity, name, value), interval) for at, value in of_channel
        ]
    if isinstance(interval, str):
        return Batch(house, chosen, {}, posted)
    return Batch(house, chosen, posted)


def _as(quantity: Quantity, channel: str, value: float) -> float:
    if quantity.is_gauge:
        return 20.0 + value * 7 % 70
    return -value if channel == "solar" else value
