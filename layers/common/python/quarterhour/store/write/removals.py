"""What a delete takes from the table: values as they were read, and only as long as they are.

Pure: what to take, never when. Values are the table's own text, so that what is compared is what
was stored, by whatever release.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Item, deletion
from quarterhour.store.table.codec import from_value
from quarterhour.store.table.unknown_readings import Unknown

# A condition has at most 300 operators, and each attribute takes four of them.
MAX_ATTRIBUTES = 70

Value = tuple[str, Any]  # an attribute, and what it has


class Removable(Protocol):
    """What one item has that is to be taken, and how many readings or totals that is."""

    @property
    def number(self) -> int:
        """How many readings or totals."""

    def place(self, source: Source) -> tuple[str, str]:
        """Return where it is."""

    def request(self, source: Source) -> dict[str, Any]:
        """Return the request that takes it, unless any of it has another value by then."""

    def left(self, item: Item) -> Self | None:
        """Return what the item, read again, still has of it unchanged; None: nothing."""


class Removal(NamedTuple):
    """Readings of one bucket as they were read, and the first and the last instant of them."""

    bucket_ms: int
    values: tuple[Value, ...]
    first_ms: int
    last_ms: int

    @property
    def number(self) -> int:
        """How many readings."""
        return len(self.values)

    def place(self, source: Source) -> tuple[str, str]:
        """Return where the bucket is."""
        return keys.bucket_partition(source), keys.bucket_sort(self.bucket_ms)

    def request(self, source: Source) -> dict[str, Any]:
        """Return the update that removes their attributes; the item stays, if only its key."""
        form = "(attribute_not_exists(#{0}) OR #{0}=:{0})"
        unchanged = _where(dict(self.values), form)
        places = ",".join(unchanged["ExpressionAttributeNames"])
        return {
            **deletion(*self.place(source)),
            "UpdateExpression": f"REMOVE {places}",
            **unchanged,
        }

    def left(self, item: Item) -> "Removal | None":
        """Return those that the bucket still has, unchanged."""
        values = [(name, value) for name, value in self.values if item.get(name) == value]
        return _removal(self.bucket_ms, values) if values else None


class TotalRemoval(NamedTuple):
    """A period total as it was read: an item of its owner, which goes as a whole."""

    sort: str
    values: Mapping[str, Any]
    number: int = 1  # 0 of one in whose place there is another: that one is seen, and counted

    def place(self, source: Source) -> tuple[str, str]:
        """Return where it is."""
        return source.owner, self.sort

    def request(self, source: Source) -> dict[str, Any]:
        """Return the deletion of its item."""
        unchanged = _where(self.values, "#{0}=:{0}")
        gone = f"attribute_not_exists(pk) OR {unchanged['ConditionExpression']}"
        return {**deletion(*self.place(source)), **unchanged, "ConditionExpression": gone}

    def left(self, item: Item) -> "TotalRemoval | None":
        """Return it where it is unchanged."""
        return self if _attributes(item) == self.values else None


def removals(buckets: Iterable[Item], correction: Correction) -> Iterator[Removal]:
    """Yield what a correction takes of bucket items, in time order; of a dense one in parts.

    What no rule knows is left where it is, and noted.
    """
    unknown = Unknown()
    for item in buckets:
        bucket_ms = keys.bucket_ms(item["sk"]["S"])
        values = [*_taken(item, bucket_ms, correction, unknown)]
        for first in range(0, len(values), MAX_ATTRIBUTES):
            yield _removal(bucket_ms, values[first : first + MAX_ATTRIBUTES])
    unknown.note()


def total_removals(
    totals: Iterable[Item], early: Iterable[Item], correction: Correction
) -> list[TotalRemoval]:
    """Return what a correction takes of the items of period totals.

    `early` are those that releases before stored, under other keys.
    """
    present = [*_totals(totals, keys.total_of, correction)]
    places = {keys.total_of(removal.sort) for removal in present}
    hidden = (
        removal._replace(number=0 if keys.early_total_of(removal.sort) in places else 1)
        for removal in _totals(early, keys.early_total_of, correction)
    )
    return [*present, *hidden]


def _taken(item: Item, bucket_ms: int, correction: Correction, unknown: Unknown) -> Iterator[Value]:
    for name, value in item.items():
        place = keys.reading_of(name)
        if place and from_value(bucket_ms + place[1], value):
            if correction.takes(place[0], bucket_ms + place[1]):
                yield name, value
        elif name not in keys.OF_ALL_ITEMS:
            unknown.add(item, name)


def _removal(bucket_ms: int, values: Sequence[Value]) -> Removal:
    places = (keys.reading_of(name) for name, _ in values)
    instants = [bucket_ms + place[1] for place in places if place]
    return Removal(bucket_ms, tuple(values), min(instants), max(instants))


def _totals(
    items: Iterable[Item], place_of: period_totals.PlaceOf, correction: Correction
) -> Iterator[TotalRemoval]:
    """Yield the totals that are taken; what no rule knows is left where it is, and noted."""
    unknown = Unknown()
    for item in items:
        if not (total := period_totals.of_item(item, place_of)):
            unknown.add(item, "amount")
        elif total.device == correction.source.device and correction.takes(
            total.measure, total.start_ms
        ):
            yield TotalRemoval(item["sk"]["S"], _attributes(item))
    unknown.note()


def _attributes(item: Item) -> Mapping[str, Any]:
    return {name: value for name, value in item.items() if name not in keys.OF_ALL_ITEMS}


def _where(values: Mapping[str, Any], form: str) -> dict[str, Any]:
    """Return a condition of that form on each attribute: the nth is `#n`, and its value `:n`.

    >>> _where({"p300": {"N": "6"}}, "#{0}=:{0}")["ConditionExpression"]
    '#0=:0'
    """
    numbered = [*enumerate(values.items())]
    return {
        "ConditionExpression": " AND ".join(map(form.format, range(len(numbered)))),
        "ExpressionAttributeNames": {f"#{nth}": name for nth, (name, _) in numbered},
        "ExpressionAttributeValues": {f":{nth}": value for nth, (_, value) in numbered},
    }
